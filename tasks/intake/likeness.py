"""Whether two rows of different papers are the same duty (三合一), and in what they differ.

How alike two titles look says little: papers name different duties in the same phrase, and the same duty in others.
So the words in quotes and 《》, the ordinal numbers and the kind of act decide; the ratio only orders the offers.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz


@dataclass(frozen=True, slots=True)
class DutyWords:
    """What is compared. `key` is the caller's own (a row, a primary key); lead and deadline only tell differences."""

    key: str
    title: str
    lead: str = ""
    deadline: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    name: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """`why` is the Chinese sentence shown with the offer; `score` orders offers, 100 is word for word."""

    score: int
    why: str
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class _Reading:
    """A title taken apart."""

    plain: str  # without spaces and punctuation
    subjects: frozenset[str]  # words in “”
    papers: frozenset[str]  # words in 《》
    ordinals: frozenset[str]  # 第01号, 2026年, 三季度: different ones are different duties
    amounts: tuple[str, ...]  # 4次, 2篇: the same duty may ask for more
    kind: str
    making: str  # 制定, 修订, …
    core: str  # without quotes, papers, amounts and words that every title has


# The first that fits is the kind of act: 提案办理协商会 is about a proposal, not one more consultation.
_KINDS = (
    ("提案", re.compile("提案")),
    ("监督", re.compile("监督")),
    ("视察", re.compile("视察|考察")),
    ("协商", re.compile("协商|议政")),
    ("调研", re.compile("调研")),
    ("培训", re.compile("培训|轮训|讲堂|讲座")),
    ("信息", re.compile("社情民意|信息")),
    ("宣传", re.compile("宣讲|宣传|征文|展览")),
)
_MAKING = re.compile("制定|修订|修改|出台|印发|起草|完善|健全|建立|研究制定|编制")
_STUDYING = re.compile("学习|宣传|贯彻|培训|解读|落实|执行|检查|评估|督查|清理|废止")
_ORDINAL = re.compile(
    r"第?[0-9一二三四五六七八九十]+(?:号|届|批)|第[0-9一二三四五六七八九十]+[次期个场季部]度?|[一二三四1-4]季度|[上下]半年"
    r"|20\d\d年度?|[0-9一二三四五六七八九十]+月份?"
)
_AMOUNT = re.compile(
    r"(?:不少于|不低于|至少|达到)?(?:\d+(?:\.\d+)?|[一二两三四五六七八九十]+)(?:人次|场次|次|篇|条|场|份|件|期|项|个|家|名|%)(?:以上)?"
)
# Words that any title may have or lack without being about something else.
_COMMON = re.compile(
    "组织开展|组织召开|组织实施|组织|开展|召开|举办|举行|推进|推动|落实|做好|抓好|办好|搞好|完成|实施|加强|强化|持续|深入|认真|扎实|"
    "切实|进一步|继续|积极|全面|全年|年度|本年|围绕|专题(?=协商|视察|调研)|工作|活动|任务|有关|相关|省政协|市政协|县政协|区政协|全国政协|政协机关|"
    "机关各处室|会议|的|了|好"
)
_OFFICE = re.compile(
    "^(?:中国人民政治协商会议|中共)?(?:[\u4e00-\u9fff]{1,6}?[省市县区州])?(?:省|市|县|区)?政协(?:机关|办公厅|党组|常委会)?"
)
_DRAFT = re.compile("(?:试行|暂行|修订稿|草案|征求意见稿|送审稿|修订)$")
_QUOTED = re.compile('[“"「『]([^”"」』]+)[”"」』]|‘([^’]+)’')
_PAPER = re.compile("[《〈]([^》〉]+)[》〉]")


def same_duty(a: DutyWords, b: DutyWords) -> Likeness | None:
    """How the two are the same duty, or None. Only an offer: a person decides."""
    ours, theirs = _read(a.title), _read(b.title)
    why = _why_same(ours, theirs)
    if not why:
        return None
    return Likeness(round(fuzz.ratio(ours.plain, theirs.plain)), why, tuple(_differences(a, b, ours, theirs)))


def offers(new: Sequence[DutyWords], known: Iterable[DutyWords]) -> list[tuple[DutyWords, DutyWords, Likeness]]:
    """For each new duty the known ones it may be the same as, best first; quick for thousands on either side."""
    index: dict[str, list[DutyWords]] = defaultdict(list)
    for each in known:
        for key in _keys(_read(each.title), as_known=True):
            index[key].append(each)
    found = []
    for one in new:
        keys = _keys(_read(one.title), as_known=False)
        candidates = {id(other): other for key in keys for other in index.get(key, ())}
        alike = [(one, other, likeness) for other in candidates.values() if (likeness := same_duty(one, other))]
        found.extend(sorted(alike, key=lambda each: -each[2].score))
    return found


