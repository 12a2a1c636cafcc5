"""What is still missing before a project may be dispatched: everything at once (domain 3)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from tasks.enums import MilestoneState
from tasks.models import Milestone, Project, Target


@dataclass(frozen=True)
class Gap:
    """One thing missing. `anchor` names the place on the decomposition page that mends it."""

    words: str
    anchor: str


def gaps_before_dispatch(project: Project, *, on: date) -> list[Gap]:
    """All gaps, in the order of the page. Reads `project.targets` and `project.milestones`, prefetched or not."""
    return gaps_of(project, list(project.targets.all()), list(project.milestones.all()), on=on)


def gaps_of(project: Project, targets: Sequence[Target], milestones: Sequence[Milestone], *, on: date) -> list[Gap]:
    """The same of rows in hand, as the decomposition page has them before they are saved."""
    return [*_gaps_of_project(project, on), *_gaps_of_tree(project, targets, milestones, on)]


def _gaps_of_project(project: Project, on: date) -> Iterable[Gap]:
    if project.lead_division_id is None:
        yield Gap("没有牵头处室", "project")
    if project.start_on is None:
        yield Gap("没有开始日期", "project")
    if project.due_on is None:
        yield Gap("没有完成时限", "project")
    elif project.due_on < on:
        yield Gap(f"完成时限 {project.due_on:%Y-%m-%d} 已过，请改期，确属以前交办的请用“补录交办”", "project")


def _gaps_of_tree(
    project: Project, targets: Sequence[Target], milestones: Sequence[Milestone], on: date
) -> Iterable[Gap]:
    if not targets:
        yield Gap("还没有目标，至少写一个", "targets")
    by_target: dict[int, list[Milestone]] = {}
    for milestone in milestones:
        if milestone.state != MilestoneState.CANCELLED:
            by_target.setdefault(milestone.target_id, []).append(milestone)
    for target in targets:
        if not target.is_confirmed:
            yield Gap(f"目标“{target.statement}”是识别出来的，尚未确认", f"target-{target.pk}")
        own = [m for m in by_target.get(target.pk, []) if not is_past_occurrence(m, on)]
        if not own:
            yield Gap(f"目标“{target.statement}”没有节点，至少写一个", f"target-{target.pk}")
        for milestone in own:
            for words in _missing_of_milestone(project, milestone, on):
                yield Gap(f"节点“{milestone.title}”{words}", f"milestone-{milestone.pk}")


def _missing_of_milestone(project: Project, milestone: Milestone, on: date) -> Iterable[str]:
    if milestone.division_id is None:
        yield "没有主办处室"
    if milestone.person_id is None:
        yield "没有责任人"
    due = milestone.due_on
    if due is None:
        yield "没有完成时限"
        return
    if not milestone.due_is_confirmed:
        yield f"的时限 {due:%Y-%m-%d} 是推算的，尚未确认"
    if project.start_on and due < project.start_on:
        yield f"的时限 {due:%Y-%m-%d} 早于项目开始日期 {project.start_on:%Y-%m-%d}"
    elif project.due_on and due > project.due_on:
        yield f"的时限 {due:%Y-%m-%d} 晚于项目完成时限 {project.due_on:%Y-%m-%d}"
    elif due < on:
        yield f"的时限 {due:%Y-%m-%d} 已过，请改期"


def is_past_occurrence(milestone: Milestone, on: date) -> bool:
    """Occurrences of recurring work before the dispatch day are left out (domain 4)."""
    return milestone.is_recurring and milestone.due_on is not None and milestone.due_on < on
