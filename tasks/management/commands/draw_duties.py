"""Writes docs/duties.md, who may do what, by asking every rule about one person of each kind."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Division, Membership, Organization, User
from accounts.rules import bar_to_administer, bar_to_correct_calendar, bar_to_set_policy
from tasks.actions.decomposition import bar_to_edit_draft
from tasks.enums import ChangeKind, ChangeTier
from tasks.models import Category, ChangeRequest, CloseOut, KeyTask, Milestone, Plan, Project, ProjectCoDivision, Target
from tasks.rules.changes import bar_to_reassign
from tasks.rules.entries import bar_to_add_entry
from tasks.workflow import CARRY_OVER, CHANGE_ASKS, MILESTONE_MOVES, PROJECT_MOVES, REQUEST_MOVES

PAGE = Path(settings.BASE_DIR) / "docs" / "duties.md"
HEAD = """\
# Who may do what

Written by `python manage.py draw_duties`, which asks the rules themselves; a test fails when the two differ. Do not edit.
● may, · may not. Beside this table nobody verifies work he had a hand in, and a deputy may what his principal may.
"""
DAY = date(2026, 3, 4)
NOW = datetime(2026, 3, 4, 9, tzinfo=timezone.get_default_timezone())

SubjectT = TypeVar("SubjectT")
Rule = Callable[[User], list[str]]


@dataclass
class Example:
    """A small office with one project led by the 牵头处室 and one led by the 督办处 itself."""

    office: Organization
    people: dict[str, User]
    project: Project
    own_project: Project

    @property
    def milestone(self) -> Milestone:
        """Of the 主办处室, in the first project."""
        return Milestone.objects.select_related("project", "division").get(project=self.project)

    @property
    def own_milestone(self) -> Milestone:
        return Milestone.objects.select_related("project", "division").get(project=self.own_project)


class _Undo(Exception):
    """Takes the example out of the database again."""


def duties_page() -> str:
    """The whole page as it should be. The example's rows are rolled back."""
    lines: list[str] = []
    try:
        with transaction.atomic():
            lines = _tables(_example())
            raise _Undo
    except _Undo:
        return "\n".join([HEAD, *lines, ""])


def _tables(example: Example) -> list[str]:
    led: dict[str, Rule] = {
        "修改、删除拟立项": lambda user: bar_to_edit_draft(user, example.project, DAY),
        **{move.label: _on(example.project, move.who) for move in PROJECT_MOVES.values()},
        "申请变更": _on(example.project, CHANGE_ASKS[ChangeKind.EXTENSION].who),
        "写督办处意见": _on(_request(example, ChangeTier.LEADER), REQUEST_MOVES["opinion"].who),
        "决定调整、10 个工作日内的首次延期": _on(_request(example, ChangeTier.SECRETARIAT), REQUEST_MOVES["agree"].who),
        "决定其他变更": _on(_request(example, ChangeTier.LEADER), REQUEST_MOVES["agree"].who),
        "结转": _on(example.project, CARRY_OVER.who),
        "填报项目进展": lambda user: _about_the_person(bar_to_add_entry(user, example.project, None, DAY)),
        **{f"节点{move.label}": _on(example.milestone, move.who) for move in MILESTONE_MOVES.values()},
        "节点移交": lambda user: _about_the_person(bar_to_reassign(user, example.milestone, DAY)),
        "改督办规则": lambda user: bar_to_set_policy(user, example.office.pk, today=DAY),
        "更正工作日历": lambda user: bar_to_correct_calendar(user, example.office.pk, today=DAY),
        "管理人员、处室": lambda user: bar_to_administer(user, example.office.pk, today=DAY),
    }
    own: dict[str, Rule] = {
        **{
            PROJECT_MOVES[name].label: _on(example.own_project, PROJECT_MOVES[name].who)
            for name in ("request_close_out", "accept_close_out", "return_close_out")
        },
        **{
            f"节点{MILESTONE_MOVES[name].label}": _on(example.own_milestone, MILESTONE_MOVES[name].who)
            for name in ("report", "agree", "confirm", "send_back")
        },
    }
    return [
        "## 项目由一个处室牵头，节点由另一个处室主办",
        "",
        *_table(example.people, led),
        "",
        "## 项目由督办处自己牵头",
        "",
        *_table(example.people, own),
    ]


