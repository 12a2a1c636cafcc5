"""半年回头看: what is looked at again, and what was found."""

from datetime import date

from django.db import models
from django.db.models import Q

from accounts.enums import Role
from accounts.models import Division, Organization, User
from accounts.standing import standing_of
from supervision.cycles.enums import Choice, Verdict
from supervision.cycles.models.rule import READERS
from supervision.cycles.models.run import CycleRun
from tasks.enums import ChangeState
from tasks.models import ChangeRequest, Project, Result

# A change that was declined or taken back leaves everything as it was.
UNDONE = (ChangeState.DECLINED, ChangeState.WITHDRAWN)


class LookBackItemQuerySet(models.QuerySet["LookBackItem"]):
    def visible_to(self, user: User, today: date) -> "LookBackItemQuerySet":
        """Secretariat and leaders all of their office, a head those of his own division."""
        standing = standing_of(user, today=today)
        headed = {post.division_id for post in standing.as_role(Role.DIVISION_HEAD) if post.division_id}
        return self.filter(Q(organization__in=standing.organizations_as(*READERS)) | Q(division__in=headed))

    def judged(self) -> "LookBackItemQuerySet":
        return self.exclude(verdict="")

    def without_consequence(self) -> "LookBackItemQuerySet":
        """To be mended, and nobody has been told to."""
        asked = self.filter(verdict__in=[Verdict.RECTIFY, Verdict.REBOUND], follow_up=None)
        return asked.filter(Q(change=None) | Q(change__state__in=UNDONE))


class LookBackItem(models.Model):
    """A closed project, an open overdue one, or a 制度 that was made (a result)."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    run = models.ForeignKey(CycleRun, models.CASCADE, related_name="look_back_items")
    order = models.PositiveIntegerField(default=0)
    choice = models.CharField("列入原因", max_length=9, choices=Choice)
    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True, related_name="+")
    result = models.ForeignKey(Result, models.PROTECT, null=True, blank=True, related_name="+")
    title = models.CharField(max_length=300)
    division = models.ForeignKey(Division, models.PROTECT, null=True, blank=True, related_name="+")
    verdict = models.CharField("结论", max_length=11, choices=Verdict, blank=True)
    words = models.CharField("回头看情况", max_length=500, blank=True)
    checked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    checked_at = models.DateTimeField(null=True)
    follow_up = models.ForeignKey(Project, models.SET_NULL, null=True, blank=True, related_name="+")
    change = models.ForeignKey(ChangeRequest, models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    objects = LookBackItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "回头看事项"
        ordering = ("order", "id")
        constraints = [
            models.UniqueConstraint(fields=["run", "project"], name="looked_back_once"),
            models.UniqueConstraint(fields=["run", "result"], name="rule_looked_back_once"),
            models.CheckConstraint(
                name="look_back_at_one_thing",
                condition=Q(project__isnull=False, result=None) | Q(project=None, result__isnull=False),
            ),
            models.CheckConstraint(
                name="verdict_iff_checked",
                condition=Q(verdict="", checked_at=None, checked_by=None)
                | ~Q(verdict="") & Q(checked_at__isnull=False, checked_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def subject(self) -> Project:
        """The project, or the one that the 制度 came of."""
        if self.project is not None:
            return self.project
        assert self.result is not None  # a constraint says that one is set
        return self.result.project

    @property
    def has_come(self) -> bool:
        """Whether something came of the verdict and still stands."""
        return self.follow_up_id is not None or (self.change is not None and self.change.state not in UNDONE)
