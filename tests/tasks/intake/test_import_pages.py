"""The pages of an import: who reaches them, the way through them without scripts, and what htmx gets."""

import io
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from accounts.enums import Role
from accounts.models import Division, Organization
from tasks.actions.intake.correcting import mark_of
from tasks.enums import ImportState, RowStatus
from tasks.jobs import sweep_imports
from tasks.models import ImportBatch, ImportRow, Project, SourceClass
from tests.cast import joins, make_cast, person
from tests.pages import CheckingClient
from tests.tasks.intake.conftest import FEBRUARY, SampleOffice
from tests.tasks.intake.imports import GOOD, HEADER, changed, sample_paper, table, take_in, write

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def february() -> object:
    with time_machine.travel(FEBRUARY, tick=True) as traveller:
        yield traveller


@pytest.fixture
def desk(sample: SampleOffice, client: CheckingClient) -> CheckingClient:
    client.force_login(sample.secretariat)
    return client


def upload(desk: CheckingClient, data: bytes, name: str = "任务分解表.xlsx") -> ImportBatch:
    desk.post(reverse("import-new"), {"file": SimpleUploadedFile(name, data), "year": "2026"})
    return ImportBatch.objects.latest("pk")


def page_of(batch: ImportBatch, query: str = "") -> str:
    return reverse("import-batch", args=[batch.pk]) + query


def test_the_whole_way_without_scripts(desk: CheckingClient) -> None:
    batch = upload(desk, sample_paper("plan-2026.xlsx"), "plan-2026.xlsx")
    assert "等待读取" in desk.get(page_of(batch)).content.decode()
    sweep_imports()

    page = desk.get(page_of(batch)).content.decode()
    assert "“领导批示”" in page
    assert "写入全部 138 行" in page
    wanted = SourceClass.objects.get(name="领导同志批示")
    desk.post(reverse("import-source", args=[batch.pk]), {"text": "领导批示", "source_class": wanted.pk})
    batch.refresh_from_db()
    desk.post(reverse("import-write", args=[batch.pk]), {"version": batch.version})
    assert "等待写入" in desk.get(page_of(batch)).content.decode()
    sweep_imports()

    result = desk.get(page_of(batch)).content.decode()
    assert "138 项" in result
    assert Project.objects.count() == 138
    batch.refresh_from_db()
    reply = desk.post(reverse("import-undo", args=[batch.pk]), {"version": batch.version}, follow=True)
    assert "已撤销" in reply.content.decode()
    assert not Project.objects.exists()


@pytest.mark.parametrize("name", ["imports", "import-new"])
def test_only_the_secretariat_finds_the_pages(db: None, new_client: type[CheckingClient], name: str) -> None:
    cast = make_cast()

    statuses = {}
    for who, user in cast.everyone().items():
        client = new_client()
        client.force_login(user)
        statuses[who] = client.get(reverse(name)).status_code

    allowed = {who for who, status in statuses.items() if status == 200}
    assert allowed == {"secretariat", "second_secretariat", "supervising_head", "foreign_secretariat"}
    assert {status for who, status in statuses.items() if who not in allowed} == {404}


def test_another_offices_import_is_not_there(sample: SampleOffice, new_client: type[CheckingClient]) -> None:
    batch = take_in(sample, table(GOOD))
    row = batch.rows.get()
    elsewhere = Organization.objects.create(code="elsewhere", name="邻市政协机关")
    supervising = Division.objects.create(organization=elsewhere, name="督办处", supervises=True)
    colleague = person("he", "何科员")
    joins(colleague, elsewhere, Role.STAFF, supervising)
    stranger = new_client()
    stranger.force_login(colleague)

    for name in ("import-batch", "import-progress", "import-mapping", "import-annotated"):
        assert stranger.get(reverse(name, args=[batch.pk])).status_code == 404
    for name in ("import-write", "import-undo", "import-abandon", "import-source", "import-answer"):
        assert stranger.post(reverse(name, args=[batch.pk])).status_code == 404
    assert stranger.post(reverse("import-row", args=[batch.pk, row.pk])).status_code == 404


