"""Kits and records agree, a kit runs as a learner runs it, and each thing that can go wrong is one clear line."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from pathlib import Path

import acceptance
import fetch
import printed
import pytest
from acceptance import Learner, NotMet, Trouble
from catalogue import ROOT
from kit_runs import KITS, PROJECTS, REFERENCES, lay_out, outcomes, run, spoilt_variants, surroundings
from kits import FOLDER, OPTIONAL, SHARED, judged_by_tests, pack

each_kit = pytest.mark.parametrize("project", KITS)


def test_records_and_folders_name_the_same_kits() -> None:
    """A record says `kit: true` when, and only when, there is a folder for it, and a reference beside it."""
    folders = {path.name for path in (ROOT / "docs/kits").iterdir() if path.is_dir()} - {SHARED, OPTIONAL}
    assert folders == set(KITS) == {path.name for path in REFERENCES.iterdir() if path.is_dir() and path.name != "__pycache__"}


@each_kit
def test_every_test_of_a_kit_is_a_criterion(project: str) -> None:
    """Tests are named by criteria of the record, and judge at least half of them."""
    criteria = {criterion["id"] for criterion in PROJECTS[project].criteria}
    judged = judged_by_tests(ROOT / "docs/kits" / project)
    assert judged <= criteria, judged - criteria
    assert len(judged) * 2 >= len(criteria)


@each_kit
def test_every_kit_has_its_spoilt_variants(project: str) -> None:
    """At least six variants, each caught by criteria that the kit judges."""
    variants = spoilt_variants(project)
    assert len(variants) >= 6
    assert {name for variant in variants for name in variant.fails} <= judged_by_tests(ROOT / "docs/kits" / project)
    assert all(variant.fails for variant in variants)


@each_kit
def test_the_same_files_give_the_same_zip(project: str) -> None:
    """A kit is packed reproducibly, everything in one folder, with a README in both languages."""
    first = pack(ROOT, PROJECTS[project])
    assert first == pack(ROOT, PROJECTS[project])
    names = zipfile.ZipFile(BytesIO(first)).namelist()
    assert {name.partition("/")[0] for name in names} == {FOLDER}
    assert {f"{FOLDER}/README.md", f"{FOLDER}/README.zh.md", f"{FOLDER}/kit.example.toml", f"{FOLDER}/requirements.txt"} <= set(names)


@pytest.mark.parametrize("project", [*KITS][::6])
def test_a_learner_without_settings_is_told(project: str, tmp_path: Path) -> None:
    """Without kit.toml every criterion is not met for one reason, which says what to do; here for two, by `make kits` for each."""
    folder = lay_out(project, tmp_path)
    (folder / "kit.toml").unlink()
    done, receipt = run(folder)
    assert done.returncode == 1
    assert "kit.example.toml" in done.stdout
    assert "Traceback" not in done.stdout
    assert set(outcomes(receipt).values()) <= {"not met", "a person must judge"}


def test_a_reference_passes_as_a_learner_runs_it(tmp_path: Path) -> None:
    """The first kit against its reference, whole; the others, and every spoilt variant, run in `make kits`."""
    project = next(iter(KITS))
    done, receipt = run(lay_out(project, tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert {name for name, outcome in outcomes(receipt).items() if outcome == "met"} == judged_by_tests(ROOT / "docs/kits" / project)


# What can go wrong


def processes(folder: Path) -> list[str]:
    """What runs in a folder, as Linux tells it; what was killed a moment ago may need that moment."""
    time.sleep(0.1)
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if (path / "cwd").readlink().is_relative_to(folder) and (path / "cmdline").read_bytes():
                found.append((path / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"a": 1} {"a": 2}', "{}\nDone."])
def test_what_is_no_object_is_told(text: str) -> None:
    """Whatever a command prints in place of one object is not met, with its beginning; so is a line that is none among objects."""
    with pytest.raises(NotMet, match="`report` printed"):
        printed.object_of(text, "`report`")
    if text:
        with pytest.raises(NotMet, match="on every line"):
            printed.lines_of(f'{{"a": 1}}\n{text}', "`report`")


@pytest.mark.parametrize("value", ["true", "null", '"1"', "NaN", "Infinity"])
def test_what_is_no_number_is_told(value: str) -> None:
    """Neither are truth values, words and what is not finite; over several lines, an object is one all the same."""
    told = printed.object_of(f'{{\n"a": {value},\n"b": 2\n}}\n', "`report`")
    assert printed.near(told, "b", "report", 2.001, 0.01) == 2
    for key in ("a", "c"):
        with pytest.raises(NotMet, match="a finite number"):
            printed.number(told, key, "report")
    with pytest.raises(NotMet, match=r"2\.5 within"):
        printed.near(told, "b", "report", 2.5, 0.01)


def learner(folder: Path, **commands: str) -> Learner:
    """A project with these commands."""
    lines = [f"{name} = {json.dumps(command)}" for name, command in commands.items()]
    (folder / "kit.toml").write_text("\n".join(["[commands]", *lines, ""]), encoding="utf-8")
    return Learner.read(folder)


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("no-such-program {data}", "`no-such-program` cannot be started: No such file or directory; mend [commands]"),
        ("", "train is empty"),
        ("python 'train {data}", "No closing quotation; mend quotes and braces, the placeholders are {data}"),
        ("python train {dataset}", "'dataset'; mend quotes and braces, the placeholders are {data}"),
        ("python train {", "mend quotes and braces"),
    ],
    ids=["no program", "no word", "no closing quotation", "no such placeholder", "half a placeholder"],
)
def test_a_command_that_cannot_be_is_one_line(tmp_path: Path, command: str, says: str) -> None:
    """It says which file to mend, and how."""
    with pytest.raises(Trouble) as trouble:
        learner(tmp_path, train=command).run("train", data=tmp_path)
    assert says in str(trouble.value)
    assert "kit.toml" in str(trouble.value)
    assert len(str(trouble.value).splitlines()) == 1


def test_a_command_that_does_not_end_is_stopped_with_all_it_started(tmp_path: Path) -> None:
    """In its own group or out of it; the second time it gets less, and nothing runs on."""
    folder = learner(tmp_path, train="sh -c 'setsid sleep 7777 & sleep 7777'")
    with pytest.raises(NotMet, match="had not ended after 1 s"):
        folder.run("train", 1)
    assert folder.seconds("train", 600) == acceptance.SECOND_TIME
    assert processes(tmp_path) == []


def test_a_command_that_ends_leaves_nothing_behind(tmp_path: Path) -> None:
    """A server that it put into the background goes with it, and bytes that are no text harm nobody."""
    folder = learner(tmp_path, train="sh -c 'setsid sleep 7777 & printf \"a\\377\"'")
    assert folder.succeed("train", 20) == "a\ufffd"
    assert processes(tmp_path) == []


def test_a_command_that_prints_without_end_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it fills the memory or the disk."""
    monkeypatch.setattr(acceptance, "MOST", 1_000_000)
    with pytest.raises(NotMet, match="prints without end"):
        learner(tmp_path, train="yes").run("train", 60)
    assert processes(tmp_path) == []


