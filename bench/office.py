"""One measured office: its database, its server and what happens inside Django, each step a process of its own."""

import resource
import time
from collections.abc import Callable
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db.models import Max
from django.middleware.csrf import _get_new_csrf_string
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Organization, User
from bench import copies, seed
from bench.watch import WATCH_STEPS
from tasks.actions.exports import ask_export, claim_export
from tasks.documents.exports import write_export
from tasks.enums import ExportState, ProjectState
from tasks.models import Milestone, Plan, Project


def prepare(offices: int) -> dict[str, Any]:
    """As many offices as asked for, those that are there included."""
    call_command("migrate", verbosity=0)
    began = time.monotonic()
    today = timezone.localdate()
    there = Organization.objects.filter(code__startswith="bench").count()
    if not there:
        seed.found_office(today)
        there = 1
    for number in range(there, offices):
        copies.copy_office(number)
    copies.settle()
    return {"seconds": time.monotonic() - began} | _counts()


def sign_in() -> dict[str, Any]:
    """A session of a member of the secretariat, as the sign-in page would have made it."""
    user = _someone(Role.STAFF)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    csrf = _get_new_csrf_string()
    return {"cookies": f"sessionid={session.session_key}; csrftoken={csrf}", "csrf": csrf} | _facts(
        timezone.localdate()
    )


def check() -> dict[str, Any]:
    """Whether bulk-inserted rows could have come from the actions; raises where they could not."""
    began = time.monotonic()
    call_command("check_consistency", verbosity=0)
    return {"seconds": time.monotonic() - began, "megabytes": peak()}


def export() -> dict[str, Any]:
    """Every line of one office's ten years as a workbook, written as the sweep writes it."""
    user, now = _someone(Role.STAFF), timezone.now()
    ask_export(
        organization_id=Organization.objects.get(code="bench").pk,
        page="ledger",
        query="plan=all",
        name="台账",
        total=seed.PROJECTS,
        by=user,
        today=timezone.localdate(now),
        now=now,
    )
    claimed = claim_export(now=now)
    assert claimed is not None
    began = time.monotonic()
    write_export(claimed, clock=timezone.now)
    claimed.refresh_from_db()
    assert claimed.state == ExportState.READY, claimed.error
    return {"lines": claimed.done, "seconds": round(time.monotonic() - began, 1), "peak MB": round(peak())}


def peak() -> float:
    """Megabytes this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _counts() -> dict[str, int]:
    return {"projects": Project.objects.count(), "milestones": Milestone.objects.count()}


def _someone(role: Role) -> User:
    """Of the first office: the one whose pages are measured."""
    return User.objects.filter(memberships__role=role, memberships__organization__code="bench").order_by("pk")[0]


def _facts(today: date) -> dict[str, Any]:
    """Where to knock: ids of the first office."""
    plan = Plan.objects.get(organization__code="bench", year=today.year)
    own = Project.objects.filter(plan=plan)
    running = list(own.filter(state=ProjectState.IN_PROGRESS).order_by("pk").values_list("pk", "version"))
    return {
        "plan": plan.pk,
        "running": running,
        "division": own.values_list("lead_division", flat=True).order_by("lead_division")[3],
        "largest_id": Project.objects.aggregate(n=Max("pk"))["n"],
    }


STEPS: dict[str, Callable[..., dict[str, Any]]] = {
    "prepare": prepare,
    "sign_in": sign_in,
    "check": check,
    "export": export,
    **WATCH_STEPS,
}
