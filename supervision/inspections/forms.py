"""An inspection as typed: its plan with the group, what was found at an object, the words of a move."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from accounts.forms import Form, day_field
from accounts.models import Organization, User
from supervision.inspections import rules
from supervision.inspections.actions.inspections import InspectionDraft, Outsider, bare, matter_key_of
from supervision.inspections.enums import Means
from supervision.inspections.models import Finding, Inspection, InspectionObject
from supervision.inspections.workflow import InspectionMove
from tasks.forms.parts import NOT_LISTED, too_long
from tasks.models import KeyTask
from tasks.queries.choices import Choices

MOST_OUTSIDERS = 20
SEVERAL = ("means", "divisions", "members")
NAME_LENGTH = 60  # of a key task in the list of them
NO_DATE = {"invalid": "日期写成 2026-06-30 的样子"}
Options = list[Any]


class OutsiderForm(Form):
    """One line of the outside members. A line left blank is nobody."""

    name = forms.CharField(label="姓名", max_length=40, required=False, error_messages=too_long(40))
    unit = forms.CharField(label="单位", max_length=100, required=False, error_messages=too_long(100))

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("name") and not data.get("unit") and "unit" not in self.errors:
            self.add_error("unit", "请填写单位")
        if data.get("unit") and not data.get("name") and "name" not in self.errors:
            self.add_error("name", "请填写姓名")
        return data

    def outsider(self) -> Outsider | None:
        data = self.cleaned_data
        return Outsider(data["name"], data["unit"]) if data.get("name") and data.get("unit") else None


class PlanForm(Form):
    """The plan of an inspection. `typed` without `saves` is a form in the making: a line was added, nothing is judged."""

    title = forms.CharField(label="督查名称", max_length=100, error_messages=too_long(100))
    key_task = forms.TypedChoiceField(
        label="督查的重点任务", coerce=int, empty_value=None, required=False, error_messages=NOT_LISTED
    )
    matter = forms.CharField(
        label="其他督查事项",
        max_length=200,
        required=False,
        help_text="督查的不是重点任务时填写",
        error_messages=too_long(200),
    )
    basis = forms.CharField(
        label="立项依据",
        max_length=200,
        help_text="谁决定开展这次督查，如 3月2日秘书长办公会议",
        error_messages=too_long(200),
    )
    starts_on = day_field("开始日期")
    ends_on = day_field("结束日期")
    means = forms.MultipleChoiceField(
        label="督查方式",
        choices=Means.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages=NOT_LISTED,
    )
    divisions = forms.TypedMultipleChoiceField(
        label="督查对象",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages=NOT_LISTED,
        help_text="一个处室同一事项一年只督查一次；开始前可以再定",
    )
    members = forms.TypedMultipleChoiceField(
        label="本机关组员",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages=NOT_LISTED,
        help_text="不能督查本人任职的处室",
    )
    head = forms.ChoiceField(
        label="组长", required=False, error_messages=NOT_LISTED, help_text="选为组长的自动列入督查组；开始前可以再定"
    )
    plan = forms.CharField(
        label="督查方案",
        max_length=5000,
        required=False,
        widget=forms.Textarea({"rows": 6}),
        help_text="督查内容、步骤和要求；被督查的处室看不到",
        error_messages=too_long(5000),
    )

    def __init__(
        self,
        typed: QueryDict | None,
        *,
        saves: bool,
        organization: Organization,
        choices: Choices,
        today: date,
        inspection: Inspection | None = None,
    ) -> None:
        rows = _rows_typed(typed) if typed is not None else _rows_of(inspection)
        if typed is not None and not saves:
            rows.append({})
        self.rows = [
            OutsiderForm(typed if saves else None, prefix=f"o-{place}", initial=row)
            for place, row in enumerate(rows[:MOST_OUTSIDERS])
        ]
        if typed is not None and not saves:
            self.rows[-1].fields["name"].widget.attrs["autofocus"] = True
        initial = _initial_typed(typed, self.base_fields) if typed is not None else _initial_of(inspection)
        super().__init__(typed if saves else None, initial=initial)
        self.today, self.inspection = today, inspection
        self.key_tasks = {row.pk: row for row in _key_tasks(organization, today, inspection)}
        self.grouped_people = _people(choices)
        self.people = {person.pk: person for _, people in self.grouped_people for person in people}
        self.division_of = {division.pk: division for division in choices.divisions}
        self._offer(choices)

    def _offer(self, choices: Choices) -> None:
        offered: dict[str, Options] = {
            "key_task": [("", "不是重点任务"), *_grouped_tasks(self.key_tasks.values())],
            "divisions": [(division.pk, division.name) for division in choices.divisions],
            "members": [
                (name, [(person.pk, person.name) for person in people]) for name, people in self.grouped_people
            ],
            "head": [("", "未定"), *self._heads()],
        }
        for name, options in offered.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = options
        for name in ("starts_on", "ends_on"):
            self.fields[name].error_messages |= NO_DATE

    def _heads(self) -> Iterator[tuple[str, Options]]:
        for name, people in self.grouped_people:
            yield name, [(f"u:{person.pk}", person.name) for person in people]
        outside = [(place, (row["name"].value() or "").strip()) for place, row in enumerate(self.rows)]
        yield "外单位人员", [(f"o:{place}", name or f"外单位第 {place + 1} 行") for place, name in outside]

    @property
    def member_groups(self) -> list[tuple[str, list[tuple[int, str, bool]]]]:
        """Under their division or 领导, and whether ticked: the component of a field draws no groups."""
        ticked = {str(value) for value in self["members"].value() or []}
        return [
            (name, [(person.pk, person.name, str(person.pk) in ticked) for person in people])
            for name, people in self.grouped_people
        ]

    @property
    def may_add_row(self) -> bool:
        return len(self.rows) < MOST_OUTSIDERS

    @property
    def error_count(self) -> int:
        return sum(len(part.errors) for part in (self, *self.rows))

    def is_valid(self) -> bool:
        return all([super().is_valid(), *(row.is_valid() for row in self.rows)])

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        self._check_matter(data.get("key_task"), data.get("matter", ""))
        starts_on, ends_on = data.get("starts_on"), data.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", f"结束日期 {ends_on:%Y-%m-%d} 早于开始日期 {starts_on:%Y-%m-%d}，请改其中一个")
        divisions = [self.division_of[pk] for pk in data.get("divisions", [])]
        people = self._members(data.get("members", []), data.get("head", ""))
        for bar in rules.bar_own_division(people, divisions, self.today):
            self.add_error("members", bar)
        key = matter_key_of(self._key_task, data.get("matter", ""))
        if key and starts_on and divisions:
            for bar in rules.bar_repeated(divisions, year=starts_on.year, matter_key=key, apart_from=self.inspection):
                self.add_error("divisions", bar)
        if data.get("head", "").startswith("o:") and self._outsider_at(data["head"]) is None:
            self.add_error("head", "这一行外单位人员没有填写完整，请补填或另选组长")
        return data

    def _check_matter(self, key_task: int | None, matter: str) -> None:
        if key_task and matter:
            self.add_error("matter", "已选重点任务，请清空这里；要督查其他事项的，把上面改为“不是重点任务”")
        elif not key_task and not bare(matter):
            self.add_error("matter", "请选择督查的重点任务，或写明督查事项")
        elif not key_task and any(bare(row.title) == bare(matter) for row in self.key_tasks.values()):
            self.add_error("matter", "这是一项重点任务，请在上面选择")

    @property
    def _key_task(self) -> KeyTask | None:
        return self.key_tasks.get(self.cleaned_data.get("key_task") or 0)

    def _members(self, chosen: list[int], head: str) -> list[User]:
        if head.startswith("u:"):
            chosen = [int(head[2:]), *chosen]
        return [self.people[pk] for pk in dict.fromkeys(chosen)]

    def _outsider_at(self, head: str) -> Outsider | None:
        row = self.rows[int(head[2:])]
        return row.outsider() if row.is_valid() else None

    def draft(self) -> InspectionDraft:
        data = self.cleaned_data
        head = data["head"]
        return InspectionDraft(
            title=data["title"],
            basis=data["basis"],
            starts_on=data["starts_on"],
            ends_on=data["ends_on"],
            divisions=[self.division_of[pk] for pk in data["divisions"]],
            members=self._members(data["members"], head),
            outsiders=[outsider for row in self.rows if (outsider := row.outsider())],
            head=self.people[int(head[2:])] if head.startswith("u:") else self._outsider_at(head) if head else None,
            key_task=self._key_task,
            matter=data["matter"],
            means=[Means(value) for value in data["means"]],
            plan=data["plan"],
        )


def _rows_typed(typed: QueryDict) -> list[dict[str, str]]:
    text = typed.get("rows") or ""
    count = min(max(int(text) if text.isdecimal() and len(text) < 4 else 0, 1), MOST_OUTSIDERS)
    return [{name: typed.get(f"o-{place}-{name}", "") for name in ("name", "unit")} for place in range(count)]


def _rows_of(inspection: Inspection | None) -> list[dict[str, str]]:
    members = inspection.members.filter(user=None).order_by("order") if inspection else []
    return [{"name": row.name, "unit": row.unit} for row in members] or [{}]


def _initial_typed(typed: QueryDict, names: Any) -> dict[str, Any]:
    return {name: typed.getlist(name) if name in SEVERAL else typed.get(name) for name in names}


def _initial_of(inspection: Inspection | None) -> dict[str, Any]:
    if inspection is None:
        return {}
    copied = ("title", "basis", "starts_on", "ends_on", "means", "plan")
    members = list(inspection.members.order_by("order"))
    outside = [row for row in members if row.user_id is None]
    head = next((row for row in members if row.is_head), None)
    return {name: getattr(inspection, name) for name in copied} | {
        "key_task": inspection.key_task_id or "",
        "matter": "" if inspection.key_task_id else inspection.matter,
        "divisions": list(inspection.inspected.values_list("division", flat=True)),
        "members": [row.user_id for row in members if row.user_id],
        "head": "" if head is None else f"u:{head.user_id}" if head.user_id else f"o:{outside.index(head)}",
    }


def _key_tasks(organization: Organization, today: date, inspection: Inspection | None) -> list[KeyTask]:
    """Of the plans of this year and the next; at the turn of a year one plans ahead. What is chosen already stays."""
    offered = KeyTask.objects.filter(organization=organization, plan__year__in=[today.year, today.year + 1])
    if inspection is not None and inspection.key_task_id:
        offered |= KeyTask.objects.filter(pk=inspection.key_task_id)
    return list(offered.select_related("plan").order_by("plan__year", "plan", "order", "id"))


def _grouped_tasks(key_tasks: Any) -> Options:
    groups: dict[str, Options] = {}
    for row in key_tasks:
        name = f"{row.number} {row.title}".strip()
        short = name if len(name) <= NAME_LENGTH else f"{name[:NAME_LENGTH]}…"
        groups.setdefault(row.plan.name, []).append((row.pk, short))
    return list(groups.items())


def _people(choices: Choices) -> list[tuple[str, list[User]]]:
    """Everybody once: leaders first, then by division."""
    seen: set[int] = set()
    groups = []
    offered = [("领导", choices.leaders)]
    offered += [(division.name, choices.people_of(division.pk)) for division in choices.divisions]
    for name, people in offered:
        new = [person for person in people if person.pk not in seen]
        seen |= {person.pk for person in new}
        groups += [(name, new)] if new else []
    return groups


class FindingForm(Form):
    """What was found at one object; with a requirement, who puts it right and by when."""

    words = forms.CharField(
        label="发现的情况",
        max_length=500,
        widget=forms.Textarea({"rows": 4}),
        error_messages={"required": "请写明发现的情况；没有问题的写“未发现问题”"} | too_long(500),
    )
    requirement = forms.CharField(
        label="整改要求",
        max_length=200,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text="要整改的填写，连同责任人和时限；登记后另立事项，当场交办",
        error_messages=too_long(200),
    )
    person = forms.TypedChoiceField(
        label="责任人", coerce=int, empty_value=None, required=False, error_messages=NOT_LISTED
    )
    due_on = day_field("整改时限", required=False)

    def __init__(
        self,
        *args: Any,
        inspected: InspectionObject,
        choices: Choices,
        today: date,
        finding: Finding | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        if finding is not None:
            self.fields["words"].initial = finding.words
        if finding is not None and finding.follow_up_id:  # in hand: it changes as projects do
            for name in ("requirement", "person", "due_on"):
                del self.fields[name]
            return
        self.people = {person.pk: person for person in choices.people_of(inspected.division_id)}
        person = self.fields["person"]
        assert isinstance(person, forms.ChoiceField)
        person.choices = [("", "请选择"), *((pk, each.name) for pk, each in self.people.items())]
        self.fields["due_on"].error_messages |= NO_DATE

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        due_on = data.get("due_on")
        if due_on and due_on < self.today:
            self.add_error("due_on", f"整改时限 {due_on:%Y-%m-%d} 已过，请改为今天或以后")
        if data.get("requirement"):
            if not data.get("person") and "person" not in self.errors:
                self.add_error("person", "请选择责任人")
            if not due_on and "due_on" not in self.errors:
                self.add_error("due_on", "请写明整改时限")
        elif (data.get("person") or due_on) and "requirement" not in self.errors:
            self.add_error("requirement", "选了责任人或时限，请写明整改要求")
        return data

    def found(self) -> dict[str, Any]:
        """As `record_finding` takes it."""
        data = self.cleaned_data
        if "requirement" not in self.fields:
            return {"words": data["words"]}
        return {name: data[name] for name in ("words", "requirement", "due_on")} | {
            "person": self.people.get(data["person"] or 0)
        }


class WordsForm(Form):
    """The words a move asks for: a conclusion, or why it is cancelled."""

    def __init__(self, data: QueryDict | None, *, move: InspectionMove, most: int) -> None:
        super().__init__(data)
        self.fields["words"] = forms.CharField(
            label=move.needs_words,
            max_length=most,
            widget=forms.Textarea({"rows": 6 if most > 500 else 3}),
            error_messages={"required": f"请写明{move.needs_words}"} | too_long(most),
        )
