"""By which channels somebody is told, and from which moment on."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from accounts.models import Membership, User
from supervision.notifications.enums import ChannelKind, Reason
from supervision.notifications.hours import decent_moment, digest_moment
from supervision.notifications.models import Channel, ChannelWish, DigestTime
from supervision.notifications.queries.hours import Hours, hours_of


@dataclass(frozen=True)
class Office:
    """What an office has set up."""

    hours: Hours
    channels: tuple[Channel, ...]


@dataclass(frozen=True)
class Wishes:
    """What is known of some people: their addresses, divisions and wishes."""

    people: dict[int, User]
    divisions: frozenset[tuple[int, int]]  # person, division
    channels: dict[tuple[int, str, str], bool]  # person, reason, kind of channel
    digests: dict[int, time]


def office_of(organization_id: int) -> Office:
    channels = Channel.objects.filter(organization=organization_id, is_on=True)
    return Office(hours_of(organization_id), tuple(channels))


def wishes_of(people: Collection[int], today: date) -> Wishes:
    held = Membership.objects.on(today).filter(user__in=people, division__isnull=False)
    wished = ChannelWish.objects.filter(user__in=people).values_list("user", "reason", "channel_kind", "is_wanted")
    return Wishes(
        User.objects.in_bulk(people),
        frozenset(held.values_list("user", "division")),
        {(user, reason, kind): is_wanted for user, reason, kind, is_wanted in wished},
        dict(DigestTime.objects.filter(user__in=people).values_list("user", "at")),
    )


def channels_for(
    person_id: int, reason: Reason, default: Collection[ChannelKind], office: Office, wishes: Wishes
) -> Iterator[Channel]:
    """The robots of the person's division and of the house, and the personal ways that he wishes or the kind declares.

    By what nobody asked for, nobody is told who has no address there: that is no failure. By what he wished, he is.
    """
    for channel in office.channels:
        if channel.division_id is not None and (person_id, channel.division_id) not in wishes.divisions:
            continue
        if not channel.is_personal:
            if reason in channel.reasons:
                yield channel
            continue
        wished = wishes.channels.get((person_id, reason, channel.kind))
        by_default = channel.kind in default and address_of(wishes.people[person_id], channel) != ""
        if by_default if wished is None else wished:
            yield channel


def address_of(person: User, channel: Channel) -> str:
    """Where a personal channel reaches the person."""
    return person.email if channel.kind == ChannelKind.EMAIL else person.phone


def due_moment(
    person_id: int, channel: Channel, office: Office, wishes: Wishes, *, is_urgent: bool, now: datetime
) -> datetime:
    """At a decent hour, at the person's own time of the day where he has one, at once where it is 特急."""
    if is_urgent:
        return now
    hours = office.hours
    at = wishes.digests.get(person_id) if channel.is_personal else None
    if at is not None:
        return digest_moment(now, hours.calendar, at, hours.begins, hours.ends)
    return decent_moment(now, hours.calendar, hours.begins, hours.ends)
