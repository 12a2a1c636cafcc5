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
    "correct_day": "更正工作日",
    "withdraw_correction": "撤回日历更正",
    "adopt_notice": "录入放假通知",
    "confirm_year": "确认年度日历",
    "withdraw_year": "撤回年度确认",
    "export_audit": "导出审计记录",
    "create_token": "建立接口令牌",
    "revoke_token": "撤销接口令牌",
    "found_office": "初始化",
}


# A refusal is filed under the name of its page: which verb that page stands for.
PAGES: dict[str, str] = {
    "sign-in": "sign_in",
    "sign-out": "sign_out",
    "change-password": "change_password",
    "person-new": "add_person",
    "person": "edit_person",
    "person-grant": "grant_post",
    "person-end-post": "end_post",
    "person-reset-password": "reset_password",
    "person-switch": "switch_account",
    "staff-import": "open_staff_import",
    "staff-import-check": "answer_staff_import",
    "staff-import-answer": "answer_staff_import",
    "staff-import-drop": "drop_staff_import",
    "division-new": "add_division",
    "division": "edit_division",
    "division-secretary-general": "set_secretary_general",
    "deputies": "name_deputy",
    "deputy-end": "end_deputy",
    "audit-export": "export_audit",
    "tokens": "create_token",
    "token-revoke": "revoke_token",
    "api-tokens": "create_token",
    "api-token": "revoke_token",
    "policy": "set_policy",
    "calendar-correct": "correct_day",
    "calendar-withdraw": "withdraw_correction",
    "calendar-notice": "adopt_notice",
    "calendar-confirm": "confirm_year",
    "calendar-unconfirm": "withdraw_year",
}


def register_verbs(words: Mapping[str, str], pages: Mapping[str, str]) -> None:
    """Called from an upper app's `AppConfig.ready`."""
    VERBS.update(words)
    PAGES.update(pages)


def verb_word(verb: str) -> str:
    """The word on screen, also of a refusal."""
    return VERBS.get(PAGES.get(verb, verb), verb)


def spellings(verb: str) -> set[str]:
    """Under which names acts of this verb and refusals of it are filed."""
    return {verb} | {page for page, stands_for in PAGES.items() if stands_for == verb}
