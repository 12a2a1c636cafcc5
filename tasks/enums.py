"""The words of the line from key task to close-out, as stored and as shown."""

from django.db import models


class PlanKind(models.TextChoices):
    ANNUAL = "ANNUAL", "年度"
    SPECIAL = "SPECIAL", "专项"


class SourceGroup(models.TextChoices):
    FIVE = "FIVE", "五个紧盯"
    FOUR = "FOUR", "四位一体"
    OTHER = "OTHER", "其他来源"


class ProjectState(models.TextChoices):
    DRAFT = "DRAFT", "拟立项"
    DISPATCHED = "DISPATCHED", "已交办"
    IN_PROGRESS = "IN_PROGRESS", "办理中"
    CLOSE_OUT_REQUESTED = "CLOSE_OUT_REQUESTED", "待验收"
    SUSPENDED = "SUSPENDED", "暂缓"
    CLOSED = "CLOSED", "已销号"
    CANCELLED = "CANCELLED", "已终止"
    CARRIED_OVER = "CARRIED_OVER", "已结转"


OPEN_STATES = (
    ProjectState.DISPATCHED,
    ProjectState.IN_PROGRESS,
    ProjectState.CLOSE_OUT_REQUESTED,
    ProjectState.SUSPENDED,
)


ENDED_STATES = (ProjectState.CANCELLED, ProjectState.CARRIED_OVER)  # neither open nor closed out


class MilestoneState(models.TextChoices):
    PENDING = "PENDING", "未开始"
    IN_PROGRESS = "IN_PROGRESS", "进行中"
    AWAITING_HEAD = "AWAITING_HEAD", "待处室审核"
    REPORTED = "REPORTED", "待核实"
    DONE = "DONE", "已完成"
    CANCELLED = "CANCELLED", "已取消"


OPEN_MILESTONE_STATES = (
    MilestoneState.PENDING,
    MilestoneState.IN_PROGRESS,
    MilestoneState.AWAITING_HEAD,
    MilestoneState.REPORTED,
)


class DueKind(models.TextChoices):
    """How the deadline was written in the paper."""

    DATE = "date", "定期"
    RECURRING = "recurring", "周期"
    STANDING = "standing", "长期"


class QuotaPeriod(models.TextChoices):
    """Over which period a quantitative target is counted."""

    YEAR = "year", "全年"
    HALF = "half", "每半年"
    QUARTER = "quarter", "每季度"
    MONTH = "month", "每月"

    @property
    def months(self) -> int:
        return {"half": 6, "quarter": 3, "month": 1}.get(self.value, 12)


class Effect(models.TextChoices):
    EXCELLENT = "EXCELLENT", "优"
    GOOD = "GOOD", "良"
    FAIR = "FAIR", "中"
    POOR = "POOR", "差"


class CloseOutState(models.TextChoices):
    REQUESTED = "REQUESTED", "待验收"
    WITHDRAWN = "WITHDRAWN", "已撤回"
    RETURNED = "RETURNED", "退回整改"
    ACCEPTED = "ACCEPTED", "已销号"
    VOID = "VOID", "已作废"


class ChangeKind(models.TextChoices):
    EXTENSION = "EXTENSION", "延期"
    ALTERATION = "ALTERATION", "调整"
    SUSPENSION = "SUSPENSION", "暂缓"
    RESUMPTION = "RESUMPTION", "恢复"
    CANCELLATION = "CANCELLATION", "终止"
    REOPENING = "REOPENING", "撤销销号"


class ChangeState(models.TextChoices):
    PREPARED = "PREPARED", "拟提出"
    ASKED = "ASKED", "待决定"
    AGREED = "AGREED", "已同意"
    DECLINED = "DECLINED", "不同意"
    WITHDRAWN = "WITHDRAWN", "已撤回"


class ChangeTier(models.TextChoices):
    """Who decides a change (domain 4)."""

    SECRETARIAT = "SECRETARIAT", "督办处"
    LEADER = "LEADER", "牵头领导"


class Bucket(models.TextChoices):
    """The parts of every total, in the order in which a project falls into the first that fits (domain 8)."""

    ON_TIME = "on_time", "按期销号"
    LATE = "late", "逾期销号"
    CARRIED_OVER = "carried_over", "结转"
    SUSPENDED = "suspended", "暂缓"
    VERIFYING = "verifying", "待验收"
    OVERDUE = "overdue", "逾期"
    LAGGING = "lagging", "滞后"
    DUE_SOON = "due_soon", "临期"
    AHEAD = "ahead", "超序时"
    ON_PACE = "on_pace", "按序时"


class ResultKind(models.TextChoices):
    """成果: what came of the work, counted per year."""

    REPORT = "REPORT", "协商报告"
    PROPOSAL = "PROPOSAL", "提案"
    INFORMATION = "INFORMATION", "信息"
    INSTRUCTION = "INSTRUCTION", "批示"
    RULE = "RULE", "制度"
    ACTIVITY = "ACTIVITY", "活动"
    OTHER = "OTHER", "其他"


class ViewScope(models.TextChoices):
    """Who finds a saved view among the tabs."""

    MINE = "MINE", "我的"
    DIVISION = "DIVISION", "处室共享"
    OFFICE = "OFFICE", "机关共享"


class ExportState(models.TextChoices):
    WAITING = "WAITING", "等待生成"
    WRITING = "WRITING", "正在生成"
    READY = "READY", "可下载"
    FAILED = "FAILED", "未能生成"


class Series(models.TextChoices):
    """Number series of an organisation and year, with the form their numbers take."""

    PROJECT = "PROJECT", "〔{year}〕{n:03d}号"
    CLOSE_OUT = "CLOSE_OUT", "销〔{year}〕{n}号"
    NOTICE = "NOTICE", "督办〔{year}〕{n}号"
    BULLETIN = "BULLETIN", "〔{year}〕第{n}期"


class ImportKind(models.TextChoices):
    TABLE = "TABLE", "任务分解表"
    TEXT = "TEXT", "工作要点"


class ImportState(models.TextChoices):
    WAITING = "WAITING", "等待读取"
    READING = "READING", "正在读取"
    MAPPING = "MAPPING", "待对应列"
    CHECKING = "CHECKING", "正在核对"
    READY = "READY", "待更正、写入"
    TO_WRITE = "TO_WRITE", "等待写入"
    WRITING = "WRITING", "正在写入"
    WRITTEN = "WRITTEN", "已写入"
    UNDONE = "UNDONE", "已撤销"
    ABANDONED = "ABANDONED", "已放弃"
    FAILED = "FAILED", "未能读取"


class RowStatus(models.TextChoices):
    """What became of a row: the words of `import_plan --json`."""

    OK = "ok", "可写入"
    ASK = "ask", "需更正"
    ERROR = "error", "读不出"
    DUPLICATE = "duplicate", "已在计划中"


class RowDecision(models.TextChoices):
    """What the user decided about a row that resembles something in the plan, or is not to be taken."""

    NONE = "", "未定"
    NEW = "NEW", "另立一项"
    MERGE = "MERGE", "并入"
    SKIP = "SKIP", "跳过"


class TermKind(models.TextChoices):
    """What a term remembered from an import stands for."""

    COLUMN = "COLUMN", "列名"
    SOURCE = "SOURCE", "来源名称"
    DIVISION = "DIVISION", "处室名称"
