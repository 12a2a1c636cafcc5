"""A page for developers: every component in every state, as the look draws them."""

from datetime import date
from types import SimpleNamespace as Thing

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


class SampleForm(forms.Form):
    reason = forms.CharField(
        label="退回理由", widget=forms.Textarea, error_messages={"required": "退回必须写明理由，承办处室看得到"}
    )
    mend_by = forms.CharField(label="整改时限", required=False, help_text="可写“10月底前”，识别后显示日期")
    effect = forms.ChoiceField(
        label="成效评价", choices=[("A", "优"), ("B", "良"), ("C", "中"), ("D", "差")], widget=forms.RadioSelect
    )
    division = forms.ChoiceField(label="牵头处室", choices=[("", "请选择"), ("1", "经济委办公室")])
    urgent = forms.BooleanField(label="特急，夜间也发出", required=False)
    evidence = forms.FileField(label="佐证材料", required=False, help_text="单个文件不超过 50 MB")


LIGHTS = [Thing(code=code, label="", why="") for code in ("red", "yellow", "blue", "green", "grey", "done", "none")]
LIGHTS_WITH_WHY = [
    Thing(code="red", label="红灯", why="逾期 6 个工作日"),
    Thing(code="yellow", label="临期", why="还有 2 个工作日"),
    Thing(code="blue", label="待核实", why="第 4 天 · 限 5 天"),
    Thing(code="done", label="已完成", why="逾期 4 天完成"),
]
EXPLAINED = Thing(
    code="yellow",
    label="黄灯",
    why="临期，欠序时",
    reasons=[
        Thing(
            code="yellow",
            label="临期",
            words="节点“协商报告报送市委、市政府”10月16日到期，预警日 10月10日",
            rule="到期前 5 个工作日亮黄灯",
        ),
        Thing(code="yellow", label="欠序时 12.5", words="进度 62.5，序时 75", rule="欠 10 至 30 为黄，超过 30 为红"),
        Thing(code="blue", label="待核实", words="节点“调研报告定稿”10月9日报送，处室计时已停"),
    ],
)
PACES = [("超序时", 72, 58, ""), ("达序时", 55, 60, ""), ("欠序时", 48, 70, "amber"), ("严重", 30, 78, "red")]
MIX = [
    Thing(fill=fill, count=count)
    for fill, count in (
        ("red", 5), ("yellow", 7), ("yellow2", 9), ("blue", 6), ("green", 16), ("green2", 6), ("grey", 2),
        ("done", 31), ("done2", 4),
    )
]  # fmt: skip
MOVES = [
    Thing(
        label="核实节点“调研报告定稿”", icon="check2-circle", url="#", hint="限 10月15日前，附件 2 件", is_primary=True
    ),
    Thing(label="签收", icon="inbox", url="#", is_post=True, fields=[("version", 14)], hint="限交办后 2 个工作日"),
    Thing(label="发起变更", icon="arrow-left-right", url="#"),
    Thing(
        label="验收销号",
        icon="patch-check",
        url="#",
        bars=["还有 2 个节点未完成", "须经济委办公室先申请销号"],
    ),
    Thing(label="撤回交办", icon="arrow-counterclockwise", url="#", bars=["经济委办公室已于 2月24日签收"]),
]
STEPS = [
    Thing(label="拟立项", detail="2月13日", state="done"),
    Thing(label="已交办", detail="2月20日 · 2月24日签收", state="done"),
    Thing(label="办理中", detail="节点 4/6，进度 62.5%", state="now"),
    Thing(label="待验收", detail="时限 10月16日", state=""),
    Thing(label="已销号", detail="", state=""),
]


def components(request: HttpRequest) -> HttpResponse:
    wrong = SampleForm({"mend_by": "10月底前"})
    wrong.full_clean()
    pages = Paginator(range(100), 50)
    return render(
        request,
        "components/gallery.html",
        {
            "lights": LIGHTS,
            "lights_with_why": LIGHTS_WITH_WHY,
            "explained": EXPLAINED,
            "paces": PACES,
            "clocks": [2, 4, 6],
            "mix_parts": MIX,
            "sample_moves": MOVES,
            "sample_steps": STEPS,
            "form": SampleForm(),
            "wrong_form": wrong,
            "page_obj": pages.page(1),
            "day": date(2026, 10, 16),
            "other_year": date(2027, 1, 4),
        },
    )
