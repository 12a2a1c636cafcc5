"""What an event of the line speaks of. Each raises `DoesNotExist` where it has been deleted since."""

from accounts.models import Event
from supervision.notifications.models import Notification
from tasks.actions.changes.lines import ADDED, DUTY
from tasks.enums import MilestoneState
from tasks.models import ChangeRequest, Milestone, MilestoneRevision, ProgressEntry, Project


def project_of(event: Event) -> Project:
    return Project.objects.select_related("lead_division", "key_task").get(pk=event.project_id or 0)


def milestone_of(event: Event) -> Milestone:
    rows = Milestone.objects.select_related("project__lead_division", "division")
    return rows.get(pk=event.subject_id or 0, project=event.project_id)


def change_of(event: Event) -> ChangeRequest:
    rows = ChangeRequest.objects.select_related("project__lead_division")
    return rows.get(pk=event.subject_id or 0, project=event.project_id)


def state_after(event: Event) -> MilestoneState:
    """In which state the event left its milestone, whatever happened to it since."""
    revision = MilestoneRevision.objects.get(milestone=event.subject_id, event_id=event.pk)
    return MilestoneState(revision.state)


def reporter_before(event: Event) -> int | None:
    """Who reported the milestone that this event agreed to, confirmed or sent back."""
    reports = Event.objects.filter(
        verb="report_milestone", subject_kind="milestone", subject_id=event.subject_id, pk__lt=event.pk
    )
    return reports.order_by("-pk").values_list("by", flat=True).first()


def needs_coordination(event: Event) -> bool:
    """Whether the entry that the event tells of asks for 协调."""
    entries = ProgressEntry.objects.filter(project=event.project_id, by=event.by_id, created_at=event.at)
    return entries.filter(needs_coordination=True).exists()


def given_by(request: ChangeRequest) -> set[int]:
    """To whom an agreed change has given a milestone or the whole project; not what was finished before it was agreed."""
    people: set[int] = set()
    for line in request.lines.all():
        if (line.subject_kind, line.field) == ("milestone", ADDED):
            people.add(line.value["person"])
        elif (line.subject_kind, line.field) == ("milestone", DUTY):
            held = Milestone.objects.open().filter(pk=line.subject_id or 0, person=line.value["person"])
            people.update(held.values_list("person", flat=True))
        elif (line.subject_kind, line.field) == ("project", "person"):
            people.add(line.value)
    return people


def asked_before(event: Event, *kinds: str) -> set[int]:
    """Who had been told that what the event withdraws waits for him."""
    rows = Notification.objects.filter(kind__in=kinds, project=event.project_id, subject_id=event.subject_id)
    return set(rows.order_by().values_list("person", flat=True))


def handed_to(event: Event) -> set[int | None]:
    """Who has now what a 移交 handed over; its keys say which duties these were."""
    people: set[int | None] = set()
    for key in event.after:
        duty, pk = key.split("-")
        if duty == "milestone":
            people.update(Milestone.objects.filter(pk=pk).values_list("person", flat=True))
        else:
            people.update(Project.objects.filter(pk=pk).values_list(duty, flat=True))
    return people
