"""What is written with the moves of a milestone: 报完成, 退回."""

from django import forms

from tasks.forms.counts import CountsForm
from tasks.forms.words import words_field


class ReportForm(CountsForm):
    summary = words_field(
        "完成情况",
        "请写明完成情况，处室负责人和督办处据此审核",
        hint="做成了什么、形成什么成果。附件请用“填报进展”上传。",
    )


class SendBackForm(forms.Form):
    reason = words_field("退回理由", "退回必须写明理由，承办处室看得到")
