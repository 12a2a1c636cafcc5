"""Whom and which divisions a form of an office offers."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from accounts.enums import DIVISION_ROLES, Role
from accounts.models import Division, Membership, User


@dataclass(frozen=True)
class Choices:
    """Read once a page. People stand under their division, heads first."""

    divisions: list[Division]
    people: dict[int, list[User]] = field(default_factory=dict)
    leaders: list[User] = field(default_factory=list)

    @cached_property
    def division_names(self) -> dict[int, str]:
        return {division.pk: division.name for division in self.divisions}

    @cached_property
    def person_names(self) -> dict[int, str]:
        names = {person.pk: person.name for people in self.people.values() for person in people}
        return names | {leader.pk: leader.name for leader in self.leaders}

    def people_of(self, division_id: int | None) -> list[User]:
        return self.people.get(division_id or 0, [])

    def works_in(self, person_id: int, division_id: int | None) -> bool:
        return any(person.pk == person_id for person in self.people_of(division_id))


def choices_of(organization_id: int, today: date) -> Choices:
    divisions = list(Division.objects.filter(organization=organization_id, is_active=True))
    people: dict[int, list[User]] = {}
    leaders: list[User] = []
    held = (
        Membership.objects.on(today)
        .filter(organization=organization_id, role__in=[*DIVISION_ROLES, Role.LEADER], user__is_active=True)
        .select_related("user")
        .order_by("role", "id")  # DIVISION_HEAD sorts before STAFF
    )
    for membership in held:
        # Of a leader the division is empty, of the others it is not (a constraint says so).
        place = leaders if membership.division_id is None else people.setdefault(membership.division_id, [])
        if membership.user not in place:
            place.append(membership.user)
    return Choices(divisions, people, leaders)
