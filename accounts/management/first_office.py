"""The office of the bundled sample, and the accounts of an office as a first start prints them."""

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime

from django.conf import settings
from django.core.management.base import OutputWrapper
from django.db import transaction

from accounts.actions.office import found_office
from accounts.actions.staff_import import answer_staff_import, open_staff_import, plan_of, write_staff_import
from accounts.enums import Level
from accounts.intake.sheet import staff_rows
from accounts.models import User
from cppcc_office.lib.sheets import read_tables

SAMPLE = settings.BASE_DIR / "docs" / "samples" / "staff-2026.xlsx"
SUPERVISING_DIVISION = "督办处"
# What a stranger needs to walk the whole line, in the order the line needs them.
SHOWN = (
    ("u012", "督办人员：导入、交办、核实、验收"),
    ("u010", "督办处处长"),
    ("u080", "处室负责人：签收、审核、申请销号"),
    ("u081", "经办人：填进展、报完成"),
    ("leader0", "秘书长：看全局、签批"),
    ("admin", "系统管理员：人员、处室"),
    ("auditor", "审计员：看审计记录"),
)


@transaction.atomic
def sample_office(password: str, *, now: datetime, today: date, by: User | None = None) -> None:
    """The same doors as everybody's: the office is founded, then its administrator imports the sample."""
    office = found_office(
        code="szx",
        name="政协江海省委员会机关",
        short_name="省政协机关",
        level=Level.PROVINCE,
        password=password,
        now=now,
        by=by,
    )
    rows, left_out = staff_rows(read_tables(SAMPLE, SAMPLE.name))
    batch = open_staff_import(
        office.organization,
        file_name=SAMPLE.name,
        rows=rows,
        left_out=left_out,
        by=office.admin,
        now=now,
        today=today,
    )
    # The sample is ours, so its questions are answered here: every suggestion holds, namesakes are two people.
    plan = plan_of(batch, today=today)
    questions = [row.question for row in plan.rows] + [division.question for division in plan.divisions]
    questions += [plan.secretary_general]
    answers = {question.key: question.suggestion for question in questions if question}
    answers["supervises"] = SUPERVISING_DIVISION
    answer_staff_import(batch, answers=answers, by=office.admin, now=now, today=today)
    write_staff_import(batch, by=office.admin, now=now, today=today, new_password=lambda: password)


def print_accounts(out: OutputWrapper, shown: Sequence[tuple[str, str]], heading: str = "") -> None:
    """Those of these accounts that there are; nothing where there are none."""
    people = User.objects.in_bulk([username for username, _ in shown], field_name="username")
    if not people:
        return
    if heading:
        out.write(f"\n{heading}")
    lines = [("登录名", "姓名", "处室、职务", "做什么")]
    for username, what in shown:
        if username in people:
            lines.append((username, people[username].name, _where(people[username]), what))
    widths = [max(_width(line[i]) for line in lines) for i in range(3)]
    for line in lines:
        padded = (text + " " * (width - _width(text)) for text, width in zip(line, widths, strict=False))
        out.write("  " + "  ".join([*padded, line[3]]))


def _where(person: User) -> str:
    division = person.memberships.exclude(division=None).values_list("division__name", flat=True).first()
    return f"{division or ''} {person.title}".strip()


def _width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
