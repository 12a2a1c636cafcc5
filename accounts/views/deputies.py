"""Who stands in for whom: named by the one whose place it is, seen by both."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import forms, rules
from accounts.actions import deputies as actions
from accounts.http import SignedInRequest
from accounts.models import Deputy, Organization
from accounts.queries import possible_deputies


@require_http_methods(["GET", "POST"])
def deputies(request: SignedInRequest) -> HttpResponse:
    offices = rules.offices_to_name_deputy_in(request.user, today=request.today)
    form = None
    if offices:
        people = possible_deputies(request.user, offices, today=request.today)
        form = forms.DeputyForm(people, request.POST or None, initial={"starts_on": request.today})
    if request.method == "POST" and form is not None and form.is_valid():
        data = form.cleaned_data
        # One person leads in one office; of several, the first that the deputy works in.
        organization = Organization.objects.filter(pk__in=offices, memberships__user=data["deputy"]).order_by("pk")[0]
        actions.name_deputy(organization=organization, by=request.user, now=request.now, today=request.today, **data)
        messages.success(request, f"已指定{data['deputy'].name}代行。")
        return redirect("deputies")
    mine = Deputy.objects.filter(Q(principal=request.user) | Q(deputy=request.user))
    rows = [
        (row, row.state_on(request.today), not rules.bar_to_end_deputy(request.user, row, today=request.today))
        for row in mine.select_related("principal", "deputy").order_by("-starts_on", "-id")[:100]
    ]
    context = {"form": form, "rows": rows}
    return render(request, "accounts/deputies.html", context, status=422 if form and form.errors else 200)


@require_POST
def deputy_end(request: SignedInRequest, pk: int) -> HttpResponse:
    mine = Deputy.objects.filter(Q(principal=request.user) | Q(deputy=request.user))
    row = get_object_or_404(mine.select_related("deputy"), pk=pk)
    actions.end_deputy(row, by=request.user, now=request.now, today=request.today)
    messages.success(request, f"已终止{row.deputy.name}的代行。")
    return redirect("deputies")
