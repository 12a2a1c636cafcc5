"""What each verb of this app's events is called on screen, and which verb each page that may be refused stands for."""

VERBS = {
    "set_up_channel": "设置消息通道",
    "alter_channel": "修改消息通道",
    "switch_channel": "启用、停用消息通道",
    "test_channel": "测试消息通道",
    "retry_delivery": "重新发送消息",
    "retry_relay": "重新处理未能告知的事项",
}

PAGES: dict[str, str] = {
    "channel-new": "set_up_channel",
    "channel": "alter_channel",
    "channel-switch": "switch_channel",
    "channel-test": "test_channel",
    "undelivered-retry": "retry_delivery",
    "undelivered-retry-all": "retry_delivery",
    "untold-retry": "retry_relay",
}
