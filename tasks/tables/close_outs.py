"""The 销号台账 as a book."""

from collections.abc import Collection, Iterable, Iterator

from cppcc_office.lib.sheets.writing import Column, Kind, Line
from tasks.models import CloseOut
from tasks.tables.ledger_book import due_words

COLUMNS = (
    Column("序号", 6, Kind.WHOLE),
    Column("销号编号", 15),
    Column("项目编号", 15),
    Column("类别", 14),
    Column("督办事项", 34),
    Column("牵头处室", 16),
    Column("责任人", 10),
    Column("完成时限（原/现）", 14),
    Column("延期次数", 8, Kind.WHOLE),
    Column("申请日期", 12, Kind.DATE),
    Column("销号日期", 12, Kind.DATE),
    Column("时限", 12),
    Column("成效评价", 8),
    Column("完成情况", 36),
    Column("核查意见", 28),
    Column("核查人", 10),
    Column("备注", 10),
)
FROZEN = 5


def close_out_lines(close_outs: Iterable[CloseOut], whole: Collection[int], *, first: int = 1) -> Iterator[Line]:
    """`whole`: the projects this person reads whole; texts of others stay out (domain 1)."""
    for number, row in enumerate(close_outs, first):
        project = row.project
        is_whole = row.project_id in whole
        yield Line(
            (
                number,
                row.number,
                project.number,
                project.key_task.category.name,
                project.title,
                project.lead_division.name if project.lead_division else "",
                project.person.name if project.person else "",
                due_words(row.due_on, project.original_due_on),
                project.extension_count,
                row.requested_on,
                row.closed_on,
                _timing(row),
                row.get_effect_display(),
                row.summary if is_whole else "",
                row.opinion if is_whole else "",
                row.decided_by.name if row.decided_by else "",
                "补录" if row.is_backfilled else "",
            )
        )


def _timing(row: CloseOut) -> str:
    if row.days_late:
        return f"逾期 {row.days_late} 天"
    return "延期后按期" if row.project.extension_count else "按期"
