"""The invented office: its divisions and people, founded through the doors that every office uses."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from accounts.actions.deputies import name_deputy
from accounts.actions.divisions import add_division, set_secretary_general
from accounts.actions.office import found_office
from accounts.actions.people import add_person
from accounts.enums import DivisionKind, Level, Role
from accounts.models import Division, Membership, Organization, User
from cppcc_office.lib.workdays import WorkCalendar
from tasks.actions.observers import give_source_classes
from tasks.models import SourceClass

CODE, NAME, SHORT_NAME = "lanjiang", "政协澜江省委员会办公厅", "澜江省政协"
SUPERVISING = "supervising"
# key, name, short name, kind, 分管领导, the surnames of its head, deputy head and staff
DIVISIONS: tuple[tuple[str, str, str, DivisionKind, str, str], ...] = (
    ("secretaries", "秘书处", "秘书处", DivisionKind.OFFICE, "mishuzhang", "钟费岑薛"),
    (SUPERVISING, "督办处", "督办处", DivisionKind.OFFICE, "mishuzhang", "蓝褚卫樊梅"),
    ("research", "研究室", "研究室", DivisionKind.OFFICE, "fumishuzhang1", "秦尤许霍"),
    ("personnel", "人事处", "人事处", DivisionKind.OFFICE, "fumishuzhang1", "曹施孔"),
    ("logistics", "行政处", "行政处", DivisionKind.OFFICE, "fumishuzhang2", "魏陶姜戚"),
    ("party", "机关党委", "机关党委", DivisionKind.OFFICE, "fumishuzhang1", "范喻柏"),
    ("information", "信息中心", "信息中心", DivisionKind.GENERAL, "fumishuzhang2", "窦章云"),
    ("proposals", "提案委员会办公室", "提案委办", DivisionKind.COMMITTEE, "fuzhuxi1", "潘葛奚彭"),
    ("economy", "经济委员会办公室", "经济委办", DivisionKind.COMMITTEE, "fuzhuxi1", "鲁韦昌苗"),
    ("farming", "农业和农村委员会办公室", "农业委办", DivisionKind.COMMITTEE, "fuzhuxi2", "花俞袁柳"),
    ("ecology", "人口资源环境委员会办公室", "人资环委办", DivisionKind.COMMITTEE, "fuzhuxi2", "鲍史唐贺"),
    ("education", "教科卫体委员会办公室", "教科卫体委办", DivisionKind.COMMITTEE, "fuzhuxi3", "倪汤滕殷"),
    ("law", "社会和法制委员会办公室", "社法委办", DivisionKind.COMMITTEE, "fuzhuxi3", "毕邬安常"),
    ("ethnic", "民族和宗教委员会办公室", "民宗委办", DivisionKind.COMMITTEE, "fuzhuxi4", "傅皮卞齐"),
    ("overseas", "港澳台侨和外事委员会办公室", "港澳台侨委办", DivisionKind.COMMITTEE, "fuzhuxi4", "康伍余元"),
    ("culture", "文化文史和学习委员会办公室", "文史学习委办", DivisionKind.COMMITTEE, "fuzhuxi4", "孟黄穆萧"),
    ("members", "委员工作委员会办公室", "委员工作委办", DivisionKind.COMMITTEE, "fuzhuxi1", "姚邵湛汪"),
)  # fmt: skip
LEADERS = (
    ("zhuxi", "沈主席", "主席"), ("fuzhuxi1", "顾副主席", "副主席"), ("fuzhuxi2", "陆副主席", "副主席"),
    ("fuzhuxi3", "温副主席", "副主席"), ("fuzhuxi4", "祝副主席", "副主席"), ("mishuzhang", "郝秘书长", "秘书长"),
    ("fumishuzhang1", "严副秘书长", "副秘书长"), ("fumishuzhang2", "庞副秘书长", "副秘书长"),
)  # fmt: skip
OTHERS = (
    ("kaoping", "尹考评员", "机关纪委专职副书记", Role.ASSESSOR), ("kaoping2", "洪考评员", "人事处二级巡视员", Role.ASSESSOR),
    ("jiandu", "骆组长", "派驻纪检监察组副组长", Role.OBSERVER),
)  # fmt: skip
# Whom a stranger signs in as, in the order of the line, and what for.
SHOWN = (
    ("duban", "督办人员：登记、分解、交办、核实、验收"),
    ("dubanchu", "督办处处长：为督办处签批、决定调整和短期延期"),
    ("jingjichu", "处室负责人：签收、审核、申请销号、申请变更"),
    ("jingjiban", "经办人：填进展、报完成"),
    ("mishuzhang", "秘书长：看全局、签批"),
    ("fuzhuxi1", "牵头领导：决定延期、暂缓、终止"),
    ("zhuxi", "领导：看全局"),
    ("kaoping", "考评人员：只读"),
    ("jiandu", "跟踪监督：只读给定来源的任务"),
    ("guanli", "系统管理员：人员、处室"),
    ("shenji", "审计员：看审计记录"),
)  # fmt: skip
_NAMED_LOGINS = {("supervising", 0): "dubanchu", ("supervising", 2): "duban", ("economy", 0): "jingjichu"}
_NAMED_LOGINS |= {("economy", 2): "jingjiban"}


@dataclass
class Team:
    """A division with its people; the first of the members may stand in for the head."""

    division: Division
    leader: User
    head: User
    members: list[User]
    away: list[tuple[date, date]] = field(default_factory=list)  # days on which the head's deputy acts

    def head_on(self, day: date) -> User:
        return self.members[0] if any(first <= day <= last for first, last in self.away) else self.head


@dataclass
class Office:
    """Everybody as the one object that all acts use, so that what a person is on a day is asked for once."""

    organization: Organization
    admin: User
    leaders: dict[str, User]
    teams: dict[str, Team]
    calendar: WorkCalendar = field(default_factory=WorkCalendar)

    @property
    def supervising(self) -> Team:
        return self.teams[SUPERVISING]

    @property
    def secretariat(self) -> list[User]:
        return self.supervising.members


def found(*, password: str, now: datetime, today: date) -> Office:
    """Organisation, leaders, divisions, people: by the administrator, as they were from the first day."""
    founding = found_office(
        code=CODE,
        name=NAME,
        short_name=SHORT_NAME,
        level=Level.PROVINCE,
        password=password,
        now=now,
        logins=("guanli", "shenji"),
    )
    organization, admin = founding.organization, founding.admin
    new_password: Callable[[], str] = lambda: password  # noqa: E731 (one password for all, shown once)

    def hire(username: str, name: str, title: str, role: Role, division: Division | None = None) -> User:
        person, _ = add_person(
            organization,
            by=admin,
            now=now,
            today=today,
            username=username,
            name=name,
            title=title,
            role=role,
            division=division,
            new_password=new_password,
        )
        return person

    leaders = {key: hire(key, name, title, Role.LEADER) for key, name, title in LEADERS}
    set_secretary_general(organization, leaders["mishuzhang"], by=admin, now=now, today=today)
    teams = {}
    for order, (key, name, short_name, kind, leader, surnames) in enumerate(DIVISIONS, 1):
        division = add_division(
            organization,
            by=admin,
            now=now,
            today=today,
            name=name,
            short_name=short_name,
            kind=kind,
            leader=leaders[leader],
            supervises=key == SUPERVISING,
            order=order,
        )
        head, *members = (
            hire(_login(key, order, place), *_titled(surname, place, kind), _role(place), division)
            for place, surname in enumerate(surnames)
        )
        teams[key] = Team(division, leaders[leader], head, members)
    for username, name, title, role in OTHERS:
        hire(username, name, title, role)
    return Office(organization, admin, leaders, teams)


def _login(key: str, order: int, place: int) -> str:
    return _NAMED_LOGINS.get((key, place), f"lj{order:02d}{place + 1}")


def _role(place: int) -> Role:
    return Role.STAFF if place else Role.DIVISION_HEAD


def _titled(surname: str, place: int, kind: DivisionKind) -> tuple[str, str]:
    """Name and title: 韦副主任, 昌调研员, 苗主任科员."""
    first = "主任" if kind != DivisionKind.OFFICE else "处长"
    name = (first, f"副{first}", "调研员", "主任科员", "科员")[place]
    title = (first, f"副{first}", "三级调研员", "一级主任科员", "四级主任科员")[place]
    return f"{surname}{name}", title


def stand_in(office: Office, key: str, *, first: date, last: date, note: str, now: datetime, today: date) -> None:
    """The head is away on these days; the deputy head acts in his place."""
    team = office.teams[key]
    name_deputy(
        team.members[0],
        organization=office.organization,
        starts_on=first,
        ends_on=last,
        by=team.head,
        now=now,
        today=today,
        note=note,
    )


def let_observe(office: Office, *, now: datetime) -> None:
    """派驻纪检监察组 follows what comes from instructions and from decisions of the party group."""
    membership = Membership.objects.get(organization=office.organization, role=Role.OBSERVER)
    names = ("重要讲话和指示批示精神", "领导同志批示", "党组会议决策", "主要负责同志批示")
    classes = SourceClass.objects.filter(organization=office.organization, name__in=names)
    give_source_classes(membership, list(classes), by=office.secretariat[0], now=now)
