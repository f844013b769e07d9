"""The repository as one can trust it: what is shipped and by whom, pinned packages, workflows without rights they do not need."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT, Built
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

SHIPPED: list[dict[str, Any]] = yaml.safe_load((ROOT / "docs/data/shipped.yml").read_text(encoding="utf-8"))
TRACKED = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split("\0")[:-1]
FILES = [ROOT / name for name in TRACKED] or [path for path in ROOT.rglob("*") if path.is_file() and ".venv" not in path.parts]
"""Every file of the repository; without its history (a downloaded archive), every file that is there."""

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def test_what_others_made_is_listed(site: Built) -> None:
    """Each script, style and picture of the site is our own or stands in shipped.yml with its origin and licence."""
    own = {path.name for path in (ROOT / "overrides/assets").iterdir()}
    patterns = [pattern for entry in SHIPPED for pattern in entry["files"]]
    for path in sorted((site.folder).rglob("assets/**/*")):
        name = site.name(path).removeprefix("zh/")
        listed = any(fnmatch(name, pattern) for pattern in patterns)
        assert path.is_dir() or listed or path.name in own, name
    for pattern in patterns:
        assert list(site.folder.glob(pattern)) or list((site.folder / "zh").glob(pattern)), f"{pattern} is not shipped any more"


def test_each_entry_says_where_it_comes_from() -> None:
    """Name, origin, licence and files; nothing else but checksums."""
    for entry in SHIPPED:
        assert {"name", "origin", "licence", "files"} <= set(entry) <= {"name", "origin", "licence", "files", "sha256"}
        assert entry["origin"].startswith("https://")


def test_no_minified_file_without_its_checksum() -> None:
    """A script or style with a line of 400 characters or more, or `.min.` in its name, has its checksum, and it fits."""
    sums = {name: value for entry in SHIPPED for name, value in entry.get("sha256", {}).items()}
    for path in FILES:
        if path.suffix in (".js", ".mjs", ".css") and path.is_file():
            name = path.relative_to(ROOT).as_posix()
            long = max(map(len, path.read_text(encoding="utf-8").splitlines()), default=0) >= 400
            if long or ".min." in path.name:
                assert hashlib.sha256(path.read_bytes()).hexdigest() == sums.get(name), name
    assert [name for name in sums if not (ROOT / name).is_file()] == []


def test_no_compiled_file() -> None:
    """Every file of the repository is text."""
    for path in FILES:
        if path.is_file():
            assert b"\0" not in path.read_bytes()[:4096], path


def test_unused_parts_of_the_theme_are_left_out(site: Built) -> None:
    """No source maps, and word rules only for the language of the edition."""
    assert list(site.folder.rglob("*.map")) == []
    rules = {path.name for path in site.folder.rglob("lunr/**/*.js")}
    assert rules == {"lunr.stemmer.support.min.js", "lunr.zh.min.js"}


@pytest.mark.parametrize("name", ["requirements.txt", "tests/requirements.txt", "tests/audit/requirements.txt"])
def test_python_packages_are_pinned_by_hash(name: str) -> None:
    """Each package has one version and at least one hash, and no registry is named."""
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = re.findall(r"^([a-z0-9][\w.-]*)(.*?)(?=^[a-z0-9]|\Z)", text, re.MULTILINE | re.DOTALL)
    assert entries
    for package, rest in entries:
        assert re.match(r"(\[[\w,-]+\])?==", rest), package
        assert "--hash=sha256:" in rest, package
    assert "://" not in text


@pytest.mark.parametrize("name", ["requirements.txt", "tests/requirements.txt"])
def test_extras_are_pinned_with_their_package(name: str) -> None:
    """What a package asks for with an extra is pinned with that extra: else pip before 24 takes whatever version is out and refuses it."""
    pins = [Requirement(line) for line in re.findall(r"^[a-z0-9][^ ]*", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)]
    pinned = {canonicalize_name(pin.name): pin.extras for pin in pins}
    asked = [Requirement(line) for package in pinned for line in installed(package)]
    wanted = [need for need in asked if need.extras and (need.marker is None or need.marker.evaluate({"extra": ""}))]
    assert [str(need) for need in wanted if not need.extras <= pinned.get(canonicalize_name(need.name), need.extras)] == []


def installed(package: str) -> list[str]:
    """What a package of this environment asks for; nothing when it is for another platform."""
    try:
        return metadata.requires(package) or []
    except metadata.PackageNotFoundError:
        return []


def test_npm_packages_are_pinned_by_hash() -> None:
    """Each npm package has one version and its hash, and no registry is named."""
    lock = json.loads((ROOT / "tests/audit/package-lock.json").read_text(encoding="utf-8"))
    for path, package in lock["packages"].items():
        if path:
            assert package["version"], path
            assert package["integrity"].startswith("sha512-"), path
            assert "resolved" not in package, path
    wanted = json.loads((ROOT / "tests/audit/package.json").read_text(encoding="utf-8"))["dependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())


def test_each_direct_dependency_has_its_reason() -> None:
    """Each line of a requirements.in says in a comment why the package is there."""
    for path in (ROOT / "requirements.in", ROOT / "tests/requirements.in", ROOT / "tests/audit/requirements.in"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith(("#", "-c")):
                assert re.match(r"[\w.=-]+\s+# \S", line), f"{path.name}: {line}"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_have_no_rights_they_do_not_need(path: Path) -> None:
    """No permissions at the top, only named ones in a job, actions by hash, credentials not kept, nothing untrusted in a shell."""
    text = path.read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert isinstance(job["permissions"], dict)
        assert "write-all" not in str(job["permissions"])
        for step in job["steps"]:
            if "uses" in step:
                assert re.search(r"@[0-9a-f]{40}$", step["uses"]), step["uses"]
            if str(step.get("uses", "")).startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False
            assert "${{" not in step.get("run", ""), step


def test_nothing_speaks_of_this_machine() -> None:
    """No path of a workplace and no host name of a package registry stands in a file that people read or programs run."""
    wrong = re.compile("|".join(["/work" + "/main", "pypi" + r"\.org", "registry\\.npm" + "js\\.org", "files\\.python" + "hosted"]))
    found = [
        path.relative_to(ROOT).as_posix()
        for path in FILES
        if path.is_file() and path.name != "test_repository.py" and wrong.search(path.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert found == []