def _keys(reading: _Reading, *, as_known: bool) -> Iterator[str]:
    """Two titles that are the same duty share at least one of these, and others hardly any.

    What one paper quotes another may write without quotes: the quoted words look among the parts of plain titles
    and the other way round. Plain titles do not meet by their parts, for “组织开展” is in half of them.
    """
    yield f"={reading.plain}"
    for paper in reading.papers:
        yield f"《{paper}"
    quoted, plain = ("“…", "…“") if as_known else ("…“", "“…")
    for subject in reading.subjects:
        yield f"“{subject}"
        yield f"{quoted}{subject[:4]}"
    if not reading.subjects and not reading.papers:
        numbers = "、".join(sorted(each for each in reading.ordinals if not each.endswith("年")))
        yield f"~{reading.core}~{numbers}"
        for at in range(len(reading.plain) - 3):
            yield f"{plain}{reading.plain[at : at + 4]}"


@lru_cache(maxsize=20_000)
def _read(title: str) -> _Reading:
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", title))
    papers = frozenset(_paper_name(each[1]) for each in _PAPER.finditer(text))
    outside = _PAPER.sub("", text)
    subjects = frozenset(_bare(each[1] or each[2]) for each in _QUOTED.finditer(outside))
    outside = _QUOTED.sub("", outside)
    ordinals = frozenset(_number(each[0]) for each in _ORDINAL.finditer(outside))
    rest = _ORDINAL.sub("", outside)
    amounts = tuple(each[0] for each in _AMOUNT.finditer(rest))
    rest = _AMOUNT.sub("", rest)
    kind = next((name for name, words in _KINDS if words.search(rest)), "")
    making = _MAKING.search(rest)
    return _Reading(
        plain=_bare(text),
        subjects=subjects - {""},
        papers=papers - {""},
        ordinals=ordinals,
        amounts=amounts,
        kind=kind,
        making=making[0] if making else "",
        core=_COMMON.sub("", _bare(rest)),
    )


def _bare(text: str) -> str:
    return "".join(each for each in text if each.isalnum())


def _paper_name(name: str) -> str:
    """《省政协督查督办工作办法（试行）》 is 督查督办工作办法."""
    return _DRAFT.sub("", _OFFICE.sub("", _bare(name)))


def _number(text: str) -> str:
    """第01号 and 第1号 are the same, 一季度 and 第一季度 too."""
    digits = re.sub(
        r"\d+", lambda found: str(int(found[0])), text.removeprefix("第").removesuffix("份").replace("年度", "年")
    )
    return digits.translate(str.maketrans("一二三四五六七八九", "123456789"))


def _why_same(a: _Reading, b: _Reading) -> str:
    if a.plain == b.plain:
        return "两处的题目相同"
    if not _numbers_agree(a.ordinals, b.ordinals):
        return ""
    if a.papers or b.papers:
        shared = a.papers & b.papers
        if shared and a.papers == b.papers and _acts_agree(a, b):
            return f"都是关于《{min(shared)}》"
        return ""
    if a.subjects and b.subjects:
        return f"都是关于“{min(a.subjects & b.subjects)}”" if a.subjects == b.subjects and _kinds_agree(a, b) else ""
    if a.subjects or b.subjects:
        quoted, plain = (a, b) if a.subjects else (b, a)
        named = all(len(subject) >= 4 and subject in plain.plain for subject in quoted.subjects)
        if named and quoted.kind and quoted.kind == plain.kind:
            return f"都是关于“{min(quoted.subjects)}”"
        return ""
    if len(a.core) >= 3 and a.core == b.core:
        return "去掉通用词语后题目相同"
    return ""


def _numbers_agree(a: frozenset[str], b: frozenset[str]) -> bool:
    """Different numbers of one sort (第1号, 第2号) tell duties apart; so does a 第1号 the other lacks, but not a year."""
    return {each for each in a if not each.endswith("年")} == {each for each in b if not each.endswith("年")} and not (
        {each for each in a if each.endswith("年")} ^ {each for each in b if each.endswith("年")}
        and any(each.endswith("年") for each in a)
        and any(each.endswith("年") for each in b)
    )


def _acts_agree(a: _Reading, b: _Reading) -> bool:
    """Making a paper and studying or checking it are different duties; 制定 and 修订 may be two words for one."""
    if a.making and b.making:
        return not (bool(_STUDYING.search(a.core)) ^ bool(_STUDYING.search(b.core)))
    return not a.making and not b.making and a.core == b.core and a.kind == b.kind


def _kinds_agree(a: _Reading, b: _Reading) -> bool:
    if a.kind and b.kind:
        return a.kind == b.kind
    if a.kind or b.kind:
        return not (b.core if a.kind else a.core)
    return a.core == b.core


def _differences(a: DutyWords, b: DutyWords, ours: _Reading, theirs: _Reading) -> Iterator[Difference]:
    if ours.making != theirs.making:
        yield Difference("做法", ours.making or "—", theirs.making or "—")
    elif ours.plain != theirs.plain:
        yield Difference("题目", a.title, b.title)
    if ours.amounts != theirs.amounts:
        yield Difference("数量", "、".join(ours.amounts) or "—", "、".join(theirs.amounts) or "—")
    if a.lead != b.lead:
        yield Difference("牵头处室", a.lead or "—", b.lead or "—")
    if a.deadline != b.deadline:
        yield Difference("完成时限", a.deadline or "—", b.deadline or "—")
