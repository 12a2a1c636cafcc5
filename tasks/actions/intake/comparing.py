"""Rows of a paper beside the plan and beside each other: known, revised, or perhaps the same duty (三合一)."""

from collections.abc import Mapping, Sequence

from tasks.enums import RowDecision, RowStatus
from tasks.intake.likeness import DutyWords, Likeness, offers
from tasks.intake.problems import Pick, Problem
from tasks.intake.values import ANSWERS, TITLES, Values
from tasks.models import ImportBatch, ImportRow
from tasks.queries.intake import (
    DutyKey,
    KnownDuty,
    PlanDuty,
    duty_key,
    known_duties,
    plan_duties,
    row_words,
)
from tasks.queries.plans import annual_plan

# What of a paper may change a duty. Progress and the like are told anew by every later table.
COMPARED = (
    "category", "source", "goal", "steps", "step_deadlines", "leader", "lead", "co", "person", "deadline", "effect",
    "report_cycle", "remark", "extra",
)  # fmt: skip
COMPARED_FIELDS = ["reading", "problems", "remarks", "status", "decision", "match", "match_row"]


def kept_values(original: Values, earlier: ImportRow | None, known: Mapping[DutyKey, KnownDuty]) -> Values:
    """Corrections made to the same words before: in this import, or in the one that brought the duty in."""
    duty = known.get(duty_key(original))
    kept: Values = {}
    pairs = [(duty.original, duty.values)] if duty and duty.original is not None else []
    if earlier is not None:
        pairs.append((earlier.original, earlier.values))
    for old_original, old_values in pairs:
        for name in (*TITLES, *ANSWERS):
            same_words = old_original.get(name, "") == original.get(name, "")
            if same_words and old_values.get(name, "") != old_original.get(name, ""):
                kept[name] = old_values.get(name, "")
    return kept


def compare_rows(batch: ImportBatch, rows: Sequence[ImportRow], *, whole_file: bool) -> list[ImportRow]:
    """Set what of the plan and of the file's other rows each of these resembles; returns the rows it changed.

    `whole_file` says that `rows` are all there are; else the others are read. The caller saves.
    """
    fresh = [row for row in rows if row.project_id is None and not is_settled(row)]
    others = [] if whole_file else list(batch.rows.exclude(pk__in=[row.pk for row in rows]))
    return _offer(batch, fresh, [*rows, *others])


def settle_known(row: ImportRow, known: Mapping[DutyKey, KnownDuty]) -> None:
    """Set what a row is that was skipped, or whose duty the plan has by number and title; others stay as they are."""
    duty = known.get(duty_key(row.values)) or known.get(duty_key(row.original))
    if row.decision == RowDecision.SKIP:
        _skip(row, "按您的选择跳过，不写入")
    elif duty is not None:
        _set_known(row, duty)


def settle_written_meanwhile(batch: ImportBatch) -> list[ImportRow]:
    """Find what other imports have written since the rows were checked; the same is not written again.

    Returns the rows that now would alter a duty, which nobody has been shown yet.
    """
    batch.plan = batch.plan or annual_plan(batch.organization_id, batch.year)
    known = known_duties(batch.plan)
    settled = []
    for row in batch.rows.filter(status=RowStatus.OK, project=None):
        if not is_settled(row):
            settle_known(row, known)
            if is_settled(row):
                settled.append(row)
    ImportRow.objects.bulk_update(settled, COMPARED_FIELDS, batch_size=200)
    return [row for row in settled if row.status != RowStatus.DUPLICATE]


def is_settled(row: ImportRow) -> bool:
    return row.decision == RowDecision.SKIP or "known_project_id" in row.reading


def _skip(row: ImportRow, words: str) -> None:
    row.status, row.problems = RowStatus.DUPLICATE, []
    row.remarks = [words]


