"""月调度: the lines brought before the meeting, and what it decided."""

from datetime import date

from django.db import models
from django.db.models import Q

from accounts.models import Division, Organization, User
from accounts.standing import standing_of
from supervision.cycles.enums import DecisionForm, Ground
from supervision.cycles.models.rule import READERS
from supervision.cycles.models.run import CycleRun
from tasks.models import ChangeRequest, Milestone, Project


class DispatchLineQuerySet(models.QuerySet["DispatchLine"]):
    def visible_to(self, user: User, today: date) -> "DispatchLineQuerySet":
        """Secretariat and leaders all of their office, a division its own sheet."""
        standing = standing_of(user, today=today)
        return self.filter(
            Q(organization__in=standing.organizations_as(*READERS)) | Q(division__in=standing.division_ids())
        )


class DispatchLine(models.Model):
    """One reason to speak of a project (or one of its milestones) this month, as it stood when the sheet was made."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    run = models.ForeignKey(CycleRun, models.CASCADE, related_name="dispatch_lines")
    project = models.ForeignKey(Project, models.PROTECT, related_name="+")
    # A project that is recalled may lose the milestone; the sheet keeps what it was called.
    milestone = models.ForeignKey(Milestone, models.SET_NULL, null=True, blank=True, related_name="+")
    milestone_title = models.CharField("节点", max_length=300, blank=True)
    division = models.ForeignKey(Division, models.PROTECT, related_name="+")  # whose sheet
    ground = models.CharField("事由", max_length=12, choices=Ground)
    light = models.CharField("亮灯", max_length=6)
    due_on = models.DateField("时限", null=True)
    words = models.CharField("情况", max_length=500, blank=True)
    order = models.PositiveIntegerField(default=0)  # of the project in the agenda, red first

    objects = DispatchLineQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "调度事项"
        ordering = ("order", "id")
        constraints = [
            models.UniqueConstraint(fields=["run", "project", "milestone", "ground"], name="one_line_per_ground"),
            models.UniqueConstraint(
                fields=["run", "project", "ground"], name="one_line_per_project", condition=Q(milestone_title="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_ground_display()} {self.project}"


class Decision(models.Model):
    """议定事项: what the meeting decided, by whom it is done and until when. It becomes a matter or a milestone."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    run = models.ForeignKey(CycleRun, models.PROTECT, related_name="decisions")
    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True, related_name="+")  # spoken of
    words = models.CharField("议定事项", max_length=300)
    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="承办处室")
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="责任人")
    due_on = models.DateField("完成时限")
    form = models.CharField("落实方式", max_length=9, choices=DecisionForm)
    follow_up = models.ForeignKey(Project, models.PROTECT, null=True, blank=True, related_name="+")
    change = models.ForeignKey(ChangeRequest, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "议定事项"
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(name="decision_says_something", condition=~Q(words="")),
            models.CheckConstraint(
                name="decision_becomes_something",
                condition=Q(form="MATTER", follow_up__isnull=False, change=None)
                | Q(form="MILESTONE", follow_up=None, change__isnull=False, project__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.words
