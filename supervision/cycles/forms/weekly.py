"""The four parts of a week's summary, as typed."""

from django import forms

from accounts.forms import Form
from supervision.cycles.queries.weekly import COORDINATION, DONE, NEXT_WEEK, PARTS, TITLES, UNDER_WAY
from tasks.forms.parts import too_long

LONGEST = 20_000


def _part(part: str) -> forms.CharField:
    """May be empty: a quiet week is one."""
    return forms.CharField(
        label=TITLES[part],
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages=too_long(LONGEST),
    )


class WeeklyForm(Form):
    done = _part(DONE)
    under_way = _part(UNDER_WAY)
    next_week = _part(NEXT_WEEK)
    coordination = _part(COORDINATION)

    @property
    def texts(self) -> dict[str, str]:
        return {part: self.cleaned_data[part] for part in PARTS}
