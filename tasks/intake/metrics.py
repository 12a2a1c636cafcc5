"""Quantities in the words of a goal: not fewer than n times, papers, per cent, per year, quarter or month."""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tasks.intake.splitting import CLOSING, NUMERAL, OPENING, chinese_number, split_steps


class QuotaPeriod(StrEnum):
    YEAR = "year"
    HALF = "half"
    QUARTER = "quarter"
    MONTH = "month"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Metric:
    """One target read from a goal. `unit` is '' and `value` None for a plain statement without quantity.

    `metric` names what is counted (报送, 采用, 联系群众); `at_least` is False where the paper names the amount itself
    (形成报告1篇). `period` is whose quota it is, '' where the paper does not say.
    """

    statement: str
    metric: str = ""
    unit: str = ""
    value: Decimal | None = None
    at_least: bool = False
    period: QuotaPeriod = QuotaPeriod.NONE

    @property
    def is_quantitative(self) -> bool:
        return self.value is not None


_UNITS = "人次|场次|个百分点|万元|亿元|次|篇|条|场|份|件|个|期|项|部|家|户|人|名|批|轮|册|本|万字|课时|学时|支|组|处|例|起|堂|%"
_MORE = "不少于|不低于|不小于|不得少于|不得低于|至少|最少|达到|达|超过|突破|力争达到|确保"
_LESS = "不超过|不多于|不高于|不大于|低于|少于|控制在|压减"
_CHINESE_UNITS = "次(?!性)|篇|场|份|期|条(?!龙|线|心)|件(?!事)|轮|部|堂|册"
_FULL_WIDTH = str.maketrans("０１２３４５６７８９％．，；", "0123456789%.，；")

_QUANTITY = re.compile(
    rf"(?:(?P<less>{_LESS})|(?P<more>{_MORE}))?"
    r"(?P<between>(?:开展|组织|召开|举办|报送|完成|形成|提交|安排|推出|办理|撰写|编发|各|为|到)*)"
    r"(?:"
    rf"(?<![第\d.])(?P<digits>\d+(?:\.\d+)?)(?:[-—–~～至到](?P<upper>\d+(?:\.\d+)?))?(?P<than>余|多)?(?P<unit>{_UNITS})"
    r"(?!月|工作日|小时|自然日|年)"
    rf"|(?<![第{NUMERAL}])(?P<chinese>[{NUMERAL}两]{{1,3}})(?P<chinese_unit>{_CHINESE_UNITS})"
    rf"|百分之(?P<percent>[{NUMERAL}百]{{1,4}})"
    r")"
    r"(?P<over>(?:及)?以上)?(?P<within>(?:以|之)?内|以下)?"
)
_PERIODS = (
    (QuotaPeriod.MONTH, re.compile("每个?月|按月|月均")),
    (QuotaPeriod.QUARTER, re.compile("每个?季度?|按季度?|季均")),
    (QuotaPeriod.HALF, re.compile("每半年")),
    (QuotaPeriod.YEAR, re.compile("全年|每年|年度|年内|本年|一年|年均")),
)
_PERIOD_WORDS = re.compile("每个?月|按月|每个?季度?|按季度?|每半年|全年|每年|年内|本年度?|年度(?=不|至|达)|\\d{4}年度?")


def metrics_in(goal: str) -> list[Metric]:
    """The quantitative targets in the goal, in its order; empty when it names no quantity."""
    return [target for target in targets_in(goal) if target.is_quantitative]


def targets_in(goal: str) -> list[Metric]:
    """The targets to propose: one per metric, or the goal as one plain statement; empty only for an empty goal.

    Clauses without a quantity belong to the one before (the first ones to the one after). A goal that numbers its
    points is read point by point.
    """
    points = split_steps(goal)
    if len(points) > 1 and all(point in goal.split("\n") for point in points):
        points = ["".join(points)]  # lines without numbers are one text broken over lines
    return [target for point in points for target in _targets_of(point)]


def _targets_of(text: str) -> list[Metric]:
    statements: list[str] = []
    quantities: list[re.Match[str] | None] = []
    for clause in _clauses(text):
        quantity = _quantity(clause)
        if statements and (quantity is None or quantities[-1] is None):
            statements[-1] += clause
            quantities[-1] = quantities[-1] or quantity
        else:
            statements.append(clause)
            quantities.append(quantity)
    targets: list[Metric] = []
    for statement, quantity in zip(statements, quantities, strict=True):
        cleaned = statement.strip("，；;、。, 　\n")
        if cleaned:
            inherited = targets[0].period if targets else QuotaPeriod.NONE
            targets.append(_metric(cleaned, quantity, inherited))
    return targets


def _clauses(text: str) -> list[str]:
    """The clauses with the mark that ends each, so that they can be put together again; brackets are not cut."""
    clauses, depth, current = [], 0, ""
    for character in text:
        depth += (character in OPENING) - (character in CLOSING)
        current += character
        if depth <= 0 and character in "，；;。、,\n":
            clauses.append(current)
            current = ""
    return [*clauses, current] if current else clauses


def _quantity(clause: str) -> re.Match[str] | None:
    """The first quantity that is wanted; upper bounds (不超过5次) and terms (3个月内) are none."""
    for found in _QUANTITY.finditer(clause.translate(_FULL_WIDTH)):
        if not found["less"] and not found["within"]:
            return found
    return None


def _metric(statement: str, quantity: re.Match[str] | None, inherited: QuotaPeriod) -> Metric:
    if quantity is None:
        return Metric(statement)
    if quantity["digits"]:
        value, unit = Decimal(quantity["digits"]), quantity["unit"]
    elif quantity["chinese"]:
        value, unit = Decimal(_chinese_value(quantity["chinese"])), quantity["chinese_unit"]
    else:
        value, unit = Decimal(100 if "百" in quantity["percent"] else chinese_number(quantity["percent"])), "%"
    clause = quantity.string
    period = next((each for each, words in _PERIODS if words.search(clause)), QuotaPeriod.NONE)
    if period == QuotaPeriod.NONE and inherited == QuotaPeriod.YEAR:
        # 全年报送不少于6篇，采用不少于2篇: the year is said once for both.
        period = inherited
    before, after = clause[: quantity.start()], clause[quantity.end() :]
    counted = before + (quantity["between"] or "") + after
    counted = _PERIOD_WORDS.sub("", counted)
    return Metric(
        statement,
        metric=counted.strip("，；;、。,：: 　\n各为到"),
        unit=unit,
        value=value,
        at_least=bool(quantity["more"] or quantity["over"] or quantity["upper"] or quantity["than"]),
        period=period,
    )


def _chinese_value(text: str) -> int:
    return 2 if text == "两" else chinese_number(text)
