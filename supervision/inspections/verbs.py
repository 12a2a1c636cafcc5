"""What each verb of this app's events is called on screen, and which verb each page that may be refused stands for."""

VERBS = {
    "plan_inspection": "专项督查立项",
    "alter_inspection": "修改督查方案",
    "begin_inspection": "开始督查",
    "record_finding": "登记督查发现",
    "correct_finding": "更正督查发现",
    "conclude_inspection": "办结督查",
    "cancel_inspection": "取消督查",
}

PAGES = {
    "inspection-new": "plan_inspection",
    "inspection-edit": "alter_inspection",
    "inspection-begin": "begin_inspection",
    "inspection-finding": "record_finding",
    "inspection-correct": "correct_finding",
    "inspection-conclude": "conclude_inspection",
    "inspection-cancel": "cancel_inspection",
}
