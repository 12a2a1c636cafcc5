"""What is written with moves and entries; the names are those of the actions' arguments."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from tasks.enums import Effect
from tasks.forms.words import MOST
from tasks.models import Milestone, Project, Target


def words(label: str, *, must: bool = True) -> serializers.CharField:
    return serializers.CharField(max_length=MOST, required=must, allow_blank=not must, help_text=label)


class VersionSerializer(serializers.Serializer[Any]):
    """Only what every act needs: the version of the project as it was read."""

    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, help_text="读到的项目版本号")


class NoteSerializer(VersionSerializer):
    note = words("说明", must=False)


class ReasonNoteSerializer(VersionSerializer):
    note = words("理由")


class ObjectSerializer(ReasonNoteSerializer):
    belongs_to = serializers.CharField(max_length=60, help_text="应由哪个处室承办")


class AcceptSerializer(NoteSerializer):
    effect = serializers.ChoiceField(choices=Effect.choices, help_text="成效评价")


class ReturnSerializer(ReasonNoteSerializer):
    mend_on = serializers.DateField(help_text="整改时限")


class CountSerializer(serializers.Serializer[Any]):
    target = serializers.IntegerField(help_text="计数目标")
    value = serializers.DecimalField(
        max_digits=12, decimal_places=2, min_value=Decimal(0), help_text="本次新增；百分比填累计"
    )


class CountsSerializer(VersionSerializer):
    """With counts towards the quantitative targets of the project in `context`."""

    counts = CountSerializer(many=True, required=False)

    def validate_counts(self, rows: list[dict[str, Any]]) -> dict[Target, Decimal]:
        project: Project = self.context["project"]
        targets = {target.pk: target for target in project.targets.filter(target_value__isnull=False)}
        if any(row["target"] not in targets for row in rows):
            raise serializers.ValidationError("有的目标不是本项目的计数目标。")
        return {targets[row["target"]]: row["value"] for row in rows}


class ReportSerializer(CountsSerializer):
    note = words("完成情况")


class FilesSerializer(CountsSerializer):
    files = serializers.ListField(
        child=serializers.FileField(), required=False, default=list, help_text="附件；用 multipart/form-data 提交"
    )


class RequestCloseOutSerializer(FilesSerializer):
    summary = words("完成情况")


class NewEntrySerializer(FilesSerializer):
    milestone = serializers.IntegerField(required=False, allow_null=True, help_text="节点；整个项目的不填")
    situation = words("进展情况")
    problems = words("存在问题", must=False)
    next_steps = words("下步打算", must=False)
    needs_coordination = serializers.BooleanField(required=False, default=False, help_text="需要协调")

    def validate_milestone(self, pk: int | None) -> Milestone | None:
        project: Project = self.context["project"]
        if pk is None:
            return None
        milestone = next((row for row in project.milestones.select_related("division") if row.pk == pk), None)
        if milestone is None:
            raise serializers.ValidationError("此节点不在本项目中。")
        return milestone
