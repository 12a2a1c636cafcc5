"""Plans and key tasks as typed; choosing drafts of a plan; the filter of a plan's page."""

from datetime import date
from typing import Any, cast

from django import forms
from django.db.models import Q
from django.http import QueryDict

from tasks.actions.key_tasks import Paper
from tasks.deadlines import Deadline
from tasks.enums import DueKind, PlanKind, ProjectState
from tasks.forms.fields import ChosenField, understood
from tasks.forms.parts import NOT_LISTED, Office, Part, too_long
from tasks.models import Category, KeyTask, Plan, SourceClass
from tasks.models.plan import AD_HOC
from tasks.models.project import ProjectQuerySet

MOST_PAPERS = 20


class PlanForm(forms.Form):
    year = forms.IntegerField(
        label="年度",
        min_value=2000,
        max_value=2099,
        error_messages={
            "required": "请写年度",
            "invalid": "年度请写四位数字",
            "min_value": "年度须在 2000 至 2099 之间",
            "max_value": "年度须在 2000 至 2099 之间",
        },
    )
    name = forms.CharField(label="名称", max_length=100, error_messages={"required": "请写计划名称"} | too_long(100))
    kind = forms.ChoiceField(
        label="类型",
        choices=PlanKind.choices,
        widget=forms.RadioSelect,
        initial=PlanKind.ANNUAL,
        error_messages=NOT_LISTED,
    )
    adopted_by = forms.CharField(
        label="审定依据",
        max_length=200,
        required=False,
        help_text="由哪次会议或哪份文件审定，如：党组第3次会议",
        error_messages=too_long(200),
    )
    categories = forms.CharField(
        label="类别",
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=f"一行一个。“{AD_HOC}”每个计划都有，不必写；导入任务分解表时也会建立表中的类别。",
    )

    def clean_categories(self) -> list[str]:
        names = [line.strip() for line in str(self.cleaned_data["categories"]).splitlines() if line.strip()]
        if long := next((name for name in names if len(name) > 60), None):
            raise forms.ValidationError(f"类别“{long[:20]}…”超过 60 个字，请缩短")
        return names


class KeyTaskPart(Part):
    division_field = "lead_division"

    def __init__(self, data: QueryDict, *, plan: Plan, office: Office, is_new: bool) -> None:
        super().__init__(data, prefix="k", office=office)
        self.plan = plan
        self.fields["title"] = forms.CharField(
            label="重点任务", max_length=300, error_messages={"required": "请写明重点任务"} | too_long(300)
        )
        self.fields["number"] = forms.CharField(
            label="序号", max_length=20, required=False, help_text="文件中的序号，可不写", error_messages=too_long(20)
        )
        self.fields["category"] = forms.ModelChoiceField(
            label="类别",
            queryset=plan.categories.all(),
            empty_label=None,
            error_messages=NOT_LISTED | {"required": "请选择类别"},
        )
        if not is_new:
            return
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
        self.fields["due"] = self.deadline("完成时限", single=False)

    @property
    def due_read(self) -> str:
        return understood(self.value_of("due"), self.office.calendar) if "due" in self.fields else ""

    def due(self) -> dict[str, Any]:
        """As `create_key_task` takes it; the paper's words are kept where they are not just the date."""
        deadline = cast("Deadline | None", self.value_of("due"))
        if deadline is None or deadline.due_on is None:
            return {}
        is_plain = deadline.text.strip() == deadline.due_on.isoformat()
        return {
            "due_on": deadline.due_on,
            "due_kind": DueKind(deadline.kind.value),
            "due_text": "" if is_plain else deadline.text,
        }


class PaperPart(Part):
    """One line of 来源. A line left blank is no source."""

    def __init__(self, data: QueryDict, *, place: int, plan: Plan, office: Office) -> None:
        super().__init__(data, prefix=f"s-{place}", office=office)
        self.place = place
        self.fields["source_class"] = forms.ModelChoiceField(
            label="来源类别",
            empty_label="请选择",
            queryset=SourceClass.objects.filter(organization=plan.organization_id, is_active=True),
            required=False,
            error_messages=NOT_LISTED,
        )
        self.fields["name"] = forms.CharField(
            label="文件、会议或批示", max_length=200, required=False, error_messages=too_long(200)
        )
        self.fields["paper_number"] = forms.CharField(
            label="文号", max_length=60, required=False, error_messages=too_long(60)
        )
        self.fields["dated_on"] = self.deadline("日期")

    def clean(self) -> dict[str, Any]:
        rest = [self.cleaned_data.get(name) for name in ("name", "paper_number", "dated_on")]
        if any(rest) and not self.cleaned_data.get("source_class") and "source_class" not in self.errors:
            self.add_error("source_class", "请选择来源类别")
        return self.cleaned_data

    def paper(self) -> Paper | None:
        source_class = self.value_of("source_class")
        if source_class is None:
            return None
        dated = cast("Deadline | None", self.value_of("dated_on"))
        return Paper(
            source_class,
            name=self.value_of("name") or "",
            paper_number=self.value_of("paper_number") or "",
            dated_on=dated.due_on if dated else None,
        )


