"""Accounts and posts of people, for the system administrator."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import forms
from accounts.actions import people as actions
from accounts.actions.staff_import import NewAccount
from accounts.enums import Role
from accounts.http import SignedInRequest
from accounts.models import Membership, Organization, User
from accounts.names import free_login_name
from accounts.queries import people_matching, people_of
from accounts.views.offices import office_as

PER_PAGE = 50
STATES = (("", "在用"), ("off", "已停用"), ("all", "全部"))


def _posts_in(organization: Organization) -> "Prefetch[str]":
    return Prefetch("memberships", Membership.objects.filter(organization=organization).select_related("division"))


def people(request: SignedInRequest) -> HttpResponse:
    organization = office_as(request, Role.SYSADMIN)
    found = people_matching(people_of(organization.pk), request.GET.get("q", ""))
    state = request.GET.get("state", "")
    if state != "all":
        found = found.filter(is_active=state != "off")
    division = request.GET.get("division", "")
    if division.isdigit():
        found = found.filter(memberships__in=Membership.objects.on(request.today).filter(division=int(division)))
    page = Paginator(found.order_by("id").distinct().prefetch_related(_posts_in(organization)), PER_PAGE).get_page(
        request.GET.get("page")
    )
    rows = [(person, [m for m in person.memberships.all() if m.holds_on(request.today)]) for person in page.object_list]
    context = {
        "organization": organization,
        "page": page,
        "rows": rows,
        "q": request.GET.get("q", ""),
        "state": state,
        "states": STATES,
        "division": division,
        "divisions": organization.divisions.all(),
    }
    return render(request, "accounts/people.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def person_new(request: SignedInRequest) -> HttpResponse:
    organization = office_as(request, Role.SYSADMIN)
    form = forms.NewPersonForm(organization, request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if not data["username"]:
            data["username"] = free_login_name(data["name"], set(User.objects.values_list("username", flat=True)))
        person, password = actions.add_person(
            organization, by=request.user, now=request.now, today=request.today, **data
        )
        where = actions.post_words(data["role"], data["division"])
        return show_passwords(request, [NewAccount(person.name, person.username, where, password)], person=person)
    context = {"organization": organization, "form": form}
    return render(request, "accounts/person_new.html", context, status=422 if form.errors else 200)


def show_passwords(request: SignedInRequest, accounts: list[NewAccount], *, person: User | None = None) -> HttpResponse:
    """The one page that shows temporary passwords: the answer to the write itself, never kept."""
    return render(request, "accounts/passwords.html", {"accounts": accounts, "person": person})


def _person_or_404(organization: Organization, pk: int) -> User:
    return get_object_or_404(people_of(organization.pk).prefetch_related(_posts_in(organization)), pk=pk)


@require_http_methods(["GET", "POST"])
def person(request: SignedInRequest, pk: int) -> HttpResponse:
    organization = office_as(request, Role.SYSADMIN)
    person = _person_or_404(organization, pk)
    initial = {field: getattr(person, field) for field in ("name", "title", "phone", "email")}
    form = forms.PersonForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        actions.edit_person(
            person,
            organization=organization,
            by=request.user,
            now=request.now,
            today=request.today,
            **form.cleaned_data,
        )
        messages.success(request, f"已保存{person.name}的资料。")
        return redirect("person", pk=pk)
    return _person_page(request, organization, person, form, forms.GrantForm(organization), 422 if form.errors else 200)


def _person_page(
    request: SignedInRequest,
    organization: Organization,
    person: User,
    form: forms.PersonForm,
    grant_form: forms.GrantForm,
    status: int = 200,
) -> HttpResponse:
    grant_form.initial.setdefault("starts_on", request.today)
    posts = sorted(person.memberships.all(), key=lambda m: (not m.holds_on(request.today), m.starts_on))
    context = {
        "organization": organization,
        "person": person,
        "posts": [(m, m.holds_on(request.today)) for m in posts],
        "form": form,
        "grant_form": grant_form,
        "is_self": person.pk == request.user.pk,
    }
    return render(request, "accounts/person.html", context, status=status)


@require_POST
def person_grant(request: SignedInRequest, pk: int) -> HttpResponse:
    organization = office_as(request, Role.SYSADMIN)
    person = _person_or_404(organization, pk)
    form = forms.GrantForm(organization, request.POST)
    if not form.is_valid():
        initial = {field: getattr(person, field) for field in ("name", "title", "phone", "email")}
        return _person_page(request, organization, person, forms.PersonForm(initial=initial), form, 422)
    actions.grant_post(
        person, organization=organization, by=request.user, now=request.now, today=request.today, **form.cleaned_data
    )
    messages.success(request, f"已为{person.name}增加任职。")
    return redirect("person", pk=pk)


@require_POST
def person_end_post(request: SignedInRequest, pk: int, membership_pk: int) -> HttpResponse:
    organization = office_as(request, Role.SYSADMIN)
    membership = get_object_or_404(
        Membership.objects.select_related("user", "division"), pk=membership_pk, user=pk, organization=organization
    )
    form = forms.EndPostForm(request.POST)
    if form.is_valid():
        actions.end_post(membership, by=request.user, now=request.now, today=request.today, **form.cleaned_data)
        messages.success(request, f"{membership.user.name}的这项任职至 {membership.ends_on} 止。")
    else:
        messages.warning(request, "请填写任职至哪一天，如 2026-11-30。")
    return redirect("person", pk=pk)


@never_cache
@require_POST
def person_reset_password(request: SignedInRequest, pk: int) -> HttpResponse:
    organization = office_as(request, Role.SYSADMIN)
    person = _person_or_404(organization, pk)
    password = actions.reset_password(
        person, organization=organization, by=request.user, now=request.now, today=request.today
    )
    return show_passwords(request, [NewAccount(person.name, person.username, person.title, password)], person=person)


@require_POST
def person_switch(request: SignedInRequest, pk: int) -> HttpResponse:
    organization = office_as(request, Role.SYSADMIN)
    person = _person_or_404(organization, pk)
    on = request.POST.get("on") == "1"
    actions.switch_account(
        person, on=on, organization=organization, by=request.user, now=request.now, today=request.today
    )
    messages.success(request, f"已{'启用' if on else '停用'}{person.name}的账号。")
    return redirect("person", pk=pk)
