"""What is sent from the workbench."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict


class ConfirmForm(forms.Form):
    """Ticked milestones, each with the version of its project that the page showed: `12:5`."""

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.ticked = data.getlist("milestone")

    def clean(self) -> dict[str, Any]:
        versions: dict[int, int] = {}
        for value in self.ticked:
            pk, _, version = value.partition(":")
            if not (pk.isdecimal() and version.isdecimal() and len(pk) < 19 and len(version) < 10):
                raise ValidationError("勾选的内容认不出来，请刷新页面后重新勾选。")
            versions[int(pk)] = int(version)
        if not versions:
            raise ValidationError("一个节点也没有勾选，请先勾选要核实的节点。")
        return {"milestone": versions}
