"""Pack the kits: acceptance tests that a learner runs beside the own project, one zip for each project that has a kit.

Reads docs/kits/<project>/ (tests, sample, faults, kit.yml, interface.en.md and .zh.md), docs/kits/shared/, of docs/kits/optional/ what
kit.yml names under `uses`, and the project's record;
writes <project>.zip with README.md and README.zh.md made from the record, and kit.json with the criteria and the kit's version:
the SHA-256 of everything else in it. The same files give the same bytes.
"""

from __future__ import annotations

import ast
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from catalogue import Record
from reading import read_yaml_file

KITS = Path("docs/kits")
SHARED, OPTIONAL = "shared", "optional"
FOLDER = "acceptance"
"""The folder in every zip, and so in the learner's project."""

STAMP = (1980, 1, 1, 0, 0, 0)
NOT_PACKED = ("kit.yml", "interface.en.md", "interface.zh.md")

HEADS = {
    "en": {
        "run": "How to run it",
        "how": (
            "Unpack this folder as `acceptance/` into your project's folder, copy `kit.example.toml` there as `kit.toml` "
            "and name your commands. Then, with Python 3.11 or newer on Linux, macOS or WSL, in an environment of its own:"
        ),
        "table": (
            "It prints a table of the criteria and writes `receipt.json`, which *My plan* in the guide loads. "
            "Nothing leaves your machine, and without a network the generated sample is used."
        ),
        "real": "With the real data:",
        "judged": "What is judged",
        "by": ("criterion", "judged by", "what it asks"),
        "test": "the kit",
        "person": "a person",
    },
    "zh": {
        "run": "怎样运行",
        "how": (
            "把这个文件夹解压到你的项目里，命名为 `acceptance/`；把 `kit.example.toml` 复制到项目根目录，"
            "改名为 `kit.toml`，写上你的命令。然后在 Linux、macOS 或 WSL 上，用 Python 3.11 或更新版本，在单独的环境里运行："
        ),
        "table": (
            "它会打印一张标准表，并写出 `receipt.json`，指南的“我的计划”可以载入。任何东西都不会离开你的电脑；没有网络时使用生成的小样本。"
        ),
        "real": "用真实数据运行：",
        "judged": "判定什么",
        "by": ("标准", "由谁判定", "要求"),
        "test": "验收包",
        "person": "人",
    },
}


def judged_by_tests(folder: Path) -> set[str]:
    """The ids of the criteria for which a kit has a test: `test_one_command` judges `one-command`."""
    found = set()
    for path in sorted(folder.glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found.add(node.name.removeprefix("test_").replace("_", "-"))
    return found


def readme(record: Record, edition: str, interface: str, judged: set[str], fetched: bool) -> str:
    """The README of a kit in one language, made from the project's record; `fetched` when there are real data."""
    words: Mapping[str, Any] = HEADS[edition]
    rows = [
        f"| `{criterion['id']}` | {words['test' if criterion['id'] in judged else 'person']} | {text} |"
        for criterion in record.criteria
        for text in [criterion["text"][edition].replace("|", "&#124;")]
    ]
    real = [
        words["real"],
        "",
        "```sh",
        "python acceptance/fetch.py data",
        "KIT_DATA=data acceptance/.venv/bin/python -m pytest acceptance",
        "```",
        "",
    ]
    return "\n".join(
        [
            f"# {record.name[edition]}",
            "",
            record.summary[edition],
            "",
            f"## {words['run']}",
            "",
            words["how"],
            "",
            "```sh",
            "python -m venv acceptance/.venv",
            "acceptance/.venv/bin/pip install --require-hashes -r acceptance/requirements.txt",
            "acceptance/.venv/bin/python -m pytest acceptance",
            "```",
            "",
            words["table"],
            "",
            *(real if fetched else []),
            interface.strip(),
            "",
            f"## {words['judged']}",
            "",
            "| " + " | ".join(words["by"]) + " |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def contents(root: Path, record: Record) -> dict[str, bytes]:
    """Every file of a kit by its name, kit.json with the version included."""
    folder = root / KITS / record.id
    settings, _, problems = read_yaml_file(root, (KITS / record.id / "kit.yml").as_posix())
    if problems:
        raise ValueError("\n".join(map(str, problems)))
    judged = judged_by_tests(folder)
    files = {
        path.relative_to(place).as_posix(): path.read_bytes()
        for place in (root / KITS / SHARED, folder)
        for path in sorted(place.rglob("*"))
        if path.is_file() and path.name not in NOT_PACKED and not {"__pycache__", ".pytest_cache"} & set(path.parts)
    }
    for name in settings.get("uses", ()):
        files[name] = (root / KITS / OPTIONAL / name).read_bytes()
    for edition, name in (("en", "README.md"), ("zh", "README.zh.md")):
        interface = (folder / f"interface.{edition}.md").read_text(encoding="utf-8")
        files[name] = readme(record, edition, interface, judged, bool(settings["data"])).encode()
    kit = {
        "project": record.id,
        "name": dict(record.name),
        "data": settings["data"],
        "criteria": [{"id": criterion["id"], "judged": criterion["id"] in judged} for criterion in record.criteria],
    }
    total = hashlib.sha256(json.dumps(kit, sort_keys=True).encode())
    for name in sorted(files):
        total.update(f"{name}\0".encode() + hashlib.sha256(files[name]).digest())
    kit["version"] = total.hexdigest()
    files["kit.json"] = (json.dumps(kit, indent=1, ensure_ascii=False) + "\n").encode()
    return files


def pack(root: Path, record: Record) -> bytes:
    """The zip of a kit."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in sorted(contents(root, record).items()):
            entry = zipfile.ZipInfo(f"{FOLDER}/{name}", STAMP)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return held.getvalue()


def version(root: Path, record: Record) -> str:
    """The version of a kit, for pages."""
    return str(json.loads(contents(root, record)["kit.json"])["version"])


def write_kits(root: Path, projects: Iterable[Record], folders: Iterable[Path]) -> None:
    """Write the zip of every project that has a kit into each of the folders."""
    for record in projects:
        if record.kit:
            content = pack(root, record)
            for folder in folders:
                folder.mkdir(exist_ok=True)
                (folder / f"{record.id}.zip").write_bytes(content)


def unpack(root: Path, record: Record, target: Path) -> None:
    """Write a kit's files into a folder, as a learner has them."""
    for name, content in contents(root, record).items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
