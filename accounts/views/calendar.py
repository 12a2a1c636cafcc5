"""工作日历: a year's working days, the office's corrections, the State Council's notice."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import calendars, forms, rules
from accounts.actions import calendar as actions
from accounts.enums import BUSINESS_ROLES, Role
from accounts.http import SignedInRequest
from accounts.intake.notice import read_notice
from accounts.models import CalendarException, ConfirmedYear, Organization
from accounts.views.offices import office_as, office_of

_AFTERWARDS = "预警日随后自动重算，完成时限不会自行改变。"


def _year_page(
    request: SignedInRequest, organization: Organization, year: int, form: forms.CorrectionForm | None = None
) -> HttpResponse:
    if not calendars.FIRST_YEAR <= year <= calendars.LAST_YEAR:
        raise Http404
    may_edit = not rules.bar_to_correct_calendar(request.user, organization.pk, today=request.today)
    gap_year, gap = calendars.calendar_gap(organization, request.today)
    context = {
        "organization": organization,
        "year": calendars.year_of(organization, year, today=request.today),
        "before": year - 1 if year > calendars.FIRST_YEAR else None,
        "after": year + 1 if year < calendars.LAST_YEAR else None,
        "may_edit": may_edit,
        "form": form or forms.CorrectionForm(),
        "notice_form": forms.NoticeForm(),
        "gap": gap if gap_year != year else "",
        "gap_year": gap_year,
    }
    return render(request, "accounts/calendar.html", context, status=422 if form else 200)


@require_GET
def calendar(request: SignedInRequest, year: int | None = None) -> HttpResponse:
    return _year_page(request, office_of(request, BUSINESS_ROLES), year or request.today.year)


@require_POST
def calendar_correct(request: SignedInRequest, year: int) -> HttpResponse:
    organization = office_as(request, Role.SECRETARIAT)
    form = forms.CorrectionForm(request.POST)
    if not form.is_valid():
        return _year_page(request, organization, year, form)
    row = actions.correct_day(organization, by=request.user, now=request.now, today=request.today, **form.cleaned_data)
    messages.success(request, f"{row.day} 已改为{'上班' if row.is_workday else '放假'}。{_AFTERWARDS}")
    return redirect("calendar-year", year=row.day.year)


@require_POST
def calendar_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    organization = office_as(request, Role.SECRETARIAT)
    row = get_object_or_404(CalendarException, organization=organization, pk=pk)
    actions.withdraw_correction(row, by=request.user, now=request.now, today=request.today)
    messages.success(request, f"已撤回对 {row.day} 的更正。{_AFTERWARDS}")
    return redirect("calendar-year", year=row.day.year)


@require_POST
def calendar_confirm(request: SignedInRequest, year: int) -> HttpResponse:
    organization = office_as(request, Role.SECRETARIAT)
    actions.confirm_year(organization, year=year, by=request.user, now=request.now, today=request.today)
    messages.success(request, f"已确认{year}年的工作日历。{_AFTERWARDS}")
    return redirect("calendar-year", year=year)


@require_POST
def calendar_unconfirm(request: SignedInRequest, year: int) -> HttpResponse:
    organization = office_as(request, Role.SECRETARIAT)
    row = get_object_or_404(ConfirmedYear, organization=organization, year=year)
    actions.withdraw_year(row, by=request.user, now=request.now, today=request.today)
    messages.success(request, f"已撤回对{year}年工作日历的确认。")
    return redirect("calendar-year", year=year)


@require_http_methods(["GET", "POST"])
def calendar_notice(request: SignedInRequest, year: int) -> HttpResponse:
    """First the preview, which writes nothing; then the same text with the seal of what was shown."""
    organization = office_as(request, Role.SECRETARIAT)
    if not calendars.FIRST_YEAR <= year <= calendars.LAST_YEAR:
        raise Http404
    form = forms.NoticeForm(request.POST or None)
    context = {"organization": organization, "year": year, "form": form}
    if not form.is_valid():
        return render(request, "accounts/calendar_notice.html", context, status=422 if form.errors else 200)
    notice = read_notice(form.cleaned_data["text"], year=year)
    if "seal" in request.POST:
        rows = actions.adopt_notice(
            organization, notice, seal=request.POST["seal"], by=request.user, now=request.now, today=request.today
        )
        messages.success(request, f"已录入{year}年放假通知，更正 {len(rows)} 天。{_AFTERWARDS}")
        return redirect("calendar-year", year=year)
    differences = calendars.differences_of(organization, notice)
    context |= {
        "notice": notice,
        "differences": differences,
        "seal": calendars.seal_of(differences),
        "is_known": calendars.year_of(organization, year, today=request.today).is_known,
    }
    return render(request, "accounts/calendar_notice.html", context, status=422 if notice.problems else 200)
