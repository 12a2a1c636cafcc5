"""Why a project is brought before the monthly meeting, from the same lights and figures that every page shows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db.models import Exists, OuterRef, Q

from supervision.cycles.enums import Ground
from supervision.cycles.models import CycleRun
from supervision.cycles.queries.runs import period_of_run
from tasks.enums import Bucket, ProjectState
from tasks.models import Milestone, ProgressEntry, Project
from tasks.queries.lights import ORDER, ProjectView, for_lights, ground_of, view_of
from tasks.queries.lights import Ground as LightGround
from tasks.queries.moments import bucket_of
from tasks.queries.outlook import is_extension_in_time

PIECE = 500  # projects held at once
MOST_WORDS = 500
GRAVITY = [ground.value for ground in Ground]
NOT_RUNNING = ("blue", "done", "grey", "red")  # of a milestone: reported, settled, paused, or a ground of its own


@dataclass(frozen=True)
class Asking:
    """An entry that says it needs coordination and was not answered by a later one."""

    project_id: int
    milestone_id: int | None
    words: str


@dataclass(frozen=True)
class Brought:
    """One ground as it would be written on a sheet. `workdays_overdue` puts the longest overdue first."""

    milestone: Milestone | None
    division_id: int
    ground: Ground
    light: str
    due_on: date | None
    words: str
    workdays_overdue: int = 0


@dataclass(frozen=True)
class AgendaEntry:
    project: Project
    brought: tuple[Brought, ...]

    @property
    def place(self) -> tuple[int, int, date, str, int]:
        """Red first, then the longest overdue, then what is due first."""
        light = min(ORDER.index(row.light) for row in self.brought)
        due_on = min((row.due_on for row in self.brought if row.due_on), default=date.max)
        late = max(row.workdays_overdue for row in self.brought)
        return light, -late, due_on, self.project.number, self.project.pk


def agenda_for(run: CycleRun, *, today: date, until: date) -> list[AgendaEntry]:
    """Every open project of the office with a ground, in the order of the agenda; in a constant number of queries."""
    ground = ground_of(run.organization_id, today)
    asking = asking_in(run)
    open_ones = Project.objects.open().filter(organization=run.organization_id).order_by("pk")
    entries = []
    for project in for_lights(open_ones).iterator(chunk_size=PIECE):
        brought = tuple(grounds_of(view_of(project, ground), asking.get(project.pk, ()), ground, until=until))
        if brought:
            entries.append(AgendaEntry(project, brought))
    return sorted(entries, key=lambda entry: entry.place)


def asking_in(run: CycleRun) -> dict[int, list[Asking]]:
    """What asks for coordination this month, by project; and what asked last month when its sheet was made already.

    A later entry on the same milestone, or one on the whole project, answers; what asks again stands in its place.
    """
    since = ProgressEntry.objects.filter(_since_the_sheet_before(run), organization=run.organization_id)
    asks = since.filter(needs_coordination=True, on__lte=run.ends_on)
    entries = (
        since.filter(Exists(asks.filter(project=OuterRef("project")).order_by()))
        .order_by("project_id", "on", "id")
        .only("project_id", "milestone_id", "needs_coordination", "problems", "situation")
    )
    found = {}
    for project_id, of_project in groupby(entries, key=lambda entry: entry.project_id):
        standing: dict[int | None, str] = {}
        for entry in of_project:
            if entry.milestone_id is None:
                standing.clear()
            standing.pop(entry.milestone_id, None)
            if entry.needs_coordination:
                standing[entry.milestone_id] = short(entry.problems or entry.situation)
        found[project_id] = [Asking(project_id, milestone_id, words) for milestone_id, words in standing.items()]
    return found


def _since_the_sheet_before(run: CycleRun) -> Q:
    own, month = Q(on__gte=run.starts_on), period_of_run(run).previous
    before = CycleRun.objects.filter(
        organization=run.organization_id, cycle=run.cycle, starts_on=month.starts_on, started_at__isnull=False
    ).first()
    return own | Q(on__gte=month.starts_on, created_at__gt=before.started_at) if before is not None else own


def grounds_of(view: ProjectView, asking: Iterable[Asking], ground: LightGround, *, until: date) -> Sequence[Brought]:
    """The grounds of one project, the gravest first. `until` is the last day of what falls due before the next sheet."""
    milestones = {milestone.pk: milestone for milestone in view.project.milestones.all()}
    of_milestones = list(_of_milestones(view, milestones.values(), ground, until))
    # That the project falls due with its last step is told by the step.
    told = {(row.ground, row.division_id, row.due_on) for row in of_milestones if row.ground == Ground.DUE_NEXT}
    rows = [
        *(row for row in _of_project(view, ground, until) if (row.ground, row.division_id, row.due_on) not in told),
        *of_milestones,
        *_of_asking(view, asking, milestones),
    ]
    return sorted(rows, key=lambda row: (GRAVITY.index(row.ground), row.milestone is not None, row.due_on or date.max))


def _of_project(view: ProjectView, ground: LightGround, until: date) -> Iterator[Brought]:
    project, light = view.project, view.light.code
    lead, due_on = project.lead_division_id or 0, project.due_on
    if due_on is not None and bucket_of(project, ground.today) == Bucket.OVERDUE:
        days = ground.workdays_since(due_on)
        words = f"{'逾期申请，已' if project.extension_asked_on else ''}逾期 {days} 个工作日"
        yield Brought(None, lead, Ground.OVERDUE, light, due_on, words, days)
    if view.pace is not None and view.pace.light != "green" and view.lag is not None:
        words = f"进度 {view.progress:g}%，序时 {view.time_progress:g}%，落后 {view.lag:g} 个百分点"
        if any(each.code == "blue" for each in view.milestone_lights.values()):
            words += "（待核实的不算欠）"
        yield Brought(None, lead, Ground.BEHIND, view.pace.light, due_on, words)
    running = project.state in (ProjectState.DISPATCHED, ProjectState.IN_PROGRESS)
    if running and due_on is not None and ground.today <= due_on <= until:
        pending = "延期待批" if is_extension_in_time(project) else ""
        yield Brought(None, lead, Ground.DUE_NEXT, light, due_on, _due_words(due_on, pending, ground))


def _of_milestones(
    view: ProjectView, milestones: Iterable[Milestone], ground: LightGround, until: date
) -> Iterator[Brought]:
    lead = view.project.lead_division_id or 0
    for milestone in milestones:
        light, due_on = view.milestone_lights[milestone.pk], milestone.due_on
        if due_on is None:
            continue
        division = milestone.division_id or lead
        if light.code == "red":
            days = ground.workdays_since(due_on)
            yield Brought(milestone, division, Ground.OVERDUE, light.code, due_on, light.why, days)
        elif light.code not in NOT_RUNNING and ground.today <= due_on <= until:
            words = _due_words(due_on, light.why, ground)
            yield Brought(milestone, division, Ground.DUE_NEXT, light.code, due_on, words)


def _of_asking(view: ProjectView, asking: Iterable[Asking], milestones: Mapping[int, Milestone]) -> Iterator[Brought]:
    """What a milestone asked for is settled with it."""
    project = view.project
    for row in asking:
        milestone = milestones.get(row.milestone_id or 0)
        if milestone is None:
            lead = project.lead_division_id or 0
            yield Brought(None, lead, Ground.COORDINATION, view.light.code, project.due_on, row.words)
        elif milestone.is_open:
            light = view.milestone_lights[milestone.pk].code
            division = milestone.division_id or project.lead_division_id or 0
            yield Brought(milestone, division, Ground.COORDINATION, light, milestone.due_on, row.words)


def _due_words(due_on: date, why: str, ground: LightGround) -> str:
    day = f"{due_on.month}月{due_on.day}日到期"
    if due_on.year != ground.today.year:
        day = f"{due_on.year}年{day}"
    return f"{day}，{why or f'还有 {ground.workdays_left(due_on)} 个工作日'}"


def short(words: str) -> str:
    """As much as a line of a sheet holds."""
    plain = " ".join(words.split())
    return plain if len(plain) <= MOST_WORDS else f"{plain[: MOST_WORDS - 1]}…"