def _set_known(row: ImportRow, duty: KnownDuty) -> None:
    """A duty of the plan again: nothing to do, or a revision that shows what it changes."""
    row.match_id = duty.key_task_id
    row.reading["known_project_id"] = duty.project_id
    changes = revisions(row, duty)
    if not changes:
        _skip(row, "已在计划中，不再写入")
        return
    row.reading["revisions"] = changes
    changed = {change["field"] for change in changes}
    # What the plan already has needs no asking again; who answers for it depends on who leads.
    asked = changed | ({"person"} if "lead" in changed else set())
    row.problems = [problem for problem in row.problems if problem["field"] in asked]
    row.status = RowStatus.ASK if row.problems else RowStatus.OK
    listed = "、".join(change["label"] for change in changes)
    row.remarks = [f"已在计划中，修订了{listed}：写入时草稿直接修改，已交办的拟成变更申请", *row.remarks]


def revisions(row: ImportRow, duty: KnownDuty) -> list[dict[str, str]]:
    """Which of the paper's words differ from those of the paper before, so that work done since makes no noise."""
    if duty.is_merged or duty.original is None:
        return []
    changes = []
    for name in COMPARED:
        old, corrected, current = (each.get(name, "") for each in (duty.original, duty.values, row.values))
        if current not in (old, corrected):
            label = {"step_deadlines": "举措的时限", "extra": "其他栏"}.get(name) or TITLES[name]
            changes.append({"field": name, "label": label, "old": corrected, "new": current})
    return changes


def _offer(batch: ImportBatch, fresh: Sequence[ImportRow], others: Sequence[ImportRow]) -> list[ImportRow]:
    """Offer each new row the one duty it most resembles, of the plan or of an earlier row of the file."""
    plan = {duty.words.key: duty for duty in plan_duties(batch.plan)} if fresh else {}
    named = [row for row in fresh if row.title]
    by_key = {f"row:{row.pk}": row for row in others}
    known_words: list[DutyWords] = [duty.words for duty in plan.values()]
    known_words += [row_words(row) for row in others if row.title and row.status != RowStatus.DUPLICATE]
    found: dict[str, tuple[DutyWords, Likeness]] = {}
    for new, other, likeness in offers([row_words(row) for row in named], known_words):
        earlier = by_key.get(other.key)
        if earlier is not None and earlier.order >= by_key[new.key].order:
            continue
        if new.key not in found or (other.key in plan and found[new.key][0].key not in plan):
            found[new.key] = (other, likeness)
    touched = []
    for row in named:
        if alike := found.get(f"row:{row.pk}"):
            _set_alike(row, alike[0], alike[1], plan, by_key)
            touched.append(row)
        elif row.decision != RowDecision.NONE:
            row.decision = RowDecision.NONE
            touched.append(row)
    return touched


def _set_alike(
    row: ImportRow, other: DutyWords, likeness: Likeness, plan: Mapping[str, PlanDuty], by_key: Mapping[str, ImportRow]
) -> None:
    duty = plan.get(other.key)
    if duty is not None:
        row.match_id, row.match_row = duty.key_task_id, None
        where = f"计划中的{duty.number}“{other.title}”"
    else:
        row.match_row = by_key[other.key]
        where = f"本表第 {row.match_row.row} 行“{other.title}”"
    row.reading["likeness"] = {
        "key": other.key,
        "where": where,
        "why": likeness.why,
        "differences": [{"label": each.name, "new": each.ours, "old": each.theirs} for each in likeness.differences],
    }
    if row.decision == RowDecision.NEW:
        row.remarks = [f"与{where}相像，按您的选择另立一项", *row.remarks]
    elif row.decision == RowDecision.MERGE:
        # Only the source is taken: nothing else of the row needs to be right.
        row.problems = [problem for problem in row.problems if problem["field"] == "source"]
        row.status = RowStatus.ASK if row.problems else RowStatus.OK
        row.remarks = [f"并入{where}，只增加一个来源"]
    else:
        picks = (
            Pick("并入，多一个来源", {}, RowDecision.MERGE.value),
            Pick("另立一项", {}, RowDecision.NEW.value),
            Pick("跳过", {}, RowDecision.SKIP.value),
        )
        words = f"与{where}可能是同一项任务（{likeness.why}），请选择"
        row.problems = [*row.problems, Problem("match", "same-duty", words, picks).as_json()]
        if row.status == RowStatus.OK:
            row.status = RowStatus.ASK
