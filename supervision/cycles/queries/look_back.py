"""半年回头看: what belongs on the list, and how it was drawn."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import Organization
from supervision.cycles.enums import Choice
from supervision.cycles.models import CycleRun, LookBackItem
from supervision.cycles.queries.runs import name_of_run
from supervision.cycles.sampling import Drawn, draw, seed_of
from tasks.enums import Bucket, CloseOutState, Effect, ResultKind
from tasks.models import CloseOut, ProjectRevision, Result
from tasks.queries.as_of import Moment, lines_as_of
from tasks.queries.moments import bucket_case

WHOLE = 100  # percent


def heading_of(run: CycleRun) -> str:
    """2026年上半年回头看: the half-year is said once."""
    return name_of_run(run).replace("半年半年", "半年")


def label_in(run: CycleRun, choice: Choice) -> str:
    """Where everything is looked back at, nothing was drawn."""
    return "其他销号" if choice == Choice.SAMPLE and run.sample_percent == WHOLE else choice.label


# ── what belongs on the list ─────────────────────────────────────────────────


@dataclass(frozen=True)
class Pick:
    """One thing that belongs on the list of a run."""

    choice: Choice
    title: str
    division_id: int | None
    project_id: int | None = None
    result_id: int | None = None

    @property
    def key(self) -> tuple[int | None, int | None]:
        return self.project_id, self.result_id


def closed_in(run: CycleRun) -> QuerySet[CloseOut]:
    """The close-outs of the half-year that hold, as the 销号台账 has them."""
    return (
        CloseOut.objects.filter(
            organization=run.organization_id,
            state=CloseOutState.ACCEPTED,
            closed_on__range=(run.starts_on, run.ends_on),
        )
        .select_related("project__lead_division")
        .order_by("project__lead_division__order", "project__lead_division", "closed_on", "id")
    )


def overdue_at_end(run: CycleRun) -> QuerySet[ProjectRevision]:
    """How the open projects stood at the end of the half-year that were 逾期 then."""
    lines = lines_as_of(Moment(run.ends_on)).filter(organization=run.organization_id)
    return (
        lines.annotate(bucket=bucket_case(run.ends_on))
        .filter(bucket=Bucket.OVERDUE)
        .select_related("project")
        .order_by("lead_division__order", "lead_division", "due_on", "project")
    )


def rules_made_in(run: CycleRun) -> QuerySet[Result]:
    return (
        Result.objects.filter(
            organization=run.organization_id,
            kind=ResultKind.RULE,
            voided_at=None,
            on__range=(run.starts_on, run.ends_on),
        )
        .select_related("project")
        .order_by("project__lead_division__order", "project__lead_division", "on", "id")
    )


def picks_of(run: CycleRun) -> list[Pick]:
    """Everything that belongs on the list, in its order. Asks how things are; what has been judged does not matter."""
    close_outs = list(closed_in(run))
    chosen = {row.key for row in draw_of(run, close_outs) if row.is_chosen}
    picks = [
        Pick(_choice_of(row), row.project.title, row.project.lead_division_id, project_id=row.project_id)
        for row in close_outs
        if row.project.number in chosen
    ]
    picks += [
        Pick(Choice.OVERDUE, row.project.title, row.lead_division_id, project_id=row.project_id)
        for row in overdue_at_end(run)
    ]
    picks += [
        Pick(Choice.RULE, row.title, row.project.lead_division_id, result_id=row.pk) for row in rules_made_in(run)
    ]
    places = {choice: place for place, choice in enumerate(Choice)}
    return sorted(picks, key=lambda pick: places[pick.choice])  # stable: the order of each group stays


def _choice_of(close_out: CloseOut) -> Choice:
    if close_out.effect == Effect.EXCELLENT:
        return Choice.EXCELLENT
    return Choice.LATE if close_out.days_late else Choice.SAMPLE


# ── how it was drawn ─────────────────────────────────────────────────────────


def seed_for(run: CycleRun) -> str:
    code = Organization.objects.values_list("code", flat=True).get(pk=run.organization_id)
    return seed_of(code, run.starts_on, run.ends_on)


def draw_of(run: CycleRun, close_outs: list[CloseOut]) -> list[Drawn]:
    """Projects go by their numbers, which everybody reads on the ledger."""
    must = {row.project.number for row in close_outs if _choice_of(row) != Choice.SAMPLE}
    numbers = [row.project.number for row in close_outs]
    return draw(numbers, must=must, percent=run.sample_percent, seed=seed_for(run))


@dataclass(frozen=True)
class Candidate:
    """One closed project in the draw, beside what the list has."""

    drawn: Drawn
    close_out: CloseOut
    is_listed: bool
    is_judged: bool

    @property
    def differs(self) -> bool:
        return self.drawn.is_chosen != self.is_listed


@dataclass(frozen=True)
class Comparison:
    """The draw made anew, and what the list has beyond or beneath it."""

    seed: str
    candidates: list[Candidate]
    gone: list[LookBackItem]  # listed as closed in the half-year, which holds no more

    @property
    def chosen(self) -> int:
        return sum(candidate.drawn.is_chosen for candidate in self.candidates)

    @property
    def musts(self) -> int:
        return sum(candidate.drawn.is_must for candidate in self.candidates)

    @property
    def differences(self) -> int:
        return len(self.gone) + sum(candidate.differs for candidate in self.candidates)


def draw_again(run: CycleRun) -> Comparison:
    """Everything is asked for anew; nothing is written."""
    close_outs = list(closed_in(run))
    drawn = draw_of(run, close_outs)
    of_closed = LookBackItem.objects.filter(run=run, choice__in=[Choice.EXCELLENT, Choice.LATE, Choice.SAMPLE])
    listed = {item.project_id: item for item in of_closed.select_related("project")}
    by_number = {row.project.number: row for row in close_outs}
    candidates = list(_candidates(drawn, by_number, listed))
    known = {row.project_id for row in close_outs}
    gone = [item for project_id, item in listed.items() if project_id not in known]
    return Comparison(seed_for(run), candidates, gone)


def _candidates(
    drawn: list[Drawn], by_number: dict[str, CloseOut], listed: dict[int | None, LookBackItem]
) -> Iterator[Candidate]:
    for row in drawn:
        close_out = by_number[row.key]
        item = listed.get(close_out.project_id)
        yield Candidate(row, close_out, item is not None, item is not None and bool(item.verdict))
