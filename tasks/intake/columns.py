"""Which column of a table is which field: synonyms, header rows of one or two lines, where the header ends."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from cppcc_office.lib.sheets import Row, Sheet

# How far down a header may begin: title, subtitle, unit, date and a blank line or two stand above it.
LOOK_INTO = 30


class Field(StrEnum):
    """The fields a plan table may have; values are the names stored by the import."""

    NUMBER = "number"
    PROJECT_NUMBER = "project_number"
    CATEGORY = "category"
    KEY_TASK = "key_task"
    PROJECT = "project"
    SOURCE = "source"
    GOAL = "goal"
    STEPS = "steps"
    LEADER = "leader"
    LEAD = "lead"
    CO = "co"
    PERSON = "person"
    DEADLINE = "deadline"
    EFFECT = "effect"
    REPORT_CYCLE = "report_cycle"
    REMARK = "remark"
    PROGRESS = "progress"
    COMPLETION = "completion"
    CLOSED_ON = "closed_on"
    EXTENSIONS = "extensions"
    DISPATCHED_ON = "dispatched_on"
    QUARTER_1 = "quarter_1"
    QUARTER_2 = "quarter_2"
    QUARTER_3 = "quarter_3"
    QUARTER_4 = "quarter_4"


LABELS: dict[Field, str] = {
    Field.NUMBER: "序号",
    Field.PROJECT_NUMBER: "编号",
    Field.CATEGORY: "类别",
    Field.KEY_TASK: "重点任务",
    Field.PROJECT: "项目",
    Field.SOURCE: "任务来源",
    Field.GOAL: "工作目标",
    Field.STEPS: "工作举措（节点）",
    Field.LEADER: "牵头领导",
    Field.LEAD: "牵头处室",
    Field.CO: "协办处室",
    Field.PERSON: "责任人",
    Field.DEADLINE: "完成时限",
    Field.EFFECT: "成效标准",
    Field.REPORT_CYCLE: "反馈周期",
    Field.REMARK: "备注",
    Field.PROGRESS: "进展",
    Field.COMPLETION: "完成情况",
    Field.CLOSED_ON: "办结日期",
    Field.EXTENSIONS: "延期次数",
    Field.DISPATCHED_ON: "交办日期",
    Field.QUARTER_1: "一季度节点",
    Field.QUARTER_2: "二季度节点",
    Field.QUARTER_3: "三季度节点",
    Field.QUARTER_4: "四季度节点",
}
QUARTERS = (Field.QUARTER_1, Field.QUARTER_2, Field.QUARTER_3, Field.QUARTER_4)

# Written with 处室, which 单位, 部门, 委室 and the like are turned into before looking here.
SYNONYMS: dict[Field, str] = {
    Field.NUMBER: "序号 序 号 项号 项次 任务序号 项目序号 事项序号 no no.",
    Field.PROJECT_NUMBER: "编号 项目编号 任务编号 督办编号 督查编号 事项编号 立项编号 立项号 督办号 台账编号 任务编码 编码",
    Field.CATEGORY: "类别 分类 类型 大类 板块 领域 任务类别 任务分类 任务类型 工作类别 工作分类 工作板块 工作领域 事项类别 所属类别 "
    "所属板块 重点工作类别 重点任务类别 项目类别",
    Field.KEY_TASK: "重点任务 重点工作 重点工作任务 年度重点任务 年度重点工作 重点任务名称 主要任务 主要工作 主要工作任务 工作任务 任务 "
    "任务名称 任务内容 任务事项 工作事项 工作内容 目标任务 工作要点 重点事项 事项 事项名称 事项内容 督办事项 督查事项 督查督办事项 督办任务 "
    "督办内容 督查内容 督查督办内容 重点督办事项 议定事项 决策事项 交办事项 批示事项 主要内容 重点任务内容 主要任务内容",
    Field.PROJECT: "项目 项目名称 工作项目 具体项目 子任务 子项目 具体任务 具体事项 具体工作 具体工作任务 分解任务 任务分解 分项任务 "
    "分解事项 细化任务 二级任务",
    Field.SOURCE: "任务来源 来源 事项来源 工作来源 项目来源 交办来源 依据 任务依据 工作依据 立项依据 来源依据 文件依据 督办依据 政策依据 出处",
    Field.GOAL: "工作目标 目标 目标要求 目标值 具体目标 年度目标 年度工作目标 任务目标 主要目标 预期目标 预期成果 量化目标 量化指标 完成目标 "
    "工作目标要求 工作要求 具体要求 任务要求 指标 工作指标 目标内容 主要目标要求",
    Field.STEPS: "工作举措 举措 主要举措 具体举措 推进举措 落实举措 任务举措 措施 工作措施 主要措施 具体措施 推进措施 落实措施 "
    "节点 工作节点 关键节点 节点任务 任务节点 工作举措及节点 举措及节点 工作步骤 实施步骤 推进步骤 步骤 工作安排 进度安排 "
    "推进计划 工作计划 实施计划 阶段任务 阶段目标 阶段性任务 阶段性目标 工作举措和节点 具体工作举措 具体工作措施",
    Field.LEADER: "牵头领导 责任领导 分管领导 主管领导 负责领导 包保领导 领衔领导 督办领导 挂帅领导 联系领导 领导 分管主席 分管副主席 "
    "牵头主席 分管秘书长 分管副秘书长 牵头领导同志 责任领导同志 带队领导 牵头负责领导",
    Field.LEAD: "牵头处室 主办处室 主责处室 承办处室 负责处室 落实处室 办理处室 牵头责任处室 主要责任处室 第一责任处室 牵头 主办 主责 承办 "
    "牵头负责处室 牵头承办处室",
    Field.CO: "协办处室 配合处室 协同处室 协作处室 协助处室 参与处室 参加处室 配合责任处室 协同配合处室 协办 配合 协同 参与 协助 其他责任处室",
    Field.PERSON: "责任人 责任人员 责任同志 具体责任人 直接责任人 工作责任人 项目责任人 任务责任人 经办人 经办 承办人 具体承办人 负责人 "
    "具体负责人 项目负责人 联系人 具体经办人 责任人姓名 经办人员 承办人员",
    Field.DEADLINE: "完成时限 时限 时限要求 办结时限 办理时限 工作时限 任务时限 完成时间 时间要求 完成时间要求 计划完成时间 预计完成时间 "
    "要求完成时间 拟完成时间 完成期限 期限 办理期限 办结期限 时间节点 完成时间节点 完成节点 截止时间 截止日期 完成日期 计划完成日期 要求完成日期 "
    "完成时限要求 计划办结时间",
    Field.EFFECT: "成效标准 验收标准 完成标准 评价标准 考核标准 工作标准 标准 成效要求 验收要求 成果形式 成果 工作成果 预期成效 成效 工作成效 "
    "成果要求 完成标志 办结标准 销号标准",
    Field.REPORT_CYCLE: "反馈周期 反馈频次 报告周期 报送周期 汇报周期 调度周期 调度频次 督办周期 督查周期 反馈要求 报送频次",
    Field.REMARK: "备注 备考 附注 说明 其他 其他说明 备注说明",
    Field.PROGRESS: "进展 进展情况 工作进展 工作进展情况 目前进展 目前进展情况 最新进展 最新进展情况 当前进展 办理进展 办理进展情况 办理情况 "
    "推进情况 工作推进情况 落实情况 贯彻落实情况 进度 工作进度 任务进展 任务进展情况 推进落实情况",
    Field.COMPLETION: "完成情况 任务完成情况 是否完成 是否办结 完成与否 完成状态 任务状态 项目状态 办理状态 状态 办结情况 办理结果 完成进度 "
    "销号情况 是否销号 销号状态",
    Field.CLOSED_ON: "办结日期 办结时间 销号日期 销号时间 实际完成时间 实际完成日期 实际办结时间 实际办结日期",
    Field.EXTENSIONS: "延期次数 展期次数 延期",
    Field.DISPATCHED_ON: "交办日期 交办时间 下达日期 下达时间 立项日期 立项时间 派发日期 派发时间",
}

_UNITS = re.compile(r"处[（(]科[)）]室|处[（(]委[)）]室|[（(]处[)）]室|处室|委室|科室|股室|部门|单位|机构")
_QUARTER = re.compile(
    r"第?([一二三四1-4])季度(?:工作)?(?:节点|目标|任务|计划|举措|措施|安排|要求|进度|进度安排|推进计划|目标任务|节点目标|节点任务)?"
)


def _key(title: str) -> str:
    """The title as it stands in the table of synonyms: no spaces, marks or brackets, one word for 处室."""
    bare = re.sub(r"[\s　*＊:：·]", "", title).lower()
    return _UNITS.sub("处室", bare)


_FIELDS = {_key(synonym): field for field, synonyms in SYNONYMS.items() for synonym in synonyms.split()}
Responsible = Literal["responsible"]
RESPONSIBLE: Responsible = "responsible"
# These lead where nothing else does: who is listed first leads. Beside a lead column they assist.
_RESPONSIBLE = {"责任处室", "责任主体", "责任", "落实责任处室", "责任处室名称", "处室"}
_TITLES = {Field.KEY_TASK, Field.PROJECT}


@dataclass(frozen=True)
class Unmapped:
    """A titled column that no field answers to: shown in the preview to be mapped by hand."""

    index: int
    title: str


@dataclass(frozen=True)
class Header:
    """Where the header is and what each column means.

    `columns` maps column index → field; `titles` every column's title as printed (parents joined with “/”);
    `title_lines` are the texts above it. `first_leads` means the lead column is a single 责任单位 column:
    whoever is listed first leads, the others assist.
    """

    first_row: int
    last_row: int
    columns: Mapping[int, Field]
    titles: Mapping[int, str]
    unmapped: tuple[Unmapped, ...] = ()
    title_lines: tuple[str, ...] = ()
    first_leads: bool = False


def find_header(sheet: Sheet, remembered: Mapping[str, str]) -> Header | None:
    """The sheet's header, or None where no row looks like one. `remembered`: column title → field name or ''.

    What was remembered goes before the synonyms; '' means that the column is not read.
    """
    known = {_key(title): field for title, field in remembered.items()}
    rows = sheet.rows[:LOOK_INTO]
    for at, row in enumerate(rows):
        below = rows[at + 1] if at + 1 < len(rows) and rows[at + 1].number == row.number + 1 else None
        titles = _titles(row)
        two = _titles_of_two(row, below, known) if below else None
        header = (two and below and _header(two, known, row.number, below.number)) or _header(
            titles, known, row.number, row.number
        )
        if header:
            above = dict.fromkeys(text for each in rows[:at] for text in each.texts if text)
            return Header(**{**header.__dict__, "title_lines": tuple(above)})
    return None


def _titles(row: Row) -> dict[int, str]:
    return {index: cell.own_text for index, cell in enumerate(row.cells) if cell.own_text}


def _titles_of_two(upper: Row, lower: Row, known: Mapping[str, str]) -> dict[int, str] | None:
    """The titles where `lower` only divides what `upper` names over several columns, else None."""
    titles: dict[int, str] = {}
    parent, divided = "", False
    # A title or a line of remarks above the header names no column of its own.
    if not any(
        above.own_text and not below.own_text and _field(above.own_text, known) is not None
        for above, below in zip(upper.cells, lower.cells, strict=True)
    ):
        return None
    for index, (above, below) in enumerate(zip(upper.cells, lower.cells, strict=True)):
        sideways = above.merged_from is not None and above.merged_from[0] == upper.number
        if above.own_text:
            parent = above.own_text
        elif above.text and not sideways:
            return None  # merged from above the header: this is a body
        elif not above.text and not below.own_text:
            parent = ""
        if below.own_text and len(below.own_text) > 20:
            return None
        if below.own_text and parent:
            titles[index] = f"{parent}/{below.own_text}"
            divided = divided or not above.own_text
        elif below.own_text:
            titles[index] = below.own_text
        elif above.own_text or sideways:
            titles[index] = above.text
    return titles if divided else None


def _header(titles: Mapping[int, str], known: Mapping[str, str], first: int, last: int) -> Header | None:
    columns: dict[int, Field] = {}
    responsible: list[int] = []
    ignored: set[int] = set()
    for index, title in titles.items():
        field = _field(title, known)
        if field == "":
            ignored.add(index)
        elif field == RESPONSIBLE:
            responsible.append(index)
        elif isinstance(field, Field) and field not in columns.values():
            columns[index] = field
    first_leads = False
    for index in responsible:
        if Field.LEAD not in columns.values():
            columns[index], first_leads = Field.LEAD, True
        elif Field.CO not in columns.values():
            columns[index] = Field.CO
    _settle_closing(columns, titles)
    wanted = 2 if len(titles) <= 3 else 3
    if len(columns) < wanted or not _TITLES & set(columns.values()):
        return None
    unmapped = tuple(
        Unmapped(index, title) for index, title in titles.items() if index not in columns and index not in ignored
    )
    return Header(first, last, dict(sorted(columns.items())), dict(titles), unmapped, first_leads=first_leads)


def _settle_closing(columns: dict[int, Field], titles: Mapping[int, str]) -> None:
    """办结时间 is the date asked for where no other column is, and the date of closing beside one."""
    if Field.DEADLINE in columns.values():
        return
    for index, field in columns.items():
        if field == Field.CLOSED_ON and _key(titles[index]) in ("办结时间", "办结日期"):
            columns[index] = Field.DEADLINE
            return


def field_named(title: str) -> Field | Responsible | None:
    """The field that a title or a label in running text means, None for an unknown one."""
    return _field(title, {}) or None


def _field(title: str, known: Mapping[str, str]) -> Field | Responsible | Literal[""] | None:
    """The field of a title, '' for one to leave unread, None for an unknown one."""
    if _key(title) in known:
        name = known[_key(title)]
        return Field(name) if name in LABELS else ""
    parent, _, own = title.rpartition("/")
    for each in _readings(parent, own):
        quarter = _QUARTER.fullmatch(each)
        if quarter:
            return QUARTERS["一二三四1234".index(quarter[1]) % 4]
        if each in _FIELDS:
            return _FIELDS[each]
        if each in _RESPONSIBLE:
            return RESPONSIBLE
    return None


def _readings(parent: str, own: str) -> Sequence[str]:
    """The wordings to look for, the most telling first: 责任单位（牵头）, then 责任单位, then what stands in brackets."""
    mother, key = _key(parent), _key(own)
    bracket = re.search(r"[（(]([^（）()]*)[)）]", key)
    outside = re.sub(r"[（(][^（）()]*[)）]", "", key)
    readings = [key]
    if bracket and bracket[1] in ("牵头", "主办", "主责", "配合", "协办", "参与"):
        readings.append(bracket[1])
    readings.append(outside)
    if mother:
        bare_mother = re.sub(r"[（(][^（）()]*[)）]", "", mother)
        joined = [bare_mother + outside, outside + bare_mother]
        # 一季度 over 目标 is a quarter; 责任分工 over 牵头处室 is what stands below.
        readings = [joined[0], *readings, joined[1]] if _QUARTER.fullmatch(bare_mother) else [*readings, *joined]
        if outside in ("姓名", "名称", "内容", "要求"):
            readings.append(bare_mother)
    return readings
