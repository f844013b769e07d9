"""The values of records in words: as their readers write them, or a finding that says what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from catalogue import ROOT, load
from findings import MissingError
from test_catalogue import TODAY, world
from words import date_text, field_text, language_text, price_text, read_words, typeset, value_text

LABELS = read_words(ROOT, "labels")


@pytest.mark.parametrize(
    ("day", "english", "chinese"),
    [("2026-06-30", "30 June 2026", "2026 年 6 月 30 日"), ("2026-06", "June 2026", "2026 年 6 月"), ("2026", "2026", "2026 年")],
)
def test_days(day: str, english: str, chinese: str) -> None:
    """A day, a month or a year, the way people write it."""
    assert (date_text(day, "en"), date_text(day, "zh")) == (english, chinese)


def test_prices_languages_and_quotes() -> None:
    """A price with its currency, nothing as free, a language by its name, an unlisted one as it is, quotes curled."""
    assert [price_text({"amount": amount, "currency": "USD"}, LABELS, "en") for amount in (0, 1500, 99.5)] == [
        "free",
        "1,500 US dollars",
        "99.5 US dollars",
    ]
    assert (language_text("en", LABELS, "zh"), language_text("tlh", LABELS, "zh")) == (LABELS["languages"]["en"]["zh"], "tlh")
    assert typeset("\"it's\" ('so')") == "“it’s” (‘so’)"
    assert typeset("it's `df['rate']`'s '`x`'") == "it’s `df['rate']`’s ‘`x`’"


@pytest.mark.parametrize(("field", "name"), [("ended", "ends"), ("validity", "validity_months"), ("nonsense", "nonsense")])
def test_a_value_that_is_not_there(tmp_path: Path, field: str, name: str) -> None:
    """A chapter that calls for a value that a record lacks is told so in both languages, with the record's place."""
    record = load(world(tmp_path), TODAY).get("certifications", "test-engineer")
    with pytest.raises(MissingError) as caught:
        field_text(record, field, LABELS, "en")
    assert str(caught.value).splitlines() == [
        f"docs/data/certifications.yml:1: test-engineer has no {name}, expected one, since a chapter calls for it",
        f"  docs/data/certifications.yml:1：test-engineer 没有 {name}；有一章调用了它，应补上",
    ]


def test_a_value_without_words() -> None:
    """A value of a schema that labels.yml does not put into words is told."""
    with pytest.raises(MissingError, match=r'labels\.yml has no words for "nonsense"'):
        value_text("nonsense", LABELS, "en")


def test_a_table_of_words_that_is_none(tmp_path: Path) -> None:
    """A table of words that is a list ends the build with its file."""
    (tmp_path / "docs/data").mkdir(parents=True)
    (tmp_path / "docs/data/labels.yml").write_text("- a\n", encoding="utf-8")
    with pytest.raises(Exception, match=r"docs/data/labels\.yml:1: expected a table of words\n  应是一张词表"):
        read_words(tmp_path, "labels")