@pytest.mark.parametrize(
    ("posted", "words"),
    [
        ({"year": "2026"}, "请选择一个文件"),
        ({"year": "", "pasted": "1.某事"}, "请写明年度"),
        ({"year": "2026", "pasted": "1.某事", "file": SimpleUploadedFile("a.xlsx", b"x")}, "只能选一样"),
        ({"year": "2026", "file": SimpleUploadedFile("a.xlsx", b"")}, "文件是空的"),
    ],
)
def test_an_upload_that_lacks_something_is_answered_with_the_form(
    desk: CheckingClient, posted: dict[str, object], words: str
) -> None:
    reply = desk.post(reverse("import-new"), posted)

    assert reply.status_code == 422
    assert words in reply.content.decode()
    assert not ImportBatch.objects.exists()


def test_a_row_is_corrected_in_place_with_and_without_scripts(sample: SampleOffice, desk: CheckingClient) -> None:
    batch = take_in(
        sample,
        table(changed(GOOD, deadline="汛期结束后"), changed(GOOD, number="2", key_task="组织评查", lead="经科委")),
    )
    first, second = batch.rows.all()

    plain = desk.post(
        reverse("import-row", args=[batch.pk, first.pk]),
        {"seen": mark_of(first), "set-deadline": "10月底前", "back": "/elsewhere/?tab=ask&page=1"},
    )
    swapped = desk.post(
        reverse("import-row", args=[batch.pk, second.pk]),
        {"seen": mark_of(second), "set-lead": "经科委", "pick": '{"set": {"lead": "人事处", "person": "陈明哲"}}'},
        headers=HTMX,
    )

    assert plain["Location"] == page_of(batch, f"?tab=ask&page=1#r{first.pk}")
    text = swapped.content.decode()
    assert "<template>" in text
    assert f'id="r{second.pk}"' in text
    assert 'id="imp-foot" hx-swap-oob="true"' in text
    assert set(batch.rows.values_list("status", flat=True)) == {RowStatus.OK}


def test_a_row_somebody_else_corrected_is_answered_with_what_is_there_now(
    sample: SampleOffice, desk: CheckingClient
) -> None:
    batch = take_in(sample, table(changed(GOOD, deadline="汛期结束后")))
    row = batch.rows.get()

    reply = desk.post(reverse("import-row", args=[batch.pk, row.pk]), {"seen": "old", "set-deadline": "10月底前"})

    assert reply.status_code == 409
    assert "10月底前" in reply.content.decode()
    assert ImportRow.objects.get().values["deadline"] == "汛期结束后"


@pytest.mark.parametrize(
    "pick", ["{", "[]", '{"set": {"project_id": "1"}}', '{"decision": "DROP TABLE"}', '{"set": 1}']
)
def test_an_answer_nobody_offered_is_refused(sample: SampleOffice, desk: CheckingClient, pick: str) -> None:
    batch = take_in(sample, table(changed(GOOD, deadline="汛期结束后")))
    row = batch.rows.get()

    reply = desk.post(reverse("import-row", args=[batch.pk, row.pk]), {"seen": mark_of(row), "pick": pick})

    assert reply.status_code == 409


def test_the_whole_row_shows_the_words_of_the_paper_beside_the_correction(
    sample: SampleOffice, desk: CheckingClient
) -> None:
    batch = take_in(sample, table(changed(GOOD, deadline="汛期结束后")))
    row = batch.rows.get()
    desk.post(reverse("import-row", args=[batch.pk, row.pk]), {"seen": mark_of(row), "set-deadline": "10月底前"})

    page = desk.get(reverse("import-row", args=[batch.pk, row.pk])).content.decode()

    assert "原文：汛期结束后" in page
    assert 'value="10月底前"' in page


def test_progress_says_how_far_and_then_where_to_go(sample: SampleOffice, desk: CheckingClient) -> None:
    batch = upload(desk, table(GOOD))
    address = reverse("import-progress", args=[batch.pk])
    assert "等待读取" in desk.get(address, headers=HTMX).content.decode()

    sweep_imports()

    assert desk.get(address, headers=HTMX)["HX-Redirect"] == page_of(batch)


