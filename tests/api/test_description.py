"""The API answers as its own description says, whatever it is asked."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.actions.tokens import create_token
from accounts.models import ApiToken
from cppcc_office.wsgi import application
from supervision.notifications.actions.telling import Telling, tell
from supervision.notifications.models import Notification
from tasks.actions.changes.asking import ask_change
from tasks.actions.changes.lines import Wish
from tasks.actions.entries import add_entry
from tasks.enums import ChangeKind, MilestoneState, ProjectState
from tasks.models import Attachment, ChangeRequest, Milestone, Project
from tests.api.conftest import JsonClient
from tests.cast import NOW
from tests.tasks.company import Company, milestone_at
from tests.walks import a_draft, a_file, project_at

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 4  # of each operation and person; always the same ones


def description() -> dict[str, Any]:
    GENERATOR_STATS.reset()
    described: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]  # the library has no types
    return described


def seed(company: Company) -> None:
    """One of everything that an address may name, in every state that a move starts from."""
    a_draft(company)
    for state in (ProjectState.DISPATCHED, ProjectState.CLOSE_OUT_REQUESTED, ProjectState.CLOSED):
        project_at(state, company)
    for step in (MilestoneState.PENDING, MilestoneState.AWAITING_HEAD, MilestoneState.REPORTED):
        milestone_at(step, company)
    project = Project.objects.filter(state=ProjectState.IN_PROGRESS)[0]
    add_entry(project, by=company.staff, version=project.version, situation="进展", files=[a_file()], now=NOW)
    wish = Wish("project", "due_on", "2026-10-12")
    ask_change(
        project,
        kind=ChangeKind.EXTENSION,
        by=company.head,
        version=project.version,
        reason="会期调整",
        wishes=[wish],
        now=NOW,
    )
    for number, person in enumerate((company.secretariat, company.head, company.staff)):
        words, office = "每日巡查", company.office.pk
        tell([Telling("daily_watch", person.pk, office, str(number), words, project_id=project.pk)], now=NOW)


def known(path: str) -> list[Any]:
    """What an address of this form may name here."""
    if "/projects/" in path:
        return list(Project.objects.order_by("pk").values_list("pk", flat=True))
    if "/changes/" in path and "/projects/" not in path:
        return list(ChangeRequest.objects.order_by("pk").values_list("pk", flat=True))
    if "/milestones/" in path:
        return list(Milestone.objects.order_by("pk").values_list("pk", flat=True))
    if "/notifications/" in path:
        return list(Notification.objects.order_by("pk").values_list("pk", flat=True))
    if "/attachments/" in path:
        return [str(key) for key in Attachment.objects.values_list("key", flat=True)]
    return list(ApiToken.objects.order_by("pk").values_list("pk", flat=True))


def current(path: str, key: Any) -> int:
    """The version that an act on this must name."""
    below = "milestones" if "/milestones/" in path else "change_requests" if "v1/changes/" in path else "pk"
    projects = Project.objects.filter(**{below: key})
    return projects.values_list("version", flat=True).first() or 1


def sensible(case: Any, pick: int) -> None:
    """Names what is there, at the version it has: left to chance, every answer would be 404 or 409."""
    for name in case.path_parameters or {}:
        there = known(case.path)
        case.path_parameters[name] = there[pick % len(there)]
        if isinstance(case.body, dict) and "version" in case.body:
            case.body["version"] = current(case.path, case.path_parameters[name])


def tried(operation: Any, headers: dict[str, str], seen: dict[int, int]) -> Callable[[], None]:
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(), pick=st.integers(0, 11), is_sensible=st.sampled_from([True, True, True, False])
    )
    def ask(case: Any, pick: int, is_sensible: bool) -> None:
        if is_sensible:
            sensible(case, pick)
        with transaction.atomic():  # every example finds the same office
            response = case.call(headers=headers)
            transaction.set_rollback(True)
        seen[response.status_code] = seen.get(response.status_code, 0) + 1
        case.validate_response(response, checks=CHECKS, headers=headers)

    return ask


def closing(environ: Any, start_response: Any) -> list[bytes]:
    """The application as a server runs it: read to the end, then closed, which the library forgets for files."""
    answer = application(environ, start_response)
    try:
        return [b"".join(answer)]
    finally:
        answer.close()


@pytest.fixture
def kept_connections() -> Iterator[None]:
    """A real WSGI request lets go of the database at both its ends; the test is in the middle of a transaction."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("kept_connections")
@pytest.mark.parametrize("who", ["second_secretariat", "staff"])
def test_every_operation_answers_as_described(company: Company, who: str) -> None:
    seed(company)
    token = create_token(getattr(company, who), name="试用", now=NOW)
    described = description()
    for row in described["components"]["schemas"].values():
        if row.get("type") == "object":  # nothing is given that is not described, and nothing else is tried
            row.setdefault("additionalProperties", False)
    schema = schemathesis.openapi.from_dict(described)
    schema.app = closing
    seen: dict[int, int] = {}

    operations = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    for operation in operations:
        tried(operation, {"Authorization": f"Token {token.text}"}, seen)()

    assert len(operations) == sum(len(methods) for methods in described["paths"].values())
    # All kinds of answers came up, so that the checks had something to check.
    assert {200, 400, 404, 409} <= set(seen)


def test_the_description_is_whole_and_valid() -> None:
    described = description()

    assert (GENERATOR_STATS._warn_cache, GENERATOR_STATS._error_cache) == ({}, {})
    validate_schema(described)  # type: ignore[no-untyped-call]  # the library has no types
    operations = [row for methods in described["paths"].values() for row in methods.values()]
    assert [row["operationId"] for row in operations if not row.get("summary")] == []
    assert all({"401", "403", "404"} <= set(row["responses"]) for row in operations)


def test_the_description_is_for_whoever_is_signed_in(company: Company) -> None:
    reply = JsonClient(company.staff).get("/api/v1/schema/")

    assert (reply.status_code, reply["Content-Type"]) == (200, "application/json")
    assert reply.json()["info"]["title"] == "督查督办接口"
    assert JsonClient().get("/api/v1/schema/").status_code == 401
