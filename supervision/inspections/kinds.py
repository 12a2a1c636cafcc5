"""What an inspection tells people; found and imported when the notifications start."""

from datetime import date

from supervision.inspections.enums import InspectionState
from supervision.inspections.models import Inspection
from supervision.notifications.enums import Reason
from supervision.notifications.kinds.registry import Kind, register_kinds
from supervision.notifications.models import Notification

INSPECTION_BEGUN = "inspection_begun"


def _is_under_way(notification: Notification, today: date) -> bool:  # noqa: ARG001 (every kind is asked with the day)
    return Inspection.objects.filter(pk=notification.subject_id or 0, state=InspectionState.UNDER_WAY).exists()


# Both have to do with it from that day: the group looks, the inspected are ready.
register_kinds(Kind(INSPECTION_BEGUN, "专项督查开始", Reason.TURN, still_true=_is_under_way))
