"""移交: a milestone goes to another person of the same division."""

from datetime import datetime

from django.db import transaction

from accounts.enums import Role
from accounts.models import User
from cppcc_office.lib.errors import Refused
from tasks.actions.milestone import set_milestone
from tasks.actions.recording import bump, hand_of, must_be_current, record_project, refuse_if, today_of
from tasks.models import Milestone
from tasks.queries.choices import choices_of
from tasks.rules.changes import bar_to_reassign


@transaction.atomic
def reassign_milestone(
    milestone: Milestone, *, by: User, version: int, person: User, note: str = "", now: datetime
) -> Milestone:
    """By the head alone, without a request (domain 4). What was done before stays under the old name."""
    today, project = today_of(now), milestone.project
    must_be_current(project, version)
    refuse_if(bar_to_reassign(by, milestone, today))
    if not choices_of(milestone.organization_id, today).works_in(person.pk, milestone.division_id):
        raise Refused(f"{person.name}不在{milestone.division}任职；交给其他处室的人员请申请调整")
    if person.pk == milestone.person_id:
        raise Refused(f"节点“{milestone.title}”现在就由{person.name}负责，请选另一个人")
    old = milestone.person
    bump(project, version=version)
    set_milestone(milestone, person=person)
    tail = f"，说明：{note.strip()}" if note.strip() else ""
    words = f"将节点“{milestone.title}”由{old or '（未定）'}移交{person.name}{tail}"
    record_project(
        project,
        "reassign_milestone",
        words,
        by=by,
        now=now,
        subject=milestone,
        hand=hand_of(by, today, division=milestone.division, role=Role.DIVISION_HEAD),
        before={"person": old.pk if old else None},
        after={"person": person.pk},
        milestones=[milestone],
    )
    return milestone
