"""What reading the audit trail itself leaves behind."""

from datetime import datetime

from django.db import transaction

from accounts.actions.recording import record
from accounts.models import User


@transaction.atomic
def record_audit_export(*, organization_id: int, conditions: str, count: int, by: User, now: datetime) -> None:
    record(
        "export_audit",
        f"导出审计记录 {count} 条（{conditions or '全部'}）",
        by=by,
        now=now,
        organization=organization_id,
    )
