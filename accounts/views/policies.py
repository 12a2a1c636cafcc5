"""督办规则: what the office has set for itself, since when, and why."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts import forms, rules
from accounts.actions.policies import set_policy, shown
from accounts.enums import BUSINESS_ROLES
from accounts.http import SignedInRequest
from accounts.models import Policy
from accounts.policies import DEFAULTS, GROUPS, MEANINGS, NAMES, policy_of
from accounts.views.offices import office_of


@require_GET
def policies(request: SignedInRequest) -> HttpResponse:
    organization = office_of(request, BUSINESS_ROLES)
    values = policy_of(organization)
    latest = {
        row.key: row
        for row in Policy.objects.filter(organization=organization).select_related("set_by").order_by("set_at", "id")
    }
    groups = [
        (
            title,
            [
                {
                    "key": key,
                    "name": NAMES[key],
                    "meaning": MEANINGS[key],
                    "value": shown(getattr(values, key)),
                    "default": shown(DEFAULTS[key]),
                    "is_own": getattr(values, key) != DEFAULTS[key],
                    "latest": latest.get(key),
                }
                for key in keys
            ],
        )
        for title, keys in GROUPS
    ]
    may_edit = not rules.bar_to_set_policy(request.user, organization.pk, today=request.today)
    context = {"organization": organization, "groups": groups, "may_edit": may_edit}
    return render(request, "accounts/policies.html", context)


@require_http_methods(["GET", "POST"])
def policy(request: SignedInRequest, key: str) -> HttpResponse:
    organization = office_of(request, BUSINESS_ROLES)
    if key not in NAMES:
        raise Http404
    value = getattr(policy_of(organization), key)
    form = forms.policy_form(key, value, request.POST or None)
    if request.method == "POST" and form.is_valid():
        row = set_policy(
            organization, key=key, by=request.user, now=request.now, today=request.today, **form.cleaned_data
        )
        words = f"“{NAMES[key]}”已改为“{shown(row.value)}”。" if row else f"“{NAMES[key]}”本来就是这个值，没有改动。"
        messages.success(request, words)
        return redirect("policies")
    rows = Policy.objects.filter(organization=organization, key=key).select_related("set_by").order_by("-set_at", "-id")
    context = {
        "organization": organization,
        "key": key,
        "name": NAMES[key],
        "meaning": MEANINGS[key],
        "value": shown(value),
        "default": shown(DEFAULTS[key]),
        "rows": [(row, shown(row.value)) for row in rows],
        "bars": rules.bar_to_set_policy(request.user, organization.pk, today=request.today),
        "form": form,
    }
    return render(request, "accounts/policy.html", context, status=422 if form.errors else 200)
