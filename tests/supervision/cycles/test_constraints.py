"""Each promise of the cycles' tables is broken once: the database refuses, whatever the code above it forgot."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from supervision.cycles.enums import Cycle, Origin, RunState
from supervision.cycles.models import CycleReminder, CycleRule, CycleRun
from tests.cast import NOW, Cast, make_cast
from tests.supervision.cycles.turning import rule_of

pytestmark = pytest.mark.django_db

Breaks = Callable[[Cast], object]
MONDAY = date(2026, 3, 2)


def a_run(cast: Cast, **fields: object) -> CycleRun:
    values = {
        "organization": cast.office,
        "cycle": Cycle.WEEKLY,
        "starts_on": MONDAY,
        "ends_on": MONDAY + timedelta(days=6),
        "due_at": NOW,
    }
    return CycleRun.objects.create(**{**values, **fields})


def a_reminder(cast: Cast) -> CycleReminder:
    return CycleReminder.objects.create(organization=cast.office, cycle=Cycle.WEEKLY, starts_on=MONDAY, sent_at=NOW)


def alter_rule(cast: Cast, **fields: object) -> int:
    rule = rule_of(cast.office, Cycle.WEEKLY, since=NOW)
    return CycleRule.objects.filter(pk=rule.pk).update(**fields)


def rule_twice(cast: Cast) -> CycleRule:
    rule = rule_of(cast.office, Cycle.WEEKLY, since=NOW)
    rule.pk = None
    rule._state.adding = True
    rule.save(force_insert=True)
    return rule


BREAKS: dict[str, Breaks] = {
    "one_rule_per_cycle": rule_twice,
    "cycle_counts_from_one": lambda cast: alter_rule(cast, nth=0),
    "sample_is_a_share": lambda cast: alter_rule(cast, sample_percent=101),
    "one_reminder_per_period": lambda cast: (a_reminder(cast), a_reminder(cast)),
    "one_run_per_period": lambda cast: (a_run(cast), a_run(cast)),
    "run_period_ends_later": lambda cast: a_run(cast, ends_on=MONDAY - timedelta(days=1)),
    "run_finished_iff_ended": lambda cast: a_run(cast, state=RunState.DONE),
    "run_claimed_while_running": lambda cast: a_run(cast, state=RunState.RUNNING),
    "run_by_a_person_iff_manual": lambda cast: a_run(cast, origin=Origin.PERSON),
    "run_frozen_with_cut_off": lambda cast: a_run(cast, frozen_at=NOW),
}


def test_every_promise_of_rules_and_runs_is_tried() -> None:
    promised = {
        constraint.name for model in (CycleRule, CycleReminder, CycleRun) for constraint in model._meta.constraints
    }

    assert promised == set(BREAKS)


@pytest.mark.parametrize("name", BREAKS)
def test_the_database_refuses(name: str) -> None:
    cast = make_cast()

    with pytest.raises(IntegrityError) as error, transaction.atomic():
        BREAKS[name](cast)

    # SQLite names the columns of what is to be unique, PostgreSQL the promise.
    assert name in str(error.value) or "UNIQUE constraint failed" in str(error.value)


def test_a_finished_run_has_its_end_and_a_waiting_one_none() -> None:
    cast = make_cast()

    with pytest.raises(IntegrityError), transaction.atomic():
        a_run(cast, finished_at=NOW)
