"""The same people and the same small office in all tests, made anew for each."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from accounts.enums import DivisionKind, Role
from accounts.models import Division, Membership, Organization, User
from tests.remembered import remembered

SHANGHAI = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 3, 4)  # a Wednesday without holidays near
NOW = datetime(2026, 3, 4, 9, 30, tzinfo=SHANGHAI)
PASSWORD = "Abc-12345"


@dataclass
class Cast:
    """Who is who. `supervising` is the 督办处, `lead` leads, `assisting` assists, `outside` has no part."""

    office: Organization
    supervising: Division
    lead: Division
    assisting: Division
    outside: Division
    secretariat: User
    second_secretariat: User
    supervising_head: User
    head: User
    staff: User
    co_head: User
    co_staff: User
    outsider: User
    leader: User
    secretary_general: User
    assessor: User
    observer: User
    sysadmin: User
    auditor: User
    elsewhere: Organization
    foreign_secretariat: User
    foreign_leader: User
    stranger: User

    def everyone(self) -> dict[str, User]:
        return {name: value for name, value in vars(self).items() if isinstance(value, User)}


def person(username: str, name: str, *, title: str = "") -> User:
    user = User(username=username, name=name, title=title, must_change_password=False)
    user.set_password(PASSWORD)
    user.save(force_insert=True)
    return user


def joins(user: User, organization: Organization, role: Role, division: Division | None = None) -> Membership:
    return Membership.objects.create(
        user=user, organization=organization, role=role, division=division, starts_on=date(2020, 1, 1)
    )


@remembered
def make_cast() -> Cast:
    office = Organization.objects.create(code="office", name="测试省政协机关", short_name="省政协")
    elsewhere = Organization.objects.create(code="elsewhere", name="邻市政协机关")

    def division(name: str, kind: DivisionKind, order: int, *, supervises: bool = False) -> Division:
        return Division.objects.create(organization=office, name=name, kind=kind, order=order, supervises=supervises)

    supervising = division("督办处", DivisionKind.OFFICE, 1, supervises=True)
    lead = division("经济委办公室", DivisionKind.COMMITTEE, 2)
    assisting = division("研究室", DivisionKind.OFFICE, 3)
    outside = division("行政处", DivisionKind.OFFICE, 4)
    foreign = Division.objects.create(organization=elsewhere, name="督办处", supervises=True)

    people = {
        "secretariat": person("wang", "王科员", title="一级主任科员"),
        "second_secretariat": person("zheng", "郑科员"),
        "supervising_head": person("li", "李处长", title="处长"),
        "head": person("chen", "陈处长", title="处长"),
        "staff": person("wu", "吴科员"),
        "co_head": person("qian", "钱主任", title="主任"),
        "co_staff": person("sun", "孙科员"),
        "outsider": person("zhao", "赵科员"),
        "leader": person("zhou", "周副主席", title="副主席"),
        "secretary_general": person("deng", "邓秘书长", title="秘书长"),
        "assessor": person("feng", "冯考评"),
        "observer": person("chu", "褚组长"),
        "sysadmin": person("admin", "系统管理员"),
        "auditor": person("auditor", "审计员"),
        "foreign_secretariat": person("he", "何科员"),
        "foreign_leader": person("lv", "吕主席"),
        "stranger": person("nobody", "无任职者"),
    }
    joins(people["secretariat"], office, Role.STAFF, supervising)
    joins(people["second_secretariat"], office, Role.STAFF, supervising)
    joins(people["supervising_head"], office, Role.DIVISION_HEAD, supervising)
    joins(people["head"], office, Role.DIVISION_HEAD, lead)
    joins(people["staff"], office, Role.STAFF, lead)
    joins(people["co_head"], office, Role.DIVISION_HEAD, assisting)
    joins(people["co_staff"], office, Role.STAFF, assisting)
    joins(people["outsider"], office, Role.STAFF, outside)
    joins(people["leader"], office, Role.LEADER)
    joins(people["secretary_general"], office, Role.LEADER)
    joins(people["assessor"], office, Role.ASSESSOR)
    joins(people["observer"], office, Role.OBSERVER)
    joins(people["sysadmin"], office, Role.SYSADMIN)
    joins(people["auditor"], office, Role.AUDITOR)
    joins(people["foreign_secretariat"], elsewhere, Role.STAFF, foreign)
    joins(people["foreign_leader"], elsewhere, Role.LEADER)
    office.secretary_general = people["secretary_general"]
    office.save(update_fields=["secretary_general"])
    return Cast(
        office=office,
        elsewhere=elsewhere,
        supervising=supervising,
        lead=lead,
        assisting=assisting,
        outside=outside,
        **people,
    )
