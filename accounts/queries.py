"""Reads over several models of accounts."""

from collections import defaultdict
from datetime import date

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from accounts.enums import Role
from accounts.intake.plans import Directory, KnownDivision, KnownPerson, Post
from accounts.models import Event, Membership, Organization, User
from accounts.standing import standing_of


def people_of(organization_id: int) -> QuerySet[User]:
    """Everybody who holds or held a post there, people who left included."""
    return User.objects.filter(Exists(Membership.objects.filter(user=OuterRef("pk"), organization=organization_id)))


def people_matching(people: QuerySet[User], words: str) -> QuerySet[User]:
    """By name, pinyin, initials (zsc), log-in name, title or division; every word must be found."""
    for word in words.split():
        small = word.lower()
        people = people.filter(
            Q(name__icontains=word)
            | Q(initials__startswith=small)
            | Q(pinyin__startswith=small)
            | Q(username__icontains=small)
            | Q(title__icontains=word)
            | Exists(Membership.objects.filter(user=OuterRef("pk"), division__name__icontains=word))
        )
    return people


def leaders_of(organization_id: int, *, today: date) -> QuerySet[User]:
    held = Membership.objects.on(today).filter(organization=organization_id, role=Role.LEADER, user=OuterRef("pk"))
    return User.objects.filter(Exists(held), is_active=True)


def secretariat_of(organization_id: int, *, today: date) -> QuerySet[User]:
    """督办人员: everyone of the divisions that supervise. That follows from membership, so a deputy is none (`standing_of`)."""
    held = Membership.objects.on(today).filter(
        organization=organization_id, division__supervises=True, user=OuterRef("pk")
    )
    return User.objects.filter(Exists(held), is_active=True).order_by("pk")


def directory_of(organization: Organization, *, today: date) -> Directory:
    """Who and what is known, as the staff import needs it."""
    posts: dict[int, set[Post]] = defaultdict(set)
    for m in Membership.objects.on(today).filter(organization=organization):
        posts[m.user_id].add((m.role, m.division_id))
    return Directory(
        people=tuple(
            KnownPerson(
                user.pk, user.username, user.name, user.title, user.phone, user.email, user.is_active,
                frozenset(posts[user.pk]),
            )
            for user in people_of(organization.pk).order_by("id")
        ),
        divisions=tuple(
            KnownDivision(d.pk, d.name, d.short_name, d.kind, d.supervises, d.order)
            for d in organization.divisions.order_by("order", "id")
        ),
        taken=frozenset(User.objects.values_list("username", flat=True)),
        secretary_general_id=organization.secretary_general_id,
    )  # fmt: skip


def events_visible_to(user: User, *, today: date) -> QuerySet[Event]:
    """What an auditor reads: his office's events, and those that belong to no office (guesses at unknown names)."""
    offices = standing_of(user, today=today).organizations_as(Role.AUDITOR)
    if not offices:
        return Event.objects.none()
    return Event.objects.filter(Q(organization__in=offices) | Q(organization=None))


def possible_deputies(user: User, organization_ids: set[int], *, today: date) -> QuerySet[User]:
    """People who work on business in those offices, the person himself left out."""
    working = Membership.objects.on(today).filter(
        organization__in=organization_ids,
        role__in=[Role.DIVISION_HEAD, Role.STAFF, Role.LEADER],
        user=OuterRef("pk"),
    )
    here = Membership.objects.on(today).filter(organization__in=organization_ids).select_related("division")
    people = User.objects.filter(Exists(working), is_active=True).exclude(pk=user.pk)
    return people.order_by("pinyin", "id").prefetch_related(Prefetch("memberships", here))
