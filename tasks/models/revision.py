"""Typed copies of what figures and lights depend on, one row per change, so that any past day is one query."""

from django.db import models

from accounts.models import Division, Organization, User
from tasks.enums import MilestoneState, ProjectState
from tasks.models.milestone import Milestone
from tasks.models.outlook import Outlook
from tasks.models.project import Project
from tasks.models.target import Target


class ProjectRevision(Outlook):
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    project = models.ForeignKey(Project, models.CASCADE, related_name="revisions")
    effective_on = models.DateField()
    recorded_at = models.DateTimeField()
    event_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=20, choices=ProjectState)
    lead_division = models.ForeignKey(Division, models.PROTECT, null=True, related_name="+")
    leader = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    start_on = models.DateField(null=True)
    due_on = models.DateField(null=True)
    warn_on = models.DateField(null=True)
    dispatched_on = models.DateField(null=True)
    extension_count = models.PositiveSmallIntegerField(default=0)
    closed_on = models.DateField(null=True)

    class Meta:
        ordering = ("project", "effective_on", "id")
        indexes = [
            models.Index(fields=["project", "-effective_on", "-id"], name="project_as_of"),
            models.Index(fields=["organization", "effective_on"], name="projects_as_of"),
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.effective_on} {self.state}"


class MilestoneRevision(models.Model):
    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    milestone = models.ForeignKey(Milestone, models.CASCADE, related_name="revisions")
    effective_on = models.DateField()
    recorded_at = models.DateTimeField()
    event_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=14, choices=MilestoneState)
    weight = models.PositiveSmallIntegerField()
    division = models.ForeignKey(Division, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    due_on = models.DateField(null=True)
    warn_on = models.DateField(null=True)
    extension_asked_on = models.DateField(null=True)
    reported_on = models.DateField(null=True)
    done_on = models.DateField(null=True)

    class Meta:
        ordering = ("milestone", "effective_on", "id")
        indexes = [
            models.Index(fields=["milestone", "-effective_on", "-id"], name="milestone_as_of"),
            models.Index(fields=["project", "-effective_on"], name="milestones_as_of"),
        ]

    def __str__(self) -> str:
        return f"{self.milestone_id} {self.effective_on} {self.state}"


class TargetRevision(models.Model):
    target = models.ForeignKey(Target, models.CASCADE, related_name="revisions")
    effective_on = models.DateField()
    recorded_at = models.DateTimeField()
    event_id = models.BigIntegerField(null=True)
    weight = models.PositiveSmallIntegerField()
    target_value = models.DecimalField(max_digits=12, decimal_places=2, null=True)

    class Meta:
        ordering = ("target", "effective_on", "id")
        indexes = [models.Index(fields=["target", "-effective_on", "-id"], name="target_as_of")]

    def __str__(self) -> str:
        return f"{self.target_id} {self.effective_on}"
