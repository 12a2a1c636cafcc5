"""The decomposition page as one form: a project, its targets and milestones, read all at once."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.http import QueryDict

from tasks.actions.decomposition import MilestoneDraft, ProjectDraft, TargetDraft
from tasks.deadlines import Deadline, DeadlineKind
from tasks.enums import DueKind, QuotaPeriod
from tasks.forms.decompose_tree import TypedTree, number_of
from tasks.forms.fields import understood
from tasks.forms.parts import NOT_LISTED, Office, Part, too_long
from tasks.models import Milestone, Project, Target
from tasks.queries.completeness import Gap, gaps_of

_WEIGHT = {"invalid": "权重请写整数", "min_value": "权重至少为 1", "max_value": "权重最大为 100"}


class ProjectPart(Part):
    division_field = "lead_division"

    def __init__(self, data: QueryDict, *, office: Office) -> None:
        super().__init__(data, prefix="p", office=office)
        self.fields["title"] = forms.CharField(
            label="项目名称", max_length=300, error_messages={"required": "请写明项目名称"} | too_long(300)
        )
        self.fields["lead_division"] = self.division("牵头处室")
        self.fields["person"] = forms.IntegerField(label="责任人", required=False, error_messages=NOT_LISTED)
        self.fields["leader"] = forms.TypedChoiceField(
            label="牵头领导",
            choices=[("", "未定"), *((leader.pk, leader.name) for leader in office.choices.leaders)],
            coerce=int,
            empty_value=None,
            required=False,
            error_messages=NOT_LISTED,
        )
        self.fields["co_divisions"] = self.several_divisions("协办处室")
        self.fields["start"] = self.deadline("开始日期")
        self.fields["due"] = self.deadline("完成时限", single=False)
        self.fields["report_cycle"] = forms.CharField(
            label="反馈周期", max_length=60, required=False, error_messages=too_long(60)
        )
        self.fields["effect_standard"] = forms.CharField(
            label="成效标准", required=False, widget=forms.Textarea(attrs={"rows": 2})
        )
        self.fields["remark"] = forms.CharField(label="备注", required=False, widget=forms.Textarea(attrs={"rows": 2}))
        self.fields["evidence_required"] = forms.BooleanField(label="销号须附佐证材料", required=False)

    def clean(self) -> dict[str, Any]:
        start, due = _day(self.cleaned_data.get("start")), _day(self.cleaned_data.get("due"))
        if start and due and due < start:
            self.add_error("due", f"完成时限 {due:%Y-%m-%d} 早于开始日期 {start:%Y-%m-%d}，请改其中一个")
        return self.cleaned_data


class TargetPart(Part):
    def __init__(self, data: QueryDict, *, key: str, office: Office) -> None:
        super().__init__(data, prefix=f"t-{key}", office=office)
        self.fields["statement"] = forms.CharField(
            label="目标", max_length=500, error_messages={"required": "请写明目标，或删去"} | too_long(500)
        )
        self.fields["weight"] = forms.IntegerField(
            label="权重", min_value=1, max_value=100, required=False, error_messages=_WEIGHT
        )
        self.fields["metric"] = forms.CharField(
            label="指标", max_length=100, required=False, error_messages=too_long(100)
        )
        self.fields["value"] = forms.DecimalField(
            label="目标值",
            max_digits=12,
            decimal_places=2,
            min_value=Decimal("0.01"),
            required=False,
            error_messages={
                "invalid": "目标值请写数字",
                "min_value": "目标值须大于 0",
                "max_digits": "目标值太大",
                "max_decimal_places": "目标值最多两位小数",
                "max_whole_digits": "目标值太大",
            },
        )
        self.fields["unit"] = forms.CharField(label="单位", max_length=10, required=False, error_messages=too_long(10))
        self.fields["period"] = forms.ChoiceField(
            label="计数周期", choices=QuotaPeriod.choices, required=False, error_messages=NOT_LISTED
        )
        self.fields["rule"] = forms.CharField(max_length=200, required=False)
        self.fields["recognised"] = forms.CharField(max_length=1, required=False)
        self.fields["confirmed"] = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("metric") and "value" not in self.errors and not self.cleaned_data.get("value"):
            self.add_error("value", "写了指标，请写目标值，或删去指标")
        return self.cleaned_data


class MilestonePart(Part):
    def __init__(self, data: QueryDict, *, key: str, office: Office) -> None:
        super().__init__(data, prefix=f"m-{key}", office=office)
        self.fields["title"] = forms.CharField(
            label="节点", max_length=300, error_messages={"required": "请写明节点，或删去"} | too_long(300)
        )
        self.fields["deliverable"] = forms.CharField(
            label="成果形式", max_length=200, required=False, error_messages=too_long(200)
        )
        self.fields["division"] = self.division("主办处室")
        self.fields["person"] = forms.IntegerField(label="责任人", required=False, error_messages=NOT_LISTED)
        self.fields["co_divisions"] = self.several_divisions("协办处室")
        self.fields["due"] = self.deadline("完成时限")
        self.fields["suggested"] = forms.CharField(max_length=10, required=False)
        self.fields["confirmed"] = forms.BooleanField(required=False)
        self.fields["weight"] = forms.IntegerField(
            label="权重", min_value=1, max_value=100, required=False, error_messages=_WEIGHT
        )
        self.fields["checklist"] = forms.CharField(label="检查清单", required=False)
        self.fields["recurring"] = forms.CharField(max_length=1, required=False)

    @property
    def is_suggested(self) -> bool:
        """The date is still the one that was suggested, and nobody has confirmed it."""
        due = _day(self.value_of("due"))
        same = due is not None and due.isoformat() == self.value_of("suggested")
        return same and not self.value_of("confirmed")


def _day(deadline: Deadline | None) -> date | None:
    return deadline.due_on if deadline else None


@dataclass
class MilestoneRow:
    key: str
    form: MilestonePart
    is_first: bool = False
    is_last: bool = False

    @property
    def number(self) -> int:
        return number_of(self.key)

    @property
    def read(self) -> str:
        return understood(self.form.value_of("due"), self.form.office.calendar)

    @property
    def asks_confirmation(self) -> bool:
        """Whether the box 确认 is shown: also once it is ticked, until the page is saved."""
        due = _day(self.form.value_of("due"))
        return due is not None and due.isoformat() == self.form.value_of("suggested")

    def draft(self) -> MilestoneDraft:
        given = self.form.value_of
        return MilestoneDraft(
            pk=self.number if self.number > 0 else None,
            title=given("title") or "",
            deliverable=given("deliverable") or "",
            checklist=given("checklist") or "",
            weight=given("weight") or 1,
            division_id=given("division"),
            person_id=given("person"),
            co_division_ids=given("co_divisions") or [],
            due_on=_day(given("due")),
            due_is_confirmed=not self.form.is_suggested,
            is_recurring=bool(given("recurring")),
        )


@dataclass
class TargetRow:
    key: str
    form: TargetPart
    milestones: list[MilestoneRow] = field(default_factory=list)
    is_first: bool = False
    is_last: bool = False

    @property
    def number(self) -> int:
        return number_of(self.key)

    def draft(self) -> TargetDraft:
        given = self.form.value_of
        return TargetDraft(
            pk=self.number if self.number > 0 else None,
            statement=given("statement") or "",
            weight=given("weight") or 1,
            metric=given("metric") or "",
            unit=given("unit") or "",
            target_value=given("value"),
            quota_period=given("period") or QuotaPeriod.YEAR,
            rule=given("rule") or "",
            is_confirmed=bool(given("confirmed")) or not given("recognised"),
            milestones=[row.draft() for row in self.milestones],
        )


class Decomposition:
    """The typed page. `says_errors` is set when it was to be saved: while it is being rearranged, blanks are no faults."""

    def __init__(self, tree: TypedTree, *, stored: Project, office: Office, says_errors: bool = False) -> None:
        self.stored = stored
        self.office = office
        self.says_errors = says_errors
        self.project = ProjectPart(tree.data, office=office)
        self.targets = [self._target(tree, key) for key in tree.targets]
        _mark_ends(self.targets)

    def _target(self, tree: TypedTree, key: str) -> TargetRow:
        rows = [
            MilestoneRow(node, MilestonePart(tree.data, key=node, office=self.office)) for node in tree.milestones(key)
        ]
        _mark_ends(rows)
        return TargetRow(key, TargetPart(tree.data, key=key, office=self.office), rows)

    @property
    def parts(self) -> list[Part]:
        nodes = [row.form for target in self.targets for row in target.milestones]
        return [self.project, *(target.form for target in self.targets), *nodes]

    @cached_property
    def error_count(self) -> int:
        return sum(len(part.errors) for part in self.parts)

    def is_valid(self) -> bool:
        return self.error_count == 0

    @property
    def milestone_count(self) -> int:
        return sum(len(target.milestones) for target in self.targets)

    @property
    def suggested_count(self) -> int:
        return sum(not row.draft().due_is_confirmed for target in self.targets for row in target.milestones) + sum(
            not target.draft().is_confirmed for target in self.targets
        )

    @property
    def is_recurring(self) -> bool:
        deadline = self.project.value_of("due")
        return deadline is not None and deadline.kind is not DeadlineKind.DATE

    @property
    def due_read(self) -> str:
        return understood(self.project.value_of("due"), self.office.calendar)

    @property
    def start_read(self) -> str:
        start = _day(self.project.value_of("start"))
        typed = self.project.value_of("start")
        return f"{start:%Y-%m-%d}" if start and typed.text.strip() != start.isoformat() else ""

    def draft(self) -> ProjectDraft:
        given = self.project.value_of
        due_kind, due_text = self._due()
        return ProjectDraft(
            title=given("title") or "",
            lead_division_id=given("lead_division"),
            co_division_ids=self._co_divisions(),
            leader_id=given("leader"),
            person_id=given("person"),
            start_on=_day(given("start")),
            due_on=_day(given("due")),
            due_kind=due_kind,
            due_text=due_text,
            effect_standard=given("effect_standard") or "",
            report_cycle=given("report_cycle") or "",
            evidence_required=bool(given("evidence_required")),
            remark=given("remark") or "",
            targets=[row.draft() for row in self.targets],
        )

    def _due(self) -> tuple[str, str]:
        """The paper's own words are kept while its date stands."""
        deadline = self.project.value_of("due")
        if deadline is None:
            return DueKind.DATE, self.stored.due_text
        if deadline.text == deadline.due_on.isoformat():
            untouched = deadline.due_on == self.stored.due_on
            return (self.stored.due_kind if untouched else DueKind.DATE), self.stored.due_text
        return deadline.kind.value, deadline.text

    def _co_divisions(self) -> list[int]:
        """Boxes have no order of their own: those that the paper named keep its order, new ones follow."""
        chosen = self.project.value_of("co_divisions") or []
        named = [row.division_id for row in self.stored.co_division_rows.all()]
        return sorted(chosen, key=lambda pk: named.index(pk) if pk in named else len(named))

    def gaps(self, today: date) -> list[Gap]:
        """What would still be missing before 交办 if it were saved as typed."""
        draft = self.draft()
        project = Project(
            pk=self.stored.pk,
            title=draft.title,
            lead_division_id=draft.lead_division_id,
            start_on=draft.start_on,
            due_on=draft.due_on,
        )
        targets, milestones = [], []
        for row in self.targets:
            target = row.draft()
            statement = target.statement or "（未写）"
            targets.append(Target(pk=row.number, statement=statement, is_confirmed=target.is_confirmed))
            milestones += [_unsaved(node, row.number) for node in row.milestones]
        return gaps_of(project, targets, milestones, on=today)


def _unsaved(row: MilestoneRow, target: int) -> Milestone:
    draft = row.draft()
    return Milestone(
        pk=row.number,
        target_id=target,
        title=draft.title or "（未写）",
        division_id=draft.division_id,
        person_id=draft.person_id,
        due_on=draft.due_on,
        due_is_confirmed=draft.due_is_confirmed,
        is_recurring=draft.is_recurring,
    )


def _mark_ends(rows: list[Any]) -> None:
    if rows:
        rows[0].is_first = True
        rows[-1].is_last = True
