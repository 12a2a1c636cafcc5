"""Taking a staff table in: matching, asking, writing all or nothing."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.actions import staff_import as actions
from accounts.enums import DivisionKind, Role, StaffImportState
from accounts.intake.plans import OTHER, StaffPlan
from accounts.intake.sheet import staff_rows
from accounts.models import Division, Event, Membership, Organization, StaffImport, User
from accounts.standing import standing_of
from cppcc_office.lib.errors import Refused, Stale
from cppcc_office.lib.sheets import read_tables
from tests.accounts.test_staff_sheet import SHEET, workbook
from tests.cast import NOW, TODAY, Cast, joins, person

CHECK = "staff-import-check"


@pytest.fixture
def office(db: None) -> Organization:
    return Organization.objects.create(code="new", name="新政协机关")


@pytest.fixture
def admin(office: Organization) -> User:
    user = person("root", "管理员")
    joins(user, office, Role.SYSADMIN)
    return user


def opened(office: Organization, admin: User, *lines: list[str]) -> StaffImport:
    file = workbook(*lines) if lines else BytesIO(SHEET.read_bytes())
    rows, left_out = staff_rows(read_tables(file, "staff.xlsx"))
    return actions.open_staff_import(
        office, file_name="staff.xlsx", rows=rows, left_out=left_out, by=admin, now=NOW, today=TODAY
    )


def plan(batch: StaffImport) -> StaffPlan:
    batch.organization.refresh_from_db()
    return actions.plan_of(batch, today=TODAY)


def answer(batch: StaffImport, admin: User, **answers: str) -> None:
    """Every suggestion holds, except what is given here."""
    found = plan(batch)
    questions = [row.question for row in found.rows] + [division.question for division in found.divisions]
    questions += [found.supervises, found.secretary_general]
    suggested = {q.key: q.suggestion for q in questions if q and q.suggestion}
    actions.answer_staff_import(batch, answers={**suggested, **answers}, by=admin, now=NOW, today=TODAY)


def write(batch: StaffImport, admin: User) -> list[actions.NewAccount]:
    return actions.write_staff_import(batch, by=admin, now=NOW, today=TODAY)


def imported(office: Organization, admin: User, *lines: list[str], **answers: str) -> list[actions.NewAccount]:
    batch = opened(office, admin, *lines)
    answer(batch, admin, **answers)
    return write(batch, admin)


def test_the_shown_sheet_asks_only_what_only_people_know(office: Organization, admin: User) -> None:
    found = plan(opened(office, admin))

    asked = [row for row in found.rows if row.status == "ask"]
    assert [row.row.name for row in asked] == ["徐伟东", "高春梅"]
    assert found.count("new") == 72
    assert found.count("error") == 0
    assert found.supervises is not None
    assert found.secretary_general is not None
    assert found.supervises.suggestion == "督办处"
    named = {choice.value: choice.label for choice in found.secretary_general.choices}
    assert named[found.secretary_general.suggestion] == "邓春梅（秘书长）"
    assert len(found.bars) == 2 + 17 + 2


def test_the_shown_sheet_makes_74_people_in_17_divisions(office: Organization, admin: User) -> None:
    accounts = imported(office, admin)

    office.refresh_from_db()
    assert len(accounts) == 74
    assert len({account.password for account in accounts}) == 74
    assert Membership.objects.filter(organization=office).exclude(user=admin).count() == 74
    divisions = Division.objects.filter(organization=office)
    assert divisions.count() == 17
    assert divisions.filter(kind=DivisionKind.COMMITTEE).count() == 10
    assert divisions.get(supervises=True).name == "督办处"
    assert divisions.get(name="教科卫体委办公室").short_name == "教科卫体委"
    assert office.secretary_general == User.objects.get(username="leader0")
    assert User.objects.filter(name="徐伟东").count() == 2
    head = User.objects.get(username="u080")
    assert head.check_password(next(a.password for a in accounts if a.username == "u080"))
    assert (head.initials, head.must_change_password) == ("xhy", True)
    clerk = User.objects.get(username="u012")
    assert standing_of(clerk, today=TODAY).holds(Role.SECRETARIAT, office.pk)


def test_every_person_made_has_an_event_and_no_event_a_password(office: Organization, admin: User) -> None:
    accounts = imported(office, admin)

    events = Event.objects.filter(organization=office)
    assert events.filter(verb="add_person").count() == 74
    assert events.filter(verb="write_staff_import").count() == 1
    told = "".join(f"{e.words}{e.before}{e.after}" for e in events)
    assert not any(account.password in told for account in accounts)


def test_the_same_file_again_creates_and_changes_nothing(office: Organization, admin: User) -> None:
    imported(office, admin)
    before = list(Membership.objects.order_by("id").values())
    batch = opened(office, admin)

    found = plan(batch)
    accounts = write(batch, admin)

    assert found.count("same") == 74
    assert found.bars == []
    assert accounts == []
    assert list(Membership.objects.order_by("id").values()) == before
    assert StaffImport.objects.get(pk=batch.pk).updated_count == 0


def test_two_lines_of_one_person_make_one_account_also_the_second_time(office: Organization, admin: User) -> None:
    batch = opened(office, admin)
    leader_line = next(row for row in plan(batch).rows if row.row.login == "leader3")
    assert leader_line.question is not None
    same = leader_line.question.choices[0].value
    answer(batch, admin, **{leader_line.question.key: same})
    accounts = write(batch, admin)

    again = plan(opened(office, admin))

    assert len(accounts) == 73
    both = User.objects.get(name="高春梅")
    assert (both.username, both.title) == ("u033", "副秘书长")
    assert standing_of(both, today=TODAY).roles() == {Role.STAFF, Role.LEADER}
    assert again.count("same") == 74


def test_nothing_is_written_while_something_is_open(office: Organization, admin: User) -> None:
    batch = opened(office, admin)
    count = User.objects.count()

    with pytest.raises(Refused, match="请选定负责督办的处室"):
        write(batch, admin)

    assert User.objects.count() == count
    assert StaffImport.objects.get(pk=batch.pk).state == StaffImportState.OPEN


def test_one_bad_row_keeps_the_whole_table_out(office: Organization, admin: User) -> None:
    batch = opened(
        office,
        admin,
        ["张三", "秘书处", "处长", "处室负责人", "", "zs"],
        ["李四", "秘书处", "干部", "经办人", "号码", "ls"],
    )
    answer(batch, admin, supervises="later", secretary_general="later")

    with pytest.raises(Refused, match="第 3 行：手机“号码”不是号码"):
        write(batch, admin)

    assert not User.objects.filter(username="zs").exists()


def test_a_table_is_written_once(office: Organization, admin: User) -> None:
    batch = opened(office, admin)
    answer(batch, admin)
    write(batch, admin)

    with pytest.raises(Stale):
        write(batch, admin)


def test_log_in_names_left_out_are_proposed_and_free(office: Organization, admin: User) -> None:
    person("zhangsan", "张三丰")

    accounts = imported(
        office,
        admin,
        ["张三", "秘书处", "处长", "处室负责人", "", ""],
        ["张散", "秘书处", "干部", "经办人", "", ""],
        supervises="later",
        secretary_general="later",
    )

    assert [account.username for account in accounts] == ["zhangsan2", "zhangsan3"]


def test_changes_of_somebody_known_are_told_and_written(office: Organization, admin: User) -> None:
    imported(office, admin)
    batch = opened(office, admin, ["曹秀英", "提案委办公室", "处长", "处室负责人", "13911112222", "u081"])

    found = plan(batch)
    assert found.old_posts is not None
    assert any("曹秀英原来的任职不在表中" in bar for bar in found.bars)
    answer(batch, admin, old_posts="end")
    write(batch, admin)

    user = User.objects.get(username="u081")
    assert (user.title, user.phone) == ("处长", "13911112222")
    assert [(m.division.name, m.role) for m in Membership.objects.on(TODAY).filter(user=user) if m.division] == [
        ("提案委办公室", Role.DIVISION_HEAD)
    ]
    assert Membership.objects.get(user=user, role=Role.STAFF).ends_on == TODAY - timedelta(days=1)
    told = Event.objects.get(verb="edit_person", subject_id=user.pk).words
    assert "职务由“副处长”改为“处长”" in told
    assert "不再任 经济委办公室 经办人" in told


def test_an_old_post_may_be_kept(office: Organization, admin: User) -> None:
    imported(office, admin)

    imported(office, admin, ["曹秀英", "提案委办公室", "副处长", "经办人", "", "u081"], old_posts="keep")

    user = User.objects.get(username="u081")
    assert Membership.objects.on(TODAY).filter(user=user).count() == 2


def test_an_empty_cell_takes_nothing_away(office: Organization, admin: User) -> None:
    imported(office, admin)

    found = plan(opened(office, admin, ["曹秀英", "经济委办公室", "", "经办人", "", "u081"]))

    assert found.count("same") == 1


def test_a_namesake_elsewhere_is_asked_about(office: Organization, admin: User) -> None:
    imported(office, admin)
    batch = opened(office, admin, ["曹秀英", "行政处", "干部", "经办人", "", ""])

    row = plan(batch).rows[0]
    assert row.status == "ask"
    assert row.question is not None
    assert row.question.suggestion == ""
    assert [choice.label for choice in row.question.choices] == [
        "同一人：经济委办公室 经办人（登录名 u081）",
        "另一人：新建账号",
    ]
    answer(batch, admin, **{row.question.key: OTHER})
    accounts = write(batch, admin)

    assert [account.username for account in accounts] == ["caoxiuying"]
    assert User.objects.filter(name="曹秀英").count() == 2


def test_two_namesakes_of_one_division_stay_two(office: Organization, admin: User) -> None:
    lines = (
        ["李伟", "秘书处", "干部", "经办人", "", "lw1"],
        ["李伟", "秘书处", "干部", "经办人", "", "lw2"],
    )
    imported(office, admin, *lines, supervises="later", secretary_general="later")

    again = plan(opened(office, admin, *lines))

    assert User.objects.filter(name="李伟").count() == 2
    assert again.count("same") == 2


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (["王小明", "秘书处", "干部", "经办人", "", "u081"], "登录名 u081 已是“曹秀英”的"),
        (["王小明", "秘书处", "干部", "经办人", "", "taken"], "已被别的机关使用"),
    ],
)
def test_a_log_in_name_of_somebody_else_is_an_error(
    office: Organization, admin: User, line: list[str], why: str
) -> None:
    imported(office, admin)
    person("taken", "别处的人")

    row = plan(opened(office, admin, line)).rows[0]

    assert row.status == "error"
    assert why in row.problems[0]


def test_one_log_in_name_for_two_names_is_an_error(office: Organization, admin: User) -> None:
    found = plan(
        opened(
            office,
            admin,
            ["张三", "秘书处", "处长", "处室负责人", "", "x01"],
            ["李四", "秘书处", "干部", "经办人", "", "x01"],
        )
    )

    assert "与第 2 行“张三”相同" in found.rows[1].problems[0]


def test_a_division_spelt_almost_alike_is_asked_about(office: Organization, admin: User) -> None:
    imported(office, admin)
    batch = opened(office, admin, ["张三", "经济委员会办公室", "干部", "经办人", "", "x01"])
    economy = Division.objects.get(name="经济委办公室")

    question = plan(batch).divisions[0].question
    assert question is not None
    assert question.suggestion == ""
    assert str(economy.pk) in {choice.value for choice in question.choices}
    answer(batch, admin, **{question.key: str(economy.pk)})
    write(batch, admin)

    assert standing_of(User.objects.get(username="x01"), today=TODAY).division_ids() == {economy.pk}
    assert Division.objects.filter(organization=office).count() == 17


def test_who_leads_a_new_division_may_be_named(office: Organization, admin: User) -> None:
    batch = opened(office, admin)
    leader = next(p for p in plan(batch).people if p.username == "leader1")

    answer(batch, admin, **{"leader:秘书处": leader.key})
    write(batch, admin)

    named = Division.objects.get(name="秘书处").leader
    assert named is not None
    assert named.username == "leader1"


def test_what_is_settled_is_not_asked_again(office: Organization, admin: User) -> None:
    imported(office, admin)

    found = plan(opened(office, admin, ["张三", "秘书处", "干部", "经办人", "", "x01"]))

    assert found.supervises is None
    assert found.secretary_general is None
    assert found.untouched == 75
    assert found.bars == []


@pytest.mark.parametrize("name", ["secretariat", "leader", "auditor", "foreign_secretariat"])
def test_only_the_administrator_takes_a_table_in(cast: Cast, name: str) -> None:
    with pytest.raises(Refused, match="只有本机关的系统管理员"):
        opened(cast.office, getattr(cast, name))

    assert not StaffImport.objects.exists()


def test_a_dropped_table_stays_unwritten(office: Organization, admin: User) -> None:
    batch = opened(office, admin)
    actions.drop_staff_import(batch, by=admin, now=NOW, today=TODAY)

    with pytest.raises(Stale):
        actions.answer_staff_import(batch, answers={"supervises": "督办处"}, by=admin, now=NOW, today=TODAY)

    assert User.objects.count() == 1


def upload(client: Client, content: bytes, name: str = "人员.xlsx") -> str:
    reply = client.post(reverse("staff-import"), {"file": SimpleUploadedFile(name, content)})
    return str(reply["Location"]) if reply.status_code == 302 else reply.content.decode()


def test_the_pages_lead_from_the_file_to_the_passwords(office: Organization, admin: User, client: Client) -> None:
    client.force_login(admin)

    check = upload(client, SHEET.read_bytes())
    page = client.get(check).content.decode()
    batch = StaffImport.objects.get()
    found = plan(batch)
    questions = [row.question for row in found.rows] + [division.question for division in found.divisions]
    questions += [found.supervises, found.secretary_general]
    form = {question.key: question.suggestion for question in questions if question}
    written = client.post(reverse("staff-import-answer", args=[batch.pk]), {**form, "write": "1"})
    again = client.post(reverse("staff-import-answer", args=[batch.pk]), {**form, "write": "1"})

    assert "徐伟东" in page
    assert written.status_code == 200
    assert written["Cache-Control"].startswith("max-age=0")
    assert written.content.decode().count('class="secret"') == 74
    assert again.status_code == 409
    assert User.objects.count() == 75
    assert client.get(check).status_code == 200


def test_writing_too_early_goes_back_to_the_check_and_keeps_the_answers(
    office: Organization, admin: User, client: Client
) -> None:
    client.force_login(admin)
    upload(client, SHEET.read_bytes())
    batch = StaffImport.objects.get()

    reply = client.post(reverse("staff-import-answer", args=[batch.pk]), {"supervises": "人事处", "write": "1"})

    batch.refresh_from_db()
    assert reply["Location"] == reverse(CHECK, args=[batch.pk])
    assert batch.answers == {"supervises": "人事处"}
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (b"", "a.xlsx", "文件是空的"),
        (b"not a workbook", "a.xlsx", ""),
        ("编号,事项\n1,写报告\n".encode(), "a.csv", "没有找到“姓名”一栏"),
    ],
)
def test_a_bad_file_is_a_sentence_on_the_form(
    office: Organization, admin: User, client: Client, content: bytes, name: str, why: str
) -> None:
    client.force_login(admin)

    page = upload(client, content, name)

    assert "fix-why" in page
    assert why in page
    assert not StaffImport.objects.exists()


def test_the_passwords_come_back_as_a_workbook(office: Organization, admin: User, client: Client) -> None:
    client.force_login(admin)

    reply = client.post(
        reverse("staff-import-passwords"),
        {"name": ["张三", "=1+1"], "where": ["秘书处", ""], "username": ["zs", "x"], "password": ["Ab1-c", "Cd2-e"]},
    )

    sheet = load_workbook(BytesIO(reply.content)).worksheets[0]
    assert [cell.value for cell in sheet[2]] == ["张三", "秘书处", "zs", "Ab1-c"]
    assert sheet["A3"].data_type == "s"


def test_others_neither_answer_nor_drop_nor_write(office: Organization, admin: User) -> None:
    batch = opened(office, admin)
    other = person("other", "旁人")

    with pytest.raises(Refused):
        actions.answer_staff_import(batch, answers={"supervises": "督办处"}, by=other, now=NOW, today=TODAY)
    with pytest.raises(Refused):
        actions.drop_staff_import(batch, by=other, now=NOW, today=TODAY)
    with pytest.raises(Refused):
        write(batch, other)

    assert StaffImport.objects.get().answers == {}


def test_dropping_leads_back_and_dropping_again_is_told(office: Organization, admin: User, client: Client) -> None:
    client.force_login(admin)
    upload(client, SHEET.read_bytes())
    batch = StaffImport.objects.get()

    first = client.post(reverse("staff-import-drop", args=[batch.pk]))
    second = client.post(reverse("staff-import-drop", args=[batch.pk]))

    assert first["Location"] == reverse("staff-import")
    assert second.status_code == 409
    assert "已放弃" in client.get(reverse(CHECK, args=[batch.pk])).content.decode()


def test_a_table_that_only_updates_shows_no_passwords(office: Organization, admin: User, client: Client) -> None:
    imported(office, admin)
    client.force_login(admin)
    upload(client, workbook(["曹秀英", "经济委办公室", "处长", "经办人", "", "u081"]).getvalue())
    batch = StaffImport.objects.order_by("-id")[0]
    page = client.get(reverse(CHECK, args=[batch.pk]), {"view": "update"}).content.decode()

    reply = client.post(reverse("staff-import-answer", args=[batch.pk]), {"write": "1"})

    assert "职务由“副处长”改为“处长”" in page
    assert reply["Location"] == reverse("people")
    assert User.objects.get(username="u081").title == "处长"


def test_two_tables_with_the_same_people_make_them_once(office: Organization, admin: User) -> None:
    first, second = opened(office, admin), opened(office, admin)
    for batch in (first, second):
        answer(batch, admin)
    write(first, admin)

    accounts = write(second, admin)

    assert accounts == []
    assert Membership.objects.exclude(user=admin).count() == 74
