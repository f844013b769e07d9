"""The zip for reading without a network."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from build_release import NAME, main, pack
from conftest import Built
from playwright.sync_api import Browser


def test_same_site_same_bytes(tmp_path: Path) -> None:
    """Two zips of the same files are equal byte by byte, and hold them below one folder."""
    site = tmp_path / "site"
    (site / "a").mkdir(parents=True)
    (site / "index.html").write_text("home", encoding="utf-8")
    (site / "a/b.html").write_text("中文", encoding="utf-8")
    assert pack(site, tmp_path / "one.zip") == 2
    (site / "index.html").touch()
    pack(site, tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert archive.namelist() == [f"{NAME}/a/b.html", f"{NAME}/index.html"]


def test_without_a_site_it_says_what_to_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With nothing built the command exits 2 and names the command that builds."""
    assert main([str(tmp_path)]) == 2
    assert "run: make build" in capsys.readouterr().err
    assert not (tmp_path / "dist").exists()


def test_the_command_packs_and_says_how_to_open(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With a site built, the command writes the zip into dist/ and says what to open."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html").write_text("home", encoding="utf-8")
    assert main([str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"dist/{NAME}.zip: 1 files, 0.0 MB. Unpack it and open index.html.\n"
    assert (tmp_path / f"dist/{NAME}.zip").is_file()


@pytest.mark.browser
def test_unpacked_zip_opens_and_searches(site: Built, tmp_path: Path, browser: Browser) -> None:
    """Unpacked into a folder with a space in its name, the zip opens from disk and its search works."""
    pack(site.folder, tmp_path / "guide.zip")
    with zipfile.ZipFile(tmp_path / "guide.zip") as archive:
        archive.extractall(tmp_path / "my guide")
    page = browser.new_page()
    page.goto((tmp_path / "my guide" / NAME / "index.html").as_uri())
    page.locator("[data-md-component=search-query]").click()
    page.locator("[data-md-component=search-query]").press_sequentially("kubernetes")
    page.wait_for_selector(".md-search-result__item a", state="attached")
    assert page.locator(".md-search-result__item").count() >= 1
    page.close()
