"""One cycle's rule: what it says, the dates that follow from it, and setting it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from supervision.cycles.actions.rules import set_rule
from supervision.cycles.actions.running import coming_due
from supervision.cycles.enums import Anchor, Cycle
from supervision.cycles.forms.rules import RuleForm
from supervision.cycles.models import CycleRule
from supervision.cycles.queries.dates import dates_of
from supervision.cycles.queries.hub import MEANINGS
from supervision.cycles.queries.rules import setting_of
from supervision.cycles.queries.runs import run_of
from supervision.cycles.rules.running import bar_to_run_now, bar_to_set_rule


def rule_seen(request: SignedInRequest, cycle: str) -> CycleRule:
    if cycle.upper() not in Cycle:
        raise Http404
    rules = CycleRule.objects.visible_to(request.user, request.today).filter(cycle=cycle.upper())
    rule = rules.select_related("organization").order_by("organization").first()
    if rule is None:
        raise Http404
    return rule


@require_http_methods(["GET", "POST"])
def cycle_rule(request: SignedInRequest, cycle: str) -> HttpResponse:
    """A preview posts the same form and changes nothing."""
    rule = rule_seen(request, cycle)
    form = RuleForm(rule, request.POST or None)
    setting, is_preview = setting_of(rule), "preview" in request.POST
    if request.method == "POST" and form.is_valid():
        setting = form.setting()
        if not is_preview:
            version, user = form.cleaned_data["version"], request.user
            saved = set_rule(rule, setting=setting, version=version, by=user, now=request.now, today=request.today)
            messages.success(request, f"{saved.name}的规则已保存。" if saved else "规则没有改动。")
            return redirect("cycle-rule", cycle=cycle)
    context = {
        "rule": rule,
        "form": form,
        "is_preview": is_preview,
        "meaning": MEANINGS[Cycle(rule.cycle)],
        "dates": dates_of(rule, setting, now=request.now),
        "bars": bar_to_set_rule(request.user, rule, request.today),
        "reckoning": Anchor(rule.anchor).label.replace("第几个", f"第 {rule.nth} 个"),
    }
    status = 422 if form.errors else 200
    if request.htmx:
        return render(request, "cycles/rules/_dates.html", context, status=status)
    return render(request, "cycles/rules/rule.html", context | _run_move(request, rule), status=status)


def _run_move(request: SignedInRequest, rule: CycleRule) -> dict[str, object]:
    due = coming_due(rule, now=request.now)
    run = run_of(rule, due.period)
    bars = bar_to_run_now(request.user, rule, due, is_there=run is not None, today=request.today)
    return {
        "coming": due,
        "coming_run": run,
        "run_bars": bars,
        "run_url": reverse("cycle-run-now", args=[rule.cycle.lower()]),
    }
