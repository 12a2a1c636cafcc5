"""The small page on which the words of a move are written, the same for every move that needs them."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render

from accounts.http import SignedInRequest
from tasks.models import CloseOut, Milestone, Project
from tasks.views.drafts import typed_version


def typed(request: SignedInRequest) -> dict[str, Any]:
    """The arguments of a form that is bound only to what was posted."""
    posted = request.method == "POST"
    return {"data": request.POST if posted else None, "files": request.FILES if posted else None}


def show_move(
    request: SignedInRequest,
    project: Project,
    form: forms.Form,
    *,
    heading: str,
    submit: str,
    bars: Sequence[str],
    milestone: Milestone | None = None,
    close_out: CloseOut | None = None,
    hints: Sequence[str] = (),
    busy: str = "正在提交",
) -> HttpResponse:
    """The form with everything typed, 422 where it has faults; what bars this person is said before he writes.

    `close_out` is the request that he judges: its words and papers stand above the form.
    """
    context = {
        "project": project,
        "milestone": milestone,
        "close_out": close_out,
        "form": form,
        "heading": heading,
        "submit": submit,
        "busy": busy,
        "bars": bars,
        "hints": hints,
        "version": typed_version(request.POST) if form.is_bound else project.version,
    }
    return render(request, "tasks/project/move.html", context, status=422 if form.errors else 200)
