"""The words of telling people, as stored and as shown."""

from django.db import models


class Reason(models.TextChoices):
    """Why somebody is told: the groups of the inbox."""

    TURN = "TURN", "等我办理"
    DEADLINE = "DEADLINE", "期限提醒"
    OUTCOME = "OUTCOME", "办理结果"
    NEWS = "NEWS", "需要知晓"


class ChannelKind(models.TextChoices):
    EMAIL = "EMAIL", "电子邮件"
    WECOM = "WECOM", "企业微信群机器人"
    DINGTALK = "DINGTALK", "钉钉群机器人"
    FEISHU = "FEISHU", "飞书群机器人"
    APPRISE = "APPRISE", "其他平台（Apprise 地址）"
    WEBHOOK = "WEBHOOK", "短信网关或其他接口"


class Security(models.TextChoices):
    """How the connection to a mail server is kept private."""

    NONE = "NONE", "不加密"
    STARTTLS = "STARTTLS", "STARTTLS"
    TLS = "TLS", "TLS"


class RelayState(models.TextChoices):
    WAITING = "WAITING", "待处理"
    DONE = "DONE", "已处理"
    FAILED = "FAILED", "未能处理"
    OUTDATED = "OUTDATED", "过时未告知"


class DeliveryState(models.TextChoices):
    QUEUED = "QUEUED", "待发送"
    SENDING = "SENDING", "正在发送"
    SENT = "SENT", "已发送"
    FAILED = "FAILED", "未送达"
    WITHDRAWN = "WITHDRAWN", "已撤回"
