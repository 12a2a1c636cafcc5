"""Items of running text with their duty in the three usual ways."""

from pathlib import Path

import pytest

from cppcc_office.lib.sheets import read_paragraphs
from tasks.intake.running_text import AFTER, HEADING, SUBHEADING, TITLE, items_in

DATA = Path(__file__).parents[3] / "docs" / "samples"


def test_the_shown_paper_has_four_items_with_their_duties() -> None:
    lines, left_out = items_in(read_paragraphs(DATA / "work-points-2026.docx", "work-points-2026.docx"))

    assert [(line.row, line.number, line.category, line.title) for line in lines] == [
        (4, "1", "聚焦协商议政", "围绕“冰雪经济提档升级”召开专题协商会"),
        (5, "2", "聚焦协商议政", "办好年度重点提案"),
        (7, "3", "加强自身建设", "修订《督查督办工作办法》"),
        (10, "4", "加强自身建设", "每季度通报重点任务落实情况"),
    ]
    assert [(line.lead_texts, line.co_texts, line.deadline) for line in lines] == [
        (("文化文史和学习委办公室",), ("经济委办公室", "理论和调研处"), "9月底前"),
        (("提案委办公室",), ("各专委会办公室",), "年底前"),
        (("督办处",), ("秘书处",), "2026年6月30日"),
        (("督办处",), ("机关各处室",), ""),
    ]
    assert [line.goal for line in lines][:2] == ["形成协商报告并跟踪采纳情况", "提案办复率达到100%"]
    assert [each.why for each in left_out] == [TITLE, TITLE, HEADING, HEADING]


def test_what_the_words_say_of_a_date_is_only_a_hint() -> None:
    (line,), _ = items_in(["4.每季度通报重点任务落实情况，每半年开展一次“回头看”。", "牵头处室：督办处"])

    assert line.deadline == ""
    assert line.deadline_hint == "每季度末"
    assert line.goal == "每季度通报重点任务落实情况，每半年开展一次“回头看”"


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("6月底前修订办法", "6月底前"),
        ("每月报送信息", "每月底前"),
        ("每半年开展检查", "每年6月、12月"),
        ("召开会议", ""),
    ],
)
def test_hints(words: str, hint: str) -> None:
    (line,), _ = items_in([f"1.{words}。（督办处牵头）"])

    assert line.deadline_hint == hint


@pytest.mark.parametrize("unit", ["处室", "单位", "部门", "委室"])
def test_labels_may_name_any_kind_of_unit(unit: str) -> None:
    (line,), _ = items_in([f"1、召开会议。（牵头{unit}：督办处；配合{unit}：人事处、秘书处；完成时间：6月底前）"])

    assert (line.lead_texts, line.co_texts, line.deadline) == (("督办处",), ("人事处", "秘书处"), "6月底前")


def test_several_labels_may_stand_on_one_line() -> None:
    (line,), _ = items_in(
        ["（1）召开会议", "责任单位：督办处、人事处　责任人：王立新　分管领导：邓春梅  完成时限：年底前"]
    )

    assert (line.number, line.lead_texts, line.co_texts) == ("1", ("督办处",), ("人事处",))
    assert (line.person_texts, line.leader_texts, line.deadline) == (("王立新",), ("邓春梅",), "年底前")


@pytest.mark.parametrize(
    ("duty", "lead", "co", "deadline"),
    [
        ("督办处牵头，人事处、秘书处按职责分工负责，6月底前完成", ("督办处",), ("人事处", "秘书处"), "6月底前"),
        ("由督办处牵头负责，人事处配合，2026年6月30日前", ("督办处",), ("人事处",), "2026年6月30日前"),
        ("督办处、人事处按职责分工负责，长期坚持", ("督办处",), ("人事处",), "长期坚持"),
        ("督办处负责，年底前完成", ("督办处",), (), "年底前"),
        ("督办处牵头、人事处配合", ("督办处",), ("人事处",), ""),
        ("督办处、人事处牵头，各处室配合，每季度末", ("督办处", "人事处"), ("各处室",), "每季度末"),
    ],
)
def test_a_sentence_in_brackets_tells_the_duty(
    duty: str, lead: tuple[str, ...], co: tuple[str, ...], deadline: str
) -> None:
    (line,), _ = items_in([f"2.召开会议（{duty}）。"])

    assert (line.title, line.lead_texts, line.co_texts, line.deadline) == ("召开会议", lead, co, deadline)


def test_brackets_that_tell_no_duty_belong_to_the_item() -> None:
    (line,), _ = items_in(["1.修订办法（试行）。", "责任处室：督办处"])

    assert line.title == "修订办法（试行）"


def test_an_item_may_run_over_paragraphs_until_its_duty() -> None:
    (line,), left_out = items_in(["1.召开会议。", "形成报告1篇。", "责任处室：督办处", "另行通知。"])

    assert line.goal == "形成报告1篇"
    assert [(each.row, each.why) for each in left_out] == [(4, AFTER)]


def test_subheadings_are_no_items_and_headings_with_duty_are() -> None:
    lines, left_out = items_in(
        [
            "一、协商",
            "（一）专题协商",
            "1.召开会议。（督办处负责）",
            "（二）开展视察。（人事处负责）",
            "二、修订办法",
            "责任处室：秘书处",
        ]
    )

    assert [(line.title, line.category) for line in lines] == [
        ("召开会议", "协商"),
        ("开展视察", "协商"),
        ("修订办法", "协商"),
    ]
    assert [each.why for each in left_out] == [HEADING, SUBHEADING]


def test_an_item_without_duty_is_kept_and_asked_about() -> None:
    (line,), _ = items_in(["1.召开会议。"])

    assert line.lead_texts == ()
    assert "没有写牵头处室" in line.problems[0]


def test_a_paper_without_items_gives_none() -> None:
    lines, left_out = items_in(["关于会议的通知", "", "请准时参加。"])

    assert lines == []
    assert [each.why for each in left_out] == [TITLE, TITLE]
