"""周总结: written from the week's records, edited until the office closes the week."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.actions.recording import done_to, record
from accounts.models import Event, User
from cppcc_office.lib.errors import Change, Refused, Stale
from supervision.cycles.actions.holding import held
from supervision.cycles.models import CycleRun, WeeklySummary
from supervision.cycles.queries.runs import name_of_run, period_of_run
from supervision.cycles.queries.weekly import (
    PARTS,
    TITLES,
    Parts,
    Texts,
    changes_from_divisions,
    compiled,
    divisions_under_way,
    of_the_office,
    texts_of,
)
from supervision.cycles.queries.weekly_pages import summaries_of
from supervision.cycles.rules.weekly import bar_to_edit_weekly
from tasks.actions.recording import OWN_HAND, hand_of


def write_weekly(run: CycleRun, now: datetime) -> dict[str, int]:  # noqa: ARG001 (as every cycle's work is called)
    """One summary per division with work or words, one for the office. Again: only what nobody edited is rewritten."""
    parts = compiled(run.organization_id, period_of_run(run))
    there = {row.division_id: row for row in summaries_of(run)}
    wanted = divisions_under_way(run.organization_id) | set(parts)
    WeeklySummary.objects.bulk_create(
        WeeklySummary(
            organization_id=run.organization_id, run=run, division_id=division_id, **_texts(parts, division_id)
        )
        for division_id in sorted(wanted - set(there))
    )
    for division_id, row in there.items():
        if division_id is not None:
            _rewrite(row, _texts(parts, division_id))
    _write_office(run, there.get(None))
    divisions = WeeklySummary.objects.filter(run=run, division__isnull=False)
    return {"处室总结": divisions.count(), "保留人工修改": divisions.filter(edited_at__isnull=False).count()}


def _texts(parts: Mapping[int, Parts], division_id: int) -> Texts:
    return parts[division_id].texts() if division_id in parts else Parts().texts()


def _write_office(run: CycleRun, office: WeeklySummary | None) -> None:
    """From the divisions' summaries as they stand, edited ones included."""
    texts = of_the_office(summaries_of(run))
    if office is None:
        WeeklySummary.objects.create(organization_id=run.organization_id, run=run, **texts)
    else:
        _rewrite(office, texts)


def _rewrite(summary: WeeklySummary, texts: Texts) -> None:
    """Unless somebody has edited it, were it in this very moment."""
    if texts == texts_of(summary):
        return
    unedited = WeeklySummary.objects.filter(pk=summary.pk, version=summary.version, edited_at=None)
    unedited.update(**texts, version=F("version") + 1)


@transaction.atomic
def edit_weekly(summary: WeeklySummary, *, by: User, version: int, texts: Texts, now: datetime) -> WeeklySummary:
    """Write the four parts. By the secretariat in a division's summary it is 代填, and so recorded."""
    run = _for_writing(summary, by=by, version=version, now=now)
    return _write(summary, run, {part: neat(texts[part]) for part in PARTS}, "修改", by=by, version=version, now=now)


@transaction.atomic
def update_from_divisions(office: WeeklySummary, *, by: User, version: int, anew: bool, now: datetime) -> WeeklySummary:
    """从处室更新: what the divisions have and the office has not is put below; `anew`: it is compiled from them afresh."""
    run = _for_writing(office, by=by, version=version, now=now)
    if office.division_id is not None:
        raise Refused("只有全机关的总结可以从处室更新。")
    divisions = list(summaries_of(run))
    if anew:
        texts = of_the_office(divisions)
    else:
        texts = texts_of(office)
        for change in changes_from_divisions(office, divisions):
            texts[change.part] = neat("\n".join([texts[change.part], *change.added]))
    return _write(office, run, texts, "从处室更新", by=by, version=version, now=now)


def _for_writing(summary: WeeklySummary, *, by: User, version: int, now: datetime) -> CycleRun:
    """First of all: did somebody write since the page was shown? The run is held, so that it is not closed meanwhile."""
    run = held(summary.run)
    summary.refresh_from_db()
    if summary.version != version:
        raise _stale(summary, run, version)
    if bars := bar_to_edit_weekly(by, summary, run, timezone.localdate(now)):
        raise Refused(bars)
    return run


def _write(
    summary: WeeklySummary, run: CycleRun, texts: Texts, doing: str, *, by: User, version: int, now: datetime
) -> WeeklySummary:
    before = texts_of(summary)
    changed = [part for part in PARTS if texts[part] != before[part]]
    if not changed:
        return summary
    division = summary.division
    hand = hand_of(by, timezone.localdate(now), division=division) if division is not None else OWN_HAND
    edited = {"edited_by": by, "edited_at": now, "entered_for": bool(hand.entered_for)}
    claim = WeeklySummary.objects.filter(pk=summary.pk, version=version)
    if not claim.update(**texts, **edited, version=F("version") + 1):
        raise _stale(summary, run, version)
    record(
        "edit_weekly",
        f"{doing}{name_of_run(run)}（{division or '全机关'}）：{'、'.join(TITLES[part] for part in changed)}",
        by=by,
        now=now,
        organization=run.organization_id,
        subject=summary,
        principal_id=hand.principal_id,
        entered_for=hand.entered_for,
        before={part: before[part] for part in changed},
        after={part: texts[part] for part in changed},
    )
    summary.refresh_from_db()
    return summary


def _stale(summary: WeeklySummary, run: CycleRun, version: int) -> Stale:
    """Which lines came and went since `version`, so that who submits again can take them over."""
    meanwhile = max(summary.version - version, 0)
    edits = list(done_to(summary).filter(verb="edit_weekly").select_related("by")[:meanwhile])
    changes = [change for edit in reversed(edits) for change in _lines_changed(edit)]
    if not changes:
        changes = [Change("按最新记录重新汇集", "", "")]
    return Stale(f"{name_of_run(run)}（{summary.division or '全机关'}）", changes, version=summary.version)


def _lines_changed(edit: Event) -> Iterator[Change]:
    by, at = edit.by.name if edit.by else "", f"{timezone.localtime(edit.at):%H:%M}"
    for part in PARTS:
        if part not in edit.after:
            continue
        old, new = edit.before[part].splitlines(), edit.after[part].splitlines()
        gone = "\n".join(line for line in old if line not in new)
        added = "\n".join(line for line in new if line not in old)
        yield Change(TITLES[part] if gone or added else f"{TITLES[part]}：调整了次序", gone, added, by=by, at=at)


def neat(text: str) -> str:
    """Lines without blanks at their ends, and none empty."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())