def _on(subject: SubjectT, who: Callable[[User, SubjectT, date], list[str]]) -> Rule:
    return lambda user: who(user, subject, DAY)


def _request(example: Example, tier: ChangeTier) -> ChangeRequest:
    """Asked for by the lead's head; never stored."""
    return ChangeRequest(
        organization=example.office,
        project=example.project,
        tier=tier,
        asked_by=example.people["牵头处室负责人"],
    )


def _about_the_person(bars: list[str]) -> list[str]:
    """The example's projects are drafts, which bars entries for everybody; only who is asked about here."""
    return [bar for bar in bars if bar.startswith("只有")]


def _table(people: Mapping[str, User], rules: Mapping[str, Rule]) -> list[str]:
    lines = ["| | " + " | ".join(people) + " |", "|---" * (len(people) + 1) + "|"]
    for label, rule in rules.items():
        marks = ["·" if rule(user) else "●" for user in people.values()]
        lines.append(f"| {label} | " + " | ".join(marks) + " |")
    return lines


def _example() -> Example:
    office = Organization.objects.create(code="example-of-duties", name="例")
    supervising = Division.objects.create(organization=office, name="督办处", supervises=True)
    lead, doing, assisting, outside = (
        Division.objects.create(organization=office, name=name)
        for name in ("牵头处室", "主办处室", "协办处室", "其他处室")
    )
    posts: dict[str, tuple[Role, Division | None]] = {
        "督办人员": (Role.STAFF, supervising),
        "督办处负责人": (Role.DIVISION_HEAD, supervising),
        "牵头处室负责人": (Role.DIVISION_HEAD, lead),
        "牵头处室经办人": (Role.STAFF, lead),
        "主办处室负责人": (Role.DIVISION_HEAD, doing),
        "主办处室经办人": (Role.STAFF, doing),
        "协办处室负责人": (Role.DIVISION_HEAD, assisting),
        "其他处室负责人": (Role.DIVISION_HEAD, outside),
        **{
            role.label: (role, None)
            for role in (Role.LEADER, Role.ASSESSOR, Role.OBSERVER, Role.SYSADMIN, Role.AUDITOR)
        },
    }
    people: dict[str, User] = {}
    for name, (role, division) in posts.items():
        user = people[name] = User.objects.create(username=f"example-of-{len(people)}", name=name)
        Membership.objects.create(user=user, organization=office, role=role, division=division, starts_on=DAY)
    plan = Plan.objects.create(organization=office, year=DAY.year, name="例", created_at=NOW)
    category = Category.objects.create(plan=plan, name="例")
    project = _project(plan, category, lead=lead, doing=doing, asked_by=people["牵头处室负责人"])
    ProjectCoDivision.objects.create(project=project, division=assisting)
    own_project = _project(plan, category, lead=supervising, doing=supervising, asked_by=people["督办处负责人"])
    return Example(office, people, project, own_project)


def _project(plan: Plan, category: Category, *, lead: Division, doing: Division, asked_by: User) -> Project:
    office = plan.organization
    key_task = KeyTask.objects.create(organization=office, plan=plan, category=category, title="例")
    project = Project.objects.create(
        organization=office, plan=plan, key_task=key_task, title="例", lead_division=lead, created_at=NOW
    )
    target = Target.objects.create(project=project, statement="例")
    Milestone.objects.create(organization=office, project=project, target=target, title="例", division=doing)
    CloseOut.objects.create(
        organization=office, project=project, summary="例", requested_by=asked_by, requested_at=NOW, requested_on=DAY
    )
    return project


class Command(BaseCommand):
    help = "Writes docs/duties.md; with --check only says whether it is current."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        page = duties_page()
        if not options["check"]:
            PAGE.write_text(page, encoding="utf-8")
        elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page:
            self.stderr.write("docs/duties.md is not what the rules say: run python manage.py draw_duties")
            sys.exit(1)
