"""An import as a whole: begun, its columns mapped, asked to be written, given up."""

import hashlib
import uuid
from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePath

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F

from accounts.actions.recording import record
from accounts.models import Organization, User
from cppcc_office.lib.errors import Change, Refused, Stale
from tasks.actions.plans import ensure_source_classes, refuse_unless_secretariat
from tasks.actions.recording import today_of
from tasks.actions.remember import remember_columns, remember_source
from tasks.enums import ImportKind, ImportState, RowStatus
from tasks.intake.papers import Columns
from tasks.models import ImportBatch, Plan, SourceClass
from tasks.queries.plans import annual_plan

# What may still be given up: nothing of it is being read or written at this moment.
MAY_BE_ABANDONED = (ImportState.WAITING, ImportState.MAPPING, ImportState.READY, ImportState.FAILED)


@transaction.atomic
def create_import(
    organization: Organization,
    *,
    by: User,
    year: int,
    name: str,
    data: bytes = b"",
    pasted: str = "",
    plan: Plan | None = None,
    default_source: str = "",
    source_class: SourceClass | None = None,
    state: ImportState = ImportState.WAITING,
    keep_file: bool = True,
    now: datetime,
) -> ImportBatch:
    """Take a file or pasted text in, to be read in the background. Without a plan, the year's annual one, made at need."""
    refuse_unless_secretariat(by, organization, today_of(now), "导入任务")
    if bool(data) == bool(pasted.strip()):
        raise Refused("请选择一个文件，或粘贴正文" if not data else "文件和粘贴的正文只能选一样")
    if len(data) > settings.IMPORT_MAX_BYTES:
        limit = settings.IMPORT_MAX_BYTES // 1024 // 1024
        raise Refused(f"文件超过 {limit} MB，没有读取；请删去图片等无关内容后再上传")
    if plan is not None and (plan.organization_id != organization.pk or plan.year != year):
        raise Refused("任务计划与年度不符，请重新选择")
    ensure_source_classes(organization)
    name = PurePath(name.replace("\\", "/")).name[-200:] or "粘贴的正文"
    batch = ImportBatch(
        organization=organization,
        plan=plan or annual_plan(organization.pk, year),
        year=year,
        kind=ImportKind.TABLE if data else ImportKind.TEXT,
        state=state,
        name=name,
        digest=hashlib.sha256(data or pasted.encode()).hexdigest(),
        pasted=pasted.strip(),
        default_source=default_source.strip(),
        by=by,
        at=now,
    )
    if data and keep_file:
        # A file whose transaction then fails stays behind unreferenced: harmless, never served.
        batch.stored_as = default_storage.save(f"imports/{now:%Y/%m}/{uuid.uuid4().hex}", ContentFile(data))
    batch.save(force_insert=True)
    if source_class is not None and batch.default_source:
        remember_source(organization, text=batch.default_source, source_class=source_class, by=by, now=now)
    record("create_import", f"上传“{name}”准备导入", by=by, now=now, organization=organization, subject=batch)
    return batch


def claim_batch(batch: ImportBatch, *, version: int, states: tuple[ImportState, ...], **fields: object) -> None:
    """One UPDATE against the version the page showed: of two people one wins. Raises Stale."""
    claim = ImportBatch.objects.filter(pk=batch.pk, version=version, state__in=states)
    if not claim.update(version=F("version") + 1, **fields):
        raise stale_batch(batch)
    batch.version = version + 1
    for name, value in fields.items():
        setattr(batch, name, value)


def stale_batch(batch: ImportBatch) -> Stale:
    current = ImportBatch.objects.get(pk=batch.pk)
    return Stale(f"导入“{batch.name}”", [Change("状态", batch.get_state_display(), current.get_state_display())])


@transaction.atomic
def choose_columns(
    batch: ImportBatch,
    *,
    by: User,
    version: int,
    columns: Columns,
    remember: Mapping[str, str],
    now: datetime,
) -> ImportBatch:
    """Map columns by hand; the paper is read again with them. Corrections to cells that read the same are kept."""
    refuse_unless_secretariat(by, batch.organization_id, today_of(now), "对应列")
    if batch.rows.filter(project__isnull=False).exists():
        raise Refused("本次导入已有写入的行，不能再改列的对应")
    claim_batch(
        batch,
        version=version,
        states=(ImportState.MAPPING, ImportState.READY),
        state=ImportState.WAITING,
        columns=columns,
        claimed_at=None,
        done=0,
        total=0,
    )
    remember_columns(batch.organization, fields=remember, by=by, now=now)
    record("choose_columns", f"对应“{batch.name}”的列", by=by, now=now, organization=batch.organization, subject=batch)
    return batch


@transaction.atomic
def request_write(batch: ImportBatch, *, by: User, version: int, only_ok: bool, now: datetime) -> ImportBatch:
    """写入: all rows or, asked for in so many words, those without a problem; the background does it."""
    refuse_unless_secretariat(by, batch.organization_id, today_of(now), "写入计划")
    open_rows = batch.rows.filter(status__in=[RowStatus.ASK, RowStatus.ERROR], project=None).count()
    ready = batch.rows.filter(status=RowStatus.OK, project=None).count()
    if open_rows and not only_ok:
        raise Refused(f"还有 {open_rows} 行需更正，更正后才能整表写入；也可以先写入没有问题的行")
    if not ready:
        raise Refused("没有可以写入的行")
    claim_batch(
        batch, version=version, states=(ImportState.READY,), state=ImportState.TO_WRITE, by=by, done=0, total=ready
    )
    words = f"写入“{batch.name}”的 {ready} 行" + (f"，其余 {open_rows} 行留待更正" if open_rows else "")
    record("request_write", words, by=by, now=now, organization=batch.organization, subject=batch)
    return batch


@transaction.atomic
def abandon_import(batch: ImportBatch, *, by: User, version: int, now: datetime) -> ImportBatch:
    """放弃: what was written stays written, the rest is not taken in."""
    refuse_unless_secretariat(by, batch.organization_id, today_of(now), "放弃导入")
    written = batch.rows.filter(project__isnull=False).exists()
    state = ImportState.WRITTEN if written else ImportState.ABANDONED
    claim_batch(batch, version=version, states=MAY_BE_ABANDONED, state=state)
    words = f"放弃“{batch.name}”其余的行" if written else f"放弃导入“{batch.name}”"
    record("abandon_import", words, by=by, now=now, organization=batch.organization, subject=batch)
    return batch
