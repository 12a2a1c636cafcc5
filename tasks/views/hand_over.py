"""移交: whose responsibilities may have to go to others, and the page that moves them."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Role
from accounts.http import SignedInRequest
from accounts.standing import standing_of
from tasks.actions.hand_over import hand_over as act
from tasks.forms.hand_over import HandOverForm
from tasks.queries.choices import choices_of
from tasks.queries.hand_over import holders_for
from tasks.rules.hand_over import open_to, people_to_hand_over


@require_safe
def hand_overs(request: SignedInRequest) -> HttpResponse:
    """Everybody with open responsibilities; first those whose post has ended."""
    standing = standing_of(request.user, today=request.today)
    if not standing.organizations_as(Role.SECRETARIAT, Role.DIVISION_HEAD):
        raise Http404
    holders = holders_for(request.user, request.today)
    context = {"holders": holders, "gone": sum(1 for row in holders if row.gone)}
    return render(request, "tasks/hand_over/hand_overs.html", context)


@require_http_methods(["GET", "POST"])
def hand_over(request: SignedInRequest, pk: int) -> HttpResponse:
    """First who takes what, then the same page shows old and new, and a second press does it."""
    person = get_object_or_404(people_to_hand_over(request.user, request.today), pk=pk)
    holdings = open_to(request.user, person, request.today)
    offices = {row.project.organization_id for row in holdings}
    people = {organization_id: choices_of(organization_id, request.today) for organization_id in offices}
    form = HandOverForm(request.POST or None, holdings=holdings, people=people)
    step = request.POST.get("step", "")
    if form.is_valid() and step == "do":
        reason = form.cleaned_data["reason"]
        count = act(person, by=request.user, choices=form.choices(), reason=reason, now=request.now)
        messages.success(request, f"已移交{person}的 {count} 项责任；以前的记录仍写原来的姓名。")
        return redirect("hand-over", pk=pk)
    context = {"person": person, "form": form, "holdings": holdings, "projects": {row.project for row in holdings}}
    if form.is_valid() and step == "preview":
        typed = [(name, value) for name, value in request.POST.items() if name not in ("csrfmiddlewaretoken", "step")]
        context |= {"moving": form.preview(), "typed": typed}
        return render(request, "tasks/hand_over/preview.html", context)
    return render(request, "tasks/hand_over/hand_over.html", context, status=422 if form.errors else 200)
