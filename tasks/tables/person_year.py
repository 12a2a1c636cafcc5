"""个人年度任务清单 as a page and as a book."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from cppcc_office.lib.sheets.writing import Column, Kind, Layout, Line, Paper, Value, Weight
from tasks.queries.person_year import Part, Responsibility, Sum

COLUMNS = (
    Column("序号", 6, Kind.WHOLE),
    Column("编号", 16),
    Column("项目", 34),
    Column("节点", 22),
    Column("处室", 14),
    Column("原定时限", 12, Kind.DATE),
    Column("现时限", 12, Kind.DATE),
    Column("状态", 11),
    Column("亮灯", 20),
    Column("进度%", 8, Kind.TENTHS),
)
SIGNATURES = "本人签名：                    处室负责人签名：                    年    月    日"


def lines_of_year(parts: Iterable[Part]) -> Iterator[Line]:
    for part in parts:
        yield Line((sum_words(part.sum),), weight=Weight.BAND)
        for number, row in enumerate(part.rows, 1):
            yield Line(_cells(number, row))


def sum_words(total: Sum) -> str:
    overdue = f"，逾期 {total.overdue} 项" if total.overdue else ""
    return f"{total.duty.label}：{total.total} 项，其中办结 {total.settled} 项{overdue}"


def _cells(number: int, row: Responsibility) -> tuple[Value, ...]:
    project, milestone = row.view.project, row.milestone
    division = milestone.division if milestone else project.lead_division
    light = f"{row.light.label}（{row.light.why}）" if row.light.why else row.light.label
    progress = None if milestone or row.view.progress is None else Decimal(str(row.view.progress))
    return (
        number,
        project.number,
        project.title,
        milestone.title if milestone else "",
        division.brief if division else "",
        row.original_due_on,
        row.subject.due_on,
        row.subject.get_state_display(),
        light,
        progress,
    )


def layout_of_year(titles: Iterable[str]) -> Layout:
    return Layout("任务清单", COLUMNS, titles=tuple(titles), closing=(SIGNATURES,), paper=Paper.A4, frozen=3)
