"""What people type into the annual review: why a project was late, and how the open ones go on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from cppcc_office.lib.workdays import WorkCalendar
from supervision.cycles.actions.review import Carry
from supervision.cycles.queries.review import MOST_WORDS, offered_due
from tasks.forms.fields import DeadlineField, pairs_in, understood
from tasks.forms.parts import NOT_LISTED, too_long
from tasks.models import Plan, Project


class ReasonForm(forms.Form):
    words = forms.CharField(
        label="逾期原因",
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=f"写清为什么逾期、怎样改进，{MOST_WORDS} 字以内；写入年度复盘，领导可见。",
        error_messages={"required": "请写明逾期原因"} | too_long(MOST_WORDS),
    )


@dataclass(frozen=True)
class CarryRow:
    """One open project in the form: whether it is ticked, its new due date, and what bars it."""

    project: Project
    bars: list[str]
    due: forms.BoundField | None
    is_chosen: bool
    told: Sequence[str] = ()  # why it was left the last time
    read: str = ""  # what the date was read as

    @property
    def value(self) -> str:
        return f"{self.project.pk}:{self.project.version}"


class CarryForm(forms.Form):
    """The open projects of one page: which are carried over, into which plan, each with its new due date.

    Only what is ticked must have a date; of the others what was typed is kept.
    """

    def __init__(
        self,
        data: QueryDict | None,
        *,
        rows: Sequence[tuple[Project, list[str]]],
        plans: Sequence[Plan],
        calendar: WorkCalendar,
        today: date,
    ) -> None:
        super().__init__(data)
        self.rows_given = rows
        self.plans = {plan.pk: plan for plan in plans}
        self.calendar = calendar
        self.today = today
        self.fields["into"] = forms.TypedChoiceField(
            label="结转到",
            choices=[(plan.pk, plan.name) for plan in plans],
            coerce=int,
            error_messages=NOT_LISTED | {"required": "请选择结转到哪个计划"},
        )
        year = plans[0].year if plans else today.year
        for project, bars in rows:
            if not bars:
                self.fields[due_name(project)] = DeadlineField(
                    label=f"“{project.title}”新的完成时限",
                    year=self._year_typed() or year,
                    required=False,
                    initial=offered_due(project, year, today).isoformat(),
                    error_messages=too_long(100),
                )

    def _year_typed(self) -> int | None:
        """A date without a year is one of the plan's year."""
        text = str(self.data.get("into", ""))
        plan = self.plans.get(int(text)) if text.isdecimal() else None
        return plan.year if plan else None

    def _chosen(self) -> dict[int, int]:
        """Project and version of each ticked row."""
        return dict(pairs_in(self.data.getlist("chosen"))) if isinstance(self.data, QueryDict) else {}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = self._chosen()
        able = {project.pk: project for project, bars in self.rows_given if not bars}
        if not chosen.keys() & able.keys():
            raise forms.ValidationError("还没有勾选要结转的项目。")
        for pk in chosen.keys() & able.keys():
            name = due_name(able[pk])
            if name not in self.errors and not data.get(name):
                self.add_error(name, "请填写新的完成时限")
        for name in list(self.errors):
            if name.startswith("due-") and int(name.removeprefix("due-")) not in chosen:
                del self.errors[name]  # not asked for yet
        return data

    @property
    def into(self) -> Plan:
        return self.plans[self.cleaned_data["into"]]

    def carries(self) -> list[Carry]:
        """Those ticked, with the version that the page showed."""
        chosen = self._chosen()
        return [
            Carry(project, chosen[project.pk], self.cleaned_data[due_name(project)].due_on)
            for project, bars in self.rows_given
            if not bars and project.pk in chosen
        ]

    def rows(self, told: dict[int, list[str]] | None = None) -> list[CarryRow]:
        chosen = self._chosen()
        return [
            CarryRow(
                project,
                bars,
                self[due_name(project)] if not bars else None,
                project.pk in chosen,
                (told or {}).get(project.pk, ()),
                understood(self.cleaned_data.get(due_name(project)), self.calendar)
                if self.is_bound and not bars
                else "",
            )
            for project, bars in self.rows_given
        ]


def due_name(project: Project) -> str:
    return f"due-{project.pk}"
