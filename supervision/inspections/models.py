"""专项督查: plan, group, objects, findings. At most one per object and matter in a year (domain 2)."""

from datetime import date

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.enums import Role
from accounts.models import Division, Organization, User
from accounts.standing import standing_of
from supervision.inspections.enums import InspectionState
from tasks.models import KeyTask, Project

S = InspectionState
TOLD = (S.UNDER_WAY, S.CONCLUDED)  # the inspected read their part


class InspectionQuerySet(models.QuerySet["Inspection"]):
    def visible_to(self, user: User, today: date) -> "InspectionQuerySet":
        """Secretariat and leaders all of their office, its group those it works on, a division what concerns it from
        the day it begins: an unannounced visit is not announced here."""
        divisions = standing_of(user, today=today).division_ids()
        concerned = InspectionObject.objects.filter(inspection=OuterRef("pk"), division__in=divisions)
        return self.filter(self._whole(user, today) | Q(Exists(concerned), state__in=TOLD))

    def whole_for(self, user: User, today: date) -> "InspectionQuerySet":
        """Those this person reads with all objects, plan, conclusion and timeline; an inspected division reads its part."""
        return self.filter(self._whole(user, today))

    @staticmethod
    def _whole(user: User, today: date) -> Q:
        standing = standing_of(user, today=today)
        member = InspectionMember.objects.filter(inspection=OuterRef("pk"), user=user)
        return Q(organization__in=standing.organizations_as(Role.SECRETARIAT, Role.LEADER)) | Q(
            Exists(member), organization__in=standing.organization_ids()
        )


class Inspection(models.Model):
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="inspections")
    year = models.PositiveSmallIntegerField("年度")
    title = models.CharField("督查名称", max_length=200)
    key_task = models.ForeignKey(
        KeyTask, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="督查的重点任务"
    )
    matter = models.CharField("督查事项", max_length=200)  # the key task's title, or another matter
    basis = models.CharField("立项依据", max_length=200)  # who decided that it be held (regulation, art. 11)
    means = models.JSONField("督查方式", default=list)  # values of Means
    plan = models.TextField("督查方案", blank=True)
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期")
    is_joint = models.BooleanField("联合督查", default=False)
    state = models.CharField("状态", max_length=9, choices=InspectionState, default=InspectionState.PLANNED)
    conclusion = models.TextField("督查结论", blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    concluded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    concluded_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = InspectionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "专项督查"
        ordering = ("-starts_on", "-id")
        constraints = [
            models.CheckConstraint(name="inspection_says_what", condition=~Q(title="") & ~Q(matter="") & ~Q(basis="")),
            models.CheckConstraint(name="inspection_ends_after_start", condition=Q(ends_on__gte=F("starts_on"))),
            models.CheckConstraint(
                name="inspection_concluded_pair",
                condition=Q(state="CONCLUDED", concluded_at__isnull=False, concluded_by__isnull=False)
                & ~Q(conclusion="")
                | ~Q(state="CONCLUDED") & Q(concluded_at=None, concluded_by=None),
            ),
        ]
        indexes = [models.Index(fields=["organization", "year", "state"], name="inspection_by_year")]

    def __str__(self) -> str:
        return self.title


class InspectionMember(models.Model):
    """Of the group: one of the office, or somebody of another unit in a joint inspection, then by name and unit."""

    inspection = models.ForeignKey(Inspection, models.CASCADE, related_name="members")
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="人员")
    name = models.CharField("姓名", max_length=40, blank=True)
    unit = models.CharField("单位", max_length=100, blank=True)
    is_head = models.BooleanField("组长", default=False)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("-is_head", "order", "id")
        constraints = [
            models.CheckConstraint(
                name="member_of_office_or_named",
                condition=Q(user__isnull=False, name="", unit="") | Q(user=None) & ~Q(name="") & ~Q(unit=""),
            ),
            models.UniqueConstraint(fields=["inspection", "user"], name="member_once"),
            models.UniqueConstraint(fields=["inspection"], name="one_head_of_group", condition=Q(is_head=True)),
        ]

    def __str__(self) -> str:
        return str(self.user) if self.user else f"{self.name}（{self.unit}）"


class InspectionObjectQuerySet(models.QuerySet["InspectionObject"]):
    def visible_to(self, user: User, today: date) -> "InspectionObjectQuerySet":
        """Of an inspection that one reads whole all of them, else one's own division; what is under them likewise."""
        return self.filter(
            Q(inspection__in=Inspection.objects.whole_for(user, today).order_by().values("pk"))
            | Q(division__in=standing_of(user, today=today).division_ids(), inspection__state__in=TOLD)
        )


class InspectionObject(models.Model):
    """A division that is inspected in a matter. `matter_key` is the same for the same matter of a year."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    inspection = models.ForeignKey(Inspection, models.CASCADE, related_name="inspected")
    division = models.ForeignKey(Division, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    matter_key = models.CharField(max_length=80)
    is_live = models.BooleanField(default=True)  # a cancelled inspection bars no other

    objects = InspectionObjectQuerySet.as_manager()

    class Meta:
        ordering = ("division__order", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["division", "year", "matter_key"], name="one_inspection_per_matter", condition=Q(is_live=True)
            ),
            models.UniqueConstraint(fields=["inspection", "division"], name="object_once"),
        ]

    def __str__(self) -> str:
        return str(self.division)


class Finding(models.Model):
    """What was found at one object. What has to be put right is a matter of its own, with person and date."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    inspected = models.ForeignKey(InspectionObject, models.PROTECT, related_name="findings")
    words = models.CharField("发现的情况", max_length=500)
    requirement = models.CharField("整改要求", max_length=300, blank=True)
    person = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="责任人")
    due_on = models.DateField("整改时限", null=True, blank=True)
    follow_up = models.ForeignKey(Project, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    corrected_at = models.DateTimeField(null=True, blank=True)  # by who recorded it; the words before are in the event

    class Meta:
        verbose_name = verbose_name_plural = "督查发现"
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(name="finding_says_something", condition=~Q(words="")),
            models.CheckConstraint(
                name="rectification_is_complete",
                condition=Q(requirement="", person=None, due_on=None, follow_up=None)
                | ~Q(requirement="") & Q(person__isnull=False, due_on__isnull=False, follow_up__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.words
