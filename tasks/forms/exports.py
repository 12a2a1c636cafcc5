"""How a list is to be written: what a row stands for, which columns, on which paper."""

from typing import cast

from django import forms
from django.http import QueryDict

from cppcc_office.lib.sheets.writing import Paper
from tasks.tables.ledger_book import Per

ALL = "all"


class ExportForm(forms.Form):
    per = forms.ChoiceField(
        label="每行",
        choices=[(per.value, per.label) for per in Per],
        widget=forms.RadioSelect,
        required=False,
        initial=Per.PROJECT.value,
    )
    which = forms.ChoiceField(
        label="栏目",
        choices=[(ALL, "全部栏目"), ("shown", "页面上选用的栏目")],
        widget=forms.RadioSelect,
        required=False,
        initial=ALL,
    )
    paper = forms.ChoiceField(
        label="打印纸张",
        choices=[("A3", "A3 横向"), ("A4", "A4 横向")],
        widget=forms.RadioSelect,
        required=False,
        initial="A3",
    )

    def __init__(self, data: QueryDict) -> None:
        """Nothing is refused: what is not chosen, or not known, is the first choice."""
        chosen = {
            name: data[name]
            for name, field in self.base_fields.items()
            if name in data and cast("forms.ChoiceField", field).valid_value(data[name])
        }
        super().__init__({name: field.initial for name, field in self.base_fields.items()} | chosen)
        self.chosen = chosen

    @property
    def row_is(self) -> Per:
        return Per(str(self["per"].value()))

    @property
    def all_columns(self) -> bool:
        return bool(self["which"].value() == ALL)

    @property
    def on_paper(self) -> Paper:
        return Paper[str(self["paper"].value())]
