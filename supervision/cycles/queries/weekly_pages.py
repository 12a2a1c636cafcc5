"""The weeks and their summaries as the pages show them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from accounts.enums import Role
from accounts.models import User
from accounts.standing import standing_of
from supervision.cycles.enums import Cycle
from supervision.cycles.models import CycleRun, WeeklySummary
from supervision.cycles.models.rule import READERS
from supervision.cycles.periods import Period, period_of
from supervision.cycles.queries.runs import period_of_run
from supervision.cycles.queries.unreported import Matter, unreported
from supervision.cycles.queries.weekly import PARTS, TITLES, compiled


@dataclass(frozen=True)
class Sheet:
    """One summary as it is shown, and what bars this person from editing it."""

    summary: WeeklySummary
    bars: list[str]

    @property
    def name(self) -> str:
        return str(self.summary.division) if self.summary.division else "全机关"

    @property
    def is_office(self) -> bool:
        return self.summary.division is None

    @property
    def parts(self) -> list[tuple[str, list[str]]]:
        """Title and lines of each of the four."""
        texts = ((TITLES[part], getattr(self.summary, part)) for part in PARTS)
        return [(title, [line for line in text.splitlines() if line.strip()]) for title, text in texts]

    @property
    def is_empty(self) -> bool:
        return not any(lines for _, lines in self.parts)


def weeks_for(user: User, today: date) -> QuerySet[CycleRun]:
    """Those that are written, of the offices this person works in; the latest first."""
    runs = _written(CycleRun.objects.of_divisions_of(user, today))
    return runs.select_related("organization", "closed_by").order_by("-starts_on", "pk")


def _written(runs: QuerySet[CycleRun]) -> QuerySet[CycleRun]:
    """Also while a week is run again, and where that has failed: its papers stay as they are."""
    summaries = WeeklySummary.objects.filter(run=OuterRef("pk")).order_by()
    return runs.filter(Exists(summaries), cycle=Cycle.WEEKLY)


def summaries_of(run: CycleRun) -> QuerySet[WeeklySummary]:
    """In the order of the divisions; the office's stands with them."""
    rows = WeeklySummary.objects.filter(run=run).select_related("division", "edited_by")
    return rows.order_by("division__order", "pk")


def sheets_for(run: CycleRun, user: User, today: date, bars: Callable[[WeeklySummary], list[str]]) -> list[Sheet]:
    """What this person reads of the week: a division's people their own first, everybody else the office's."""
    standing = standing_of(user, today=today)
    own = set() if reads_all(run, user, today) else standing.division_ids()
    rows = list(summaries_of(run).filter(pk__in=WeeklySummary.objects.visible_to(user, today).order_by().values("pk")))
    for row in rows:
        row.run = run
    rows.sort(key=lambda row: (row.division_id not in own, row.division_id is not None))  # stable: their order stays
    return [Sheet(row, bars(row)) for row in rows]


def reads_all(run: CycleRun, user: User, today: date) -> bool:
    return run.organization_id in standing_of(user, today=today).organizations_as(*READERS)


def neighbours(run: CycleRun) -> tuple[CycleRun | None, CycleRun | None]:
    """The weeks before and after it that are written."""
    written = _written(CycleRun.objects.filter(organization=run.organization_id))
    before = written.filter(starts_on__lt=run.starts_on).order_by("-starts_on").first()
    return before, written.filter(starts_on__gt=run.starts_on).order_by("starts_on").first()


def gathered(summary: WeeklySummary, run: CycleRun) -> dict[str, str]:
    """What the records of the division would say now, beside what has been written of it."""
    parts = compiled(run.organization_id, period_of_run(run)).get(summary.division_id or 0)
    return parts.texts() if parts is not None else dict.fromkeys(PARTS, "")


def own_unreported(user: User, today: date) -> tuple[Period, list[Matter]]:
    """Of this week: the secretariat sees its whole office's, a division's people their own."""
    standing = standing_of(user, today=today)
    week = period_of(Cycle.WEEKLY, today)
    supervised = standing.organizations_as(Role.SECRETARIAT)
    own = standing.division_ids()
    matters = []
    for organization_id in sorted(supervised | standing.organizations_as(Role.DIVISION_HEAD, Role.STAFF)):
        for matter in unreported(organization_id, week):
            if organization_id in supervised or matter.division.pk in own:
                matters.append(matter)
    return week, matters
