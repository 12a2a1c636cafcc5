"""What is posted from the inbox."""

from django import forms

from supervision.notifications.enums import Reason


class ReadAllForm(forms.Form):
    """`until`: the newest message the page knew of."""

    until = forms.IntegerField(min_value=0, max_value=2**63 - 1)
    reason = forms.TypedChoiceField(choices=Reason, coerce=Reason, empty_value=None, required=False)
