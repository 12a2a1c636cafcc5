"""Keeping uploaded files: checked for size and type, stored under names of our own."""

import hashlib
import uuid
from collections.abc import Iterable
from datetime import datetime
from pathlib import PurePath

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile

from accounts.actions.recording import record
from accounts.models import User
from cppcc_office.lib.errors import Refused
from tasks.models import Attachment, CloseOut, ProgressEntry, Project

NewFile = UploadedFile

# What an office attaches. Nothing that a browser would run.
SUFFIXES = frozenset(
    [
        ".doc",
        ".docx",
        ".wps",
        ".xls",
        ".xlsx",
        ".et",
        ".ppt",
        ".pptx",
        ".dps",
        ".pdf",
        ".ofd",
        ".txt",
        ".csv",
        ".jpg",
        ".jpeg",
        ".png",
        ".gif",
        ".bmp",
        ".tif",
        ".tiff",
        ".zip",
        ".rar",
        ".7z",
        ".mp3",
        ".mp4",
        ".wav",
        ".eml",
    ]
)
AT_ONCE = 20


def check_file(file: NewFile) -> None:
    """Raises Refused with the file's name and what to do."""
    name = PurePath((file.name or "").replace("\\", "/")).name
    suffix = PurePath(name).suffix.lower()
    if suffix not in SUFFIXES:
        raise Refused(f"“{name}”的类型不能上传，请转为 PDF、Word、Excel、图片或压缩包")
    if not file.size:
        raise Refused(f"“{name}”是空文件，请检查后重新选择")
    if file.size > settings.ATTACHMENT_MAX_BYTES:
        raise Refused(f"“{name}”超过 {settings.ATTACHMENT_MAX_BYTES // 1024 // 1024} MB，请压缩或拆分后上传")


def attach_files(
    project: Project,
    files: Iterable[NewFile],
    *,
    by: User,
    now: datetime,
    entry: ProgressEntry | None = None,
    close_out: CloseOut | None = None,
) -> list[Attachment]:
    """Store the files and their rows. A file whose transaction then fails stays behind unreferenced: harmless, never served."""
    files = list(files)
    if len(files) > AT_ONCE:
        raise Refused(f"一次最多上传 {AT_ONCE} 个附件，请分次上传")
    for file in files:
        check_file(file)
    rows = []
    for file in files:
        name = PurePath((file.name or "").replace("\\", "/")).name[-200:]
        digest = hashlib.sha256()
        for chunk in file.chunks():
            digest.update(chunk)
        file.seek(0)
        key = uuid.uuid4()
        stored_as = default_storage.save(f"attachments/{now:%Y/%m}/{key.hex}", file)
        rows.append(
            Attachment(
                organization_id=project.organization_id,
                project=project,
                entry=entry,
                close_out=close_out,
                key=key,
                stored_as=stored_as,
                name=name,
                size=file.size or 0,
                digest=digest.hexdigest(),
                uploaded_by=by,
                uploaded_at=now,
            )
        )
    return Attachment.objects.bulk_create(rows)


def record_download(attachment: Attachment, *, by: User, now: datetime) -> None:
    """For the audit only: the project's own history, by which stale pages tell what changed, leaves it out."""
    record(
        "download_attachment",
        f"下载附件“{attachment.name}”",
        by=by,
        now=now,
        organization=attachment.organization_id,
        subject=attachment,
    )
