"""The one field that most moves ask for: a text with a sentence of its own where it is missing."""

from django import forms

MOST = 4000


def words_field(label: str, missing: str = "", *, must: bool = True, hint: str = "", rows: int = 4) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=must,
        max_length=MOST,
        help_text=hint,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": missing or f"请写明{label}", "max_length": f"最多 {MOST} 个字，请缩短或改用附件"},
    )
