"""任务计划, its 类别, its 重点任务 and where they come from."""

from datetime import date

from django.db import models
from django.db.models import Q

from accounts.enums import DIVISION_ROLES, Role
from accounts.models import Membership, Organization, User
from accounts.standing import standing_of
from tasks.enums import PlanKind, SourceGroup

AD_HOC = "临时交办"  # every plan has a category of this name (domain 2)
INSTRUCTION = "批示"  # in the name of a source class; the words of an instruction are not for everybody (domain 6)


class SourceClass(models.Model):
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="source_classes")
    name = models.CharField("名称", max_length=60)
    group = models.CharField("归属", max_length=5, choices=SourceGroup, default=SourceGroup.OTHER)
    order = models.PositiveSmallIntegerField("次序", default=0)
    is_active = models.BooleanField("在用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "来源类别"
        ordering = ("order", "id")
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="one_source_class_per_name")]

    def __str__(self) -> str:
        return self.name


class ObserverScope(models.Model):
    """A source class that a 跟踪监督 may read."""

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="observer_scopes")
    source_class = models.ForeignKey(SourceClass, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["membership", "source_class"], name="observer_scope_once")]

    def __str__(self) -> str:
        return str(self.source_class)


class Source(models.Model):
    """The paper, meeting or 批示 that a key task comes from."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="sources")
    source_class = models.ForeignKey(SourceClass, models.PROTECT, related_name="sources")
    name = models.CharField("文件、会议或批示", max_length=200, blank=True)
    paper_number = models.CharField("文号", max_length=60, blank=True)
    dated_on = models.DateField("日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "来源"
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name or self.source_class.name


class PlanQuerySet(models.QuerySet["Plan"]):
    def visible_to(self, user: User, today: date) -> "PlanQuerySet":
        """Everyone with business in the organisation sees its plans; 系统管理员 and 审计员 see none."""
        standing = standing_of(user, today=today)
        roles = (Role.SECRETARIAT, Role.LEADER, Role.ASSESSOR, Role.OBSERVER, *DIVISION_ROLES)
        return self.filter(organization__in=standing.organizations_as(*roles))

    def run_by(self, user: User, today: date) -> "PlanQuerySet":
        """Those whose drafts this person makes, decomposes and dispatches."""
        return self.filter(organization__in=standing_of(user, today=today).organizations_as(Role.SECRETARIAT))


class Plan(models.Model):
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="plans")
    year = models.PositiveSmallIntegerField("年度")
    name = models.CharField("名称", max_length=100)
    kind = models.CharField("类型", max_length=7, choices=PlanKind, default=PlanKind.ANNUAL)
    adopted_by = models.CharField("审定依据", max_length=200, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任务计划"
        ordering = ("-year", "kind", "id")
        constraints = [
            models.UniqueConstraint(fields=["organization", "year", "name"], name="one_plan_per_name_and_year"),
            models.UniqueConstraint(
                fields=["organization", "year"], name="one_annual_plan_per_year", condition=Q(kind="ANNUAL")
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Category(models.Model):
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="categories")
    name = models.CharField("名称", max_length=60)
    order = models.PositiveSmallIntegerField("次序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "类别"
        ordering = ("order", "id")
        constraints = [models.UniqueConstraint(fields=["plan", "name"], name="one_category_per_name")]

    def __str__(self) -> str:
        return self.name


class KeyTask(models.Model):
    """重点任务: what the paper asks for. It has no state of its own; its projects have."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="key_tasks")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="key_tasks")
    category = models.ForeignKey(Category, models.PROTECT, related_name="key_tasks")
    sources = models.ManyToManyField(Source, related_name="key_tasks", verbose_name="来源")
    number = models.CharField("序号", max_length=20, blank=True)
    title = models.CharField("重点任务", max_length=300)
    order = models.PositiveIntegerField("次序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "重点任务"
        ordering = ("order", "id")
        constraints = [models.CheckConstraint(name="key_task_has_a_title", condition=~Q(title=""))]
        indexes = [models.Index(fields=["plan", "order"], name="key_task_in_order")]

    def __str__(self) -> str:
        return self.title
