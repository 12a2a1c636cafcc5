"""The moments at which a project's light and its part in the figures change, if nothing else does."""

from django.db import models


class Outlook(models.Model):
    """What a project and each of its revisions keep, so that any day is a comparison of dates in SQL.

    Nothing here depends on today: it follows from targets, milestones, calendar and policy, and is written by
    `tasks.actions.outlooks` after every act on the project and when calendar or policy change.
    """

    progress = models.DecimalField("进度", max_digits=4, decimal_places=1, null=True, editable=False)
    milestones_done = models.PositiveSmallIntegerField("已完成节点", default=0, editable=False)
    milestones_counted = models.PositiveSmallIntegerField("节点数", default=0, editable=False)  # without cancelled ones
    pace = models.JSONField("序时", null=True, editable=False)  # `tasks.course.Course` as text
    on_pace_on = models.DateField(null=True, editable=False)  # until then ahead (超序时); None: never ahead
    behind_on = models.DateField(null=True, editable=False)  # first day of 欠序时; None: never
    far_behind_on = models.DateField(null=True, editable=False)  # first day of 严重欠序时
    milestone_due_on = models.DateField(null=True, editable=False)  # the first date that a milestone can miss
    milestone_warn_on = models.DateField(null=True, editable=False)
    waits_since = models.DateField(null=True, editable=False)  # the first report that awaits 核实
    receive_by = models.DateField("签收期限", null=True, editable=False)
    requested_on = models.DateField("申请销号日期", null=True, editable=False)  # of the live or accepted request
    extension_asked_on = models.DateField("申请延期日期", null=True, editable=False)  # of the pending request

    class Meta:
        abstract = True
