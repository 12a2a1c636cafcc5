"""The words of the working rhythm, as stored and as shown."""

from django.db import models


class Cycle(models.TextChoices):
    """周总结、月调度、季通报、半年回头看、年度检查复盘, and the watch of every working day (domain 5)."""

    DAILY = "DAILY", "每日巡查"
    WEEKLY = "WEEKLY", "周总结"
    MONTHLY = "MONTHLY", "月调度"
    QUARTERLY = "QUARTERLY", "季通报"
    HALF_YEARLY = "HALF_YEARLY", "半年回头看"
    YEARLY = "YEARLY", "年度检查复盘"


class Anchor(models.TextChoices):
    """From where the working days are counted on which a cycle falls due."""

    FROM_START = "FROM_START", "期初起第几个工作日"
    LAST_MONTH = "LAST_MONTH", "期内最后一个月第几个工作日"
    FROM_END = "FROM_END", "期内倒数第几个工作日"
    AFTER_END = "AFTER_END", "期满后第几个工作日"


class RunState(models.TextChoices):
    DUE = "DUE", "待运行"
    RUNNING = "RUNNING", "正在运行"
    DONE = "DONE", "已完成"
    FAILED = "FAILED", "未能完成"
    MERGED = "MERGED", "并入后一次"


class Origin(models.TextChoices):
    """Who set a run going."""

    SCHEDULE = "SCHEDULE", "按期"
    PERSON = "PERSON", "手动"


class Ground(models.TextChoices):
    """Why a line stands on a dispatch sheet, the gravest first."""

    OVERDUE = "OVERDUE", "已逾期"
    BEHIND = "BEHIND", "欠序时"
    COORDINATION = "COORDINATION", "需协调"
    DUE_NEXT = "DUE_NEXT", "下期到期"


class DecisionForm(models.TextChoices):
    """What a 议定事项 becomes."""

    MATTER = "MATTER", "另立事项交办"
    MILESTONE = "MILESTONE", "在本项目增加节点"


class Choice(models.TextChoices):
    """Why a thing is looked back at."""

    EXCELLENT = "EXCELLENT", "评为优"
    LATE = "LATE", "逾期销号"
    SAMPLE = "SAMPLE", "抽取"
    OVERDUE = "OVERDUE", "逾期未销号"
    RULE = "RULE", "制度执行"


class Verdict(models.TextChoices):
    CONSOLIDATE = "CONSOLIDATE", "巩固"
    RECTIFY = "RECTIFY", "整改"
    REBOUND = "REBOUND", "反弹"
