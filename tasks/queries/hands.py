"""Who has had a hand in a piece of work: those people never verify it."""

from django.db.models import Q

from accounts.models import Event
from tasks.models import CloseOut, Milestone, ProgressEntry, Project

# Events whose author did, agreed to, or typed the division's work, also in somebody's place.
WORKING_VERBS = (
    "start_milestone",
    "report_milestone",
    "agree_milestone",
    "send_back_by_head",
    "add_entry",
    "request_close_out",
    "receive_project",
)


def hands_on(project: Project) -> set[int]:
    """People who reported, agreed, filed or typed anything of this project, and those they stood in for."""
    people: set[int | None] = set()
    for pair in Milestone.objects.filter(project=project).values_list("reported_by", "agreed_by"):
        people.update(pair)
    people.update(ProgressEntry.objects.filter(project=project).values_list("by", flat=True))
    people.update(CloseOut.objects.filter(project=project).values_list("requested_by", flat=True))
    for pair in Event.objects.filter(project_id=project.pk, verb__in=WORKING_VERBS).values_list("by", "principal"):
        people.update(pair)
    return {person for person in people if person is not None}


def hands_on_milestone(milestone: Milestone) -> set[int]:
    """The same for one milestone."""
    people: set[int | None] = {milestone.reported_by_id, milestone.agreed_by_id}
    people.update(ProgressEntry.objects.filter(milestone=milestone).values_list("by", flat=True))
    about = Q(subject_kind="milestone", subject_id=milestone.pk, verb__in=WORKING_VERBS)
    for pair in Event.objects.filter(about).values_list("by", "principal"):
        people.update(pair)
    return {person for person in people if person is not None}
