"""What the filters of the ledger are called, and what each of them offers."""

from collections.abc import Mapping
from dataclasses import dataclass

from tasks.enums import Bucket, ProjectState, SourceGroup
from tasks.pace import Pace
from tasks.queries.ledger.choices import LedgerChoices, PlanChoice
from tasks.queries.ledger.narrowing import LIT, OPEN, TOTAL, WITHOUT

ALL_PLANS = "all"
MINE = "mine"
LIGHT_WORDS = {
    LIT: "红黄灯",
    "red": "红灯",
    "yellow": "黄灯",
    "blue": "待核实验收",
    "green": "正常",
    "grey": "暂缓终止结转",
    "done": "已销号",
    "none": "拟立项",
}
DUE_WORDS = {"month": "本月", "next-month": "下月", "quarter": "本季度", "year": "本年"}
# In the order of the chips; those after 完成时限 stand under 更多.
LABELS = {
    "q": "搜索",
    "plan": "计划",
    "state": "状态",
    "light": "亮灯",
    "division": "牵头处室",
    "source": "来源",
    "due": "完成时限",
    "due_from": "时限自",
    "due_to": "时限至",
    "category": "类别",
    "leader": "牵头领导",
    "person": "责任人",
    "bucket": "统计口径",
    "pace": "序时",
    "assists": "协办处室",
    "coordination": "需协调",
    "waiting": "待核实",
    "co": "含协办",
    "sort": "排序",
    "group": "分组",
    "columns": "列",
    "chosen": "所选",
}
Option = tuple[str, str]  # value and words


@dataclass(frozen=True)
class Chip:
    """One filter: what it offers and what of it is chosen."""

    name: str
    label: str
    options: list[Option]
    values: tuple[str, ...]
    is_single: bool = False
    clear_url: str = ""
    said: str = ""  # beside the options

    @property
    def heads(self) -> tuple[str, ...]:
        """Options that stand for those under them."""
        return tuple(SourceGroup.values)

    @property
    def words(self) -> str:
        """What is chosen, in short."""
        words = [label for value, label in self.options if value in self.values]
        short = words[0] if len(words) == 1 else f"{len(words)} 种" if words else ""
        return " ".join(filter(None, [short, self.said]))


def options_of(choices: LedgerChoices, chosen: PlanChoice | None, *, sees_drafts: bool) -> dict[str, list[Option]]:
    """What each filter offers, with the categories of the chosen plan."""
    states = [(s.value, s.label) for s in ProjectState if sees_drafts or s != ProjectState.DRAFT]
    names = dict.fromkeys(name for plan, name in choices.categories if chosen is None or plan == chosen.pk)
    sources: list[Option] = []
    for group in SourceGroup:
        classes = choices.classes_of(group)
        head = [(group.value, group.label)] if classes else []
        sources += [*head, *((str(pk), name) for pk, name in classes)]
    divisions = _numbered(choices.divisions)
    return {
        "plan": [*((str(plan.pk), plan.name) for plan in choices.plans), (ALL_PLANS, "全部计划")],
        "state": [(OPEN, "在办"), *states],
        "light": [(code, words) for code, words in LIGHT_WORDS.items() if sees_drafts or code != "none"],
        "division": divisions,
        "assists": divisions,
        "source": [*sources, (WITHOUT, "没有来源")],
        "due": list(DUE_WORDS.items()),
        "category": [(name, name) for name in names],
        "leader": [(MINE, "我牵头的"), *_numbered(choices.leaders)],
        "person": [(MINE, "我负责的"), *_numbered(choices.people)],
        "bucket": [(TOTAL, "计入合计的"), *((b.value, b.label) for b in Bucket)],
        "pace": [(p.value, p.label) for p in Pace],
    }


def _numbered(names: Mapping[int, str]) -> list[Option]:
    return [(str(pk), name) for pk, name in names.items()]