class KeyTaskForm:
    """A key task with its sources, several of them (三合一)."""

    def __init__(
        self, data: QueryDict, *, plan: Plan, office: Office, is_new: bool = True, says_errors: bool = False
    ) -> None:
        self.says_errors = says_errors
        self.task = KeyTaskPart(data, plan=plan, office=office, is_new=is_new)
        text = data.get("papers") or ""
        self.paper_count = min(max(int(text) if text.isdecimal() else 0, 1), MOST_PAPERS)
        if data.get("op") == "paper-add":
            self.paper_count = min(self.paper_count + 1, MOST_PAPERS)
        self.papers = [PaperPart(data, place=place, plan=plan, office=office) for place in range(self.paper_count)]

    @property
    def error_count(self) -> int:
        return sum(len(part.errors) for part in (self.task, *self.papers))

    def is_valid(self) -> bool:
        if not self.error_count and not self.sources():
            self.papers[0].add_error("source_class", "请至少写一个来源")
        return self.error_count == 0

    def sources(self) -> list[Paper]:
        return [paper for part in self.papers if (paper := part.paper())]


def typed_from_plan(plan: Plan) -> QueryDict:
    """An empty form: 临时交办 is what is registered by hand."""
    data = QueryDict(mutable=True)
    ad_hoc = Category.objects.filter(plan=plan, name=AD_HOC).values_list("pk", flat=True).first()
    data["k-category"] = str(ad_hoc or "")
    return data


def typed_from_key_task(key_task: KeyTask) -> QueryDict:
    data = QueryDict(mutable=True)
    data["k-title"], data["k-number"], data["k-category"] = key_task.title, key_task.number, str(key_task.category_id)
    sources = list(key_task.sources.order_by("id"))
    data["papers"] = str(len(sources))
    for place, source in enumerate(sources):
        data[f"s-{place}-source_class"] = str(source.source_class_id)
        data[f"s-{place}-name"] = source.name
        data[f"s-{place}-paper_number"] = source.paper_number
        data[f"s-{place}-dated_on"] = source.dated_on.isoformat() if source.dated_on else ""
    return data


class ChosenForm(forms.Form):
    """Drafts chosen on a plan's page, each with the version shown."""

    chosen = ChosenField()


class NewProjectForm(forms.Form):
    title = forms.CharField(
        label="项目名称", max_length=300, error_messages={"required": "请写明项目名称"} | too_long(300)
    )


class BackfillForm(forms.Form):
    effective_on = forms.DateField(
        label="实际交办日期",
        error_messages={"required": "请写实际交办日期", "invalid": "请写成 2026-03-01 这样的日期"},
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    reason = forms.CharField(
        label="补录理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="如：系统启用前已交办。补录在台账、时间线上都会标明。",
        error_messages={"required": "请写明补录理由"} | too_long(500),
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_effective_on(self) -> date:
        day = cast("date", self.cleaned_data["effective_on"])
        if day > self.today:
            raise forms.ValidationError("补录的是已经发生的交办，日期不能晚于今天")
        return day


class PlanFilter(forms.Form):
    """GET only: the address bar is the state of the page."""

    category = forms.ModelChoiceField(queryset=Category.objects.none(), required=False, empty_label="全部类别")
    division = forms.TypedChoiceField(coerce=int, required=False, empty_value=None)
    state = forms.ChoiceField(choices=[("", "全部状态"), *ProjectState.choices], required=False)
    q = forms.CharField(max_length=100, required=False)

    def __init__(self, data: QueryDict, *, plan: Plan, divisions: list[tuple[int, str]]) -> None:
        super().__init__(data)
        cast("forms.ModelChoiceField[Category]", self.fields["category"]).queryset = plan.categories.all()
        cast("forms.TypedChoiceField", self.fields["division"]).choices = [("", "全部处室"), *divisions]

    def chosen(self) -> dict[str, Any]:
        """The conditions that are set and make sense."""
        return {name: value for name, value in self.cleaned_data.items() if value} if self.errors is not None else {}

    def narrow(self, projects: ProjectQuerySet) -> ProjectQuerySet:
        given = self.chosen()
        if category := given.get("category"):
            projects = projects.filter(key_task__category=category)
        if division := given.get("division"):
            projects = projects.filter(lead_division=division)
        if state := given.get("state"):
            projects = projects.filter(state=state)
        if words := given.get("q"):
            projects = projects.filter(
                Q(title__icontains=words)
                | Q(key_task__title__icontains=words)
                | Q(number__icontains=words)
                | Q(person__name__icontains=words)
            )
        return projects
