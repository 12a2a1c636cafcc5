"""项目: the unit that is dispatched, watched and closed out."""

from datetime import date

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.enums import Role
from accounts.models import Division, Organization, User
from accounts.policies import policy_of
from accounts.standing import Standing, standing_of
from tasks.enums import OPEN_STATES, DueKind, ProjectState
from tasks.models.milestone import Milestone, MilestoneCoDivision
from tasks.models.outlook import Outlook
from tasks.models.plan import KeyTask, ObserverScope, Plan


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: User, today: date, *, open_offices: set[int] | None = None) -> "ProjectQuerySet":
        """What this person finds in the ledger (domain 1). Whether whole or only the main columns, `rules.seeing` says.

        `open_offices`: those whose divisions see each other's main columns, where a page has read the policies already.
        """
        standing = standing_of(user, today=today)
        seen = Q(organization__in=standing.organizations_as(Role.SECRETARIAT))
        dispatched = Q(organization__in=standing.organizations_as(Role.LEADER, Role.ASSESSOR))
        division_ids = standing.division_ids()
        if division_ids:
            dispatched |= self._concerning(division_ids)
            own = standing.organizations_as(Role.DIVISION_HEAD, Role.STAFF)
            if open_offices is None:
                open_offices = {pk for pk in own if policy_of(pk).others_see_main_columns}
            dispatched |= Q(organization__in=own & open_offices)
        if Role.OBSERVER in standing.roles():
            dispatched |= self._observed(standing)
        return self.filter(seen | (dispatched & ~Q(state=ProjectState.DRAFT)))

    def whole_for(self, user: User, today: date) -> "ProjectQuerySet":
        """Those this person may read with entries, attachments and timeline."""
        standing = standing_of(user, today=today)
        seen = Q(organization__in=standing.organizations_as(Role.SECRETARIAT))
        dispatched = Q(organization__in=standing.organizations_as(Role.LEADER, Role.ASSESSOR))
        if division_ids := standing.division_ids():
            dispatched |= self._concerning(division_ids)
        if Role.OBSERVER in standing.roles():
            dispatched |= self._observed(standing)
        return self.filter(seen | (dispatched & ~Q(state=ProjectState.DRAFT)))

    @staticmethod
    def _concerning(division_ids: set[int]) -> Q:
        """Their division leads, assists or is named on a milestone."""
        return (
            Q(lead_division__in=division_ids)
            | Q(Exists(ProjectCoDivision.objects.filter(project=OuterRef("pk"), division__in=division_ids)))
            | Q(Exists(Milestone.objects.filter(project=OuterRef("pk"), division__in=division_ids)))
            | Q(
                Exists(MilestoneCoDivision.objects.filter(milestone__project=OuterRef("pk"), division__in=division_ids))
            )
        )

    @staticmethod
    def _observed(standing: Standing) -> Q:
        scopes = ObserverScope.objects.filter(
            membership__in=standing.membership_ids, source_class__sources__key_tasks=OuterRef("key_task")
        )
        return Q(Exists(scopes))

    def open(self) -> "ProjectQuerySet":
        return self.filter(state__in=OPEN_STATES)

    def overdue(self, today: date) -> "ProjectQuerySet":
        """Own due date passed while the division's clock runs."""
        return self.filter(state__in=(ProjectState.DISPATCHED, ProjectState.IN_PROGRESS), due_on__lt=today)


