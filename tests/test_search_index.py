"""The search index after the builder: words that stay whole, with their parts, and the names that people type."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jieba
import pytest
from catalogue import ROOT
from search_index import CUT, finish_index, whole_words

WORDS = ("算法工程师", "推理优化", "大模型", "校招", "社招", "内推", "昇腾", "薪资", "简历", "微调")


def built(text: str) -> str:
    """A text as the builder leaves it."""
    return CUT.join(jieba.cut(text))


def finished(folder: Path, title: str, text: str, names: list[str], whole: list[str]) -> dict[str, Any]:
    """The one entry of a small index after it was finished."""
    entry = {"location": "a.html", "title": built(title), "text": f"<p>{built(text)}</p>"}
    index = {"config": {"fields": {"title": {}, "text": {}}}, "docs": [entry]}
    (folder / "search_index.json").write_text(json.dumps(index), encoding="utf-8")
    finish_index(folder, {"a.html": names} if names else {}, whole)
    raw = (folder / "search_index.json").read_text(encoding="utf-8")
    assert (folder / "search_index.js").read_text(encoding="utf-8") == f"var __index = {raw}"
    index = json.loads(raw)
    assert set(index["config"]["fields"]) == {"title", "text", "names", "parts"}
    found: dict[str, Any] = index["docs"][0]
    return found


def test_the_list_holds_what_readers_in_china_type() -> None:
    """The words of the hiring market and of its tools are on it, none twice."""
    words = whole_words(ROOT)
    assert set(WORDS) <= set(words)
    assert len(words) == len(set(words))


@pytest.mark.parametrize("word", WORDS)
def test_a_word_stays_whole(tmp_path: Path, word: str) -> None:
    """In a heading, in the text between other words, and among names it is one word; the text itself stays as it was."""
    entry = finished(tmp_path, f"怎样看{word}", f"今年的{word}和去年的{word}不同", [word, "别的"], whole_words(ROOT))
    assert word in entry["title"].split(CUT)
    assert entry["text"].removeprefix("<p>").removesuffix("</p>").split(CUT).count(word) == 2
    assert word in entry["names"].split()
    assert entry["text"].replace(CUT, "") == f"<p>今年的{word}和去年的{word}不同</p>"


def test_parts_are_still_found(tmp_path: Path) -> None:
    """Whoever asks for 工程师 finds 算法工程师, as often as it stands there; a word without parts adds none."""
    entry = finished(tmp_path, "算法工程师", "算法工程师的微调", [], whole_words(ROOT))
    assert entry["parts"].split() == ["算法", "工程师"] * 2
    assert "parts" not in finished(tmp_path, "微调", "数据", [], whole_words(ROOT))


def test_other_words_are_cut_as_before(tmp_path: Path) -> None:
    """An entry without any of the words, and the English index, keep what the builder made of them."""
    text = "机器学习工程师做什么"
    assert finished(tmp_path, "标题", text, [], whole_words(ROOT))["text"] == f"<p>{built(text)}</p>"
    assert finished(tmp_path, "标题", "算法工程师", [], [])["text"] == f"<p>{built('算法工程师')}</p>"
    assert CUT in built("算法工程师"), "jieba knows the word by now: it can go from the list"
