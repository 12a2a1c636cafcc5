"""The list of 成果 as a book."""

from collections.abc import Iterable, Iterator

from cppcc_office.lib.sheets.writing import Column, Kind, Line, Paper
from tasks.models import Result

PAPER = Paper.A4
COLUMNS = (
    Column("序号", 6, Kind.WHOLE),
    Column("类别", 10),
    Column("名称", 36),
    Column("数量", 7, Kind.WHOLE),
    Column("文号或载体", 22),
    Column("日期", 12, Kind.DATE),
    Column("项目编号", 15),
    Column("项目", 30),
    Column("牵头处室", 14),
)


def result_lines(results: Iterable[Result]) -> Iterator[Line]:
    for number, result in enumerate(results, 1):
        project = result.project
        yield Line(
            (
                number,
                result.get_kind_display(),
                result.title,
                result.count,
                result.paper,
                result.on,
                project.number,
                project.title,
                project.lead_division.brief if project.lead_division else "",
            )
        )
