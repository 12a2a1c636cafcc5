"""A staff table as offices make them into typed rows; nothing is looked up here."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from accounts.enums import DIVISION_ROLES, Role
from accounts.names import is_login_name, login_name
from cppcc_office.lib.errors import Refused
from cppcc_office.lib.sheets import Row, Sheet

HEADER_WITHIN = 30
MOST_ROWS = 2_000


class Column(StrEnum):
    NAME = "name"
    DIVISION = "division"
    TITLE = "title"
    ROLE = "role"
    PHONE = "phone"
    LOGIN = "login"
    EMAIL = "email"


_WORDS: dict[Column, tuple[str, ...]] = {
    Column.NAME: ("姓名", "名字", "人员姓名", "人员", "职工姓名", "干部姓名"),
    Column.DIVISION: (
        "处室",
        "部门",
        "单位",
        "委室",
        "处室名称",
        "所在处室",
        "部门名称",
        "所属部门",
        "工作单位",
        "所在单位",
    ),
    Column.TITLE: ("职务", "职务职级", "现任职务", "岗位", "职位"),
    Column.ROLE: ("角色", "系统角色", "权限", "用户角色"),
    Column.PHONE: ("手机", "手机号", "手机号码", "电话", "联系电话", "联系方式", "移动电话"),
    Column.LOGIN: ("登录名", "账号", "帐号", "用户名", "登录账号", "登录帐号", "登陆名", "工号"),
    Column.EMAIL: ("邮箱", "电子邮箱", "电子邮件", "email", "e-mail"),
}
_COLUMN_OF = {word: column for column, words in _WORDS.items() for word in words}
_ROLE_WORDS: dict[str, Role] = {
    "处室负责人": Role.DIVISION_HEAD,
    "负责人": Role.DIVISION_HEAD,
    "处室领导": Role.DIVISION_HEAD,
    "处长": Role.DIVISION_HEAD,
    "主任": Role.DIVISION_HEAD,
    "经办人": Role.STAFF,
    "经办人员": Role.STAFF,
    "干部": Role.STAFF,
    "工作人员": Role.STAFF,
    "领导": Role.LEADER,
    "机关领导": Role.LEADER,
    "考评人员": Role.ASSESSOR,
    "考评": Role.ASSESSOR,
    "跟踪监督": Role.OBSERVER,
    "派驻纪检": Role.OBSERVER,
}
_HEAD_TITLES = {"处长", "主任", "部长", "科长", "负责人", "办公室主任"}
_LEADER_TITLES = {"主席", "副主席", "秘书长", "副秘书长", "党组书记", "党组副书记", "党组成员"}
_NOT_PEOPLE = re.compile(r"(合计|总计|小计|共计|备注|注|说明|填表说明|填表人|制表)[:：].*|合计|总计|小计|注\d*[.、].*")
_APART = re.compile(r"[、，,;；/\s]+")


@dataclass(frozen=True)
class StaffRow:
    """One person's line as it stands; `index` is its place in the file, `roles` are values of `Role`."""

    index: int
    sheet: str
    number: int
    name: str
    division: str = ""
    title: str = ""
    roles: tuple[str, ...] = ()
    phone: str = ""
    login: str = ""
    email: str = ""
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "StaffRow":
        lists = {name: tuple(value[name]) for name in ("roles", "problems", "notes")}
        return cls(**{**value, **lists})


@dataclass(frozen=True)
class LeftOut:
    sheet: str
    number: int
    why: str


def staff_rows(sheets: Sequence[Sheet]) -> tuple[list[StaffRow], list[LeftOut]]:
    """All people of all sheets; raises `Refused` where no sheet has a column of names."""
    rows: list[StaffRow] = []
    left_out: list[LeftOut] = []
    found = False
    for sheet in sheets:
        header = _find_header(sheet)
        if header is None:
            left_out.append(LeftOut(sheet.name, 0, f"工作表“{sheet.name}”没有“姓名”一栏，未读"))
            continue
        found = True
        at, columns = header
        for row in sheet.rows[at + 1 :]:
            if not any(row.texts):
                continue
            if why := _why_no_person(row, columns):
                left_out.append(LeftOut(sheet.name, row.number, why))
                continue
            rows.append(_staff_row(len(rows), sheet.name, row, columns))
    if not found:
        raise Refused("没有找到“姓名”一栏。请检查表头：应有 姓名、处室、职务、角色、手机、登录名，至少有姓名和处室。")
    if not rows:
        raise Refused("表头下面没有人员。请填好后再上传。")
    if len(rows) > MOST_ROWS:
        raise Refused(f"表中有 {len(rows)} 人，一次最多导入 {MOST_ROWS} 人，请分成几个文件。")
    return rows, left_out


