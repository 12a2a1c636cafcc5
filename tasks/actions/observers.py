"""Which source classes a 跟踪监督 may read."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.actions.recording import record
from accounts.enums import Role
from accounts.models import Membership, User
from cppcc_office.lib.errors import Refused
from tasks.actions.plans import refuse_unless_secretariat
from tasks.actions.recording import today_of
from tasks.models import ObserverScope, SourceClass


@transaction.atomic
def give_source_classes(
    membership: Membership, source_classes: Sequence[SourceClass], *, by: User, now: datetime
) -> None:
    """From now on these and no others."""
    refuse_unless_secretariat(by, membership.organization_id, today_of(now), "指定跟踪监督的范围")
    if membership.role != Role.OBSERVER:
        raise Refused(f"{membership.user.name}不是跟踪监督人员，请另选一人")
    if any(row.organization_id != membership.organization_id for row in source_classes):
        raise Refused("来源类别不是本机关的，请重新选择")
    before = list(ObserverScope.objects.filter(membership=membership).values_list("source_class__name", flat=True))
    ObserverScope.objects.filter(membership=membership).delete()
    ObserverScope.objects.bulk_create(
        ObserverScope(membership=membership, source_class=row) for row in dict.fromkeys(source_classes)
    )
    after = [row.name for row in source_classes]
    record(
        "give_source_classes",
        f"{membership.user.name}跟踪监督的来源：{'、'.join(after) or '无'}",
        by=by,
        now=now,
        organization=membership.organization_id,
        subject=membership,
        before={"source_classes": before},
        after={"source_classes": after},
    )
