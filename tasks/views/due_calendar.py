"""到期日历: a month of due dates, filtered like the ledger."""

from datetime import date, timedelta

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import SignedInRequest
from accounts.policies import calendar_of
from cppcc_office.lib.workdays import WorkCalendar
from tasks.filters import LedgerFilter
from tasks.models import Project
from tasks.queries.due_calendar import day_of, month_of
from tasks.queries.ledger.grounds import Grounds, reads_ledger
from tasks.views.sister_pages import frame_of_sister, of_today

MOST_ON_A_DAY = 300
FIRST_YEAR, LAST_YEAR = 2000, 2099


@require_safe
def due_calendar(request: SignedInRequest) -> HttpResponse:
    if not reads_ledger(request.user, request.today):
        raise Http404
    narrowing = LedgerFilter(of_today(request.GET), user=request.user, today=request.today)
    grounds, lines = Grounds(request.today), narrowing.lines
    whole = Project.objects.whole_for(request.user, request.today)
    home = narrowing.standing.home_id
    calendar = calendar_of(home) if home is not None else WorkCalendar()
    day = _day(request.GET.get("day"))
    first = (day or _month(request.GET.get("month")) or request.today).replace(day=1)
    context = frame_of_sister(narrowing, ("month", "day")) | {
        "first": first,
        "today": request.today,
        "is_known": calendar.is_known(first.year),
        "before_url": _to(narrowing, first - timedelta(days=1)),
        "after_url": _to(narrowing, (first + timedelta(days=31)).replace(day=1)),
        "today_url": narrowing.address(month=None, day=None),
        "month_url": _to(narrowing, first),
        "only": day_of(day, lines, whole, grounds, calendar, most=MOST_ON_A_DAY) if day else None,
        "weeks": [] if day else month_of(first, lines, whole, grounds, calendar),
    }
    context["days"] = [each for week in context["weeks"] for each in week if each.entries and not each.is_other_month]
    return render(request, "tasks/dues/due_calendar.html", context)


def _to(narrowing: LedgerFilter, day: date) -> str:
    within = FIRST_YEAR <= day.year <= LAST_YEAR
    return narrowing.address(month=f"{day:%Y-%m}", day=None) if within else ""


def _month(text: str | None) -> date | None:
    return _day(f"{text}-01") if text else None


def _day(text: str | None) -> date | None:
    """Rubbish is no fault: the page shows this month."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None
