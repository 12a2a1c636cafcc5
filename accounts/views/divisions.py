"""Divisions of the office and its 秘书长, for the system administrator."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import forms
from accounts.actions import divisions as actions
from accounts.enums import Role
from accounts.http import SignedInRequest
from accounts.models import Membership
from accounts.views.offices import office_as


def divisions(request: SignedInRequest) -> HttpResponse:
    organization = office_as(request, Role.SYSADMIN)
    holding = Membership.objects.on(request.today).filter(user__is_active=True)
    rows = (
        organization.divisions.select_related("leader")
        .annotate(people=Count("memberships__user", filter=Q(memberships__in=holding), distinct=True))
        .order_by("-is_active", "order", "id")
    )
    form = forms.SecretaryGeneralForm(
        organization, request.today, initial={"person": organization.secretary_general_id}
    )
    context = {"organization": organization, "divisions": rows, "form": form}
    return render(request, "accounts/divisions.html", context)


@require_POST
def secretary_general(request: SignedInRequest) -> HttpResponse:
    organization = office_as(request, Role.SYSADMIN)
    form = forms.SecretaryGeneralForm(organization, request.today, request.POST)
    if form.is_valid():
        actions.set_secretary_general(
            organization, form.cleaned_data["person"], by=request.user, now=request.now, today=request.today
        )
        messages.success(request, "已保存秘书长。")
    else:
        messages.warning(request, "请在名单中选一位领导。")
    return redirect("divisions")


@require_http_methods(["GET", "POST"])
def division_new(request: SignedInRequest) -> HttpResponse:
    organization = office_as(request, Role.SYSADMIN)
    order = max((d.order for d in organization.divisions.all()), default=0) + 1
    form = forms.DivisionForm(organization, request.today, request.POST or None, initial={"order": order})
    if request.method == "POST" and form.is_valid():
        division = actions.add_division(
            organization, by=request.user, now=request.now, today=request.today, **form.cleaned_data
        )
        messages.success(request, f"已新建{division.name}。")
        return redirect("divisions")
    context = {"organization": organization, "form": form, "division": None}
    return render(request, "accounts/division.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def division(request: SignedInRequest, pk: int) -> HttpResponse:
    organization = office_as(request, Role.SYSADMIN)
    division = get_object_or_404(organization.divisions.select_related("leader"), pk=pk)
    names = ("name", "short_name", "kind", "order", "supervises", "is_active")
    initial = {name: getattr(division, name) for name in names} | {"leader": division.leader_id}
    form = forms.ExistingDivisionForm(organization, request.today, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        actions.edit_division(division, by=request.user, now=request.now, today=request.today, **form.cleaned_data)
        messages.success(request, f"已保存{division.name}。")
        return redirect("divisions")
    posts = Membership.objects.on(request.today).filter(division=division).select_related("user")
    context = {
        "organization": organization,
        "form": form,
        "division": division,
        "posts": posts.order_by("role", "user_id"),
    }
    return render(request, "accounts/division.html", context, status=422 if form.errors else 200)
