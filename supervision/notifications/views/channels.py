"""消息通道: the SYSADMIN sets them up, tries them and switches them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Role
from accounts.http import SignedInRequest
from accounts.views.offices import office_as
from supervision.notifications.actions import channels as actions
from supervision.notifications.actions.sending import test_channel
from supervision.notifications.enums import ChannelKind
from supervision.notifications.forms.channels import FORMS
from supervision.notifications.models import Channel
from supervision.notifications.queries.undelivered import undelivered_count

# What each kind is for, and its icon.
OFFERS = {
    ChannelKind.EMAIL: ("envelope", "发到每个人的邮箱；一个机关启用一个邮件服务器。"),
    ChannelKind.WECOM: ("chat-dots", "发到企业微信、政务微信的一个群；只发编号、种类和件数。"),
    ChannelKind.DINGTALK: ("chat-dots", "发到钉钉、浙政钉一类的一个群；只发编号、种类和件数。"),
    ChannelKind.FEISHU: ("chat-dots", "发到飞书的一个群；只发编号、种类和件数。"),
    ChannelKind.APPRISE: (
        "broadcast",
        "发到其他平台的一个群，或以 JSON 发到一个接口；只发编号、种类和件数。拒收时只答复“成功”的平台，看不出没有送达。",
    ),
    ChannelKind.WEBHOOK: ("phone", "交给短信网关或办公平台的接口，发到每个人的手机；只发编号、种类和件数。"),
}


@require_safe
def channels(request: SignedInRequest) -> HttpResponse:
    organization = office_as(request, Role.SYSADMIN)
    rows = Channel.objects.visible_to(request.user, request.today).filter(organization=organization)
    context = {
        "organization": organization,
        "channels": rows.select_related("division").order_by("-is_on", "kind", "id"),
        "undelivered": undelivered_count([organization.pk]),
    }
    return render(request, "notifications/channels.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def channel_new(request: SignedInRequest) -> HttpResponse:
    organization = office_as(request, Role.SYSADMIN)
    asked = request.GET.get("kind", "")
    if asked not in ChannelKind.values:
        offers = [(kind, *offer) for kind, offer in OFFERS.items()]
        return render(request, "notifications/channel_kinds.html", {"offers": offers})
    kind = ChannelKind(asked)
    form = FORMS[kind](organization, None, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = actions.set_up_channel(organization, kind=kind, by=request.user, now=request.now, **form.fields_given())
        messages.success(request, f"已新建“{made.name}”，还没有启用：请先测试，成功后启用。")
        return redirect("channel", pk=made.pk)
    context = {"form": form, "kind": kind, "channel": None}
    return render(request, "notifications/channel.html", context, status=422 if form.errors else 200)


def _channel_or_404(request: SignedInRequest, pk: int) -> Channel:
    rows = Channel.objects.visible_to(request.user, request.today)
    return get_object_or_404(rows.select_related("organization", "division"), pk=pk)


@never_cache
@require_http_methods(["GET", "POST"])
def channel(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _channel_or_404(request, pk)
    kind = ChannelKind(row.kind)
    form = FORMS[kind](row.organization, row, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        actions.alter_channel(row, version=_version(request), by=request.user, now=request.now, **form.fields_given())
        messages.success(request, f"已保存“{row.name}”。")
        return redirect("channel", pk=pk)
    context = {"form": form, "kind": kind, "channel": row}
    return render(request, "notifications/channel.html", context, status=422 if form.errors else 200)


def _version(request: SignedInRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() else 0


@require_POST
def channel_switch(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _channel_or_404(request, pk)
    on, untested = request.POST.get("on") == "1", request.POST.get("untested") == "on"
    actions.switch_channel(row, on=on, version=_version(request), by=request.user, now=request.now, untested=untested)
    messages.success(request, f"已{'启用' if on else '停用'}“{row.name}”。")
    return redirect("channel", pk=pk)


@require_POST
def channel_test(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _channel_or_404(request, pk)
    error = test_channel(row, by=request.user, now=request.now)
    if error:
        messages.warning(request, f"测试“{row.name}”没有成功：{error}")
    else:
        place = {ChannelKind.EMAIL: "邮箱", ChannelKind.WEBHOOK: "手机上"}.get(ChannelKind(row.kind), "群里")
        on = "" if row.is_on else "；收到了就可以启用"
        messages.success(request, f"“{row.name}”测试成功，请到{place}查看{on}。")
    return redirect("channel", pk=pk)
