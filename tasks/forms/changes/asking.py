"""The form of 申请变更: what each kind lets one change, filled with what stands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from accounts.forms import Form, day_field
from accounts.models import User
from cppcc_office.lib.workdays import WorkCalendar
from tasks.actions.changes.lines import Tree, Wish, plain
from tasks.enums import ChangeKind, MilestoneState
from tasks.forms.words import words_field
from tasks.models import Milestone, Project

MOST_ADDED = 3
WITH_DATES = (ChangeKind.EXTENSION, ChangeKind.RESUMPTION)
DUE_LABELS = {
    ChangeKind.EXTENSION: "延期到",
    ChangeKind.ALTERATION: "项目完成时限",
    ChangeKind.RESUMPTION: "恢复后的完成时限",
    ChangeKind.REOPENING: "新的完成时限",
}
PROJECT_TEXTS = ("effect_standard", "report_cycle", "remark")
PROJECT_CHOICES = ("lead_division", "person", "leader")


@dataclass(frozen=True)
class Row:
    """One milestone, target or added step with its fields."""

    subject: Any
    fields: Mapping[str, BoundField]

    def __getitem__(self, name: str) -> BoundField:
        return self.fields[name]

    @property
    def is_typed(self) -> bool:
        """Whether anything was written of an added step."""
        return any(self.fields[name].value() for name in ("title", "duty", "due_on") if name in self.fields)


class AskForm(Form):
    """Unchanged fields ask for nothing, so the whole project may be posted back."""

    def __init__(
        self,
        *args: Any,
        kind: ChangeKind,
        tree: Tree,
        types_for_lead: bool,
        dates: Mapping[int | None, date] | None = None,
        values: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """`dates` are offered per milestone (None: the project's own) in place of those that stand; `values` are of a
        prepared change."""
        self.kind, self.tree, self.dates = kind, tree, dates or {}
        super().__init__(*args, **kwargs)
        self._add_project(values or {})
        if kind in (*WITH_DATES, ChangeKind.ALTERATION):
            self._add_milestones()
        if kind == ChangeKind.ALTERATION:
            self._add_targets()
        if kind in (ChangeKind.ALTERATION, ChangeKind.REOPENING):
            self._add_steps()
        self.fields["reason"] = words_field(
            "理由", "请写明申请变更的理由", hint="为什么要变更、已经做到哪一步、下一步怎么办。"
        )
        if types_for_lead:
            self.fields["for_lead"] = forms.BooleanField(
                label=f"代{tree.project.lead_division}填写",
                required=False,
                initial=kind == ChangeKind.EXTENSION,
                help_text="处室提出、由督办处录入的请勾选，页面上标明“代填”；录入后不能再由您决定。",
            )
        if self.is_bound and self.data.get("op"):
            self.fields["reason"].required = False  # a preview asks for no reasons yet

    # ── fields ───────────────────────────────────────────────────────────────

    def _add_project(self, values: Mapping[str, Any]) -> None:
        project, kind = self.tree.project, self.kind
        if kind == ChangeKind.SUSPENSION:
            self.fields["resume_on"] = _day("预计恢复日期", None, required=True)
        if kind in DUE_LABELS:
            stands = project.due_on if kind == ChangeKind.ALTERATION else None
            offered = self.dates.get(None) or values.get("due_on") or stands
            self.fields["due_on"] = _day(DUE_LABELS[kind], offered, required=True)
        if kind != ChangeKind.ALTERATION:
            return
        choices = self.tree.choices
        self.fields["lead_division"] = _choice(
            "牵头处室", [(division.pk, division.name) for division in choices.divisions], project.lead_division
        )
        self.fields["person"] = _choice("项目责任人", _grouped(self.tree), project.person)
        self.fields["leader"] = _choice("牵头领导", [(each.pk, each.name) for each in choices.leaders], project.leader)
        self.fields["co_divisions"] = forms.TypedMultipleChoiceField(
            label="协办处室",
            coerce=int,
            required=False,
            choices=[(each.pk, each.name) for each in choices.divisions if each.pk != project.lead_division_id],
            widget=forms.CheckboxSelectMultiple,
            initial=list(project.co_division_rows.values_list("division_id", flat=True)),
        )
        labels = {"effect_standard": "成效标准", "report_cycle": "反馈周期", "remark": "备注"}
        for name in PROJECT_TEXTS:
            self.fields[name] = words_field(labels[name], must=False, rows=1 if name == "report_cycle" else 2)
            self.fields[name].initial = values.get(name, getattr(project, name))
        for name in values.keys() & set(PROJECT_CHOICES):
            self.fields[name].initial = values[name]

    def _add_milestones(self) -> None:
        for milestone in self.open_milestones():
            title = f"“{milestone.title}”"
            offered = self.dates.get(milestone.pk, milestone.due_on)
            movable = milestone.state != MilestoneState.REPORTED
            self.fields[f"m-{milestone.pk}-due_on"] = _day(f"{title}时限", offered, small=True, disabled=not movable)
            if self.kind != ChangeKind.ALTERATION:
                continue
            self.fields[f"m-{milestone.pk}-weight"] = _weight(f"{title}权重", milestone.weight)
            self.fields[f"m-{milestone.pk}-duty"] = _duty(f"{title}主办和责任人", self.tree, milestone)
            self.fields[f"m-{milestone.pk}-cancelled"] = forms.BooleanField(label=f"取消节点{title}", required=False)

    def _add_targets(self) -> None:
        for target in self.tree.targets.values():
            title = f"目标“{target.statement}”"
            self.fields[f"t-{target.pk}-weight"] = _weight(f"{title}权重", target.weight)
            if target.target_value is not None:
                self.fields[f"t-{target.pk}-target_value"] = forms.DecimalField(
                    label=f"{title}目标值",
                    max_digits=12,
                    decimal_places=2,
                    initial=Decimal(plain(target.target_value)),
                    widget=forms.NumberInput(_small(f"{title}目标值") | {"step": "any"}),
                )

    def _add_steps(self) -> None:
        targets = [(target.pk, target.statement) for target in self.tree.targets.values()]
        for place in range(MOST_ADDED if self.kind == ChangeKind.ALTERATION else 1):
            where = f"增加的节点 {place + 1}："
            self.fields[f"a-{place}-title"] = forms.CharField(
                label="节点", max_length=300, required=False, widget=forms.TextInput(_small(f"{where}名称"))
            )
            self.fields[f"a-{place}-deliverable"] = forms.CharField(
                label="成果形式", max_length=200, required=False, widget=forms.TextInput(_small(f"{where}成果形式"))
            )
            self.fields[f"a-{place}-target"] = forms.TypedChoiceField(
                label="目标", coerce=int, empty_value=None, required=False, choices=targets,
                widget=forms.Select(_select(f"{where}目标")),
            )  # fmt: skip
            self.fields[f"a-{place}-duty"] = _duty(f"{where}主办和责任人", self.tree, None)
            self.fields[f"a-{place}-due_on"] = _day(f"{where}时限", None, small=True)
            self.fields[f"a-{place}-weight"] = _weight(f"{where}权重", 1)

    # ── as the page draws them ───────────────────────────────────────────────

    def open_milestones(self) -> list[Milestone]:
        return [milestone for milestone in self.tree.milestones.values() if milestone.is_open]

    def _rows(self, prefix: str, subjects: Mapping[Any, Any]) -> Iterator[Row]:
        for key, subject in subjects.items():
            stem = f"{prefix}-{key}-"
            names = [name for name in self.fields if name.startswith(stem)]
            if names:
                yield Row(subject, {name.removeprefix(stem): self[name] for name in names})

    def milestone_rows(self) -> list[Row]:
        return list(self._rows("m", self.tree.milestones))

    def target_rows(self) -> list[Row]:
        return list(self._rows("t", self.tree.targets))

    def added_rows(self) -> list[Row]:
        return list(self._rows("a", dict.fromkeys(range(MOST_ADDED))))

    def project_fields(self) -> list[BoundField]:
        names = ("lead_division", "person", "leader", *PROJECT_TEXTS)
        return [self[name] for name in names if name in self.fields]

    # ── as the action takes it ───────────────────────────────────────────────

    def wishes(self) -> list[Wish]:
        return [*self._of_project(), *self._of_parts(), *self._of_steps()]

    def _of_project(self) -> Iterator[Wish]:
        values = self.cleaned_data
        for name in ("due_on", "resume_on"):
            if values.get(name):
                yield Wish("project", name, values[name].isoformat())
        for name in (*PROJECT_CHOICES, "co_divisions", *PROJECT_TEXTS):
            if name in self.fields and (values.get(name) or name in ("co_divisions", *PROJECT_TEXTS)):
                yield Wish("project", name, values[name])

    def _of_parts(self) -> Iterator[Wish]:
        for name, value in self.cleaned_data.items():
            kind, _, rest = name.partition("-")
            key, _, field = rest.partition("-")
            if kind not in ("m", "t") or value in (None, "") or self.fields[name].disabled:
                continue
            subject = "milestone" if kind == "m" else "target"
            if isinstance(value, date):
                value = value.isoformat()
            elif isinstance(value, Decimal):
                value = plain(value)
            if self._is_cancelled(key) and field != "cancelled" and kind == "m":
                continue  # what else was typed for a step that goes away means nothing
            yield Wish(subject, field, value, int(key))

    def _is_cancelled(self, key: str) -> bool:
        return bool(self.cleaned_data.get(f"m-{key}-cancelled"))

    def _of_steps(self) -> Iterator[Wish]:
        for place in range(MOST_ADDED):
            values = {name: self.cleaned_data.get(f"a-{place}-{name}") for name in ("title", "deliverable", "due_on")}
            duty = self.cleaned_data.get(f"a-{place}-duty") or {}
            if not any([*values.values(), duty]):
                continue
            value: dict[str, Any] = {
                "title": values["title"],
                "deliverable": values["deliverable"],
                "due_on": values["due_on"].isoformat() if values["due_on"] else "",
                "weight": self.cleaned_data.get(f"a-{place}-weight") or 1,
                "target": self.cleaned_data.get(f"a-{place}-target"),
                **duty,
            }
            yield Wish("milestone", "added", value)


def moved_along(
    project: Project, milestones: list[Milestone], days: int, last: date, today: date, calendar: WorkCalendar
) -> dict[int | None, date]:
    """Each open milestone so many working days later, within the new time; a reported one has stopped its clock."""
    return {
        milestone.pk: max(min(calendar.add(milestone.due_on, days), last), min(today, last))
        for milestone in milestones
        if milestone.due_on is not None and milestone.state != MilestoneState.REPORTED and project.due_on is not None
    }


def _small(label: str) -> dict[str, str]:
    return {"class": "form-control form-control-sm", "aria-label": label}


def _select(label: str) -> dict[str, str]:
    return {"class": "form-select form-select-sm", "aria-label": label}


def _day(
    label: str, initial: date | None, *, required: bool = False, small: bool = False, disabled: bool = False
) -> forms.DateField:
    field = day_field(label, required=required)
    field.initial, field.disabled = initial, disabled
    field.error_messages |= {"invalid": "日期写成 2026-06-30 的样子"}
    if small:
        field.widget.attrs |= _small(label)
    return field


def _weight(label: str, initial: int) -> forms.IntegerField:
    wrong = {"min_value": "权重至少是 1", "max_value": "权重最多 1000", "invalid": "权重写整数"}
    widget = forms.NumberInput(_small(label))
    return forms.IntegerField(
        label=label, min_value=1, max_value=1000, initial=initial, required=False, error_messages=wrong, widget=widget
    )


def _choice(label: str, choices: list[Any], current: Any) -> forms.TypedChoiceField:
    field = forms.TypedChoiceField(
        label=label,
        coerce=int,
        empty_value=None,
        required=False,
        choices=[("", "未定"), *choices],
        error_messages={"invalid_choice": "请在列表中选择"},
    )
    field.initial = current.pk if current is not None else ""
    return field


def _grouped(tree: Tree) -> list[tuple[str, list[tuple[int, str]]]]:
    people = tree.choices.people
    return [
        (division.name, [(person.pk, person.name) for person in people[division.pk]])
        for division in tree.choices.divisions
        if people.get(division.pk)
    ]


def _duty(label: str, tree: Tree, milestone: Milestone | None) -> forms.TypedChoiceField:
    """主办 and person in one list, so that they always fit each other."""
    options: list[Any] = [("", "请选择")]
    known = set()
    for division in tree.choices.divisions:
        own: list[User] = tree.choices.people_of(division.pk)
        options += [(division.name, [(f"{division.pk}:{person.pk}", person.name) for person in own])] if own else []
        known |= {f"{division.pk}:{person.pk}" for person in own}
    current = f"{milestone.division_id}:{milestone.person_id}" if milestone else ""
    if milestone is not None and current not in known:
        options.insert(1, ("", f"{milestone.division or '未定'} {milestone.person or '未定'}（现在）"))
        current = ""
    return forms.TypedChoiceField(
        label=label, coerce=_pair, empty_value=None, required=False, choices=options, initial=current,
        error_messages={"invalid_choice": "请在列表中选择"}, widget=forms.Select(_select(label)),
    )  # fmt: skip


def _pair(text: str) -> dict[str, int]:
    division, _, person = text.partition(":")
    return {"division": int(division), "person": int(person)}
