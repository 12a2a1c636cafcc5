"""The words of 专项督查, as stored and as shown."""

from django.db import models


class InspectionState(models.TextChoices):
    PLANNED = "PLANNED", "已立项"
    UNDER_WAY = "UNDER_WAY", "督查中"
    CONCLUDED = "CONCLUDED", "已办结"
    CANCELLED = "CANCELLED", "已取消"


class Means(models.TextChoices):
    """How one looks: the eight means of the State Council's regulation on inspections (2021, art. 12)."""

    SELF_CHECK = "SELF_CHECK", "自查"
    REPORT = "REPORT", "听取汇报"
    VISIT = "VISIT", "检查、访谈、暗访"
    SYMPOSIUM = "SYMPOSIUM", "座谈、统计"
    PAPERS = "PAPERS", "调阅材料"
    LEADS = "LEADS", "线索核查"
    TALK = "TALK", "约谈"
    ONLINE = "ONLINE", "“互联网+督查”"
