"""The list of a 回头看 as its pages show it: why each thing is on it, what was found, what came of it, how that stands."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Prefetch, QuerySet

from accounts.models import Division, User
from supervision.cycles.enums import Choice, Verdict
from supervision.cycles.models import CycleRun, LookBackItem
from supervision.cycles.queries.look_back import WHOLE
from tasks.enums import ChangeState, CloseOutState, Effect
from tasks.models import ChangeLine, CloseOut, Milestone, Project, ProjectRevision
from tasks.queries.as_of import Moment, lines_as_of
from tasks.queries.lights import ground_of

ADDED = "added"  # the line of a change that adds a milestone


@dataclass(frozen=True)
class Came:
    """What came of a verdict: a matter of its own, or a change that was asked for."""

    words: str
    title: str
    state: str
    project_id: int
    change_id: int | None = None  # None: a matter
    owner: str = ""
    due_on: date | None = None
    step_state: str = ""  # of the milestone that an agreed change has added
    is_undone: bool = False


@dataclass(frozen=True)
class Row:
    item: LookBackItem
    project: Project
    day: date | None  # closed on, due on, made on
    effect: str
    reasons: list[str]
    came: Came | None

    @property
    def owes_mending(self) -> bool:
        """A verdict asks for it, and nobody has been told to."""
        return self.item.verdict in (Verdict.RECTIFY, Verdict.REBOUND) and not self.item.has_come


@dataclass(frozen=True)
class Tally:
    """How many of each choice and verdict; '' is not judged yet."""

    counts: Mapping[tuple[Choice, str], int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def judged(self) -> int:
        return sum(count for (_, verdict), count in self.counts.items() if verdict)

    @property
    def left(self) -> int:
        return self.total - self.judged

    def of_choice(self, choice: Choice) -> tuple[int, int]:
        """All, and judged."""
        mine = {verdict: count for (of, verdict), count in self.counts.items() if of == choice}
        return sum(mine.values()), sum(mine.values()) - mine.get("", 0)

    def of_verdict(self, verdict: str) -> int:
        return sum(count for (_, found), count in self.counts.items() if found == verdict)

    @property
    def verdicts(self) -> list[tuple[Verdict, int]]:
        return [(verdict, self.of_verdict(verdict)) for verdict in Verdict]


def tally_of(items: QuerySet[LookBackItem]) -> Tally:
    rows = items.order_by().values_list("choice", "verdict").annotate(n=Count("pk"))
    return Tally({(Choice(choice), verdict): n for choice, verdict, n in rows})


@dataclass(frozen=True)
class Line:
    """One division of the report, or all of them (`name` 合计)."""

    name: str
    by_verdict: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.by_verdict.values())

    @property
    def cells(self) -> list[int]:
        return [self.by_verdict.get(verdict, 0) for verdict in (*Verdict, "")]


def lines_by_division(items: QuerySet[LookBackItem]) -> list[Line]:
    """In the office's own order, and last the total."""
    rows = (
        items.order_by()
        .values("division", "division__name", "verdict")
        .annotate(n=Count("pk"))
        .order_by("division__order", "division")
    )
    found: dict[int | None, tuple[str, dict[str, int]]] = {}
    for row in rows:
        found.setdefault(row["division"], (row["division__name"] or "—", {}))[1][row["verdict"]] = row["n"]
    lines = [Line(name, counts) for name, counts in found.values()]
    whole = {key: sum(line.by_verdict.get(key, 0) for line in lines) for key in (*Verdict, "")}
    return [*lines, Line("合计", whole)] if lines else []


# ── rows ─────────────────────────────────────────────────────────────────────


def with_subjects(items: QuerySet[LookBackItem]) -> QuerySet[LookBackItem]:
    added = Prefetch("change__lines", ChangeLine.objects.filter(field=ADDED), to_attr="added_lines")
    return items.select_related(
        "run",
        "division",
        "checked_by",
        "project__lead_division",
        "result__project__lead_division",
        "follow_up__person",
        "follow_up__lead_division",
        "change__project",
    ).prefetch_related(added)


