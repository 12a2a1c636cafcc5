"""What the import asks the database, each once per piece of work and never per row."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from accounts.enums import DIVISION_ROLES, Role
from accounts.models import Division, Membership, Organization, User
from accounts.policies import calendar_of
from tasks.enums import RowDecision, TermKind
from tasks.intake.likeness import DutyWords
from tasks.intake.office import DivisionName, OfficeWords, PersonName
from tasks.intake.values import Values
from tasks.models import ImportRow, Plan, Project, RememberedTerm, SourceClass

DutyKey = tuple[str, str, str]
"""Number, key task and project title: by these a row of a revised table is known again."""


def office_words(organization: Organization, *, on: date) -> OfficeWords:
    """The office's words; seven queries whatever its size."""
    divisions = Division.objects.filter(organization=organization, is_active=True)
    terms = list(RememberedTerm.objects.filter(organization=organization).exclude(kind=TermKind.COLUMN))
    members = (
        Membership.objects.on(on)
        .filter(organization=organization, role__in=[*DIVISION_ROLES, Role.LEADER], user__is_active=True)
        .select_related("user")
        .order_by("id")
    )
    people: dict[int, tuple[User, set[int]]] = {}
    leaders: dict[int, User] = {}
    for member in members:
        if member.division_id is None:
            leaders[member.user_id] = member.user
        else:
            people.setdefault(member.user_id, (member.user, set()))[1].add(member.division_id)
    return OfficeWords(
        organization_names=tuple(filter(None, (organization.name, organization.short_name))),
        divisions=tuple(DivisionName(each.pk, each.name, each.short_name, each.kind) for each in divisions),
        people=tuple(_person(user, division_ids) for user, division_ids in people.values()),
        leaders=tuple(_person(user) for user in leaders.values()),
        source_classes={
            row.name: row.pk for row in SourceClass.objects.filter(organization=organization, is_active=True)
        },
        calendar=calendar_of(organization),
        division_terms={row.text: int(row.meaning) for row in terms if row.kind == TermKind.DIVISION},
        source_terms={row.text: int(row.meaning) for row in terms if row.kind == TermKind.SOURCE},
    )


def _person(user: User, division_ids: Iterable[int] = ()) -> PersonName:
    return PersonName(user.pk, user.name, user.username, user.title, frozenset(division_ids))


def remembered_columns(organization: Organization) -> dict[str, str]:
    """Column title → field name, '' for a column that is not read."""
    rows = RememberedTerm.objects.filter(organization=organization, kind=TermKind.COLUMN)
    return dict(rows.values_list("text", "meaning"))


@dataclass
class KnownDuty:
    """A duty of the plan, and the row of an earlier paper that made it (without one it was made by hand)."""

    project_id: int
    key_task_id: int
    original: Values | None = None
    values: Values = field(default_factory=dict)
    is_merged: bool = False


def duty_key(values: Values) -> DutyKey:
    key_task = values.get("key_task", "")
    return (values.get("number", ""), key_task, values.get("project", "") or key_task)


def known_duties(plan: Plan | None) -> dict[DutyKey, KnownDuty]:
    """The plan's duties by number and title as they stand, and as the papers wrote them that brought them in."""
    if plan is None:
        return {}
    known: dict[DutyKey, KnownDuty] = {}
    projects = Project.objects.filter(plan=plan).values_list(
        "pk", "key_task_id", "key_task__number", "key_task__title", "title"
    )
    for pk, key_task_id, number, key_task, title in projects:
        known[(number, key_task, title)] = KnownDuty(pk, key_task_id)
    rows = ImportRow.objects.filter(project__plan=plan).select_related("project").order_by("pk")
    for row in rows:
        if row.project is None:
            continue
        merged = row.decision == RowDecision.MERGE
        duty = KnownDuty(row.project.pk, row.project.key_task_id, row.original, row.values, merged)
        for key in {duty_key(row.original), duty_key(row.values)}:
            known[key] = duty
    return known


@dataclass(frozen=True)
class PlanDuty:
    """How a key task of the plan shows beside a row that resembles it."""

    key_task_id: int
    title: str
    number: str
    lead: str
    due_on: date | None
    words: DutyWords


def plan_duties(plan: Plan | None) -> list[PlanDuty]:
    """Every key task with its first project."""
    if plan is None:
        return []
    rows = (
        Project.objects.filter(plan=plan)
        .order_by("key_task_id", "order", "id")
        .values_list("key_task_id", "key_task__title", "number", "lead_division__name", "due_on")
    )
    duties: dict[int, PlanDuty] = {}
    for key_task_id, title, number, lead, due_on in rows:
        words = DutyWords(f"task:{key_task_id}", title, lead or "", due_on.isoformat() if due_on else "")
        duties.setdefault(key_task_id, PlanDuty(key_task_id, title, number, lead or "", due_on, words))
    return list(duties.values())


def row_words(row: ImportRow) -> DutyWords:
    return DutyWords(
        f"row:{row.pk}",
        row.title,
        str(row.reading.get("lead", "")),
        str(row.reading.get("due_on", "")),
    )
