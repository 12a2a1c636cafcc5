"""Downloads: for those who read the whole project, under the name the file was given, never as a page."""

from urllib.parse import quote

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse

from accounts.models import Event
from tasks.actions import entries
from tasks.enums import ProjectState
from tasks.models import Attachment
from tests.cast import NOW, Cast, make_cast
from tests.pages import CheckingClient
from tests.walks import a_file, project_at

NAME = "调研报告（第三稿） 定稿.html.pdf"


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def attachment(cast: Cast) -> Attachment:
    project = project_at(ProjectState.IN_PROGRESS, cast)
    files: list[UploadedFile] = [a_file(NAME, b"%PDF-1.4 content")]
    entry = entries.add_entry(project, by=cast.staff, version=project.version, situation="开题", files=files, now=NOW)
    return entry.attachments.get()


@pytest.mark.parametrize("who", ["secretariat", "head", "co_staff", "leader", "assessor"])
def test_who_reads_the_whole_project_gets_the_file_under_its_name(
    client: CheckingClient, cast: Cast, attachment: Attachment, who: str
) -> None:
    client.force_login(getattr(cast, who))

    response = client.get(reverse("attachment", args=[attachment.key]))

    assert response.status_code == 200
    assert response.getvalue() == b"%PDF-1.4 content"
    assert response["Content-Disposition"] == f"attachment; filename*=utf-8''{quote(NAME, safe='')}"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(
    "who", ["outsider", "foreign_secretariat", "foreign_leader", "stranger", "sysadmin", "auditor", "observer"]
)
def test_others_find_no_file(client: CheckingClient, cast: Cast, attachment: Attachment, who: str) -> None:
    client.force_login(getattr(cast, who))

    response = client.get(reverse("attachment", args=[attachment.key]))

    assert response.status_code == 404
    assert not Event.objects.filter(verb="download_attachment").exists()


def test_who_is_not_signed_in_is_asked_who_it_is(client: CheckingClient, attachment: Attachment) -> None:
    response = client.get(reverse("attachment", args=[attachment.key]))

    assert response.status_code == 302
    assert reverse("sign-in") in response["Location"]


def test_a_download_is_recorded_and_makes_no_page_stale(
    client: CheckingClient, cast: Cast, attachment: Attachment
) -> None:
    version = attachment.project.version
    client.force_login(cast.leader)

    client.get(reverse("attachment", args=[attachment.key])).getvalue()

    event = Event.objects.get(verb="download_attachment")
    attachment.project.refresh_from_db()
    assert (event.by, event.subject_id, event.project_id) == (cast.leader, attachment.pk, None)
    assert event.words == f"下载附件“{NAME}”"
    assert attachment.project.version == version


def test_a_file_that_is_gone_from_the_disk_is_not_found(
    client: CheckingClient, cast: Cast, attachment: Attachment
) -> None:
    default_storage.delete(attachment.stored_as)
    client.force_login(cast.head)

    response = client.get(reverse("attachment", args=[attachment.key]))

    assert response.status_code == 404
