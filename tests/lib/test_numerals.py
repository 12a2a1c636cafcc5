import pytest
from hypothesis import given
from hypothesis import strategies as st

from cppcc_office.lib.numerals import chinese, digits_of, fold, number_of


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("6", 6),
        ("０６", 6),
        ("十", 10),
        ("十二", 12),
        ("三十一", 31),
        ("一百", 100),
        ("二百零五", 205),
        ("三千零二十", 3020),
        ("一千一百一十一", 1111),
    ],
)
def test_counts_are_read_in_digits_and_in_chinese(text: str, number: int) -> None:
    assert number_of(text) == number


@pytest.mark.parametrize(
    "text", ["", "零", "零五", "一二", "十十", "二〇", "百", "六月", "1十", "-1", "²", "1234567890"]
)
def test_what_is_no_count_has_no_number(text: str) -> None:
    assert number_of(text) is None


@pytest.mark.parametrize(
    ("text", "number"), [("2026", 2026), ("２０２６", 2026), ("二〇二六", 2026), ("二零二六", 2026), ("二○二六", 2026)]
)
def test_years_are_read_digit_by_digit(text: str, number: int) -> None:
    assert digits_of(text) == number


@pytest.mark.parametrize("text", ["", "十二", "二0二六", "一二三四五六七八九一", "年"])
def test_what_is_not_digits_alone_is_not_read_digit_by_digit(text: str) -> None:
    assert digits_of(text) is None


@given(st.integers(1, 99))
def test_every_count_to_99_is_read_back_as_written(number: int) -> None:
    assert number_of(chinese(number)) == number


@pytest.mark.parametrize("number", [0, 100])
def test_only_counts_to_99_are_written(number: int) -> None:
    with pytest.raises(ValueError, match="1 to 99"):
        chinese(number)


def test_full_width_signs_are_folded_and_the_rest_is_left() -> None:
    text = "２０２６－０６（暂）　①、。"

    folded = fold(text)

    assert folded == "2026-06(暂) ①、。"
