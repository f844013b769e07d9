"""Links that may not open in mainland China: which they are, and the words that stand beside them on Chinese pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from allowed import Rules
from catalogue import ROOT, load_once
from check_output import judge_fragment
from mainland import MARK, hosts_of, mark_links, may_not_open

HOSTS = frozenset({"medium.com", "docs.example.org"})


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://medium.com/a", True),
        ("https://someone.medium.com/a", True),
        ("https://MEDIUM.com/", True),
        ("https://readmedium.com/a", False),
        ("https://medium.com.example.net/", False),
        ("https://example.org/?of=medium.com", False),
        ("https://example.org/medium.com", False),
        ("../medium.com/index.html", False),
        ("#medium.com", False),
    ],
)
def test_a_host_counts_with_all_below_it(address: str, expected: bool) -> None:
    """The host of the address decides, in any case of letters; a host that only looks like it does not."""
    assert may_not_open(address, HOSTS) is expected


PAGES = {
    "quoted": ('<a href="https://medium.com/a">x</a>', True),
    "in single quotes": ("<a class='b' href='https://medium.com/a'>x</a>", True),
    "unquoted, as the builder leaves it": ("<a href=https://medium.com/a title=b>x</a>", True),
    "after an attribute with an angle bracket": ('<a title="a > b" href="https://medium.com/a">x</a>', True),
    "with an ampersand": ('<a href="https://medium.com/?a=1&amp;b=2">x</a>', True),
    "over two lines": ('<a href="https://medium.com/a">x\n<code>y</code></a>', True),
    "another host": ('<a href="https://example.org/">medium.com</a>', False),
    "an address in another attribute": ('<a data-href="https://medium.com/" href="a.html">x</a>', False),
    "text about it": ("<p>medium.com</p>", False),
    "another element": ('<abbr href="https://medium.com/">x</abbr>', False),
}


@pytest.mark.parametrize("name", PAGES)
def test_such_a_link_is_marked_once_right_behind_it(tmp_path: Path, name: str) -> None:
    """The words stand behind the link, whatever its form; nothing else of the page is touched, and nothing outside its text."""
    link, is_marked = PAGES[name]
    text = '<nav>{}</nav><article class="b"><p>{} and <a href="b.html">b</a></p></article><footer>{}</footer>'
    (tmp_path / "a").mkdir()
    page = tmp_path / "a/index.html"
    page.write_text(text.format(link, link, link), encoding="utf-8")
    mark_links(tmp_path, HOSTS)
    assert page.read_text(encoding="utf-8") == text.format(link, link + MARK if is_marked else link, link)


def test_the_mark_is_words_and_passes_the_list() -> None:
    """Whoever sees no colours reads it, and a built page may hold it."""
    assert "境内可能打不开" in MARK
    rules = Rules(ROOT)
    assert judge_fragment(f'<p><a href="https://medium.com/a">x</a>{MARK}</p>', rules.article, rules) == []


def test_every_host_stands_in_one_record() -> None:
    """No host is listed twice, and none below another."""
    hosts = [host for record in load_once(ROOT).kinds["mainland"] for host in record.hosts]
    assert len(hosts) == len(hosts_of(load_once(ROOT)))
    assert [host for host in hosts if may_not_open(f"https://{host}/", set(hosts) - {host})] == []
