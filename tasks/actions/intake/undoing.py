"""Taking an import back while nothing of it is dispatched: exactly what it wrote goes."""

from datetime import datetime

from django.db import transaction

from accounts.actions.recording import record
from accounts.models import User
from cppcc_office.lib.errors import Refused
from tasks.actions.decomposition import save_decomposition
from tasks.actions.intake.batches import claim_batch
from tasks.actions.intake.revising import from_json
from tasks.actions.plans import refuse_unless_secretariat
from tasks.actions.recording import today_of
from tasks.enums import ChangeState, ImportState, ProjectState, Series
from tasks.models import Category, ChangeRequest, ImportBatch, ImportRow, IssuedNumber, KeyTask, Plan, Project, Source


def bar_to_undo(batch: ImportBatch) -> list[str]:
    """Why what the batch wrote can not be taken back as a whole; empty when it can."""
    made = batch.created.get("made", {})
    if batch.state not in (ImportState.WRITTEN, ImportState.READY) or not made:
        return ["本次导入没有写入什么，不用撤销"]
    bars = []
    projects = Project.objects.filter(pk__in=made.get("projects", []))
    dispatched = projects.exclude(state=ProjectState.DRAFT).count()
    numbered = IssuedNumber.objects.filter(
        series=Series.PROJECT, organization_id=batch.organization_id, subject_id__in=made.get("projects", [])
    ).count()
    if dispatched or numbered:
        bars.append(f"其中 {max(dispatched, numbered)} 个项目已经交办，不能整体撤销；可以逐项撤回")
    built_on = ImportRow.objects.filter(project__in=made.get("projects", [])).exclude(batch=batch)
    if names := sorted(set(built_on.values_list("batch__name", flat=True))):
        bars.append(f"“{'”“'.join(names)}”并入或修订了其中的项目，请先撤销那次导入")
    asked = ChangeRequest.objects.filter(pk__in=made.get("changes", [])).exclude(state=ChangeState.PREPARED).count()
    if asked:
        bars.append(f"其中 {asked} 份变更申请已经提出，不能整体撤销")
    revised = [kept["project"] for kept in made.get("drafts", [])]
    moved = Project.objects.filter(pk__in=revised).exclude(state=ProjectState.DRAFT).count()
    if moved:
        bars.append(f"修订过的 {moved} 个项目已经交办，不能整体撤销")
    return bars


@transaction.atomic
def undo_import(batch: ImportBatch, *, by: User, version: int, now: datetime) -> ImportBatch:
    """撤销: delete what this import created, put revised drafts back as they were."""
    refuse_unless_secretariat(by, batch.organization_id, today_of(now), "撤销导入")
    claim_batch(batch, version=version, states=(ImportState.WRITTEN, ImportState.READY), state=ImportState.WRITTEN)
    if bars := bar_to_undo(batch):
        raise Refused(bars)
    made = batch.created["made"]
    for kept in made["drafts"]:
        project = Project.objects.filter(pk=kept["project"]).first()
        if project is not None:
            save_decomposition(project, from_json(kept["draft"]), by=by, version=project.version, now=now)
            KeyTask.objects.filter(pk=project.key_task_id).update(category_id=kept["category"])
    ChangeRequest.objects.filter(pk__in=made["changes"]).delete()
    through = KeyTask.sources.through
    for key_task_id, source_id in made["links"]:
        through.objects.filter(keytask_id=key_task_id, source_id=source_id).delete()
    batch.rows.update(project=None)
    projects = Project.objects.filter(pk__in=made["projects"])
    count = projects.count()
    projects.delete()
    KeyTask.objects.filter(pk__in=made["key_tasks"], projects=None).delete()
    Source.objects.filter(pk__in=made["sources"], key_tasks=None).delete()
    Category.objects.filter(pk__in=made["categories"], key_tasks=None).delete()
    _drop_empty_plans(batch, made["plans"])
    batch.state = ImportState.UNDONE
    batch.save(update_fields=["state", "plan"])
    words = f"撤销导入“{batch.name}”，删去 {count} 个拟立项项目"
    record("undo_import", words, by=by, now=now, organization=batch.organization, subject=batch)
    return batch


def _drop_empty_plans(batch: ImportBatch, ids: list[int]) -> None:
    for plan in Plan.objects.filter(pk__in=ids, key_tasks=None):
        others = ImportBatch.objects.filter(plan=plan).exclude(pk=batch.pk).exists()
        if others:
            continue
        batch.plan = None
        batch.save(update_fields=["plan"])
        plan.categories.all().delete()
        plan.delete()
