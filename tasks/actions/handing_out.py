"""What taking a table out of the house leaves behind."""

from datetime import datetime

from django.db import transaction

from accounts.actions.recording import record
from accounts.models import User


@transaction.atomic
def record_table_export(what: str, *, organization_id: int, by: User, now: datetime) -> None:
    record("export_table", f"导出{what}", by=by, now=now, organization=organization_id)