class Project(Outlook):
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="projects")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="projects")
    key_task = models.ForeignKey(KeyTask, models.PROTECT, related_name="projects", verbose_name="重点任务")
    order = models.PositiveIntegerField("次序", default=0)
    title = models.CharField("项目", max_length=300)
    title_initials = models.CharField("拼音首字母", max_length=300, blank=True, editable=False)
    number = models.CharField("编号", max_length=20, blank=True)
    state = models.CharField("状态", max_length=20, choices=ProjectState, default=ProjectState.DRAFT)
    version = models.PositiveIntegerField("版本", default=1)

    lead_division = models.ForeignKey(
        Division, models.PROTECT, null=True, blank=True, related_name="projects_led", verbose_name="牵头处室"
    )
    co_divisions: "models.ManyToManyField[Division, ProjectCoDivision]" = models.ManyToManyField(
        Division, through="ProjectCoDivision", related_name="projects_assisted", verbose_name="协办处室"
    )
    leader = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="projects_in_charge", verbose_name="牵头领导"
    )
    person = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="projects_responsible", verbose_name="责任人"
    )

    start_on = models.DateField("开始日期", null=True, blank=True)
    due_on = models.DateField("完成时限", null=True, blank=True)
    original_due_on = models.DateField("原定时限", null=True, blank=True)
    warn_on = models.DateField("预警日", null=True, blank=True)
    due_kind = models.CharField("时限类型", max_length=10, choices=DueKind, default=DueKind.DATE)
    due_text = models.CharField("时限原文", max_length=100, blank=True)
    extension_count = models.PositiveSmallIntegerField("延期次数", default=0)

    effect_standard = models.TextField("成效标准", blank=True)
    report_cycle = models.CharField("反馈周期", max_length=60, blank=True)
    evidence_required = models.BooleanField("销号须附佐证材料", default=False)
    remark = models.TextField("备注", blank=True)

    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    dispatched_at = models.DateTimeField(null=True, blank=True)
    dispatched_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    dispatched_on = models.DateField("交办日期", null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    received_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    received_by_lapse = models.BooleanField("逾期未退视为签收", default=False)
    mend_on = models.DateField("整改时限", null=True, blank=True)
    return_count = models.PositiveSmallIntegerField("退回整改次数", default=0)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    closed_on = models.DateField("销号日期", null=True, blank=True)
    is_backfilled = models.BooleanField("补录", default=False)
    carried_into = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="carried_from", verbose_name="结转到"
    )

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "项目"
        ordering = ("key_task__order", "order", "id")
        constraints = [
            models.CheckConstraint(
                name="project_number_iff_dispatched",
                condition=Q(state="DRAFT", number="") | (~Q(state="DRAFT") & ~Q(number="")),
            ),
            models.UniqueConstraint(
                fields=["organization", "number"], name="one_project_per_number", condition=~Q(number="")
            ),
            models.CheckConstraint(
                name="dispatched_project_complete",
                condition=Q(state="DRAFT")
                | Q(
                    lead_division__isnull=False,
                    start_on__isnull=False,
                    due_on__isnull=False,
                    original_due_on__isnull=False,
                    warn_on__isnull=False,
                    dispatched_on__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="project_starts_before_due",
                condition=Q(start_on=None) | Q(due_on=None) | Q(due_on__gte=F("start_on")),
            ),
            models.CheckConstraint(
                name="project_closed_pair",
                condition=Q(state="CLOSED", closed_at__isnull=False, closed_by__isnull=False, closed_on__isnull=False)
                | (~Q(state="CLOSED") & Q(closed_at=None, closed_by=None, closed_on=None)),
            ),
            models.CheckConstraint(name="project_has_a_title", condition=~Q(title="")),
        ]
        indexes = [
            models.Index(fields=["organization", "plan", "state"], name="project_by_state"),
            models.Index(fields=["organization", "due_on"], name="project_by_due"),
            models.Index(fields=["plan", "due_on", "id"], name="project_by_plan_and_due"),
            models.Index(fields=["organization", "key_task", "order", "id"], name="project_in_order"),
            models.Index(fields=["leader", "state"], name="project_by_leader"),
            models.Index(fields=["person", "state"], name="project_by_person"),
            models.Index(fields=["lead_division", "state"], name="project_by_lead"),
            models.Index(fields=["state", "warn_on"], name="project_by_warn"),
        ]

    def __str__(self) -> str:
        return f"{self.number}{self.title}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def is_extended(self) -> bool:
        return self.extension_count > 0


class ProjectCoDivision(models.Model):
    """A division that assists a project, in the order the paper names them."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="co_division_rows")
    division = models.ForeignKey(Division, models.PROTECT, related_name="+")
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("order", "id")
        constraints = [models.UniqueConstraint(fields=["project", "division"], name="co_division_once")]

    def __str__(self) -> str:
        return str(self.division)
