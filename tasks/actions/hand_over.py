"""移交: all open responsibilities of a leaving or moving person go to others in one act."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.enums import Role
from accounts.models import User
from accounts.standing import standing_of
from cppcc_office.lib.errors import Refused
from tasks.actions.recording import Hand, hand_of, hold, project_event, refuse_if, stale, today_of
from tasks.actions.revisions import milestone_revision, project_revision
from tasks.models import Milestone, MilestoneRevision, Project, ProjectRevision
from tasks.models.project import ProjectQuerySet
from tasks.queries.choices import Choices, choices_of
from tasks.queries.hand_over import Duty, Holding
from tasks.rules.hand_over import bar_to_take_over, open_to


@dataclass(frozen=True)
class Choice:
    """Who takes one holding over, and the version of its project that the page showed."""

    key: str
    version: int
    successor_id: int


Taken = dict[int, list[tuple[Holding, int]]]  # per project what is handed over, and to whom


@transaction.atomic
def hand_over(person: User, *, by: User, choices: Sequence[Choice], reason: str, now: datetime) -> int:
    """Move every chosen responsibility, or none. One event per project; the old names stay in it and in the revisions.

    Raises Refused, or Stale for the first project that somebody changed meanwhile. Returns how many moved.
    """
    today = today_of(now)
    if not reason.strip():
        raise Refused("请写明移交原因")
    if not choices:
        raise Refused("请至少为一项选择接手的人")
    held = {row.key: row for row in open_to(by, person, today)}
    if any(choice.key not in held for choice in choices):
        raise Refused(f"有的责任已不在{person}名下，或不由您移交，请刷新后再选")
    _must_be_current([(held[choice.key].project, choice.version) for choice in choices])
    offices = {row.project.organization_id for row in held.values()}
    people = {organization_id: choices_of(organization_id, today) for organization_id in offices}
    taken: Taken = defaultdict(list)
    for choice in choices:
        holding = held[choice.key]
        refuse_if(bar_to_take_over(holding, choice.successor_id, people[holding.project.organization_id]))
        taken[holding.project.pk].append((holding, choice.successor_id))
    _write_names(taken)
    _record(person, taken, people, by=by, reason=reason.strip(), now=now)
    return len(choices)


def _must_be_current(shown: Iterable[tuple[Project, int]]) -> None:
    shown = list(shown)
    versions = hold({project.pk: project for project, _ in shown}.values())
    for project, version in shown:
        if not project.version == version == versions.get(project.pk):
            raise stale(project, version)


def _write_names(taken: Taken) -> None:
    """One UPDATE per field and successor, however many lines there are."""
    Project.objects.filter(pk__in=taken).update(version=F("version") + 1)
    moved: dict[tuple[Duty, int], list[int]] = defaultdict(list)
    for rows in taken.values():
        for holding, successor_id in rows:
            subject: Any = holding.milestone or holding.project
            moved[holding.duty, successor_id].append(subject.pk)
    for (duty, successor_id), ids in moved.items():
        if duty == Duty.MILESTONE:
            Milestone.objects.filter(pk__in=ids).update(person=successor_id)
        else:
            Project.objects.filter(pk__in=ids).update(**{duty.value: successor_id})


def _record(person: User, taken: Taken, people: dict[int, Choices], *, by: User, reason: str, now: datetime) -> None:
    projects: ProjectQuerySet = Project.objects.filter(pk__in=taken).order_by("pk")
    rows = [(project, taken[project.pk]) for project in projects]
    events = []
    for project, moved in rows:
        names = people[project.organization_id].person_names
        hand = _hand(moved[0][0], by=by, now=now)
        words = f"移交：{_words(person, moved, names)}，理由：{reason}"
        kept = {
            "before": {row.key: person.name for row, _ in moved},
            "after": {row.key: names[to] for row, to in moved},
        }
        told: dict[str, Any] = {"principal_id": hand.principal_id, "entered_for": hand.entered_for}
        events.append(project_event(project, "hand_over", words, by=by, now=now, **told, **kept))
    type(events[0]).objects.bulk_create(events)
    nodes = {row.milestone.pk for _, moved in rows for row, _ in moved if row.milestone}
    stood = {milestone.pk: milestone for milestone in Milestone.objects.filter(pk__in=nodes)}
    numbered = [
        (project, moved, event.pk) for (project, moved), event in zip(rows, events, strict=True) if project.number
    ]
    on = today_of(now)
    ProjectRevision.objects.bulk_create(
        project_revision(project, on=on, now=now, event_id=event_id) for project, _, event_id in numbered
    )
    MilestoneRevision.objects.bulk_create(
        milestone_revision(stood[row.milestone.pk], on=on, now=now, event_id=event_id)
        for _, moved, event_id in numbered
        for row, _ in moved
        if row.milestone
    )


def _hand(holding: Holding, *, by: User, now: datetime) -> Hand:
    today = today_of(now)
    if standing_of(by, today=today).holds(Role.SECRETARIAT, holding.project.organization_id):
        return hand_of(by, today, role=Role.SECRETARIAT)
    return hand_of(by, today, division=holding.division, role=Role.DIVISION_HEAD)


def _words(person: User, moved: Iterable[tuple[Holding, int]], names: dict[int, str]) -> str:
    """将节点“甲”“乙”责任人由吴科员改为孙科员."""
    told: dict[tuple[Duty, int], list[str]] = defaultdict(list)
    for holding, successor_id in moved:
        told[holding.duty, successor_id].append(f"“{holding.milestone}”" if holding.milestone else "")
    parts = []
    for (duty, successor_id), titles in told.items():
        what = f"节点{''.join(titles)}责任人" if duty == Duty.MILESTONE else duty.label
        parts.append(f"将{what}由{person}改为{names[successor_id]}")
    return "；".join(parts)