def test_all_commands_together_have_an_end(tmp_path: Path) -> None:
    """However many of them are slow."""
    folder = learner(tmp_path, train="true")
    folder.begun -= acceptance.ALTOGETHER
    with pytest.raises(NotMet, match="all commands together"):
        folder.run("train")


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("sleep 7777", "no answer after 1 s"),
        ("sh -c 'echo port {port} in use; exit 3'", "the server ended with 3: port"),
        ("python -c 'import socket, time; s = socket.create_server((\"127.0.0.1\", {port})); time.sleep(7777)'", "no answer after 1 s"),
    ],
    ids=["silent", "gone", "listens and never answers"],
)
def test_a_server_that_does_not_answer_is_one_line(tmp_path: Path, command: str, says: str) -> None:
    """In the time that it has, and it is stopped."""
    folder = learner(tmp_path, serve=command.replace("python", sys.executable))
    begun = time.monotonic()
    with pytest.raises(NotMet, match=says), folder.served(seconds=1):
        pass
    assert time.monotonic() - begun < 15
    assert processes(tmp_path) == []


FAST = "honest-forecast"
"""A kit that fetches data and starts no server."""


@pytest.mark.parametrize(("lost", "code"), [("kit.json", 1), ("sample.py", 2)])
def test_half_a_kit_says_so(tmp_path: Path, lost: str, code: int) -> None:
    """The last line says what to do, and nothing is judged."""
    folder = lay_out(FAST, tmp_path)
    (folder / FOLDER / lost).unlink()
    done, receipt = run(folder)
    assert done.returncode == code
    assert "unpack the kit's zip again" in done.stdout + done.stderr
    assert receipt == {}


