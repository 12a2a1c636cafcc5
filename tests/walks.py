"""Walking a project to a state by the real actions."""

from datetime import date, datetime, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Division, User
from tasks.actions import close_out, decomposition, key_tasks, milestone, plans, project
from tasks.actions.changes.asking import ask_change
from tasks.actions.changes.deciding import agree_change
from tasks.actions.changes.lines import Wish
from tasks.enums import ChangeKind, Effect, ProjectState
from tasks.models import Plan, Project, Source, SourceClass
from tests.cast import NOW, Cast
from tests.remembered import remembered


@remembered
def a_plan(cast: Cast, *, year: int = 2026, now: datetime = NOW) -> Plan:
    plan = Plan.objects.filter(organization=cast.office, year=year).first()
    if plan is not None:
        return plan
    return plans.create_plan(cast.office, by=cast.secretariat, year=year, name=f"{year}年度重点任务", now=now)


def a_source(cast: Cast, name: str = "党组工作要点") -> Source:
    source_class = SourceClass.objects.get(organization=cast.office, name=name)
    source, _ = Source.objects.get_or_create(organization=cast.office, source_class=source_class, name="")
    return source


@remembered
def a_draft(
    cast: Cast,
    *,
    title: str = "推进营商环境专题协商",
    lead: Division | None = None,
    due_on: date = date(2026, 9, 30),
    milestones: int = 2,
    now: datetime = NOW,
) -> Project:
    """A draft that is complete: one target, its milestones a month apart, the last on the due date."""
    plan = a_plan(cast, now=now)
    lead = lead or cast.lead
    person = cast.staff if lead == cast.lead else cast.secretariat if lead == cast.supervising else cast.co_staff
    draft = key_tasks.create_key_task(
        plan,
        by=cast.secretariat,
        title=title,
        category=plan.categories.get(name="临时交办"),
        sources=[a_source(cast)],
        due_on=due_on,
        lead_division_id=lead.pk,
        person_id=person.pk,
        leader_id=cast.leader.pk,
        now=now,
    )
    tree = decomposition.draft_of(draft)
    tree.co_division_ids = [cast.assisting.pk] if lead != cast.assisting else []
    tree.targets = [
        decomposition.TargetDraft(
            statement="形成协商报告",
            milestones=[
                decomposition.MilestoneDraft(
                    title=f"第{place + 1}步",
                    division_id=lead.pk,
                    person_id=person.pk,
                    due_on=due_on if place == milestones - 1 else date(2026, 4 + place, 20),
                )
                for place in range(milestones)
            ],
        )
    ]
    return decomposition.save_decomposition(draft, tree, by=cast.secretariat, version=draft.version, now=now)


@remembered
def project_at(state: ProjectState, cast: Cast, *, lead: Division | None = None, now: datetime = NOW) -> Project:
    """A project in that state, walked there by the people whose moves they are."""
    lead = lead or cast.lead
    head, staff = {
        cast.lead: (cast.head, cast.staff),
        cast.supervising: (cast.supervising_head, cast.secretariat),
        cast.assisting: (cast.co_head, cast.co_staff),
    }[lead]
    verifier = cast.leader if lead == cast.supervising else cast.second_secretariat
    row = a_draft(cast, lead=lead, now=now)
    if state == ProjectState.DRAFT:
        return row
    project.dispatch_project(row, by=cast.secretariat, version=row.version, now=now)
    if state == ProjectState.DISPATCHED:
        return row
    project.receive_project(row, by=head, version=row.version, now=now)
    if state == ProjectState.IN_PROGRESS:
        return row
    if state in (ProjectState.SUSPENDED, ProjectState.CANCELLED):
        return changed_to(state, row, by=head, leader=cast.leader, now=now)
    for node in row.milestones.select_related("project", "division"):
        node.project = row
        milestone.report_milestone(node, by=staff, version=row.version, note="已完成", now=now)
        milestone.agree_milestone(node, by=head, version=row.version, now=now)
        milestone.confirm_milestone(node, by=verifier, version=row.version, now=now)
    close_out.request_close_out(row, by=head, version=row.version, summary="全部完成", files=[], now=now)
    if state == ProjectState.CLOSE_OUT_REQUESTED:
        return row
    assert state == ProjectState.CLOSED, f"no walk to {state} yet"
    close_out.accept_close_out(row, by=verifier, version=row.version, effect=Effect.GOOD, now=now)
    return row


def changed_to(state: ProjectState, row: Project, *, by: User, leader: User, now: datetime) -> Project:
    """暂缓 or 终止, asked for and agreed to."""
    kind = ChangeKind.SUSPENSION if state == ProjectState.SUSPENDED else ChangeKind.CANCELLATION
    resume_on = Wish("project", "resume_on", (now.date() + timedelta(days=60)).isoformat())
    wishes = [resume_on] if state == ProjectState.SUSPENDED else []
    request = ask_change(row, kind=kind, by=by, version=row.version, reason="上级另有部署", wishes=wishes, now=now)
    agree_change(request, by=leader, version=row.version, now=now)
    return row


def a_file(name: str = "佐证材料.pdf", content: bytes = b"%PDF-1.4 evidence") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")
