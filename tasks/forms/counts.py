"""Fields for counts towards quantitative targets, on whatever form a division writes."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms

from tasks.models import Target
from tasks.queries.counts import Shortage


class CountsForm(forms.Form):
    """A form that also takes counts; a field left empty is no count, zero is one."""

    def __init__(self, *args: Any, targets: Iterable[Target] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.targets = {f"count-{target.pk}": target for target in targets}
        for name, target in self.targets.items():
            self.fields[name] = _count_field(target)

    def tell_shortages(self, shortages: Iterable[Shortage]) -> None:
        """Say beside each field how much is still missing."""
        for row in shortages:
            field = self.fields[f"count-{row.target.pk}"]
            field.help_text = f"{row.words}。{field.help_text}"

    def counts(self) -> dict[Target, Decimal]:
        return {
            target: self.cleaned_data[name]
            for name, target in self.targets.items()
            if self.cleaned_data[name] is not None
        }


def _count_field(target: Target) -> forms.DecimalField:
    hint = f"目标 {target.value_text}。" + ("填累计值。" if target.is_share else "填本次新增，累计由系统相加。")
    return forms.DecimalField(
        label=target.metric or target.statement[:40],
        required=False,
        min_value=0,
        max_digits=12,
        decimal_places=2,
        help_text=hint,
        error_messages={
            "invalid": "请写数字",
            "min_value": "数量不能为负",
            "max_digits": "数字太长，请检查",
            "max_whole_digits": "数字太长，请检查",
            "max_decimal_places": "最多两位小数",
        },
    )
