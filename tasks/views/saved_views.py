"""Keeping views of the ledger: saved, renamed, deleted; always back to the list."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from tasks.actions import views as actions
from tasks.forms.views import ViewForm, ViewNameForm
from tasks.models import SavedView
from tasks.queries.ledger.choices import PAGE
from tasks.queries.ledger.grounds import reads_ledger


def _back(query: str) -> HttpResponse:
    return redirect(f"{reverse('ledger')}?{query}")


@require_POST
def ledger_view_save(request: SignedInRequest) -> HttpResponse:
    if not reads_ledger(request.user, request.today):
        raise Http404
    form = ViewForm(request.POST)
    if not form.is_valid():
        messages.warning(request, "视图没有保存：请填写不超过 20 个字的名称，并选择谁可见。")
        return _back(request.POST.get("query", ""))
    given = form.cleaned_data
    view = actions.save_view(
        by=request.user, page=PAGE, name=given["name"], query=given["query"], scope=given["scope"], now=request.now
    )
    messages.success(request, f"已存为视图“{view.name}”，在台账上方的标签里。")
    return _back(view.query)


@require_POST
def ledger_view_rename(request: SignedInRequest, pk: int) -> HttpResponse:
    view = get_object_or_404(SavedView, pk=pk, owner=request.user, page=PAGE)
    form = ViewNameForm(request.POST)
    if form.is_valid():
        actions.rename_view(view, by=request.user, name=form.cleaned_data["name"], now=request.now)
        messages.success(request, f"视图已改名为“{view.name}”。")
    else:
        messages.warning(request, "视图没有改名：请填写不超过 20 个字的名称。")
    return _back(view.query)


@require_POST
def ledger_view_delete(request: SignedInRequest, pk: int) -> HttpResponse:
    view = get_object_or_404(SavedView, pk=pk, owner=request.user, page=PAGE)
    query, name = view.query, view.name
    actions.delete_view(view, by=request.user, now=request.now)
    messages.success(request, f"已删除视图“{name}”。")
    return _back(query)
