"""消息设置: one's own, for every account."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from accounts.models import User
from accounts.standing import standing_of
from supervision.notifications.actions.reading import set_wishes
from supervision.notifications.enums import ChannelKind
from supervision.notifications.forms.settings import SettingsForm
from supervision.notifications.kinds.ways import PERSONAL
from supervision.notifications.queries.hours import hours_of
from supervision.notifications.queries.wishes import own_wishes_of, ways_to_persons

NAMES = {ChannelKind.EMAIL: "电子邮件", ChannelKind.WEBHOOK: "短信"}


@require_http_methods(["GET", "POST"])
def settings(request: SignedInRequest) -> HttpResponse:
    standing = standing_of(request.user, today=request.today)
    on = ways_to_persons(standing.organization_ids())
    ways = [way for way in PERSONAL if way in on]
    form = SettingsForm(own_wishes_of(request.user), ways, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        set_wishes(by=request.user, **form.wished())
        messages.success(request, "已保存消息设置。")
        return redirect("inbox-settings")
    context = {
        "form": form,
        "ways": [NAMES[way] for way in ways],
        "wanting": _wanting(request.user, on),
        "has_robot": bool(on - set(PERSONAL)),
        "hours": hours_of(standing.home_id) if standing.home_id else None,
    }
    return render(request, "notifications/settings.html", context, status=422 if form.errors else 200)


def _wanting(user: User, on: set[str]) -> list[str]:
    """Why a message reaches this person by no other way than the inbox, in words."""
    words = []
    if ChannelKind.EMAIL not in on:
        words.append("本机关还没有启用邮件服务器，消息不会发到邮箱。")
    elif not user.email:
        words.append("您还没有登记邮箱，消息不会发到邮箱；请系统管理员在您的人员资料中登记。")
    if ChannelKind.WEBHOOK in on and not user.phone:
        words.append("您还没有登记手机，消息不会发到手机；请系统管理员在您的人员资料中登记。")
    return words
