"""Who has had a hand in a piece of work: those people never verify it."""

from collections.abc import Collection, Sequence

from django.db.models import Model, Q

from accounts.models import Event
from tasks.models import CloseOut, Milestone, ProgressEntry, Project

# Events whose author did, agreed to, or typed the division's work, also in somebody's place.
WORKING_VERBS = (
    "start_milestone",
    "report_milestone",
    "agree_milestone",
    "send_back_by_head",
    "add_entry",
    "add_result",
    "request_close_out",
    "receive_project",
)
# Where rows themselves say who did it.
_SIGNED: tuple[tuple[type[Model], tuple[str, ...]], ...] = (
    (Milestone, ("reported_by", "agreed_by")),
    (ProgressEntry, ("by",)),
    (CloseOut, ("requested_by",)),
)


def hands_on(project: Project) -> set[int]:
    """People who reported, agreed, filed or typed anything of this project, and those they stood in for."""
    return hands_on_each([project.pk])[project.pk]


def hands_on_each(project_ids: Collection[int]) -> dict[int, set[int]]:
    """The same for many at once, with as many queries."""
    hands: dict[int, set[int | None]] = {pk: set() for pk in project_ids}
    for model, names in _SIGNED:
        rows = model._default_manager.filter(project__in=hands).order_by()
        for pk, *people in rows.values_list("project", *names):
            hands[pk].update(people)
    events = Event.objects.filter(project_id__in=hands, verb__in=WORKING_VERBS).order_by()
    for pk, *people in events.values_list("project_id", "by", "principal"):
        hands[pk or 0].update(people)
    return {pk: {person for person in people if person is not None} for pk, people in hands.items()}


def hands_on_milestone(milestone: Milestone) -> set[int]:
    """The same for one milestone."""
    return milestone.known_hands if milestone.known_hands is not None else _hands_on([milestone])[milestone.pk]


def know_hands(milestones: Sequence[Milestone]) -> None:
    """Ask for all at once, so that a page of many milestones asks no more often than a page of one.

    For showing only: an action checks with a milestone it has read itself.
    """
    hands = _hands_on(milestones)
    for milestone in milestones:
        milestone.known_hands = hands[milestone.pk]


def _hands_on(milestones: Sequence[Milestone]) -> dict[int, set[int]]:
    pairs: dict[int, set[int | None]] = {m.pk: {m.reported_by_id, m.agreed_by_id} for m in milestones}
    entries = ProgressEntry.objects.filter(milestone__in=pairs).values_list("milestone_id", "by_id", "by_id")
    about = Q(subject_kind="milestone", subject_id__in=pairs, verb__in=WORKING_VERBS)
    events = Event.objects.filter(about).order_by().values_list("subject_id", "by_id", "principal_id")
    for pk, *people in entries.order_by().union(events):
        pairs[pk or 0].update(people)
    return {pk: {person for person in people if person is not None} for pk, people in pairs.items()}