def _find_header(sheet: Sheet) -> tuple[int, dict[Column, int]] | None:
    for at, row in enumerate(sheet.rows[:HEADER_WITHIN]):
        columns: dict[Column, int] = {}
        for index, text in enumerate(row.texts):
            column = _COLUMN_OF.get(_header_word(text))
            if column is not None:
                columns.setdefault(column, index)
        if Column.NAME in columns and len(columns) >= 2:
            return at, columns
    return None


def _header_word(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text)
    return re.sub(r"\(.*?\)|[\s*:]", "", folded).lower()


def _why_no_person(row: Row, columns: Mapping[Column, int]) -> str:
    first = next(text for text in row.texts if text)
    if _NOT_PEOPLE.fullmatch(first.replace(" ", "")):
        return "合计或说明行，未读"
    if _header_word(row.texts[columns[Column.NAME]]) in _WORDS[Column.NAME]:
        return "重复的表头，未读"
    merged = {cell.merged_from for cell in row.cells if cell.text}
    if len(merged) == 1 and None not in merged and len(row.cells) > 1:
        return f"“{first[:20]}”是标题行，未读"
    return ""


def _staff_row(index: int, sheet: str, row: Row, columns: Mapping[Column, int]) -> StaffRow:
    def text(column: Column) -> str:
        return re.sub(r"\s+", " ", row.texts[columns[column]]).strip() if column in columns else ""

    name = _close_up(text(Column.NAME))
    division = _close_up(text(Column.DIVISION))
    title = text(Column.TITLE)
    phone = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text(Column.PHONE)))
    login = login_name(text(Column.LOGIN))
    email = text(Column.EMAIL)
    roles, problems, notes = _roles_of(text(Column.ROLE), title, division)
    if not name:
        problems.append("没有姓名，请补上。")
    elif len(name) > 40:
        problems.append("姓名超过 40 个字，请检查。")
    if len(division) > 60:
        problems.append("处室名称超过 60 个字，请检查。")
    if len(title) > 60:
        problems.append("职务超过 60 个字，请缩短。")
    if any(role in DIVISION_ROLES for role in roles) and not division:
        problems.append("没有写处室；处室负责人和经办人须写明处室。")
    if phone and not re.fullmatch(r"\+?\d{5,20}", phone):
        problems.append(f"手机“{phone[:30]}”不是号码，请改正或留空。")
    if login and not is_login_name(login):
        problems.append(f"登录名“{login[:40]}”不能用；请用 2 至 40 个字母、数字、汉字或 . _ - @。")
    if email and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
        problems.append(f"邮箱“{email[:40]}”不是邮箱地址，请改正或留空。")
    return StaffRow(
        index,
        sheet,
        row.number,
        name,
        division,
        title,
        tuple(roles),
        phone,
        login,
        email,
        tuple(problems),
        tuple(notes),
    )


def _close_up(text: str) -> str:
    """张 三 is 张三: names of two characters are often spread out to the width of three."""
    return re.sub(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])", "", text)


def _roles_of(text: str, title: str, division: str) -> tuple[list[Role], list[str], list[str]]:
    roles: list[Role] = []
    problems: list[str] = []
    notes: list[str] = []
    for word in filter(None, _APART.split(text)):
        role = _ROLE_WORDS.get(word)
        if role is not None:
            if role not in roles:
                roles.append(role)
        elif word in {"督办人员", "督办"}:
            problems.append("督办人员不用填：负责督办的处室的人都是。请填处室负责人或经办人。")
        elif word in {"系统管理员", "管理员", "审计员"}:
            problems.append(f"“{word}”不能用表格授予，请在人员页面逐人设置。")
        else:
            problems.append(f"没有“{word[:20]}”这个角色；请填 处室负责人、经办人、领导、考评人员 或 跟踪监督。")
    if text or problems:
        if roles == [Role.LEADER] and division:
            notes.append(f"领导不属于处室，“{division}”只作参考")
        return roles, problems, notes
    titles = set(_APART.split(title))
    if not division and titles & _LEADER_TITLES:
        notes.append("没有写角色，按职务定为领导")
        return [Role.LEADER], problems, notes
    if division and titles & _HEAD_TITLES:
        notes.append("没有写角色，按职务定为处室负责人")
        return [Role.DIVISION_HEAD], problems, notes
    if division:
        notes.append("没有写角色，定为经办人")
        return [Role.STAFF], problems, notes
    return [], ["角色和处室都没有写，请至少写一项。"], notes


def division_names(rows: Iterable[StaffRow]) -> list[str]:
    """Divisions that rows belong to, in the order they first stand in."""
    names = (row.division for row in rows if row.division and any(role in DIVISION_ROLES for role in row.roles))
    return list(dict.fromkeys(names))
