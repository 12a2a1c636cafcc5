"""The policy of an office as typed values with their defaults (domain.md, “policy”)."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import lru_cache
from hashlib import sha256
from typing import Any

from django.db import connection
from django.db.models import CharField, Count, Max, QuerySet, Value

from accounts.models import CalendarException, ConfirmedYear, Organization, Policy
from cppcc_office.lib.workdays import STATUTE_VERSION, WorkCalendar


@dataclass(frozen=True)
class PolicyValues:
    """Days are working days, pace bounds are points."""

    receive_days: int = 2
    object_days: int = 5
    verify_days: int = 5
    warn_days: int = 5
    head_reviews: bool = True
    head_agreement_counts: bool = False
    others_see_main_columns: bool = True
    pace_ahead: int = 10
    pace_behind: int = 10
    pace_far: int = 30
    extension_days_by_secretariat: int = 10
    extensions_at_most: int = 2
    work_begins: str = "08:30"
    work_ends: str = "18:00"
    label_key_task: str = "重点任务"
    label_project: str = "项目"
    label_target: str = "目标"
    label_milestone: str = "节点"


NAMES = {
    "receive_days": "签收时限（工作日）",
    "object_days": "退回时限（工作日）",
    "verify_days": "核实、验收时限（工作日）",
    "warn_days": "到期前几个工作日亮黄灯",
    "head_reviews": "经办人报完成须处室负责人审核",
    "head_agreement_counts": "处室负责人同意即视为核实",
    "others_see_main_columns": "其他处室可见台账主要栏目",
    "pace_ahead": "超序时（百分点）",
    "pace_behind": "欠序时亮黄灯（百分点）",
    "pace_far": "欠序时亮红灯（百分点）",
    "extension_days_by_secretariat": "督办处可决定的延期（工作日）",
    "extensions_at_most": "最多延期次数",
    "work_begins": "消息最早何时外发",
    "work_ends": "消息最晚何时外发",
    "label_key_task": "第一级名称",
    "label_project": "第二级名称",
    "label_target": "第三级名称",
    "label_milestone": "第四级名称",
}

MEANINGS = {
    "receive_days": "交办后牵头处室应在几个工作日内签收，过后双方工作台亮黄灯。",
    "object_days": "交办后牵头处室可在几个工作日内退回；过后视为已签收。",
    "verify_days": "处室报完成、申请销号后，督办处应在几个工作日内核实、验收。",
    "warn_days": "完成时限前几个工作日起亮黄灯；工期不超过 10 个工作日的，按末 30% 计。",
    "head_reviews": "“是”：经办人报完成先由处室负责人审核；“否”：直接报送督办处。",
    "head_agreement_counts": "“是”：处室负责人同意后节点即完成，督办处抽查；“否”：逐个核实。",
    "others_see_main_columns": "“是”：未参与的处室可看已交办项目的主要栏目，不含附件和进展；“否”：看不到。",
    "pace_ahead": "进度超过时间进度多少个百分点以上，算超序时。",
    "pace_behind": "进度落后时间进度多少个百分点以上，算欠序时，亮黄灯。",
    "pace_far": "进度落后时间进度多少个百分点以上，亮红灯。",
    "extension_days_by_secretariat": "首次延期不超过几个工作日的由督办处决定，更长的和再次延期由牵头领导决定。",
    "extensions_at_most": "一个项目最多可延期几次。",
    "work_begins": "工作日从几点几分起发送邮件、群消息和短信，如 08:30；特急的随时发送，系统内的消息不受限制。",
    "work_ends": "工作日到几点几分为止，如 18:00；过后的留到下一个工作日。",
    "label_key_task": "四级任务中第一级的叫法。",
    "label_project": "四级任务中第二级的叫法，如“工作项目”“清单”。",
    "label_target": "四级任务中第三级的叫法。",
    "label_milestone": "四级任务中第四级的叫法。",
}

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("时限", ("receive_days", "object_days", "verify_days", "extension_days_by_secretariat", "extensions_at_most")),
    ("亮灯与序时", ("warn_days", "pace_ahead", "pace_behind", "pace_far")),
    ("权限", ("head_reviews", "head_agreement_counts", "others_see_main_columns")),
    ("消息", ("work_begins", "work_ends")),
    ("名称", ("label_key_task", "label_project", "label_target", "label_milestone")),
)
CLOCKS = ("work_begins", "work_ends")  # moments of a day, kept as HH:MM
DEFAULTS: dict[str, Any] = {field.name: field.default for field in fields(PolicyValues)}


Mark = tuple[tuple[Any, ...], ...]
_ANY = -1  # stands for the organisation in the words of the query

# By organisation: what was read, and the mark the tables bore then. Never older than the mark just asked for.
_read: dict[int, tuple[Mark, PolicyValues, WorkCalendar]] = {}


def forget() -> None:
    """For tests, where a clock that stands still and rows rolled back make two states bear one mark."""
    _read.clear()


def rules_of(organization: Organization | int) -> tuple[PolicyValues, WorkCalendar]:
    """What is in force now, for one small query: the rows are read anew only when the mark says they differ."""
    organization_id = organization if isinstance(organization, int) else organization.pk
    mark = _mark_of(organization_id)
    if not mark:  # most offices never change anything
        return PolicyValues(), WorkCalendar()
    known = _read.get(organization_id)
    if known is None or known[0] != mark:
        known = mark, _values_of(organization_id), _calendar_of(organization_id)
        _read[organization_id] = known
    return known[1], known[2]


def policy_of(organization: Organization | int) -> PolicyValues:
    """What is in force now; a key never set has its default."""
    return rules_of(organization)[0]


def calendar_of(organization: Organization | int) -> WorkCalendar:
    """The working-day calendar with this office's corrections."""
    return rules_of(organization)[1]


