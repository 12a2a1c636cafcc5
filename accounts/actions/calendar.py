"""The office's own calendar: single days corrected, a notice adopted, a year confirmed. Rows come and go, none changes.

Dates that hang on the calendar are worked out anew afterwards, by the next sweep; due dates stay.
"""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from accounts import rules
from accounts.actions.recording import record
from accounts.calendars import FIRST_YEAR, LAST_YEAR, differences_of, seal_of
from accounts.intake.notice import Notice
from accounts.models import CalendarException, ConfirmedYear, Organization, User
from accounts.policies import calendar_of
from cppcc_office.lib.errors import Refused, Stale


@transaction.atomic
def correct_day(
    organization: Organization,
    *,
    day: date,
    is_workday: bool,
    name: str = "",
    source: str = "",
    by: User,
    now: datetime,
    today: date,
) -> CalendarException:
    """Let one day be worked, or off, from now on."""
    if bars := rules.bar_to_correct_calendar(by, organization.pk, today=today):
        raise Refused(bars)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Refused(f"只能更正 {FIRST_YEAR} 至 {LAST_YEAR} 年的日子，请检查日期。")
    if CalendarException.objects.filter(organization=organization, day=day).exists():
        raise Refused(f"{day} 已有更正；要改请先撤回原来的更正。")
    if calendar_of(organization).is_workday(day) == is_workday:
        raise Refused(f"{day} 本来就{_works(is_workday)}，不必更正。")
    row = _insert([_exception(organization, day, is_workday, name, source, by, now)])[0]
    record(
        "correct_day",
        f"将 {day} 由{_works(not is_workday)}改为{_works(is_workday)}{_because(name, source)}",
        by=by,
        now=now,
        organization=organization,
        subject=row,
        before={str(day): not is_workday},
        after={str(day): is_workday, "name": name, "source": source},
    )
    return row


@transaction.atomic
def withdraw_correction(row: CalendarException, *, by: User, now: datetime, today: date) -> None:
    """The day is again what the statute says. Of two presses one withdraws it."""
    if bars := rules.bar_to_correct_calendar(by, row.organization_id, today=today):
        raise Refused(bars)
    if not CalendarException.objects.filter(pk=row.pk).delete()[0]:
        raise Stale(f"{row.day} 的更正")
    record(
        "withdraw_correction",
        f"撤回对 {row.day} 的更正（{_works(row.is_workday)}{_because(row.name, row.source)}）",
        by=by,
        now=now,
        organization=row.organization_id,
        subject=row,
        before={str(row.day): row.is_workday, "name": row.name, "source": row.source},
    )


@transaction.atomic
def confirm_year(organization: Organization, *, year: int, by: User, now: datetime, today: date) -> ConfirmedYear:
    """The office vouches for the year: dates in it are no longer called 推算."""
    bars = rules.bar_to_correct_calendar(by, organization.pk, today=today)
    if not bars and calendar_of(organization).is_known(year):
        bars = [f"{year}年的日历已经确认，不必再确认。"]
    if not bars and not FIRST_YEAR <= year <= LAST_YEAR:
        bars = [f"只能确认 {FIRST_YEAR} 至 {LAST_YEAR} 年。"]
    if bars:
        raise Refused(bars)
    row = _confirmed(organization, year, by, now)
    record("confirm_year", f"确认{year}年的工作日历", by=by, now=now, organization=organization, subject=row)
    return row


@transaction.atomic
def withdraw_year(row: ConfirmedYear, *, by: User, now: datetime, today: date) -> None:
    """Take the confirmation back; corrections of the year stay."""
    if bars := rules.bar_to_correct_calendar(by, row.organization_id, today=today):
        raise Refused(bars)
    if not ConfirmedYear.objects.filter(pk=row.pk).delete()[0]:
        raise Stale(f"{row.year}年的确认")
    words = f"撤回对{row.year}年工作日历的确认"
    record("withdraw_year", words, by=by, now=now, organization=row.organization_id, subject=row)


@transaction.atomic
def adopt_notice(
    organization: Organization, notice: Notice, *, seal: str, by: User, now: datetime, today: date
) -> list[CalendarException]:
    """Write what the notice has otherwise, and confirm its year. `seal` is of the differences that were looked at.

    Corrections the office made itself are left as they are: a local holiday is in no notice.
    """
    if bars := rules.bar_to_correct_calendar(by, organization.pk, today=today):
        raise Refused(bars)
    if notice.problems:
        raise Refused([problem.words for problem in notice.problems])
    differences = differences_of(organization, notice)
    if seal_of(differences) != seal:
        raise Stale("工作日历")
    rows = _insert(
        [
            _exception(organization, row.day, row.works, row.name, notice.source, by, now)
            for row in differences
            if row.kept is None
        ]
    )
    is_new = not calendar_of(organization).is_known(notice.year)
    year = _confirmed(organization, notice.year, by, now) if is_new else None
    if not rows and year is None:
        raise Refused(f"{notice.year}年的日历已与通知一致，没有要写入的。")
    days = "、".join(f"{row.day} {_works(row.is_workday)}" for row in rows)
    record(
        "adopt_notice",
        f"按{notice.source}{f'更正 {len(rows)} 天：{days}' if rows else '核对，没有差异'}"
        f"{f'，确认{notice.year}年的工作日历' if is_new else ''}",
        by=by,
        now=now,
        organization=organization,
        subject=year,
        before={str(row.day): not row.is_workday for row in rows},
        after={str(row.day): row.is_workday for row in rows} | {"year": notice.year},
    )
    return rows


def _exception(
    organization: Organization, day: date, is_workday: bool, name: str, source: str, by: User, now: datetime
) -> CalendarException:
    return CalendarException(
        organization=organization,
        day=day,
        is_workday=is_workday,
        name=name[:40],
        source=source[:200],
        set_by=by,
        set_at=now,
    )


def _insert(rows: list[CalendarException]) -> list[CalendarException]:
    try:
        with transaction.atomic():
            return CalendarException.objects.bulk_create(rows)
    except IntegrityError:  # of two who correct one day at once
        raise Stale("工作日历") from None


def _confirmed(organization: Organization, year: int, by: User, now: datetime) -> ConfirmedYear:
    try:
        with transaction.atomic():
            return ConfirmedYear.objects.create(organization=organization, year=year, confirmed_by=by, confirmed_at=now)
    except IntegrityError:
        raise Stale(f"{year}年的日历") from None


def _works(is_workday: bool) -> str:
    return "上班" if is_workday else "放假"


def _because(name: str, source: str) -> str:
    words = "，依据：".join(filter(None, [name, source])) if name else f"依据：{source}" if source else ""
    return f"：{words}" if words else ""
