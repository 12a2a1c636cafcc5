"""Lists as books: what is filtered, in the same order, for the person who asks; of any length."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from accounts.models import User
from cppcc_office.lib.sheets.writing import Layout, Line, write_book
from tasks.actions.exports import fail_export, finish_export, keep_export
from tasks.filters import LedgerFilter
from tasks.forms.close_out_filter import CloseOutFilter
from tasks.forms.exports import ExportForm
from tasks.models import CloseOut, Export, Project
from tasks.queries.close_outs import close_outs_for
from tasks.queries.figures import Lines
from tasks.queries.ledger.chunks import PIECE, nodes_of, rows_in_pieces
from tasks.queries.ledger.grounds import Grounds, reads_ledger
from tasks.tables import close_outs as close_out_table
from tasks.tables.ledger import sheet_columns
from tasks.tables.ledger_book import LedgerSheet, Per

Told = Callable[[int], None]


def nobody(_done: int) -> None:
    """Where nobody waits for news of the progress."""


class Book(Protocol):
    """A list to be written. `count` is of its items, which may be fewer than the rows of the sheet."""

    name: str
    scope: str
    count: int

    def layout(self, *, now: datetime) -> Layout: ...

    def lines(self, told: Told = nobody) -> Iterator[Line]:
        """Read once, piece by piece; `told` hears after each piece how many items are done."""
        ...


@dataclass
class LedgerBook:
    data: QueryDict
    user: User
    today: date
    seen_on: date  # what this person may see is judged as of this day

    def __post_init__(self) -> None:
        self.filter = LedgerFilter(self.data, user=self.user, today=self.today)
        self.form = ExportForm(self.data)
        self.found = self._found()
        self.count = self.found.rows.order_by().count()
        self.name = "督办台账" if self.filter.moment is None else f"督办台账（截至{self.filter.moment.day:%Y-%m-%d}）"
        self.scope = self.filter.words
        keys = () if self.form.all_columns else [column.key for column in self.filter.columns]
        self.sheet = LedgerSheet(sheet_columns(keys), self.form.row_is)

    def _found(self) -> Lines:
        lines = self.filter.lines
        if self.seen_on == self.today:
            return lines
        seen = Project.objects.visible_to(self.user, self.seen_on).order_by()
        return lines.filter(**{f"{lines.path('pk')}__in": seen.values("pk")})

    def layout(self, *, now: datetime) -> Layout:
        return Layout(
            "督办台账",
            self.sheet.sheet_columns,
            titles=("督办台账", *_past_words(self.filter), _words(self, now)),
            paper=self.form.on_paper,
            frozen=self.sheet.frozen,
            footer=f"{self.user.name} {timezone.localtime(now):%Y-%m-%d}",
        )

    def lines(self, told: Told = nobody) -> Iterator[Line]:
        moment = self.filter.moment
        pieces = rows_in_pieces(
            self.found,
            self.filter.rows_in_order(self.found),
            user=self.user,
            today=self.seen_on,
            grounds=Grounds(self.found.today),
            moment=moment,
        )
        done = 0
        for rows in pieces:
            whole = [row.pk for row in rows if row.is_whole]
            nodes = nodes_of(whole, moment) if self.form.row_is == Per.MILESTONE else {}
            yield from self.sheet.lines(rows, nodes)
            done += len(rows)
            told(done)


@dataclass
class CloseOutBook:
    data: QueryDict
    user: User
    today: date
    seen_on: date

    def __post_init__(self) -> None:
        filtered = CloseOutFilter(self.data, queryset=close_outs_for(self.user, self.seen_on))
        self.found: QuerySet[CloseOut] = filtered.qs
        self.form = ExportForm(self.data)
        self.count = self.found.order_by().count()
        self.name = "销号台账"
        self.scope = filtered.words

    def layout(self, *, now: datetime) -> Layout:
        return Layout(
            "销号台账",
            close_out_table.COLUMNS,
            titles=("销号台账", _words(self, now)),
            paper=self.form.on_paper,
            frozen=close_out_table.FROZEN,
            footer=f"{self.user.name} {timezone.localtime(now):%Y-%m-%d}",
        )

    def lines(self, told: Told = nobody) -> Iterator[Line]:
        ids = list(self.found.values_list("pk", flat=True))
        done = 0
        for start in range(0, len(ids), PIECE):
            piece = ids[start : start + PIECE]
            rows = self.found.select_related("project__person").in_bulk(piece)
            ordered = [rows[pk] for pk in piece if pk in rows]
            projects = [row.project_id for row in ordered]
            seen = Project.objects.whole_for(self.user, self.seen_on).filter(pk__in=projects).order_by()
            yield from close_out_table.close_out_lines(ordered, set(seen.values_list("pk", flat=True)), first=done + 1)
            done += len(ordered)
            told(done)


BOOKS: dict[str, type[LedgerBook] | type[CloseOutBook]] = {"ledger": LedgerBook, "close-outs": CloseOutBook}


def book_of(page: str, data: QueryDict, *, user: User, today: date, seen_on: date | None = None) -> Book:
    return BOOKS[page](data, user, today, seen_on or today)


def write_export(export: Export, *, clock: Callable[[], datetime]) -> None:
    """Write a claimed export, telling how far it is. What its owner may see is judged anew, on the day of writing."""
    now = clock()
    user = export.by
    today = timezone.localdate(now)
    if not user.is_active or not reads_ledger(user, today):
        fail_export(export, "您现在没有查看台账的权限，没有生成。", now=now)
        return
    book = book_of(export.page, QueryDict(export.query), user=user, today=export.today, seen_on=today)

    done = 0

    def told(count: int) -> None:
        nonlocal done
        done = count
        keep_export(export, now=clock(), done=count)

    keep_export(export, now=now, total=book.count)
    with tempfile.TemporaryFile() as file:
        write_book(file, book.layout(now=now), book.lines(told))
        file.seek(0)
        finish_export(export, file, done=done, now=clock())


def _words(book: Book, now: datetime) -> str:
    return f"{book.scope} · 共 {book.count} 项 · {timezone.localtime(now):%Y-%m-%d %H:%M} 导出"


def _past_words(narrowing: LedgerFilter) -> tuple[str, ...]:
    moment = narrowing.moment
    if moment is None:
        return ()
    known = moment.known_by
    until = f"按 {timezone.localtime(known):%Y-%m-%d %H:%M} 前录入的记录" if known else "含以后补录的内容"
    return (f"【历史情况，不是今天】截至 {moment.day:%Y-%m-%d} 日终，{until}",)
