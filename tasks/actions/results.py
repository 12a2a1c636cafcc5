"""成果: recorded once, never changed; what was wrong is voided with a reason and stays readable."""

from datetime import date, datetime

from django.db import transaction

from accounts.models import Division, User
from accounts.standing import standing_of
from cppcc_office.lib.errors import Refused
from tasks.actions.recording import bump, hand_of, must_be_current, record_project, refuse_if, today_of
from tasks.enums import ResultKind
from tasks.models import Project, Result
from tasks.rules.results import bar_to_add_result, bar_to_void_result


@transaction.atomic
def add_result(
    project: Project,
    *,
    by: User,
    version: int,
    kind: ResultKind,
    title: str,
    paper: str = "",
    on: date,
    count: int = 1,
    now: datetime,
) -> Result:
    """登记成果; by the secretariat it is 代填. It counts in the year of its date."""
    today = today_of(now)
    must_be_current(project, version)
    refuse_if(bar_to_add_result(by, project, today))
    if not title.strip():
        raise Refused("请写明成果名称")
    if count < 1:
        raise Refused("数量至少为 1")
    if on > today:
        raise Refused("成果的日期不能晚于今天，请在取得后登记")
    bump(project, version=version)
    hand = hand_of(by, today, division=_division_of(by, project, today))
    result = Result.objects.create(
        organization_id=project.organization_id,
        project=project,
        kind=kind,
        title=title.strip(),
        paper=paper.strip(),
        on=on,
        count=count,
        by=by,
        entered_for=bool(hand.entered_for),
        recorded_at=now,
    )
    words = f"登记成果：{kind.label}“{result.title}”{_amount(count)}"
    record_project(project, "add_result", words, by=by, now=now, subject=result, hand=hand)
    return result


@transaction.atomic
def void_result(result: Result, *, by: User, version: int, reason: str, now: datetime) -> Result:
    """作废: no figure counts it any more."""
    today = today_of(now)
    project = result.project
    must_be_current(project, version)
    result.refresh_from_db(fields=["voided_at", "voided_by"])
    refuse_if(bar_to_void_result(by, result, today))
    if not reason.strip():
        raise Refused("请写明作废理由")
    bump(project, version=version)
    result.voided_by, result.voided_at, result.void_reason = by, now, reason.strip()
    result.save(update_fields=["voided_by", "voided_at", "void_reason"])
    hand = hand_of(by, today, division=_division_of(by, project, today))
    kind = ResultKind(result.kind).label
    words = f"作废成果：{kind}“{result.title}”{_amount(result.count)}，理由：{result.void_reason}"
    record_project(project, "void_result", words, by=by, now=now, subject=result, hand=hand)
    return result


def _amount(count: int) -> str:
    return f"（{count} 件）" if count > 1 else ""


def _division_of(by: User, project: Project, today: date) -> Division | None:
    """The person's own division where it takes part, else the lead, for which he types."""
    standing = standing_of(by, today=today)
    own = [d for d in (project.lead_division, *project.co_divisions.all()) if d and standing.belongs_to(d.pk)]
    return own[0] if own else project.lead_division
