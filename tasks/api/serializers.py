"""What the API gives of projects, milestones, entries and figures."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import NamedSerializer
from tasks.enums import Bucket, CloseOutState, Effect, MilestoneState, PlanKind, ProjectState
from tasks.queries.lights import LABELS

LIGHTS = list(LABELS.items())


class WordsField(serializers.ListField):
    """What has `words`, as these."""

    def to_representation(self, data: Any) -> list[str]:
        return [row.words for row in data]


class PlanSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    year = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=PlanKind.choices)


class KeyTaskSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    number = serializers.CharField()
    title = serializers.CharField()


class SourceSerializer(serializers.Serializer[Any]):
    source_class = NamedSerializer()
    name = serializers.CharField()
    paper_number = serializers.CharField()
    dated_on = serializers.DateField(allow_null=True)


class LightSerializer(serializers.Serializer[Any]):
    code = serializers.ChoiceField(choices=LIGHTS)
    label = serializers.CharField()  # type: ignore[assignment]  # of the answer, not of the field
    why = serializers.CharField()


class ReasonSerializer(serializers.Serializer[Any]):
    code = serializers.ChoiceField(choices=LIGHTS)
    label = serializers.CharField()  # type: ignore[assignment]  # of the answer, not of the field
    words = serializers.CharField()
    rule = serializers.CharField()


class TurnSerializer(serializers.Serializer[Any]):
    """现在轮到谁办什么."""

    kind = serializers.CharField()
    whom = serializers.CharField()
    doing = serializers.CharField()
    division = NamedSerializer(allow_null=True)
    since = serializers.DateField(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    is_late = serializers.BooleanField()


class LineTurnSerializer(serializers.Serializer[Any]):
    whom = serializers.CharField()
    doing = serializers.CharField()


class LineSerializer(serializers.Serializer[Any]):
    """台账的一行。"""

    id = serializers.IntegerField(source="pk")
    number = serializers.CharField()
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=ProjectState.choices)
    state_label = serializers.CharField(source="state_word")
    plan_id = serializers.IntegerField()
    plan = serializers.CharField(source="plan_name")
    category = serializers.CharField()
    key_task_id = serializers.IntegerField()
    key_task = serializers.CharField()
    sources = WordsField(child=serializers.CharField())
    lead_division_id = serializers.IntegerField(allow_null=True)
    lead_division = serializers.CharField(source="lead_name", allow_null=True)
    co_divisions = serializers.ListField(child=serializers.CharField(), source="co_names")
    leader = serializers.CharField(allow_null=True)
    person = serializers.CharField(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    original_due_on = serializers.DateField(allow_null=True)
    extension_count = serializers.IntegerField()
    dispatched_on = serializers.DateField(allow_null=True)
    closed_on = serializers.DateField(allow_null=True)
    is_backfilled = serializers.BooleanField(help_text="补录")
    light = LightSerializer()
    bucket = serializers.ChoiceField(
        choices=Bucket.choices, allow_null=True, help_text="数字口径中的一类；不计入的为空"
    )
    progress = serializers.FloatField(allow_null=True, help_text="进度，百分比")
    time_progress = serializers.FloatField(allow_null=True, help_text="序时进度，百分比")
    lag = serializers.FloatField(allow_null=True, help_text="序时减进度，百分点；正数为落后")
    milestones_done = serializers.IntegerField()
    milestones_counted = serializers.IntegerField()
    is_whole = serializers.BooleanField(help_text="能否看进展、附件和经过")
    turn = LineTurnSerializer(allow_null=True, help_text="现在轮到谁；过去某日的台账为空")


class MilestoneSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    title = serializers.CharField()
    deliverable = serializers.CharField()
    weight = serializers.IntegerField()
    state = serializers.ChoiceField(choices=MilestoneState.choices)
    state_label = serializers.CharField(source="get_state_display")
    division = NamedSerializer(allow_null=True)
    person = NamedSerializer(allow_null=True)
    co_divisions = NamedSerializer(many=True)
    due_on = serializers.DateField(allow_null=True)
    original_due_on = serializers.DateField(allow_null=True)
    reported_on = serializers.DateField(allow_null=True)
    done_on = serializers.DateField(allow_null=True)
    return_count = serializers.IntegerField()
    light = LightSerializer(source="shown_light")


class TargetSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="target.pk")
    statement = serializers.CharField(source="target.statement")
    weight = serializers.IntegerField(source="target.weight")
    metric = serializers.CharField(source="target.metric")
    unit = serializers.CharField(source="target.unit")
    target_value = serializers.FloatField(source="target.target_value", allow_null=True)
    progress = serializers.FloatField(allow_null=True)
    time_progress = serializers.FloatField(allow_null=True)
    milestones = MilestoneSerializer(many=True)


class CloseOutSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    state = serializers.ChoiceField(choices=CloseOutState.choices)
    number = serializers.CharField()
    summary = serializers.CharField()
    requested_by = NamedSerializer()
    requested_on = serializers.DateField()
    decided_by = NamedSerializer(allow_null=True)
    opinion = serializers.CharField()
    effect = serializers.ChoiceField(choices=Effect.choices, allow_blank=True)
    closed_on = serializers.DateField(allow_null=True)
    mend_on = serializers.DateField(allow_null=True)
    days_late = serializers.IntegerField()


class ProjectSerializer(serializers.Serializer[Any]):
    """一个项目。没有参与的处室只见主要栏目：`is_whole` 为否，`turn`、`reasons` 和末尾几栏为空."""

    id = serializers.IntegerField(source="project.pk")
    number = serializers.CharField(source="project.number")
    title = serializers.CharField(source="project.title")
    state = serializers.ChoiceField(source="project.state", choices=ProjectState.choices)
    state_label = serializers.CharField(source="project.get_state_display")
    version = serializers.IntegerField(source="project.version", help_text="办理时须带上；已变则须重看")
    plan = NamedSerializer(source="project.plan")
    category = NamedSerializer(source="project.key_task.category")
    key_task = KeyTaskSerializer(source="project.key_task")
    sources = SourceSerializer(many=True)
    lead_division = NamedSerializer(source="project.lead_division", allow_null=True)
    co_divisions = NamedSerializer(many=True)
    leader = NamedSerializer(source="project.leader", allow_null=True)
    person = NamedSerializer(source="project.person", allow_null=True)
    start_on = serializers.DateField(source="project.start_on", allow_null=True)
    due_on = serializers.DateField(source="project.due_on", allow_null=True)
    original_due_on = serializers.DateField(source="project.original_due_on", allow_null=True)
    extension_count = serializers.IntegerField(source="project.extension_count")
    dispatched_on = serializers.DateField(source="project.dispatched_on", allow_null=True)
    closed_on = serializers.DateField(source="project.closed_on", allow_null=True)
    is_backfilled = serializers.BooleanField(source="project.is_backfilled", help_text="补录")
    light = LightSerializer(source="view.light")
    bucket = serializers.ChoiceField(
        choices=Bucket.choices, allow_null=True, help_text="数字口径中的一类；不计入的为空"
    )
    progress = serializers.FloatField(source="view.progress", allow_null=True, help_text="进度，百分比")
    time_progress = serializers.FloatField(source="view.time_progress", allow_null=True, help_text="序时进度，百分比")
    lag = serializers.FloatField(source="view.lag", allow_null=True, help_text="序时减进度，百分点；正数为落后")
    milestones_done = serializers.IntegerField(source="view.done")
    milestones_counted = serializers.IntegerField(source="view.counted")
    turn = TurnSerializer(allow_null=True)
    effect_standard = serializers.CharField(source="project.effect_standard")
    report_cycle = serializers.CharField(source="project.report_cycle")
    due_text = serializers.CharField(source="project.due_text", help_text="时限原文")
    mend_on = serializers.DateField(source="project.mend_on", allow_null=True)
    reasons = ReasonSerializer(many=True)
    as_of = serializers.DateField(help_text="所示为哪一天的情况")
    is_whole = serializers.BooleanField()
    evidence_required = serializers.BooleanField(allow_null=True)
    remark = serializers.CharField(allow_null=True)
    targets = TargetSerializer(many=True, allow_null=True)
    close_outs = CloseOutSerializer(many=True, allow_null=True)


class ProjectInBriefSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    number = serializers.CharField()
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=ProjectState.choices)
    version = serializers.IntegerField()


class MilestoneOfProjectSerializer(MilestoneSerializer):
    """节点与所属目标、项目；办理节点用项目的 version."""

    project = ProjectInBriefSerializer()
    target = serializers.CharField(source="target.statement")


class HappeningSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    words = serializers.CharField()
    is_key = serializers.BooleanField(help_text="主要经过")
    tags = serializers.ListField(child=serializers.CharField(), help_text="代、代填、补录")
    effective_on = serializers.DateField(allow_null=True, help_text="补录的生效日期")


class AttachmentSerializer(serializers.Serializer[Any]):
    key = serializers.UUIDField()
    name = serializers.CharField()
    size = serializers.IntegerField()
    url = serializers.CharField(source="api_url")


class EntryCountSerializer(serializers.Serializer[Any]):
    target = serializers.IntegerField(source="target_id")
    value = serializers.FloatField()


class EntrySerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    on = serializers.DateField()
    by = NamedSerializer()
    division = NamedSerializer(allow_null=True)
    entered_for = serializers.BooleanField(help_text="代填")
    is_backfilled = serializers.BooleanField(help_text="补录")
    milestone = serializers.IntegerField(source="milestone_id", allow_null=True)
    situation = serializers.CharField()
    problems = serializers.CharField()
    next_steps = serializers.CharField()
    needs_coordination = serializers.BooleanField()
    counts = EntryCountSerializer(many=True)
    attachments = AttachmentSerializer(many=True)


class OfferSerializer(serializers.Serializer[Any]):
    """此刻的一个办理动作：能不能办，不能办的为什么."""

    name = serializers.CharField(source="move.name")
    label = serializers.CharField(source="move.label")  # type: ignore[assignment]  # of the answer, not of the field
    is_open = serializers.BooleanField()
    reasons = serializers.ListField(child=serializers.CharField(), source="bars")
    url = serializers.CharField()


class OffersSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    moves = OfferSerializer(many=True)


class MovedProjectSerializer(serializers.Serializer[Any]):
    """办理之后."""

    id = serializers.IntegerField(source="pk")
    number = serializers.CharField()
    state = serializers.ChoiceField(choices=ProjectState.choices)
    state_label = serializers.CharField(source="get_state_display")
    version = serializers.IntegerField()


class MovedMilestoneSerializer(serializers.Serializer[Any]):
    """办理之后."""

    id = serializers.IntegerField(source="pk")
    state = serializers.ChoiceField(choices=MilestoneState.choices)
    state_label = serializers.CharField(source="get_state_display")
    project = ProjectInBriefSerializer()


class PartsSerializer(serializers.Serializer[Any]):
    """每一类多少个."""

    def get_fields(self) -> dict[str, Any]:
        return {bucket.value: serializers.IntegerField(help_text=bucket.label) for bucket in Bucket}


class SharesSerializer(serializers.Serializer[Any]):
    """每一类占总数的百分比，逐项四舍五入；总数为零时为空."""

    def get_fields(self) -> dict[str, Any]:
        return {bucket.value: serializers.FloatField(allow_null=True, help_text=bucket.label) for bucket in Bucket}


class FiguresSerializer(serializers.Serializer[Any]):
    total = serializers.IntegerField(help_text="总数，等于各类之和")
    parts = PartsSerializer()
    shares = SharesSerializer()
    closed = serializers.IntegerField(help_text="已销号")
    open = serializers.IntegerField(help_text="在办")
    not_yet_due = serializers.IntegerField(help_text="未到时节点")
    closed_rate = serializers.FloatField(allow_null=True, help_text="办结率")
    on_time_rate = serializers.FloatField(allow_null=True, help_text="按期办结率")


class PartSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()
    figures = FiguresSerializer()


class FigureReportSerializer(serializers.Serializer[Any]):
    as_of = serializers.DateField()
    known_by = serializers.DateTimeField(allow_null=True)
    plans = PlanSerializer(many=True)
    figures = FiguresSerializer()
    by = serializers.CharField(allow_null=True)
    groups = PartSerializer(many=True)
    counted_again = serializers.IntegerField(help_text="按来源类别统计时重复计入的次数")
