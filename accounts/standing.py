"""What a person is on a given day: own posts and those held as deputy. Every permission starts here."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import AnonymousUser

from accounts.enums import DIVISION_ROLES, Role
from accounts.models import Deputy, Membership, User


@dataclass(frozen=True)
class Post:
    role: Role
    organization_id: int
    division_id: int | None = None
    principal_id: int | None = None  # set when held as somebody's deputy
    principal_name: str = ""


@dataclass(frozen=True)
class Standing:
    user_id: int
    today: date
    posts: tuple[Post, ...]
    membership_ids: tuple[int, ...] = ()
    services: tuple[tuple[int, date | None], ...] = ()  # divisions of own posts begun by today, and until when

    def roles(self) -> set[Role]:
        return {post.role for post in self.posts}

    def as_role(self, role: Role, organization_id: int | None = None) -> Iterator[Post]:
        """The posts of that role, own ones before those held as deputy."""
        return (
            post
            for post in self.posts
            if post.role == role and (organization_id is None or post.organization_id == organization_id)
        )

    def holds(self, role: Role, organization_id: int) -> bool:
        return any(self.as_role(role, organization_id))

    def organizations_as(self, *roles: Role) -> set[int]:
        return {post.organization_id for post in self.posts if post.role in roles}

    def heads(self, division_id: int | None) -> bool:
        return self.head_post(division_id) is not None

    def head_post(self, division_id: int | None) -> Post | None:
        """The post by which this person heads the division, an own one first."""
        for post in self.as_role(Role.DIVISION_HEAD):
            if division_id is not None and post.division_id == division_id:
                return post
        return None

    def belongs_to(self, division_id: int | None) -> bool:
        """Whether the person works in the division, or stands in for its head."""
        return division_id is not None and division_id in self.division_ids()

    def worked_in(self, division_id: int | None, *, since: date | None) -> bool:
        """Whether the person held a post of his own in the division on any day from then until today."""
        return since is not None and any(
            division == division_id and (until is None or until >= since) for division, until in self.services
        )

    def division_ids(self) -> set[int]:
        return {post.division_id for post in self.posts if post.role in DIVISION_ROLES and post.division_id}

    def organization_ids(self) -> set[int]:
        return {post.organization_id for post in self.posts}

    @property
    def home_id(self) -> int | None:
        """The organisation that the person's own acts are filed under when the act itself names none."""
        return self.posts[0].organization_id if self.posts else None

    @property
    def principal_ids(self) -> set[int]:
        return {post.principal_id for post in self.posts if post.principal_id}


NOBODY = Standing(0, date.min, ())


def standing_of(user: User | AnonymousUser, *, today: date) -> Standing:
    """The posts that hold today; cached on the user object for the day, so that a request asks once."""
    if not isinstance(user, User) or user.pk is None or not user.is_active:
        return NOBODY
    cached: Standing | None = getattr(user, "_standing", None)
    if cached is not None and cached.today == today:
        return cached
    ever = list(Membership.objects.filter(user=user, starts_on__lte=today).select_related("division"))
    own = [m for m in ever if m.holds_on(today)]
    posts = [Post(Role(m.role), m.organization_id, m.division_id) for m in own]
    # 督办人员 are all people of a division that supervises (domain 1); its head signs for it.
    posts += [
        Post(Role.SECRETARIAT, m.organization_id, m.division_id) for m in own if m.division and m.division.supervises
    ]
    deputising = Deputy.objects.on(today).filter(deputy=user).select_related("principal")
    principals = {row.principal_id: row for row in deputising}
    if principals:
        for m in Membership.objects.on(today).filter(user__in=principals, role__in=[Role.DIVISION_HEAD, Role.LEADER]):
            row = principals[m.user_id]
            if row.organization_id == m.organization_id:
                posts.append(Post(Role(m.role), m.organization_id, m.division_id, row.principal_id, row.principal.name))
    services = tuple((m.division_id, m.ends_on) for m in ever if m.division_id)
    standing = Standing(user.pk, today, tuple(posts), tuple(m.pk for m in own), services)
    user._standing = standing  # type: ignore[attr-defined]  # a cache for the day, not a field
    return standing
