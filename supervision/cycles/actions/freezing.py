"""Freezing the figures of a period: its lines as they stood at its end, as known at the data cut-off (domain 8)."""

from collections import Counter
from datetime import date, datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.actions.recording import record
from accounts.models import User
from accounts.policies import calendar_of
from cppcc_office.lib.batches import batches
from cppcc_office.lib.errors import Refused
from supervision.cycles.actions.holding import stale_run
from supervision.cycles.models import CycleRun, FrozenLine
from supervision.cycles.queries.frozen import frozen_line, in_order, lines_of_year
from tasks.actions.plans import refuse_unless_secretariat
from tasks.actions.recording import today_of
from tasks.enums import Bucket
from tasks.queries.as_of import Moment

BATCH = 500
TOTAL = "交办项目"


@transaction.atomic
def freeze_lines(run: CycleRun, *, day: date, cut_off_at: datetime, now: datetime) -> dict[str, int]:
    """One line per project of the total at the end of the day, as known at the cut-off; how many, by part.

    The second time the lines are laid down anew, until the run is closed: then never.
    """
    if not CycleRun.objects.select_for_update().filter(pk=run.pk, closed_at=None).exists():
        raise Refused("已办结，固定的数据不再变动")
    FrozenLine.objects.filter(run=run).delete()
    calendar = calendar_of(run.organization_id)
    lines = lines_of_year(run.organization_id, day, Moment(day, cut_off_at))
    counts: Counter[str] = Counter()
    rows = enumerate(in_order(lines).iterator(chunk_size=BATCH), start=1)
    frozen = (frozen_line(row, run, lines, calendar, order=order) for order, row in rows)
    for batch in batches(frozen, BATCH):
        FrozenLine.objects.bulk_create(batch)
        counts.update(line.bucket for line in batch)
    CycleRun.objects.filter(pk=run.pk).update(cut_off_at=cut_off_at, frozen_at=now)
    run.cut_off_at, run.frozen_at = cut_off_at, now
    return {TOTAL: counts.total()} | {bucket.label: counts[bucket] for bucket in Bucket if counts[bucket]}


def chosen_cut_off(run: CycleRun) -> datetime | None:
    """The cut-off that the secretariat set; one that is the moment of freezing was nobody's choice."""
    return run.cut_off_at if run.cut_off_at != run.frozen_at else None


@transaction.atomic
def set_cut_off(run: CycleRun, *, by: User, version: int, cut_off_at: datetime | None, now: datetime) -> dict[str, int]:
    """Freeze anew with what was recorded until then; None: with everything recorded by now."""
    refuse_unless_secretariat(by, run.organization_id, today_of(now), "设定数据截止时间")
    if bars := bars_to_cut_off(run, cut_off_at, now):
        raise Refused(bars)
    claim = CycleRun.objects.filter(pk=run.pk, version=version, closed_at=None)
    if not claim.update(version=F("version") + 1):
        raise stale_run(run)
    run.version = version + 1
    counts = freeze_lines(run, day=run.ends_on, cut_off_at=cut_off_at or now, now=now)
    until = f"{timezone.localtime(cut_off_at or now):%Y-%m-%d %H:%M}"
    words = f"重新固定{run.get_cycle_display()}数据，数据截止 {until}，共 {counts[TOTAL]} 项"
    record("set_cut_off", words, by=by, now=now, organization=run.organization_id, subject=run)
    return counts


def bars_to_cut_off(run: CycleRun, cut_off_at: datetime | None, now: datetime) -> list[str]:
    """What is not frozen yet is not frozen anew, what is closed never again."""
    if run.is_closed:
        return ["已办结，固定的数据不再变动"]
    if run.frozen_at is None:
        return ["数据还没有固定，固定后才能改数据截止时间"]
    if cut_off_at is None:
        return []
    if timezone.localdate(cut_off_at) <= run.ends_on:
        return [f"数据截止时间要在期末（{run.ends_on:%Y-%m-%d}）以后"]
    return ["数据截止时间不能晚于现在"] if cut_off_at > now else []
