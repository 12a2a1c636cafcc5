"""What each verb of an event is called on screen. Upper apps add theirs when they start."""

from collections.abc import Mapping

VERBS: dict[str, str] = {
    "sign_in": "登录",
    "sign_out": "退出",
    "change_password": "修改密码",
    "reset_password": "重置密码",
    "switch_account": "停用、启用账号",
    "add_person": "新建人员",
    "edit_person": "修改人员",
    "grant_post": "授予任职",
    "end_post": "终止任职",
    "add_division": "新建处室",
    "edit_division": "修改处室",
    "set_secretary_general": "指定秘书长",
    "open_staff_import": "上传人员表",
    "answer_staff_import": "核对人员表",
    "write_staff_import": "写入人员表",
    "drop_staff_import": "放弃人员表",
    "name_deputy": "指定代行人",
    "end_deputy": "终止代行",
    "set_policy": "修改规则",
    "export_audit": "导出审计记录",
    "found_office": "初始化",
}


def register_verbs(words: Mapping[str, str]) -> None:
    """Called from an upper app's `AppConfig.ready`."""
    VERBS.update(words)


def verb_word(verb: str) -> str:
    """The word on screen; a refusal is filed under the page's name, which is spelt with hyphens."""
    return VERBS.get(verb) or VERBS.get(verb.replace("-", "_")) or verb
