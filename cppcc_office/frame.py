"""What stands around every page: the rail by role, the person menu, where a search goes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.enums import BUSINESS_ROLES, Role
from accounts.models import Organization, User
from accounts.standing import Standing, standing_of
from supervision.notifications.queries.inbox import unread_count, unread_of

BUSINESS = BUSINESS_ROLES
EVERYBODY = frozenset(Role)
TABS_ON_A_PHONE = 5


@dataclass(frozen=True)
class Place:
    """A page that the frame may lead to, for whom, and which pages stand below it."""

    name: str
    label: str  # four characters fit under an icon at 1366
    icon: str
    roles: frozenset[Role]
    short: str = ""  # in the bar of a phone
    below: tuple[str, ...] = ()  # URL names beginning so belong to it


@dataclass(frozen=True)
class Entry:
    label: str
    short: str
    icon: str
    url: str
    current: bool = False
    count: int = 0


@dataclass(frozen=True)
class Group:
    heading: str
    entries: tuple[Entry, ...]
    at_foot: bool = False


# A page that has no URL yet is left out: the frame never leads nowhere.
RAIL: tuple[tuple[str, tuple[Place, ...]], ...] = (
    ("", (Place("desk", "工作台", "grid-1x2", EVERYBODY, "首页"),)),
    (
        "办理",
        (
            Place(
                "ledger",
                "督办台账",
                "list-task",
                BUSINESS,
                "台账",
                ("project", "milestone", "target"),
            ),
            Place(
                "plans",
                "任务计划",
                "journal-check",
                frozenset({Role.SECRETARIAT, Role.LEADER, Role.DIVISION_HEAD}),
                "计划",
                (
                    "plan",
                    "key-task",
                    "project-decompose",
                    "project-delete",
                    "project-backfill-dispatch",
                    "imports",
                    "import",
                ),
            ),
            Place(
                "changes",
                "变更申请",
                "arrow-left-right",
                frozenset({Role.SECRETARIAT, Role.LEADER, Role.DIVISION_HEAD}),
                "变更",
                ("change",),
            ),
            Place("close-outs", "销号台账", "patch-check", BUSINESS, "销号"),
            Place("results", "成果", "award", BUSINESS, "成果", ("result",)),
            Place("timeline", "时间轴线", "calendar-range", BUSINESS, "时间轴", ("dues",)),
        ),
    ),
    (
        "督查",
        (
            Place(
                "cycles",
                "督办周期",
                "arrow-repeat",
                frozenset({Role.SECRETARIAT, Role.LEADER, Role.DIVISION_HEAD, Role.STAFF, Role.ASSESSOR}),
                "周期",
                ("cycle", "weekly", "dispatch", "quarter", "look-back", "review"),
            ),
            Place(
                "inspections",
                "专项督查",
                "binoculars",
                frozenset({Role.SECRETARIAT, Role.LEADER, Role.DIVISION_HEAD, Role.STAFF}),
                "督查",
                ("inspection",),
            ),
        ),
    ),
    (
        "评价",
        (
            Place(
                "figures",
                "统计分析",
                "bar-chart",
                frozenset({Role.SECRETARIAT, Role.LEADER, Role.ASSESSOR, Role.DIVISION_HEAD}),
                "统计",
            ),
        ),
    ),
    (
        "管理",
        (
            Place(
                "people",
                "人员处室",
                "people",
                frozenset({Role.SYSADMIN}),
                "人员",
                ("person", "division", "divisions", "staff-import"),
            ),
            Place("channels", "消息通道", "broadcast", frozenset({Role.SYSADMIN}), "通道", ("channel", "undelivered")),
            Place("audit", "审计记录", "shield-check", frozenset({Role.AUDITOR}), "审计"),
        ),
    ),
)
FOOT = (
    Place("calendar", "日历规则", "calendar3", BUSINESS, "日历", ("calendar", "policies", "policy", "source-class")),
)
OWN_PAGES = (
    Place("exports", "我的导出", "download", BUSINESS, below=("export",)),
    Place("deputies", "代行安排", "person-check", frozenset({Role.DIVISION_HEAD, Role.LEADER})),
    Place("my-year", "我的任务清单", "person-lines-fill", BUSINESS, "", ("person-year",)),
    Place("hand-overs", "责任移交", "arrow-left-right", frozenset({Role.SECRETARIAT, Role.DIVISION_HEAD})),
    Place("feeds", "日程订阅", "calendar-plus", BUSINESS, "", ("feed",)),
    Place("inbox-settings", "消息设置", "sliders", EVERYBODY, "", ("inbox",)),
    Place("tokens", "接口令牌", "braces", EVERYBODY),
    Place("change-password", "修改密码", "key", EVERYBODY),
)
# Numbers beside entries, by URL name: how many things there wait for this person.
COUNTS: dict[str, Callable[[User, date], int]] = {}


@dataclass(frozen=True)
class Frame:
    name: str = ""
    title: str = ""
    organization_name: str = ""
    role_words: tuple[str, ...] = ()
    deputising: tuple[str, ...] = ()
    rail: tuple[Group, ...] = ()
    tabs: tuple[Entry, ...] = ()
    more: tuple[Entry, ...] = ()  # what a phone's bar has no room for
    own_pages: tuple[Entry, ...] = ()
    home_url: str = "/"
    search_url: str = ""
    sign_out_url: str = ""
    inbox_url: str = ""
    unread: int = 0


def frame(request: HttpRequest) -> dict[str, object]:
    """Context processor. Lazy, so that a fragment that draws no frame asks the database nothing."""
    return {"frame": SimpleLazyObject(lambda: frame_of(request))}


def frame_of(request: HttpRequest) -> Frame:
    user = getattr(request, "user", None)
    if not isinstance(user, User) or user.must_change_password:
        # Before the first password change every other address leads back: nothing to offer but the way out.
        known = user if isinstance(user, User) else None
        return Frame(name=known.name if known else "", sign_out_url=_address("sign-out"))
    today: date = getattr(request, "today", None) or timezone.localdate()
    standing = standing_of(user, today=today)
    here = request.resolver_match.url_name or "" if request.resolver_match else ""
    organization_name, unread = _office_and_unread(user, standing)
    groups = [Group(heading, _entries(places, user, standing, here)) for heading, places in RAIL]
    foot = Group("", _entries(FOOT, user, standing, here), at_foot=True)
    rail = tuple(group for group in [*groups, foot] if group.entries)
    flat = [entry for group in rail for entry in group.entries]
    return Frame(
        name=user.name,
        title=user.title,
        organization_name=organization_name,
        role_words=tuple(role.label for role in Role if role in standing.roles()),
        deputising=tuple(dict.fromkeys(post.principal_name for post in standing.posts if post.principal_name)),
        rail=rail,
        tabs=tuple(flat[:TABS_ON_A_PHONE]),
        more=tuple(flat[TABS_ON_A_PHONE:]),
        own_pages=_entries(OWN_PAGES, user, standing, here),
        home_url=_address("desk") or "/",
        search_url=_address("ledger") if standing.roles() & BUSINESS else "",
        sign_out_url=_address("sign-out"),
        inbox_url=_address("inbox"),
        unread=unread,
    )


def _entries(places: Iterable[Place], user: User, standing: Standing, here: str) -> tuple[Entry, ...]:
    entries = []
    current = _place_of(here)
    for place in places:
        url = _address(place.name)
        # Somebody without any post (a new account) still has a desk and a password.
        if not url or not (place.roles is EVERYBODY or place.roles & standing.roles()):
            continue
        count_of = COUNTS.get(place.name)
        entries.append(
            Entry(
                label=place.label,
                short=place.short or place.label,
                icon=place.icon,
                url=url,
                current=place is current,
                count=count_of(user, standing.today) if count_of else 0,
            )
        )
    return tuple(entries)


def _place_of(here: str) -> Place | None:
    """Where a page belongs: to the place that names it most exactly, so that 分解 is of the plans, not of the ledger."""
    found = [
        (len(stem), place)
        for place in (*(place for _, places in RAIL for place in places), *FOOT, *OWN_PAGES)
        for stem in (place.name, *place.below)
        if here == stem or (stem in place.below and here.startswith(f"{stem}-"))
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _office_and_unread(user: User, standing: Standing) -> tuple[str, int]:
    """What stands beside the seal and at the bell, on every page: one question to the database for both."""
    if not standing.posts:
        return "", unread_count(user)
    offices = Organization.objects.filter(pk=standing.posts[0].organization_id)
    row = offices.values_list("short_name", "name", unread_of(user)).first()
    return (row[0] or row[1], row[2]) if row else ("", 0)
