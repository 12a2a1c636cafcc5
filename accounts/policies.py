"""The policy of an office as typed values with their defaults (domain.md, “policy”)."""

from dataclasses import dataclass, fields

from accounts.models import CalendarException, ConfirmedYear, Organization, Policy
from cppcc_office.lib.workdays import WorkCalendar


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
    "label_key_task": "第一级名称",
    "label_project": "第二级名称",
    "label_target": "第三级名称",
    "label_milestone": "第四级名称",
}


def policy_of(organization: Organization | int) -> PolicyValues:
    """What is in force now; a key never set has its default."""
    organization_id = organization if isinstance(organization, int) else organization.pk
    known = {field.name for field in fields(PolicyValues)}
    values = {}
    for row in Policy.objects.filter(organization_id=organization_id, key__in=known).order_by("set_at", "id"):
        values[row.key] = row.value
    return PolicyValues(**values)


def calendar_of(organization: Organization | int) -> WorkCalendar:
    """The working-day calendar with this office's corrections."""
    organization_id = organization if isinstance(organization, int) else organization.pk
    corrections = dict(
        CalendarException.objects.filter(organization_id=organization_id).values_list("day", "is_workday")
    )
    years = ConfirmedYear.objects.filter(organization_id=organization_id).values_list("year", flat=True)
    return WorkCalendar(corrections, frozenset(years))