def test_data_that_are_not_the_open_data_are_refused(tmp_path: Path) -> None:
    """The sample does not pass for the real file; the line says what to do, and once."""
    folder = lay_out(FAST, tmp_path)
    (folder / "data").mkdir()
    (folder / "data/day.csv").write_text("instant,dteday\n", encoding="utf-8")
    done, receipt = run(folder, KIT_DATA="data")
    assert done.returncode == 1
    assert done.stdout.count("data/day.csv has another SHA-256 than the open data: fetch it anew with fetch.py") == 1
    assert set(outcomes(receipt).values()) == {"not met"}


def test_a_receipt_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """The table stands all the same, and the run has failed."""
    folder = lay_out(FAST, tmp_path)
    (folder / "receipt.json").mkdir()
    done, _ = run(folder, "-k", "naive_first")
    assert "naive-first" in done.stdout
    assert "no receipt · 没有回执" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert done.returncode == 1


def test_a_kit_that_is_told_to_stop_leaves_nothing_behind(tmp_path: Path) -> None:
    """As when the window is closed, or a machine for tests cancels."""
    folder = lay_out(FAST, tmp_path)
    settings = folder / "kit.toml"
    settings.write_text('[commands]\nbaseline = "sleep 7777"\n', encoding="utf-8")
    process = subprocess.Popen([sys.executable, "-m", "pytest", FOLDER], cwd=folder, env=surroundings(), stdout=subprocess.DEVNULL)
    end = time.monotonic() + 60
    while "sleep 7777 " not in processes(folder) and time.monotonic() < end:
        time.sleep(0.05)
    assert "sleep 7777 " in processes(folder)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) != 0
    assert processes(folder) == []


@pytest.fixture
def offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A kit whose data stand on a server that breaks off half-way; the folder for the data."""

    class Half(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"half")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
            pass

    server = HTTPServer(("127.0.0.1", 0), Half)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    kit = {"data": [{"name": "day.csv", "url": f"http://127.0.0.1:{server.server_port}/day.csv", "sha256": "0" * 64}]}
    (tmp_path / "kit.json").write_text(json.dumps(kit), encoding="utf-8")
    (tmp_path / "sample.py").write_text("def write(folder): (folder / 'day.csv').write_text('x')\n", encoding="utf-8")
    monkeypatch.setattr(fetch, "HERE", tmp_path)
    yield tmp_path / "data"
    server.shutdown()
    server.server_close()


def test_a_damaged_download_is_not_kept(offered: Path) -> None:
    """Nothing of it, and the line has both hashes."""
    with pytest.raises(SystemExit, match=r"expected 0000.*nothing was kept"):
        fetch.main([str(offered)])
    assert list(offered.iterdir()) == []


def test_without_a_network_the_sample_is_offered(offered: Path) -> None:
    """And it can be written."""
    kit = json.loads((fetch.HERE / "kit.json").read_text(encoding="utf-8"))
    kit["data"][0]["url"] = "http://127.0.0.1:9/day.csv"
    (fetch.HERE / "kit.json").write_text(json.dumps(kit), encoding="utf-8")
    with pytest.raises(SystemExit, match=r"cannot be fetched .*leave KIT_DATA out"):
        fetch.main([str(offered)])
    assert fetch.main(["--sample", str(offered)]) == 0
    assert [path.name for path in offered.iterdir()] == ["day.csv"]


def test_a_folder_that_cannot_be_written_is_one_line(offered: Path) -> None:
    """Here because a file stands in its place."""
    offered.write_text("", encoding="utf-8")
    for arguments in ([str(offered)], ["--sample", str(offered)]):
        with pytest.raises(SystemExit, match="cannot be written"):
            fetch.main(arguments)
    (fetch.HERE / "sample.py").unlink()
    with pytest.raises(SystemExit, match="unpack its zip again"):
        fetch.main([str(offered)])
