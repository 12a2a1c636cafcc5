"""Quantities in goals become targets."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cppcc_office.lib.sheets import read_tables
from tasks.intake.columns import find_header
from tasks.intake.metrics import metrics_in, targets_in
from tasks.intake.rows import plan_lines

DATA = Path(__file__).parents[3] / "docs" / "samples"


@pytest.mark.parametrize(
    ("goal", "metric", "value", "unit", "at_least", "period"),
    [
        ("全年组织政协讲堂不少于6次", "组织政协讲堂", "6", "次", True, "year"),
        ("每季度至少开展1次", "开展", "1", "次", True, "quarter"),
        ("每月报送信息不少于2篇", "报送信息", "2", "篇", True, "month"),
        ("每半年开展一次", "开展", "1", "次", False, "half"),
        ("形成3篇以上调研报告", "形成调研报告", "3", "篇", True, ""),
        ("提案办复率达到100%", "提案办复率", "100", "%", True, ""),
        ("提案办复率100％", "提案办复率", "100", "%", False, ""),
        ("满意率不低于９５％", "满意率", "95", "%", True, ""),
        ("满意率达到百分之九十五", "满意率", "95", "%", True, ""),
        ("联系群众不少于100人次", "联系群众", "100", "人次", True, ""),
        ("每年召开两次专题会议", "召开专题会议", "2", "次", False, "year"),
        ("报送建议5-8条", "报送建议", "5", "条", True, ""),
        ("满意率提升2.5个百分点", "满意率提升", "2.5", "个百分点", False, ""),
        ("编发简报20余期", "编发简报", "20", "期", True, ""),
        ("不少于2场", "", "2", "场", True, ""),
    ],
)
def test_a_quantity_is_read(goal: str, metric: str, value: str, unit: str, at_least: bool, period: str) -> None:
    (target,) = targets_in(goal)

    assert (target.metric, target.value, target.unit) == (metric, Decimal(value), unit)
    assert (target.at_least, target.period.value) == (at_least, period)
    assert target.statement == goal


@pytest.mark.parametrize(
    "goal",
    [
        "报党组会议审议通过并印发",
        "干部轮训工作按期完成，无差错",
        "督办第01号重点提案",
        "高效办成一件事",
        "一次性告知",
        "3个月内完成整改",
        "全年差错不超过2次",
        "10个工作日内办结",
        "落实第一议题制度",
        "2026年完成改造",
    ],
)
def test_a_goal_without_quantity_is_one_plain_statement(goal: str) -> None:
    (target,) = targets_in(goal)

    assert target.statement == goal
    assert not target.is_quantitative
    assert metrics_in(goal) == []


def test_each_quantity_is_a_target_of_its_own() -> None:
    targets = targets_in("提案办复率100%，提案者满意率不低于95%")

    assert [target.statement for target in targets] == ["提案办复率100%", "提案者满意率不低于95%"]


def test_clauses_without_quantity_belong_to_the_one_before() -> None:
    (target,) = targets_in("形成监督报告1篇，反馈问题清单并跟踪整改。")

    assert target.statement == "形成监督报告1篇，反馈问题清单并跟踪整改"
    assert (target.value, target.unit) == (Decimal(1), "篇")


def test_a_first_clause_without_quantity_belongs_to_the_one_after() -> None:
    targets = targets_in("坚持问题导向，开展调研2次、形成报告1篇")

    assert [target.statement for target in targets] == ["坚持问题导向，开展调研2次", "形成报告1篇"]


def test_the_year_is_said_once_for_both_but_a_quarter_is_not() -> None:
    year = targets_in("全年报送不少于6篇，采用不少于2篇")
    quarter = targets_in("每季度开展1次，参加不少于50人次")

    assert [target.period.value for target in year] == ["year", "year"]
    assert [target.period.value for target in quarter] == ["quarter", ""]


def test_numbered_points_are_read_one_by_one_and_broken_lines_as_one_text() -> None:
    numbered = targets_in("1.建成系统\n2.培训不少于3场")
    broken = targets_in("全年组织委员学习\n不少于3场")

    assert [target.statement for target in numbered] == ["建成系统", "培训不少于3场"]
    assert [target.statement for target in broken] == ["全年组织委员学习不少于3场"]


def test_quantities_in_brackets_stay_with_their_clause() -> None:
    (target,) = targets_in("组织培训4场（每场不少于50人，含线上）")

    assert (target.value, target.unit) == (Decimal(4), "场")


def test_every_goal_of_the_shown_plan_is_read_whole() -> None:
    (plan,) = read_tables(DATA / "plan-2026.xlsx", "plan-2026.xlsx")
    header = find_header(plan, {})
    assert header is not None
    lines, _ = plan_lines(plan, header)

    counts = {goal: len(metrics_in(goal)) for goal in {line.goal for line in lines}}

    for goal, count in counts.items():
        assert "，".join(target.statement for target in targets_in(goal)) == goal
        assert count == sum(goal.count(word) for word in ("不少于", "至少", "1篇", "100%", "不低于")), goal


def test_an_empty_goal_proposes_nothing() -> None:
    assert targets_in(" \n") == []


@given(st.text("全年每季度月不少于至3１百%次篇，。；、（）“\n第一x ", max_size=40))
def test_no_words_are_lost(goal: str) -> None:
    kept = "".join(target.statement for target in targets_in(goal))

    for character in "全年季度月篇次百x":
        assert kept.count(character) == goal.count(character)
