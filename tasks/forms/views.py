"""The shape of a saved view."""

from django import forms

from accounts.forms import Form
from tasks.enums import ViewScope


class ViewNameForm(Form):
    name = forms.CharField(label="视图名称", max_length=20)


class ViewForm(ViewNameForm):
    query = forms.CharField(required=False, max_length=4000)
    scope = forms.TypedChoiceField(choices=ViewScope.choices, coerce=ViewScope, initial=ViewScope.MINE)
