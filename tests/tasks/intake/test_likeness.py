"""The same duty in two papers is offered; duties that only read alike are not."""

import itertools
from pathlib import Path

import pytest

from cppcc_office.lib.sheets import read_paragraphs, read_tables
from tasks.intake.columns import find_header
from tasks.intake.likeness import Difference, DutyWords, offers, same_duty
from tasks.intake.lines import PlanLine
from tasks.intake.rows import plan_lines
from tasks.intake.running_text import items_in

DATA = Path(__file__).parents[3] / "docs" / "samples"


def words(line: PlanLine) -> DutyWords:
    return DutyWords(line.number, line.title, lead=line.lead_texts[0], deadline=str(line.deadline))


@pytest.fixture(scope="module")
def plan() -> list[DutyWords]:
    (sheet,) = read_tables(DATA / "plan-2026.xlsx", "plan-2026.xlsx")
    header = find_header(sheet, {})
    assert header is not None
    return [words(line) for line in plan_lines(sheet, header)[0]]


def test_the_shown_plan_offers_nothing_within_itself(plan: list[DutyWords]) -> None:
    assert [pair for pair in itertools.combinations(plan, 2) if same_duty(*pair)] == []
    assert [(a.key, b.key) for a, b, _ in offers(plan, plan) if a.key != b.key] == []


def test_the_shown_paper_offers_exactly_two_of_the_plan(plan: list[DutyWords]) -> None:
    paper = [
        words(line) for line in items_in(read_paragraphs(DATA / "work-points-2026.docx", "work-points-2026.docx"))[0]
    ]

    found = offers(paper, plan)

    assert [(new.key, known.key) for new, known, _ in found] == [("1", "30"), ("3", "117")]
    assert {difference.name for difference in found[0][2].differences} == {"题目", "牵头处室", "完成时限"}
    assert Difference("做法", "修订", "制定") in found[1][2].differences


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("开展委员读书活动", "组织开展委员读书活动"),
        ("组织开展委员读书活动", "组织开展委员读书活动"),
        ("做好干部轮训工作", "抓好干部轮训"),
        ("制定《信息报送办法》", "修订《信息报送办法》"),
        ("制定《信息报送办法》", "出台《省政协信息报送办法（试行）》"),
        ("围绕“文旅深度融合”召开对口协商会", "围绕“文旅深度融合”开展专题协商"),
        ("围绕文旅深度融合召开协商会", "围绕“文旅深度融合”开展专题协商"),
        ("督办第01号重点提案（民营经济）", "督办第1号重点提案（民营经济）"),
        ("开展“校园食品安全”专项民主监督", "组织“校园食品安全”民主监督"),
        ("组织委员培训4次", "组织委员培训6次"),
        ("推进一季度民生视察", "开展第一季度民生视察"),
        ("开展2026年度档案清查", "开展2026年档案清查工作"),
    ],
)
def test_the_same_duty_in_other_words_is_offered(ours: str, theirs: str) -> None:
    a, b = DutyWords("a", ours), DutyWords("b", theirs)

    assert same_duty(a, b)
    assert same_duty(b, a)
    assert len(offers([a], [b])) == 1


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("督办第01号重点提案", "督办第02号重点提案"),
        ("督办第12号重点提案（冰雪经济提档升级）", "围绕“冰雪经济提档升级”召开专题协商会"),
        ("围绕“养老服务”召开专题协商会", "开展“养老服务”专项民主监督"),
        ("围绕“养老服务”召开专题协商会", "围绕“托育服务”召开专题协商会"),
        ("报送就业领域社情民意信息", "报送教育领域社情民意信息"),
        ("制定《信息报送办法》", "制定《信息公开办法》"),
        ("制定《信息报送办法》", "学习贯彻《信息报送办法》"),
        ("制定《信息报送办法》", "制定《信息报送办法》学习培训计划"),
        ("做好干部轮训工作", "做好老干部服务工作"),
        ("推进党支部书记述职", "推进党费收缴管理"),
        ("开展提案办理“回头看”", "开展民主监督“回头看”"),
        ("开展巡视整改“回头看”", "开展作风建设“回头看”"),
        ("召开第一季度分析会", "召开第二季度分析会"),
        ("召开2025年度总结会", "召开2026年度总结会"),
        ("推进工作", "落实任务"),
        ("召开会议", "组织开展活动"),
    ],
)
def test_different_duties_in_like_words_are_not_offered(ours: str, theirs: str) -> None:
    a, b = DutyWords("a", ours), DutyWords("b", theirs)

    assert same_duty(a, b) is None
    assert same_duty(b, a) is None


def test_different_amounts_are_told() -> None:
    likeness = same_duty(DutyWords("a", "组织委员培训4次"), DutyWords("b", "组织委员培训6次"))

    assert likeness is not None
    assert Difference("数量", "4次", "6次") in likeness.differences


def test_the_best_offer_comes_first() -> None:
    known = [DutyWords("far", "围绕“水网建设”开展协商"), DutyWords("near", "围绕“水网建设”召开专题协商会")]

    found = offers([DutyWords("new", "围绕“水网建设”召开专题协商会")], known)

    assert [other.key for _, other, _ in found] == ["near", "far"]
    assert found[0][2].score == 100
    assert found[0][2].differences == ()


def test_a_short_quoted_word_is_found_without_its_quotes() -> None:
    found = offers([DutyWords("new", "“两山”专题协商")], [DutyWords("known", "两山专题协商")])

    assert [(new.key, other.key) for new, other, _ in found] == [("new", "known")]


def test_the_index_offers_what_comparing_all_pairs_would(plan: list[DutyWords]) -> None:
    changed = [
        DutyWords(f"x{each.key}", each.title.replace("“", "").replace("”", "").replace("召开", "开展")) for each in plan
    ]

    found = {(a.key, b.key) for a, b, _ in offers(changed, plan)}

    assert found == {(a.key, b.key) for a in changed for b in plan if same_duty(a, b)}
    assert len(found) >= len(plan)
