"""Who takes over what: one for all of a division's or the leaders', or another for a single line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField

from accounts.forms import Form
from tasks.actions.hand_over import Choice
from tasks.queries.choices import Choices
from tasks.queries.hand_over import Holding, successors_of

KEEP = "0"
_SMALL = {"class": "form-select-sm"}


@dataclass(frozen=True)
class Pool:
    """The lines that the same people may take over."""

    name: str
    for_all: BoundField
    rows: list[tuple[Holding, BoundField]]
    has_successors: bool


class HandOverForm(Form):
    """`choices()` are the lines for which somebody was chosen; the other ones stay."""

    def __init__(self, *args: Any, holdings: list[Holding], people: Mapping[int, Choices], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.holdings = holdings
        for holding in holdings:
            able = successors_of(holding, people[holding.project.organization_id])
            offered = [
                (str(person.pk), f"{person}（{person.title}）" if person.title else person.name) for person in able
            ]
            pool = pool_name(holding)
            if pool not in self.fields:
                label = f"{holding.division or '牵头领导'}的责任全部交给"
                self.fields[pool] = _choice(label, [("", "请选择" if offered else "没有可接手的人"), *offered])
            title = holding.milestone or holding.project.title
            self.fields[line_name(holding)] = _choice(
                f"“{title}”交给", [("", "同上"), (KEEP, "暂不移交"), *offered], widget=forms.Select(attrs=_SMALL)
            )
        self.fields["reason"] = forms.CharField(
            label="移交原因",
            max_length=200,
            help_text="如 工作调动、退休、岗位调整；写入每个项目的办理记录。",
            error_messages={"required": "请写明移交原因"},
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not any(self._chosen()):
            raise forms.ValidationError("还没有选择接手的人：请选一人全部接手，或逐项选择。")
        return data

    def _chosen(self) -> Iterator[tuple[Holding, int]]:
        for holding in self.holdings:
            chosen = self.cleaned_data.get(line_name(holding)) or self.cleaned_data.get(pool_name(holding)) or KEEP
            if chosen != KEEP:
                yield holding, int(chosen)

    def choices(self) -> list[Choice]:
        return [Choice(row.key, self._version(row), successor_id) for row, successor_id in self._chosen()]

    def _version(self, holding: Holding) -> int:
        """As the page showed it; what is missing or made up fits no project."""
        typed = str(self.data.get(f"version-{holding.project.pk}", ""))
        return int(typed) if typed.isdecimal() and len(typed) < 10 else 0

    def preview(self) -> list[tuple[Holding, str]]:
        names = {
            str(value): label for name in self.fields for value, label in getattr(self.fields[name], "choices", ())
        }
        return [(row, names[str(successor_id)]) for row, successor_id in self._chosen()]

    def pools(self) -> list[Pool]:
        pools: dict[str, Pool] = {}
        for row in self.holdings:
            name = pool_name(row)
            field: Any = self.fields[name]
            if name not in pools:
                pools[name] = Pool(str(row.division or "牵头领导"), self[name], [], len(field.choices) > 1)
            pools[name].rows.append((row, self[line_name(row)]))
        return list(pools.values())


def pool_name(holding: Holding) -> str:
    return f"all-{holding.division.pk}" if holding.division else f"all-leaders-{holding.project.organization_id}"


def line_name(holding: Holding) -> str:
    return f"to-{holding.key}"


def _choice(label: str, choices: list[tuple[str, str]], **kwargs: Any) -> forms.ChoiceField:
    wrong = "此人已不能接手，请重新选择"
    return forms.ChoiceField(
        label=label, choices=choices, required=False, error_messages={"invalid_choice": wrong}, **kwargs
    )