def test_unknown_columns_lead_to_the_mapping_page(sample: SampleOffice, desk: CheckingClient) -> None:
    header = ("项", "干什么", "谁牵头", "什么时候", "闲话")
    batch = upload(desk, table(("1", "开展保密检查", "督办处", "9月底前", "略"), header=header))
    sweep_imports()
    address = reverse("import-mapping", args=[batch.pk])
    assert desk.get(page_of(batch)).headers["Location"] == address
    page = desk.get(address).content.decode()
    assert "干什么" in page
    batch.refresh_from_db()
    given = {
        "version": batch.version,
        "header": "1",
        "sheet": "Sheet",
        "column-2": "lead",
        "column-3": "deadline",
        "column-4": "-",
    }

    wrong = desk.post(address, given)
    right = desk.post(address, given | {"column-1": "key_task"})
    sweep_imports()

    assert wrong.status_code == 422
    assert "请指明哪一列是重点任务" in wrong.content.decode()
    assert right.status_code == 302
    row = ImportRow.objects.get()
    assert (row.title, row.reading["lead"], row.values.get("extra")) == ("开展保密检查", "督办处", "项：1")


def test_the_annotated_table_holds_the_paper_and_the_questions(sample: SampleOffice, desk: CheckingClient) -> None:
    rows = [",".join(HEADER), ",".join(changed(GOOD, key_task="=1+1 的任务", steps="部署", deadline="汛期结束后"))]
    batch = take_in(sample, "\n".join(rows).encode(), name="任务.csv")

    reply = desk.get(reverse("import-annotated", args=[batch.pk]))

    sheet = load_workbook(io.BytesIO(reply.getvalue())).active
    assert sheet is not None
    titles, row = list(sheet.iter_rows(values_only=True))
    assert titles[-1] == "更正与说明"
    assert "=1+1 的任务" in row
    assert "读不出日期" in str(row[-1])
    assert all(cell.data_type != "f" for cells in sheet.iter_rows() for cell in cells)


def test_an_unreadable_file_is_answered_in_a_sentence(desk: CheckingClient) -> None:
    batch = upload(desk, b"x", "任务.wps")

    sweep_imports()

    assert "另存为 .docx" in desk.get(page_of(batch)).content.decode()


def test_one_bad_import_holds_up_no_other_and_its_owner_is_told(
    desk: CheckingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = upload(desk, table(GOOD))
    ImportBatch.objects.filter(pk=broken.pk).update(stored_as="imports/not-there")
    good = upload(desk, table(GOOD))

    sweep_imports()
    sweep_imports()

    broken.refresh_from_db()
    good.refresh_from_db()
    assert (broken.state, good.state) == (ImportState.FAILED, ImportState.READY)
    assert "请把文件另存为" in broken.error


def test_a_list_of_imports_costs_the_same_for_one_and_for_three(
    sample: SampleOffice, desk: CheckingClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    take_in(sample, table(GOOD))
    desk.get(reverse("imports"))
    with django_assert_num_queries(LIST_QUERIES):
        desk.get(reverse("imports"))
    take_in(sample, table(GOOD))
    take_in(sample, table(GOOD))

    with django_assert_num_queries(LIST_QUERIES):
        desk.get(reverse("imports"))


def test_a_preview_costs_the_same_for_one_row_and_for_three(
    sample: SampleOffice, desk: CheckingClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    one = take_in(sample, table(GOOD))
    three = take_in(sample, table(*(changed(GOOD, number=str(n), key_task=f"落实第{n}号提案") for n in (1, 2, 3))))
    desk.get(page_of(one))

    with django_assert_num_queries(PREVIEW_QUERIES):
        desk.get(page_of(one))
    with django_assert_num_queries(PREVIEW_QUERIES):
        desk.get(page_of(three))


LIST_QUERIES = 11
PREVIEW_QUERIES = 14


def test_an_import_that_made_dispatched_projects_says_why_it_stays(sample: SampleOffice, desk: CheckingClient) -> None:
    batch = write(sample, take_in(sample, table(GOOD)), now=FEBRUARY + timedelta(minutes=1))
    Project.objects.update(
        state="DISPATCHED",
        number="〔2026〕001号",
        original_due_on=GOOD_DUE,
        warn_on=GOOD_DUE,
        dispatched_on=FEBRUARY.date(),
    )

    page = desk.get(page_of(batch)).content.decode()

    assert "1 个项目已经交办" in page
    assert "撤销本次导入" not in page


GOOD_DUE = "2026-09-30"
