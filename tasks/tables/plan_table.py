"""重点任务分解表 as a page and as a book: one line for each milestone, the cells of its task, project and target merged."""

from collections.abc import Collection, Iterable, Iterator

from cppcc_office.lib.sheets.writing import Column, Kind, Layout, Line, Paper, Value, Weight
from tasks.models import KeyTask, Milestone, Plan, Project, Target
from tasks.queries.plan_table import GroupedBy

CATEGORY, KEY_TASK, PROJECT, TARGET = 1, 2, 3, 4
COLUMNS = (
    Column("类别", 10, level=CATEGORY),
    Column("重点任务（来源）", 26, level=KEY_TASK),
    Column("序号", 5, Kind.WHOLE, level=PROJECT),
    Column("项目", 28, level=PROJECT),
    Column("目标", 26, level=TARGET),
    Column("节点", 26),
    Column("节点时限", 11, Kind.DATE),
    Column("成果形式", 14),
    Column("主办处室", 11),
    Column("节点责任人", 9),
    Column("牵头领导", 9, level=PROJECT),
    Column("牵头处室", 11, level=PROJECT),
    Column("协办处室", 14, level=PROJECT),
    Column("责任人", 9, level=PROJECT),
    Column("原定时限", 11, Kind.DATE, level=PROJECT),
    Column("完成时限", 11, Kind.DATE, level=PROJECT),
)
LINKED = "项目"  # the column whose cells lead to the project


def table_lines(
    projects: Iterable[Project], whole: Collection[int], grouped_by: GroupedBy, *, begin: int = 1
) -> Iterator[Line]:
    """`whole` are those whose tree may be shown. By division, each begins with a band."""
    division: int | None = -1
    for number, project in enumerate(projects, begin):
        if grouped_by == GroupedBy.DIVISION and project.lead_division_id != division:
            division = project.lead_division_id
            yield Line((str(project.lead_division or "未定牵头处室"),), weight=Weight.BAND)
        for target, milestone in _tree(project) if project.pk in whole else [(None, None)]:
            keys = (project.key_task.category_id, project.key_task_id, project.pk, target.pk if target else 0)
            yield Line(_cells(number, project, target, milestone), keys=keys)


def _tree(project: Project) -> Iterator[tuple[Target | None, Milestone | None]]:
    """Each milestone with its target; what has none below it has a line of its own."""
    targets = list(project.targets.all())
    if not targets:
        yield None, None
    for target in targets:
        milestones = list(target.milestones.all())
        if not milestones:
            yield target, None
        for milestone in milestones:
            yield target, milestone


def _cells(number: int, project: Project, target: Target | None, milestone: Milestone | None) -> tuple[Value, ...]:
    original = project.original_due_on if project.original_due_on != project.due_on else None
    return (
        project.key_task.category.name,
        _task_words(project.key_task),
        number,
        f"{project.title}\n{project.number}".strip(),
        target.statement if target else "",
        milestone.title if milestone else "",
        milestone.due_on if milestone else None,
        milestone.deliverable if milestone else "",
        milestone.division.brief if milestone and milestone.division else "",
        str(milestone.person) if milestone and milestone.person else "",
        str(project.leader or ""),
        project.lead_division.brief if project.lead_division else "",
        "、".join(row.division.brief for row in project.co_division_rows.all()),
        str(project.person or ""),
        original,
        project.due_on,
    )


def _task_words(task: KeyTask) -> str:
    sources = "、".join(str(source) for source in task.sources.all())
    words = f"{task.number} {task.title}".strip()
    return f"{words}（{sources}）" if sources else words


def layout_of_table(plan: Plan, titles: Iterable[str], paper: Paper) -> Layout:
    return Layout("分解表", COLUMNS, titles=tuple(titles), paper=paper, frozen=4, footer=plan.name)