def rows_of(items: Iterable[LookBackItem], run: CycleRun) -> list[Row]:
    """These, loaded by `with_subjects`, in as many queries for one as for all."""
    items = list(items)
    ids = [item.project_id for item in items if item.project_id is not None]
    accepted = CloseOut.objects.filter(
        project__in=ids,
        state__in=[CloseOutState.ACCEPTED, CloseOutState.VOID],
        closed_on__range=(run.starts_on, run.ends_on),
    ).order_by("id")
    close_outs = {row.project_id: row for row in accepted.defer("summary", "opinion")}
    open_ids = [item.project_id for item in items if item.choice == Choice.OVERDUE]
    stood = {row.project_id: row for row in lines_as_of(Moment(run.ends_on)).filter(project__in=open_ids)}
    comes = _comes_of(items)
    ground = ground_of(run.organization_id, run.ends_on)
    rows = []
    for item in items:
        if item.result is not None:
            facts: Facts = item.result.on, "", [item.result.paper] if item.result.paper else []
        elif item.choice == Choice.OVERDUE:
            facts = _facts_of_open(stood.get(item.project_id or 0), ground.workdays_since)
        else:
            facts = _facts_of_closed(close_outs.get(item.project_id or 0), run)
        rows.append(Row(item, item.subject, *facts, comes.get(item.pk)))
    return rows


Facts = tuple[date | None, str, list[str]]


def _facts_of_closed(close_out: CloseOut | None, run: CycleRun) -> Facts:
    if close_out is None:
        return None, "", []
    reasons = ["评为优"] if close_out.effect == Effect.EXCELLENT else []
    if close_out.days_late:
        reasons.append(f"逾期 {close_out.days_late} 天销号")
    if close_out.state == CloseOutState.VOID:
        reasons.append("销号已撤销")
    if not reasons:
        reasons = ["全部列入" if run.sample_percent == WHOLE else "抽取"]
    return close_out.closed_on, close_out.get_effect_display(), reasons


def _facts_of_open(line: ProjectRevision | None, workdays_since: Callable[[date], int]) -> Facts:
    if line is None or line.due_on is None:
        return None, "", []
    return line.due_on, "", [f"期末逾期 {workdays_since(line.due_on)} 个工作日"]


def _comes_of(items: Sequence[LookBackItem]) -> dict[int, Came]:
    added = {item.pk: line for item in items if item.change is not None for line in item.change.added_lines[:1]}  # type: ignore[attr-defined]  # prefetched under this name
    steps = _steps_of(item for item in items if item.change is not None and item.change.state == ChangeState.AGREED)
    comes = {}
    for item in items:
        if item.follow_up is not None:
            comes[item.pk] = _matter(item.follow_up)
        elif item.change is not None:
            comes[item.pk] = _change(item, added.get(item.pk), steps)
    return comes


def _matter(project: Project) -> Came:
    return Came(
        words="另立事项",
        title=project.number or project.title,
        state=project.get_state_display(),
        project_id=project.pk,
        owner=_who(project.lead_division, project.person),
        due_on=project.due_on,
    )


def _change(item: LookBackItem, line: ChangeLine | None, steps: Mapping[tuple[int, str], Milestone]) -> Came:
    change = item.change
    assert change is not None  # the caller has looked
    step = steps.get((change.project_id, line.value["title"])) if line is not None else None
    owner, due_on = "", None
    if step is not None:
        owner, due_on = _who(step.division, step.person), step.due_on
    elif line is not None:  # as it was asked for: the day, who, and what is handed in
        owner, due_on = line.new.split("，")[1], date.fromisoformat(line.value["due_on"])
    return Came(
        words=f"{change.get_kind_display()}申请",
        title=change.project.number,
        state=change.get_state_display(),
        project_id=change.project_id,
        change_id=change.pk,
        owner=owner,
        due_on=due_on,
        step_state=step.get_state_display() if step else "",
        is_undone=not item.has_come,
    )


def _who(division: Division | None, person: User | None) -> str:
    return " ".join(str(part) for part in (division.brief if division else "", person or "") if part)


def _steps_of(items: Iterable[LookBackItem]) -> dict[tuple[int, str], Milestone]:
    """The milestones that agreed changes have added, by project and title: the last where there are two."""
    ids = [item.project_id for item in items]
    steps = Milestone.objects.filter(project__in=ids, title__startswith="整改").select_related("division", "person")
    return {(step.project_id, step.title): step for step in steps.order_by("id")}