def fingerprint_of(organization: Organization | int) -> str:
    """Differs whenever dates may have to be worked out anew: policies, corrections, confirmed years, the statute."""
    organization_id = organization if isinstance(organization, int) else organization.pk
    mark = [[str(value) for value in row] for row in _mark_of(organization_id)]
    return sha256(repr((STATUTE_VERSION, mark)).encode()).hexdigest()


def _mark_of(organization_id: int) -> Mark:
    """How many rows, the last of them, and when it was set, by table. Rows are added and removed, never changed.

    The moment is there for databases that hand out the id of a row rolled back again.
    """
    sql, parameters = _mark_query(connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(sql, [organization_id if value == _ANY else value for value in parameters])
        return tuple(sorted(tuple(row) for row in cursor.fetchall()))


@lru_cache
def _mark_query(vendor: str) -> tuple[str, tuple[Any, ...]]:  # noqa: ARG001 (the key: each writes it differently)
    """Put into words once: every action asks, and putting it takes longer than answering it.

    Put anew each time, it would cost `load_demo` a fifth of its time.
    """
    tables: Iterable[tuple[str, QuerySet[Any, Any], str]] = (
        ("policy", Policy.objects.all(), "set_at"),
        ("exception", CalendarException.objects.all(), "set_at"),
        ("year", ConfirmedYear.objects.all(), "confirmed_at"),
    )
    marks = [
        rows.filter(organization_id=_ANY)
        .order_by()
        .values("organization_id")
        .annotate(kind=Value(kind, CharField()), rows=Count("pk"), last=Max("pk"), at=Max(moment))
        .values_list("kind", "rows", "last", "at")
        for kind, rows, moment in tables
    ]
    sql, parameters = marks[0].union(*marks[1:], all=True).query.sql_with_params()
    return sql, tuple(parameters)


def _values_of(organization_id: int) -> PolicyValues:
    values = {}
    for row in Policy.objects.filter(organization_id=organization_id, key__in=DEFAULTS).order_by("set_at", "id"):
        values[row.key] = row.value
    return PolicyValues(**values)


def _calendar_of(organization_id: int) -> WorkCalendar:
    corrections = CalendarException.objects.filter(organization_id=organization_id).values_list("day", "is_workday")
    years = ConfirmedYear.objects.filter(organization_id=organization_id).values_list("year", flat=True)
    return WorkCalendar(dict(corrections), frozenset(years))
