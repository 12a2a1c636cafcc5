"""导入批次 and its rows: a paper on its way into a plan."""

from datetime import date

from django.db import models

from accounts.enums import Role
from accounts.models import Organization, User
from accounts.standing import standing_of
from tasks.enums import ImportKind, ImportState, RowDecision, RowStatus, TermKind
from tasks.models.plan import KeyTask, Plan
from tasks.models.project import Project


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    def visible_to(self, user: User, today: date) -> "ImportBatchQuerySet":
        return self.filter(organization__in=standing_of(user, today=today).organizations_as(Role.SECRETARIAT))


class ImportBatch(models.Model):
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="import_batches")
    plan = models.ForeignKey(Plan, models.PROTECT, null=True, related_name="import_batches")
    year = models.PositiveSmallIntegerField("年度")
    kind = models.CharField("类型", max_length=5, choices=ImportKind, default=ImportKind.TABLE)
    state = models.CharField("状态", max_length=9, choices=ImportState, default=ImportState.WAITING)
    version = models.PositiveIntegerField(default=1)
    name = models.CharField("文件名", max_length=200)
    stored_as = models.CharField(max_length=100, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    pasted = models.TextField(blank=True)
    default_source = models.CharField("来源名称", max_length=200, blank=True)  # for papers whose rows name none
    columns = models.JSONField(default=dict)  # per sheet: header rows, column index → field
    left_out = models.JSONField(default=list)  # [{sheet, row, why}]
    created = models.JSONField(default=dict)  # counts written
    done = models.PositiveIntegerField("已处理", default=0)
    total = models.PositiveIntegerField("共", default=0)
    error = models.TextField(blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    written_at = models.DateTimeField(null=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "导入批次"
        ordering = ("-id",)
        indexes = [models.Index(fields=["state", "claimed_at"], name="imports_by_state")]

    def __str__(self) -> str:
        return self.name


class ImportRow(models.Model):
    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows")
    sheet = models.CharField(max_length=100, blank=True)
    row = models.PositiveIntegerField()  # the sheet's own number from 1; for text the item's place
    order = models.PositiveIntegerField()
    original = models.JSONField(default=dict)  # field → text as read, never changed
    values = models.JSONField(default=dict)  # field → text as corrected
    reading = models.JSONField(default=dict)  # what was understood: ids, dates, targets, milestones
    problems = models.JSONField(default=list)  # [{field, code, words, picks}]
    remarks = models.JSONField(default=list)  # sentences to note, nothing to correct
    status = models.CharField(max_length=9, choices=RowStatus, default=RowStatus.ASK)
    decision = models.CharField(max_length=5, choices=RowDecision, default=RowDecision.NONE, blank=True)
    match = models.ForeignKey(KeyTask, models.SET_NULL, null=True, related_name="+")
    match_row = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    title = models.CharField(max_length=300, blank=True)
    due_on = models.DateField(null=True)
    is_corrected = models.BooleanField(default=False)
    project = models.ForeignKey(Project, models.SET_NULL, null=True, related_name="import_rows")

    class Meta:
        ordering = ("order",)
        constraints = [models.UniqueConstraint(fields=["batch", "order"], name="import_row_in_order")]
        indexes = [models.Index(fields=["batch", "status"], name="import_rows_by_status")]

    def __str__(self) -> str:
        return f"{self.sheet} {self.row} {self.title}"


class RememberedTerm(models.Model):
    """What a name in a paper stands for in this office: asked once, remembered."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=TermKind)
    text = models.CharField(max_length=200)
    meaning = models.CharField(max_length=100)  # a field name, or the id of a source class or division
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "kind", "text"], name="term_remembered_once")]

    def __str__(self) -> str:
        return f"{self.text} → {self.meaning}"
