"""One measured office: its database, its server and what happens inside Django, each step a process of its own."""

import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import django
from django.conf import settings

django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402 (after setup)
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.middleware.csrf import _get_new_csrf_string  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.enums import Role  # noqa: E402
from accounts.models import Organization  # noqa: E402
from bench import seed  # noqa: E402
from tasks.actions.exports import ask_export, claim_export  # noqa: E402
from tasks.documents.exports import write_export  # noqa: E402
from tasks.enums import ExportState  # noqa: E402


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
        seed.copy_office(number)
    seed.settle()
    return {"seconds": time.monotonic() - began} | seed.counts()


def sign_in() -> dict[str, Any]:
    """A session of a member of the secretariat, as the sign-in page would have made it."""
    user = seed.someone(Role.STAFF)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    csrf = _get_new_csrf_string()
    return {"cookies": f"sessionid={session.session_key}; csrftoken={csrf}", "csrf": csrf} | seed.facts(
        timezone.localdate()
    )


def check() -> dict[str, Any]:
    """Whether bulk-inserted rows could have come from the actions; raises where they could not."""
    began = time.monotonic()
    call_command("check_consistency", verbosity=0)
    return {"seconds": time.monotonic() - began, "megabytes": peak()}


def export() -> dict[str, Any]:
    """Every line of one office's ten years as a workbook, written as the sweep writes it."""
    user, now = seed.someone(Role.STAFF), timezone.now()
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


STEPS: dict[str, Callable[..., dict[str, Any]]] = {
    "prepare": prepare,
    "sign_in": sign_in,
    "check": check,
    "export": export,
}

if __name__ == "__main__":
    step, *numbers = sys.argv[1:]
    print(json.dumps(STEPS[step](*map(int, numbers)), ensure_ascii=False))
