"""What each verb of this app's events is called on screen, and which verb each page that may be refused stands for."""

VERBS = {
    "edit_weekly": "修改周总结",
    "close_run": "办结周期材料",
    "ensure_cycle_rules": "建立周期规则",
    "set_cycle_rule": "修改周期规则",
    "switch_cycle_rule": "启用或停用周期",
    "run_cycle": "周期运行",
    "fail_cycle": "周期运行未完成",
    "merge_watches": "并入后一次巡查",
    "ask_cycle_run": "立即运行周期",
    "rerun_cycle": "重新运行周期",
    "remind_cycle": "周期提醒",
    "record_decision": "记录议定事项",
    "judge_look_back": "作回头看结论",
    "arrange_mending": "交办回头看整改",
    "set_cut_off": "设定数据截止",
    "freeze_review": "固定年度数据",
    "close_review": "年度复盘到期办结",
    "write_late_reason": "写逾期原因",
}

# A refusal is filed under the name of its page.
PAGES = {
    "weekly-edit": "edit_weekly",
    "weekly-update": "edit_weekly",
    "cycle-close": "close_run",
    "cycle-rule": "set_cycle_rule",
    "cycle-run-now": "ask_cycle_run",
    "cycle-rerun": "rerun_cycle",
    "dispatch-decide": "record_decision",
    "look-back-item": "judge_look_back",
    "look-back-arrange": "arrange_mending",
    "quarter-cut-off": "set_cut_off",
    "review-cut-off": "set_cut_off",
    "review-reason": "write_late_reason",
    "review-plan": "create_plan",
    "review-carry-over": "carry_over_project",
}
