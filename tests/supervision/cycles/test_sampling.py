"""The draw: must-haves always, the share rounded up, the same for everybody, another one each half-year."""

from datetime import date
from hashlib import sha256
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from supervision.cycles.sampling import draw, mark_of, seed_of, size_of

SEED = seed_of("office", date(2026, 1, 1), date(2026, 6, 30))
LATER = seed_of("office", date(2026, 7, 1), date(2026, 12, 31))

numbers = st.integers(1, 400).map(lambda n: f"〔2026〕{n:03d}号")
percents = st.integers(1, 100)


@st.composite
def fields(drawn: st.DrawFn) -> tuple[list[str], set[str]]:
    """Candidates in some order, and which of them are must-haves."""
    keys = drawn(st.lists(numbers, unique=True, max_size=60))
    return keys, set(drawn(st.lists(st.sampled_from(keys), unique=True))) if keys else set()


def chosen(keys: list[str], must: set[str], percent: int, seed: str = SEED) -> set[str]:
    return {row.key for row in draw(keys, must=must, percent=percent, seed=seed) if row.is_chosen}


@given(fields(), percents)
def test_must_haves_are_held_and_the_share_is_filled(field: tuple[list[str], set[str]], percent: int) -> None:
    keys, must = field

    found = chosen(keys, must, percent)

    assert must <= found <= set(keys)
    assert len(found) == max(len(must), size_of(len(keys), percent))


@given(fields(), percents, st.randoms(use_true_random=False))
def test_the_order_of_the_candidates_does_not_matter(
    field: tuple[list[str], set[str]], percent: int, chance: Random
) -> None:
    keys, must = field
    other = list(keys)
    chance.shuffle(other)

    assert draw(keys, must=must, percent=percent, seed=SEED) == draw(other, must=must, percent=percent, seed=SEED)


@given(fields(), percents, percents)
def test_a_larger_share_holds_the_smaller_one(field: tuple[list[str], set[str]], one: int, other: int) -> None:
    keys, must = field

    assert chosen(keys, must, min(one, other)) <= chosen(keys, must, max(one, other))


@given(fields(), percents, numbers)
def test_one_more_candidate_puts_no_two_others_in_another_order(
    field: tuple[list[str], set[str]], percent: int, newcomer: str
) -> None:
    keys, must = field
    before = [row.key for row in draw(keys, must=must, percent=percent, seed=SEED) if row.key != newcomer]
    after = [row.key for row in draw([*keys, newcomer], must=must, percent=percent, seed=SEED) if row.key != newcomer]

    assert before == after


@given(fields())
def test_the_whole_is_the_whole(field: tuple[list[str], set[str]]) -> None:
    keys, must = field

    assert chosen(keys, must, 100) == set(keys)


def test_another_half_year_and_another_office_draw_others() -> None:
    keys = [f"〔2026〕{n:03d}号" for n in range(1, 101)]
    elsewhere = seed_of("elsewhere", date(2026, 1, 1), date(2026, 6, 30))

    draws = [chosen(keys, set(), 10, seed) for seed in (SEED, LATER, elsewhere)]

    assert [len(found) for found in draws] == [10, 10, 10]
    assert draws[0] != draws[1] != draws[2] != draws[0]


def test_the_share_is_rounded_up() -> None:
    assert [size_of(count, 10) for count in (0, 1, 10, 11, 20, 21)] == [0, 1, 1, 2, 2, 3]
    assert size_of(101, 100) == 101


def test_the_mark_is_what_any_tool_for_sha_256_gives() -> None:
    words = "office 2026-01-01 2026-06-30 〔2026〕007号"

    assert mark_of(SEED, "〔2026〕007号") == sha256(words.encode("utf-8")).hexdigest()


def test_nothing_to_draw_from_is_an_empty_draw() -> None:
    assert draw([], must={"〔2026〕001号"}, percent=50, seed=SEED) == []
