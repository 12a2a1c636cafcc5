"""A project laid together as the API shows it: derived values beside the rows, and only what this person may read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.models import Division, User
from tasks.enums import Bucket
from tasks.models import CloseOut, Milestone, Project, Source, Target
from tasks.queries import project_past as past
from tasks.queries.as_of import Moment
from tasks.queries.lights import Ground, ProjectView, Reason, ground_of, milestone_light, view_of
from tasks.queries.moments import bucket_of
from tasks.queries.project_page import close_outs_of
from tasks.queries.turns import Turn, turns_of
from tasks.rules.seeing import sees_whole


@dataclass
class ShownTarget:
    target: Target
    progress: float | None
    time_progress: float | None
    milestones: list[Milestone]


@dataclass
class ShownProject:
    """`evidence_required` and what follows is None, and `reasons` empty, where only the main columns are shown."""

    project: Project
    view: ProjectView
    as_of: date
    is_whole: bool
    evidence_required: bool | None = None
    remark: str | None = None
    targets: list[ShownTarget] | None = None
    close_outs: list[CloseOut] | None = None
    turn: Turn | None = None

    @property
    def bucket(self) -> Bucket | None:
        return bucket_of(self.project, self.as_of)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """They name milestones."""
        return self.view.light.reasons if self.is_whole else ()

    @property
    def sources(self) -> list[Source]:
        return list(self.project.key_task.sources.all())

    @property
    def co_divisions(self) -> list[Division]:
        return [row.division for row in self.project.co_division_rows.all()]


def shown(project: Project, user: User, today: date, moment: Moment | None) -> ShownProject | None:
    """`project` as `for_page` loads it; None where nobody had been asked to do it yet on the day."""
    is_whole = sees_whole(user, project, today)
    if moment is not None and past.stood(project, moment) is None:
        return None
    ground = ground_of(project.organization_id, moment.day if moment else today)
    view = view_of(project, ground)
    row = ShownProject(project, view, ground.today, is_whole)
    if is_whole:
        row.turn = next(iter(turns_of(project, ground)), None) if moment is None else None
        row.evidence_required, row.remark = project.evidence_required, project.remark
        row.targets = _targets(view)
        row.close_outs = close_outs_of(project) if moment is None else past.close_outs_then(project, moment)
    return row


def _targets(view: ProjectView) -> list[ShownTarget]:
    milestones = list(view.project.milestones.all())
    for milestone in milestones:
        light_up(milestone, view.milestone_lights[milestone.pk])
    targets = []
    for target in view.project.targets.all():
        share = view.targets[target.pk]
        own = [milestone for milestone in milestones if milestone.target_id == target.pk]
        targets.append(ShownTarget(target, share.progress, share.time_progress, own))
    return targets


def light_up(milestone: Milestone, light: Any) -> None:
    milestone.shown_light = light  # type: ignore[attr-defined]  # for the serializer, which reads attributes


def light_all(milestones: Iterable[Milestone], today: date) -> None:
    """The lights of a page of milestones; calendar and policy are read once per office."""
    grounds: dict[int, Ground] = {}
    for milestone in milestones:
        organization_id = milestone.organization_id
        if organization_id not in grounds:
            grounds[organization_id] = ground_of(organization_id, today)
        light_up(milestone, milestone_light(milestone, milestone.project.state, grounds[organization_id]))
