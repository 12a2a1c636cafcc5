"""Names of papers to divisions, people and leaders: exact or asked."""

from datetime import date

import pytest

from accounts.enums import DivisionKind
from cppcc_office.lib.workdays import WorkCalendar
from tasks.intake.matching import DivisionBook, match_co, match_lead, match_leaders, match_people
from tasks.intake.office import DivisionName, OfficeWords, PersonName, ReadingTerms
from tasks.intake.reading import RowReader, RowReading

DIVISIONS = (
    DivisionName(1, "秘书处"),
    DivisionName(2, "督办处"),
    DivisionName(3, "理论和调研处"),
    DivisionName(4, "经济委办公室", "", DivisionKind.COMMITTEE),
    DivisionName(5, "教科卫体委办公室", "", DivisionKind.COMMITTEE),
    DivisionName(6, "信息中心", "", DivisionKind.GENERAL),
)
PEOPLE = (
    PersonName(11, "王立新", "u010", "处长", frozenset([2])),
    PersonName(12, "郑立新", "u012", "干部", frozenset([2])),
    PersonName(13, "郑思远", "u014", "副处长", frozenset([2])),
    PersonName(14, "徐伟东", "u013", "干部", frozenset([2])),
    PersonName(15, "徐伟东", "u141", "副处长", frozenset([5])),
    PersonName(16, "徐伟东", "u015", "副处长", frozenset([2, 3])),
)
LEADERS = (PersonName(21, "邓春梅", "leader0", "秘书长"), PersonName(22, "张志强", "leader1", "副秘书长"))
OFFICE = OfficeWords(
    ("某省政协机关", "省政协"),
    DIVISIONS,
    PEOPLE,
    LEADERS,
    {"党组工作要点": 1},
    WorkCalendar(),
    {"老干处": 1},
    {"要点": 1},
)
BOOK = DivisionBook(OFFICE)
GOOD = {
    "key_task": "开展保密检查",
    "source": "党组工作要点",
    "goal": "形成检查报告1篇，反馈建议不少于3条",
    "steps": "部署\n检查\n报送建议",
    "lead": "督办处",
    "person": "王立新",
    "deadline": "9月底前",
}


def read(today: date = date(2026, 2, 20), **fields: str) -> RowReading:
    return read_with(fields, today)


def read_with(fields: dict[str, str], today: date = date(2026, 2, 20)) -> RowReading:
    values = GOOD | fields
    return RowReader(OFFICE, ReadingTerms(2026, today)).read(values, values)


@pytest.mark.parametrize(
    ("text", "division_id"),
    [
        ("督办处", 2),
        ("督 办 处", 2),
        ("经济委", 4),
        ("经济委办", 4),
        ("经济委员会办公室", 4),
        ("省政协经济委员会", 4),
        ("老干处", 1),
    ],
)
def test_a_division_is_known_by_its_usual_abbreviations_and_remembered_names(text: str, division_id: int) -> None:
    assert BOOK.find(text) == [division_id]


def test_an_unknown_division_is_asked_about_with_the_nearest_names() -> None:
    found = match_lead("经科委", "", BOOK, OFFICE)

    assert (found.ids, found.problems[0].code) == ([], "lead-unknown")
    assert [pick.label for pick in found.problems[0].picks][:2] == ["经济委办公室", "教科卫体委办公室"]


def test_two_leading_divisions_are_asked_about_and_nobody_is_lost() -> None:
    found = match_lead("督办处、秘书处", "信息中心", BOOK, OFFICE)

    assert found.problems[0].code == "lead-several"
    assert found.problems[0].picks[0].sets == {"lead": "督办处", "co": "秘书处、信息中心"}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("各专委会办公室", [4, 5]),
        ("各专委会", [4, 5]),
        ("机关各处室", [1, 3, 6]),
        ("各处室", [1, 3, 6]),
        ("机关各部门", [1, 3, 4, 5, 6]),
        ("各处室、各专委会办公室", [1, 3, 6, 4, 5]),
    ],
)
def test_a_group_name_becomes_the_divisions_of_its_kind_without_the_lead(text: str, ids: list[int]) -> None:
    found = match_co(text, 2, BOOK, OFFICE)

    assert (found.ids, found.problems) == (ids, [])
    assert all("展开为" in remark for remark in found.remarks)


def test_a_group_cannot_lead() -> None:
    assert match_lead("各专委会办公室", "", BOOK, OFFICE).problems[0].code == "lead-group"


def test_an_unknown_assisting_division_offers_the_whole_cell_with_the_name_replaced() -> None:
    found = match_co("秘书处、经科委", 2, BOOK, OFFICE)

    assert found.ids == [1]
    assert found.problems[0].picks[0].sets == {"co": "秘书处、经济委办公室"}


@pytest.mark.parametrize(
    ("text", "ids"), [("王立新", [11]), ("王处长", [11]), ("王", [11]), ("王立新、郑立新", [11, 12])]
)
def test_a_person_is_found_in_the_leading_division(text: str, ids: list[int]) -> None:
    found = match_people(text, 2, BOOK, OFFICE)

    assert (found.ids, found.problems) == (ids, [])


def test_two_of_one_name_in_the_division_are_asked_about_and_told_apart() -> None:
    found = match_people("徐伟东", 2, BOOK, OFFICE)

    assert found.problems[0].code == "person-ambiguous"
    assert [pick.sets["person"] for pick in found.problems[0].picks] == ["徐伟东（u013）", "徐伟东（u015）"]
    assert match_people("徐伟东（u015）", 2, BOOK, OFFICE).ids == [16]


