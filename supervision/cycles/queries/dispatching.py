"""月调度 as its pages show it: the agenda, the sheet of each division, one item of the meeting, what was decided."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Max, QuerySet

from accounts.enums import Role
from accounts.models import Division, User
from accounts.standing import standing_of
from supervision.cycles.enums import Cycle, Ground
from supervision.cycles.models import CycleRun, Decision, DispatchLine
from supervision.cycles.models.dispatch import DispatchLineQuerySet
from supervision.cycles.models.rule import READERS
from tasks.enums import ChangeState, ProjectState
from tasks.models import Milestone, ProgressEntry, Project
from tasks.queries.lights import LABELS, ORDER, Light, ProjectView, for_lights, ground_of, view_of
from tasks.queries.moments import light_of

TROUBLE = ("red", "yellow")

# ── the run ──────────────────────────────────────────────────────────────────


def months_of(user: User, today: date) -> QuerySet[CycleRun]:
    """The runs whose whole dispatch this person reads: secretariat and leaders."""
    return CycleRun.objects.visible_to(user, today).filter(cycle=Cycle.MONTHLY).select_related("organization")


def months_with_own_sheet(user: User, today: date) -> QuerySet[CycleRun]:
    """The same, and those of which this person reads the sheet of the own division."""
    runs = CycleRun.objects.of_divisions_of(user, today).filter(cycle=Cycle.MONTHLY)
    return runs.select_related("organization")


def reads_whole(run: CycleRun, user: User, today: date) -> bool:
    return run.organization_id in standing_of(user, today=today).organizations_as(*READERS)


def is_secretariat(run: CycleRun, user: User, today: date) -> bool:
    return standing_of(user, today=today).holds(Role.SECRETARIAT, run.organization_id)


# ── what was decided ─────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Decided:
    """One 议定事项, what it became and how that stands now."""

    decision: Decision
    number: int
    became: str
    state: str
    light: Light | None = None
    is_open: bool = False  # nothing has come of it yet: it waits for somebody


def decisions_of(run: CycleRun, user: User, today: date) -> list[Decided]:
    """In the order recorded; a division reads its own, and which project was spoken of where it finds that."""
    rows = Decision.objects.filter(run=run).select_related(
        "division", "person", "project", "follow_up", "change__project", "recorded_by"
    )
    numbered = list(enumerate(rows, 1))
    if not reads_whole(run, user, today):
        own = standing_of(user, today=today).division_ids()
        numbered = [(number, row) for number, row in numbered if row.division_id in own]
        spoken_of = [row.project_id for _, row in numbered if row.project_id]
        found = set(Project.objects.visible_to(user, today).filter(pk__in=spoken_of).values_list("pk", flat=True))
        for _, row in numbered:
            row.project = row.project if row.project_id in found else None
    added = _added_milestones([row for _, row in numbered])
    return [_decided(row, number, added.get(row.pk), today) for number, row in numbered]


def _added_milestones(decisions: Sequence[Decision]) -> dict[int, Milestone]:
    """What agreed changes have become, by decision: known by its words, its project and its division."""
    agreed = [row for row in decisions if row.change is not None and row.change.state == ChangeState.AGREED]
    if not agreed:
        return {}
    found = Milestone.objects.filter(
        project__in=[row.project_id for row in agreed], title__in=[row.words for row in agreed]
    ).order_by("pk")
    latest = {(row.project_id, row.title): row for row in found}
    kept = {row.pk: latest.get((row.project_id or 0, row.words)) for row in agreed}
    return {pk: milestone for pk, milestone in kept.items() if milestone is not None}


def _decided(row: Decision, number: int, added: Milestone | None, today: date) -> Decided:
    if row.follow_up is not None:
        matter = row.follow_up
        if matter.state == ProjectState.DRAFT:
            return Decided(row, number, "另立事项", "尚未交办", is_open=True)
        code = light_of(matter, today)
        state = matter.get_state_display()
        light = Light(code, LABELS[code]) if matter.state not in (ProjectState.CANCELLED,) else None
        return Decided(row, number, f"另立事项 {matter.number}", state, light)
    change = row.change
    state = change.get_state_display() if change is not None else ""
    if added is not None:
        return Decided(row, number, "已增加节点", added.get_state_display())
    is_waiting = change is not None and change.state == ChangeState.ASKED
    return Decided(row, number, "申请增加节点", state, is_open=is_waiting)


# ── the agenda ───────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class SheetRow:
    """The project, or one of its milestones, with everything for which it stands on the sheet."""

    lines: list[DispatchLine]

    @property
    def first(self) -> DispatchLine:
        return self.lines[0]

    @property
    def light(self) -> Light:
        return _worst(self.lines)


def _worst(lines: Iterable[DispatchLine]) -> Light:
    code = min((line.light for line in lines), key=ORDER.index)
    return Light(code, LABELS[code])


@dataclass
class AgendaItem:
    """One project of the agenda with its grounds and what was decided about it."""

    place: int
    project: Project
    lines: list[DispatchLine] = field(default_factory=list)
    decisions: list[Decided] = field(default_factory=list)

    @property
    def light(self) -> Light:
        """The worst of its lines, as it stood when the sheet was made."""
        return _worst(self.lines)

    @property
    def rows(self) -> list[SheetRow]:
        """A milestone that is overdue and needs coordination is one row with both."""
        rows: dict[tuple[int | None, str], SheetRow] = {}
        for line in self.lines:
            rows.setdefault((line.milestone_id, line.milestone_title), SheetRow([])).lines.append(line)
        return list(rows.values())

    @property
    def grounds(self) -> list[str]:
        return list(dict.fromkeys(line.get_ground_display() for line in self.lines))

    @property
    def divisions(self) -> list[Division]:
        return list({line.division_id: line.division for line in self.lines}.values())

    @property
    def people(self) -> list[str]:
        """Who answers for the lines: the milestone's person, of the project itself the project's."""
        named = [line.milestone.person for line in self.lines if line.milestone]
        named += [self.project.person] if any(not line.milestone_title for line in self.lines) else []
        return list(dict.fromkeys(person.name for person in named if person))


def lines_to_show(run: CycleRun) -> DispatchLineQuerySet:
    return DispatchLine.objects.filter(run=run).select_related(
        "division", "project__lead_division", "project__person", "milestone__person"
    )


def agenda_of(lines: Iterable[DispatchLine], decided: Iterable[Decided] = ()) -> list[AgendaItem]:
    items: dict[int, AgendaItem] = {}
    for line in lines:
        items.setdefault(line.order, AgendaItem(line.order, line.project)).lines.append(line)
    by_project = {item.project.pk: item for item in items.values()}
    for row in decided:
        if item := by_project.get(row.decision.project_id or 0):
            item.decisions.append(row)
    return list(items.values())


@dataclass(frozen=True)
class Sum:
    label: str
    count: int


def sums_of(items: Sequence[AgendaItem]) -> list[Sum]:
    """How many projects stand on the agenda for each ground; one may stand there for several."""
    return [Sum(ground.label, sum(1 for item in items if ground.label in item.grounds)) for ground in Ground]


# ── the sheets ───────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Sheet:
    """调度单 of one division."""

    division: Division
    items: list[AgendaItem]
    decisions: list[Decided]

    @property
    def count(self) -> int:
        return sum(len(item.rows) for item in self.items)


def divisions_to_read(run: CycleRun, user: User, today: date) -> QuerySet[Division]:
    """Whose sheets this person reads: secretariat and leaders those of all, others their own."""
    divisions = Division.objects.filter(organization=run.organization_id)
    if reads_whole(run, user, today):
        spoken_of = DispatchLine.objects.filter(run=run).order_by().values("division")
        return divisions.filter(is_active=True) | divisions.filter(pk__in=spoken_of)
    return divisions.filter(pk__in=standing_of(user, today=today).division_ids())


def sheets_of(run: CycleRun, divisions: Sequence[Division], user: User, today: date) -> list[Sheet]:
    """One of each of these divisions, empty ones too."""
    lines: dict[int, list[DispatchLine]] = {division.pk: [] for division in divisions}
    for line in lines_to_show(run).visible_to(user, today).filter(division__in=lines):
        lines[line.division_id].append(line)
    decided: dict[int, list[Decided]] = {}
    for row in decisions_of(run, user, today):
        decided.setdefault(row.decision.division_id, []).append(row)
    return [Sheet(each, agenda_of(lines[each.pk]), decided.get(each.pk, [])) for each in divisions]


def counts_by_division(run: CycleRun) -> dict[int, int]:
    """How many rows each sheet has."""
    what = ("division", "project", "milestone", "milestone_title")
    return dict(
        Counter(row[0] for row in DispatchLine.objects.filter(run=run).order_by().values_list(*what).distinct())
    )


# ── the meeting ──────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class MeetingItem:
    """What is shown of one project: as the sheet has it, and how it stands by now."""

    item: AgendaItem
    view: ProjectView
    entry: ProgressEntry | None

    @property
    def has_changed(self) -> bool:
        """Whether what was red or yellow is mended by now, so that nobody argues about it."""
        return self.item.light.code in TROUBLE and self.view.light.code not in TROUBLE


def length_of(run: CycleRun) -> int:
    return DispatchLine.objects.filter(run=run).aggregate(n=Max("order"))["n"] or 0


def meeting_item(run: CycleRun, place: int, decided: Iterable[Decided], today: date) -> MeetingItem | None:
    items = agenda_of(lines_to_show(run).filter(order=place), decided)
    if not items:
        return None
    item = items[0]
    project = for_lights(Project.objects.filter(pk=item.project.pk)).get()
    entries = ProgressEntry.objects.filter(project=project).select_related("by", "milestone")
    return MeetingItem(item, view_of(project, ground_of(run.organization_id, today)), entries.first())
