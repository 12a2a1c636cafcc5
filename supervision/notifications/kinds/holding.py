"""Whether what somebody was told still holds when it is about to leave the house."""

from collections.abc import Callable
from datetime import date

from supervision.notifications.models import Notification
from tasks.enums import ChangeState, MilestoneState, ProjectState
from tasks.models import ChangeRequest, Milestone, Project

StillTrue = Callable[[Notification, date], bool]


def project_is(state: ProjectState) -> StillTrue:
    def still_true(notification: Notification, today: date) -> bool:
        return Project.objects.filter(pk=notification.project_id or 0, state=state).exists()

    return still_true


def milestone_is(state: MilestoneState) -> StillTrue:
    def still_true(notification: Notification, today: date) -> bool:
        running = Milestone.objects.filter(project__state=ProjectState.IN_PROGRESS)
        return running.filter(pk=notification.subject_id or 0, state=state).exists()

    return still_true


def milestone_is_his(notification: Notification, today: date) -> bool:
    return Milestone.objects.open().filter(pk=notification.subject_id or 0, person=notification.person_id).exists()


def project_is_open(notification: Notification, today: date) -> bool:
    return Project.objects.open().filter(pk=notification.project_id or 0).exists()


def change_is_asked(notification: Notification, today: date) -> bool:
    return ChangeRequest.objects.filter(pk=notification.subject_id or 0, state=ChangeState.ASKED).exists()


def opinion_is_wanted(notification: Notification, today: date) -> bool:
    asked = ChangeRequest.objects.filter(pk=notification.subject_id or 0, state=ChangeState.ASKED)
    return asked.filter(opinion="").exists()
