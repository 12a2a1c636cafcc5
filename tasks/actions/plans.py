"""Making plans and the source classes that their key tasks come from."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from accounts.actions.recording import record
from accounts.enums import Role
from accounts.models import Organization, User
from accounts.standing import standing_of
from cppcc_office.lib.errors import Refused
from tasks.actions.recording import today_of
from tasks.enums import PlanKind, SourceGroup
from tasks.models import Category, Plan, SourceClass
from tasks.models.plan import AD_HOC

# Delivered with every office (domain 2); an office may add its own.
SOURCE_CLASSES: tuple[tuple[SourceGroup, tuple[str, ...]], ...] = (
    (
        SourceGroup.FIVE,
        ("重要讲话和指示批示精神", "上级决策部署", "年度主要任务", "重要会议议定事项", "领导同志批示"),
    ),
    (SourceGroup.FOUR, ("党组工作要点", "党组会议决策", "常委会重点任务", "主要负责同志批示")),
    (SourceGroup.OTHER, ("常委会工作报告", "年度协商计划")),
)


def ensure_source_classes(organization: Organization) -> list[SourceClass]:
    """The source classes of the office; the delivered ones are written at first use, once."""
    existing = list(SourceClass.objects.filter(organization=organization))
    if existing:
        return existing
    names = [(group, name) for group, names in SOURCE_CLASSES for name in names]
    SourceClass.objects.bulk_create(
        (
            SourceClass(organization=organization, name=name, group=group, order=order)
            for order, (group, name) in enumerate(names)
        ),
        ignore_conflicts=True,
    )
    return list(SourceClass.objects.filter(organization=organization))


def refuse_unless_secretariat(user: User, organization: Organization | int, today: date, doing: str) -> None:
    organization_id = organization if isinstance(organization, int) else organization.pk
    if not standing_of(user, today=today).holds(Role.SECRETARIAT, organization_id):
        raise Refused(f"只有督办人员可以{doing}")


@transaction.atomic
def create_plan(
    organization: Organization,
    *,
    by: User,
    year: int,
    name: str,
    kind: PlanKind = PlanKind.ANNUAL,
    adopted_by: str = "",
    categories: Sequence[str] = (),
    now: datetime,
) -> Plan:
    """A plan with these categories and 临时交办. One annual plan a year."""
    refuse_unless_secretariat(by, organization, today_of(now), "建立任务计划")
    if not name.strip():
        raise Refused("请写明计划名称")
    ensure_source_classes(organization)
    if Plan.objects.filter(organization=organization, year=year, name=name.strip()).exists():
        raise Refused(f"{year} 年已有名为“{name.strip()}”的计划，请换一个名称")
    if kind == PlanKind.ANNUAL and Plan.objects.filter(organization=organization, year=year, kind=kind).exists():
        raise Refused(f"{year} 年的年度计划已经建立，一年只有一个")
    plan = Plan.objects.create(
        organization=organization,
        year=year,
        name=name.strip(),
        kind=kind,
        adopted_by=adopted_by.strip(),
        created_by=by,
        created_at=now,
    )
    names = [text for text in dict.fromkeys(name.strip() for name in categories) if text not in ("", AD_HOC)]
    Category.objects.bulk_create(Category(plan=plan, name=text, order=order) for order, text in enumerate(names))
    Category.objects.create(plan=plan, name=AD_HOC, order=999)
    record("create_plan", f"建立任务计划“{plan.name}”", by=by, now=now, organization=organization, subject=plan)
    return plan
