"""The words of who is who, as stored and as shown."""

from django.db import models


class Level(models.TextChoices):
    NATIONAL = "NATIONAL", "全国"
    PROVINCE = "PROVINCE", "省级"
    CITY = "CITY", "市级"
    COUNTY = "COUNTY", "县级"


class DivisionKind(models.TextChoices):
    OFFICE = "OFFICE", "办公厅处室"
    COMMITTEE = "COMMITTEE", "专委会办公室"
    GENERAL = "GENERAL", "综合部门"


class Role(models.TextChoices):
    """SECRETARIAT is never given by hand: it follows from `Division.supervises` (domain 1)."""

    SECRETARIAT = "SECRETARIAT", "督办人员"
    DIVISION_HEAD = "DIVISION_HEAD", "处室负责人"
    STAFF = "STAFF", "经办人"
    LEADER = "LEADER", "领导"
    ASSESSOR = "ASSESSOR", "考评人员"
    OBSERVER = "OBSERVER", "跟踪监督"
    SYSADMIN = "SYSADMIN", "系统管理员"
    AUDITOR = "AUDITOR", "审计员"


GRANTED_ROLES = [role for role in Role if role != Role.SECRETARIAT]
DIVISION_ROLES = (Role.DIVISION_HEAD, Role.STAFF)
BUSINESS_ROLES = frozenset(Role) - {Role.SYSADMIN, Role.AUDITOR}


class Outcome(models.TextChoices):
    DONE = "DONE", "已办"
    REFUSED = "REFUSED", "被拒绝"
    FAILED = "FAILED", "失败"


class StaffImportState(models.TextChoices):
    OPEN = "OPEN", "待核对"
    WRITTEN = "WRITTEN", "已写入"
    DROPPED = "DROPPED", "已放弃"