def test_two_of_one_surname_are_asked_about() -> None:
    found = match_people("郑", 2, BOOK, OFFICE)

    assert found.problems[0].words == "该处室有 2 位“郑”，请选一位"
    assert [pick.label for pick in found.problems[0].picks] == ["郑立新", "郑思远"]


def test_a_person_of_another_division_is_taken_only_when_it_is_named() -> None:
    found = match_people("徐伟东", 4, BOOK, OFFICE)

    assert found.ids == []
    assert "督办处" in found.problems[0].words
    assert match_people("徐伟东（教科卫体委办公室）", 4, BOOK, OFFICE).ids == [15]


def test_brackets_that_name_no_division_hinder_nobody() -> None:
    assert match_people("王立新（兼）", 2, BOOK, OFFICE).ids == match_people("王立新", 2, BOOK, OFFICE).ids != []
    assert match_people("徐伟东（兼）", 2, BOOK, OFFICE).problems[0].code == "person-ambiguous"


@pytest.mark.parametrize("text", ["邓春梅", "邓春梅秘书长", "邓秘书长", "邓春梅（秘书长）", "邓春梅（分管）"])
def test_a_leader_is_found_among_leaders(text: str) -> None:
    assert match_leaders(text, OFFICE).ids == [21]


def test_somebody_who_is_no_leader_is_asked_about() -> None:
    assert match_leaders("王立新", OFFICE).problems[0].code == "leader-unknown"


def test_a_good_row_asks_nothing_and_dates_its_steps() -> None:
    row = read()

    assert row.problems == []
    assert [target["statement"] for target in row.reading["targets"]] == ["形成检查报告1篇", "反馈建议不少于3条"]
    nodes = row.reading["milestones"]
    assert [node["target"] for node in nodes] == [0, 0, 1]
    assert [node["confirmed"] for node in nodes] == [False, False, True]
    assert nodes[-1]["due_on"] == "2026-09-30"
    assert row.reading["start_on"] == "2026-02-20"


def test_a_recurring_deadline_makes_one_milestone_for_each_day_still_to_come() -> None:
    row = read(deadline="每季度末", today=date(2026, 5, 4))

    nodes = row.reading["milestones"]
    assert [node["due_on"] for node in nodes] == ["2026-06-30", "2026-09-30", "2026-12-31"]
    assert [node["target"] for node in nodes] == [0, 0, 1]
    assert {node["checklist"] for node in nodes} == {"部署\n检查\n报送建议"}
    assert row.reading["targets"][0]["rule"].startswith("FREQ=MONTHLY")
    assert "2026-05-04 以前的 1 个周期节点不再列入" in row.remarks


def test_a_standing_deadline_makes_the_quarterly_checks() -> None:
    row = read(deadline="全年推进")

    assert [node["title"][:5] for node in row.reading["milestones"]] == [
        "一季度检查",
        "二季度检查",
        "三季度检查",
        "四季度检查",
    ]
    assert row.reading["due_kind"] == "standing"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"key_task": ""}, "title-missing"),
        ({"lead": ""}, "lead-missing"),
        ({"deadline": ""}, "deadline-missing"),
        ({"deadline": "汛期结束后"}, "deadline-unknown"),
        ({"deadline": "2026-02-30"}, "deadline-unknown"),
        ({"deadline": "1月底前"}, "deadline-past"),
        ({"source": ""}, "source-missing"),
        ({"source": "市委要点"}, "source-unknown"),
        ({"leader": "李四"}, "leader-unknown"),
        ({"progress": "正在办理"}, "dispatched-missing"),
        ({"dispatched_on": "2026-01-05", "completion": "已完成", "rating": "良"}, "closed-missing"),
        ({"dispatched_on": "2026-01-05", "completion": "差不多了"}, "completion-unread"),
        ({"dispatched_on": "2026-03-05"}, "dispatched_on-ahead"),
        ({"dispatched_on": "2026-01-05", "extensions": "几次"}, "extensions-unread"),
        ({"number": "一" * 21}, "too-long"),
    ],
)
def test_what_is_not_known_is_asked_in_one_sentence(fields: dict[str, str], code: str) -> None:
    row = read_with(fields)

    assert [problem.code for problem in row.problems] == [code]
    assert row.problems[0].words
    assert not row.problems[0].words.endswith("。")


def test_a_holiday_and_a_year_not_yet_announced_are_said_and_change_nothing() -> None:
    holiday = read(deadline="10月3日")
    later = read(deadline="2027年3月31日")

    assert holiday.due_on == date(2026, 10, 3)
    assert any("按 09-30 提醒" in remark for remark in holiday.remarks)
    assert any("按推算" in remark for remark in later.remarks)


def test_formulas_are_told_and_empty_ones_asked_unless_corrected() -> None:
    said = ["“完成时限”一格是公式，文件里没有存它的值，请填写", "“备注”一格是公式，已按上次保存的值“3”读取，请核对"]
    reader = RowReader(OFFICE, ReadingTerms(2026, date(2026, 2, 20)))

    asked = reader.read(GOOD, GOOD, said)
    corrected = reader.read(GOOD | {"deadline": "10月底前"}, GOOD, said)

    assert [problem.code for problem in asked.problems] == ["formula-empty"]
    assert said[1] in asked.remarks
    assert corrected.problems == []


def test_a_cell_that_holds_an_error_is_an_error() -> None:
    reader = RowReader(OFFICE, ReadingTerms(2026, date(2026, 2, 20)))

    row = reader.read(GOOD, GOOD, ["“工作目标”一格是错误值 #REF!，请改成文字或日期"])

    assert row.is_error
