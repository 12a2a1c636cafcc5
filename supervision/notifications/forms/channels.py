"""消息通道: only what its kind needs is asked for. A secret once kept is not shown; where nothing is typed, it stays."""

from typing import Any, cast
from urllib.parse import urlsplit

from django import forms
from django.core.validators import URLValidator

from accounts.forms import Form
from accounts.models import Division, Organization
from cppcc_office.lib.locked import Unreadable
from supervision.notifications.channels.platforms import EXAMPLE, AddressRefused, platform_of
from supervision.notifications.enums import ChannelKind, Reason, Security
from supervision.notifications.models import Channel

STAYS = "不填则保持不变。"
LOST = "密钥已更换，原来的读不出来了，请重新填写。"
SECRETS = ("address", "secret")
_LONG_ENOUGH = 16  # so that four of its characters give nothing away
CLEAR = "clear_secret"


def secret_field(label: str, hint: str = "") -> forms.CharField:
    widget = forms.PasswordInput({"autocomplete": "new-password"})
    return forms.CharField(label=label, max_length=200, required=False, strip=False, widget=widget, help_text=hint)


def address_field(label: str, hint: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=500,
        help_text=hint,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
        validators=[URLValidator(["http", "https"], message="请填写完整的地址，以 https:// 或 http:// 开头。")],
    )


def pace_field() -> forms.IntegerField:
    return forms.IntegerField(
        label="每分钟最多几条",
        min_value=1,
        max_value=1000,
        initial=20,
        help_text="超出的合并成一条，稍后发送。",
        widget=forms.NumberInput({"class": "w-auto"}),
    )


class ChannelForm(Form):
    """`channel`: the one that is edited; none for a new one."""

    name = forms.CharField(label="名称", max_length=60)

    def __init__(self, organization: Organization, channel: Channel | None, data: Any = None) -> None:
        initial = {name: getattr(channel, name) for name in self.base_fields if name not in SECRETS} if channel else {}
        super().__init__(data, initial={key: getattr(value, "pk", value) for key, value in initial.items()})
        self.organization = organization
        self.channel = channel
        if channel is not None:
            self._keep_secrets(channel)

    def _keep_secrets(self, channel: Channel) -> None:
        for name in SECRETS:
            if name in self.fields and getattr(channel, name):
                field = self.fields[name]
                is_lost = isinstance(getattr(channel, name), Unreadable)
                field.required = is_lost and name == "address"
                field.help_text = LOST if is_lost else f"现为 {masked(getattr(channel, name))}，{STAYS}"
        if channel.secret and "secret" in self.fields:
            label = f"清除已存的{self.fields['secret'].label}"
            self.fields[CLEAR] = forms.BooleanField(label=label, required=False)
            names = [name for name in self.fields if name != CLEAR]
            names.insert(names.index("secret") + 1, CLEAR)
            self.order_fields(names)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        same = Channel.objects.filter(organization=self.organization, name=name).first()
        if same is not None and same != self.channel:
            raise forms.ValidationError("已有同名的通道，请换一个名称。")
        return name

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        lost = self.channel is not None and isinstance(self.channel.secret, Unreadable)
        if lost and not data.get("secret") and not data.get(CLEAR) and "secret" not in self.errors:
            self.add_error("secret", f"请重新填写；不再需要的，请勾选“{self.fields[CLEAR].label}”。")
        return data

    def fields_given(self) -> dict[str, Any]:
        """As the action takes them: without the secrets that stay."""
        given = dict(self.cleaned_data)
        clears = given.pop(CLEAR, False)
        for name in SECRETS:
            if self.channel is not None and not given.get(name):
                given.pop(name, None)
        return given | ({"secret": ""} if clears and "secret" not in given else {})


class MailForm(ChannelForm):
    host = forms.CharField(label="邮件服务器", max_length=200, help_text="主机名或 IP 地址，如 mail.zx.gov.cn。")
    port = forms.IntegerField(
        label="端口",
        min_value=1,
        max_value=65535,
        initial=25,
        help_text="不加密和 STARTTLS 多为 25 或 587，TLS 多为 465。",
        widget=forms.NumberInput({"class": "w-auto"}),
    )
    security = forms.ChoiceField(label="加密", choices=Security, widget=forms.Select({"class": "w-auto"}))
    sender = forms.EmailField(
        label="发件人", help_text="如 duban@zx.gov.cn。", error_messages={"invalid": "请填写完整的邮箱地址。"}
    )
    username = forms.CharField(
        label="用户名", max_length=100, required=False, help_text="服务器不要求登录的不填。",
        widget=forms.TextInput({"autocomplete": "off"}),
    )  # fmt: skip
    secret = secret_field("密码")


class RobotForm(ChannelForm):
    division = forms.ModelChoiceField(
        label="哪个群", queryset=Division.objects.none(), required=False, empty_label="机关的群",
        help_text="处室的群只收告知该处室人员的消息。",
    )  # fmt: skip
    reasons = forms.MultipleChoiceField(
        label="传送哪些消息",
        choices=Reason,
        initial=[Reason.TURN, Reason.DEADLINE],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选一类消息。"},
    )
    address = address_field("机器人地址", "在群里添加机器人后复制的 Webhook 地址；有了它就能向群里发消息，请勿外传。")
    per_minute = pace_field()

    def __init__(self, organization: Organization, channel: Channel | None, data: Any = None) -> None:
        super().__init__(organization, channel, data)
        divisions = cast("forms.ModelChoiceField[Division]", self.fields["division"])
        divisions.queryset = organization.divisions.filter(is_active=True)


class SignedRobotForm(RobotForm):
    secret = secret_field("加签密钥", "机器人的安全设置选“加签”的，把密钥填在这里；用关键词的不填。")
    field_order = ("name", "division", "reasons", "address", "secret", "per_minute")


class PlatformForm(RobotForm):
    address = forms.CharField(
        label="地址（Apprise 写法）",
        max_length=1000,
        help_text=f"如 {EXAMPLE}，把"
        ' {"title": 标题, "message": 内容} POST 过去，答复 2xx 状态码算收下；'
        "其他平台的写法见 Apprise 的说明。地址里有口令，请勿外传。",
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
    )

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"]
        if address:
            try:
                platform_of(address)
            except AddressRefused as refusal:
                raise forms.ValidationError(refusal.words) from None
        return address


class GatewayForm(ChannelForm):
    address = address_field(
        "接口地址",
        '每人一次向它 POST {"phone": 手机号, "text": 一句话}；只有编号、种类和件数，没有事项内容。'
        "收下须答复 2xx 状态码，没有发成须答复别的状态码，否则会当作已送达。",
    )
    secret = secret_field("令牌", "接口要求令牌的，以 Authorization: Bearer 发送；不要求的不填。")


FORMS: dict[ChannelKind, type[ChannelForm]] = {
    ChannelKind.EMAIL: MailForm,
    ChannelKind.WECOM: RobotForm,
    ChannelKind.DINGTALK: SignedRobotForm,
    ChannelKind.FEISHU: SignedRobotForm,
    ChannelKind.APPRISE: PlatformForm,
    ChannelKind.WEBHOOK: GatewayForm,
}


def masked(secret: str) -> str:
    """Enough to tell one from another: the host of an address and its last four characters; of a password nothing.

    Where the host may be a password itself, as other platforms' addresses have it, the last four alone.
    """
    scheme, separator, rest = secret.partition("://")
    if not separator or len(rest) < _LONG_ENOUGH:
        return "••••••"
    host = f"{urlsplit(secret).hostname}/" if scheme in ("http", "https") else ""
    return f"{scheme}://{host}…{secret[-4:]}"
