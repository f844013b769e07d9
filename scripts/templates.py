"""The templates of overrides/: what they may use, how they link from page to page, and the sandbox that they run in."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import jinja2
from ads import grouped
from catalogue import Catalogue, Record
from jinja2.sandbox import SandboxedEnvironment
from kits import KITS, judged_by_tests, version
from words import LEVELS, date_text, language_text, one_line, opening, plain, price_text, program, prose, title_of, typeset, value_text


class Environment(Protocol):
    """The part of the builders' environment that is used here."""

    project_dir: str
    conf: Any
    page: Any

    def macro(self, function: Callable[..., Any]) -> Any: ...


def edit_of(record: Record, repository: str) -> str:
    """Where the forge's editor opens a record at its line; nothing while the guide has no repository address."""
    return f"{repository.rstrip('/')}/edit/main/{record.file}#L{record.line}" if repository else ""


def relative(target: str, page_path: str) -> str:
    """Lead from a chapter to another: both are paths below the docs folder of the edition."""
    path, _, anchor = target.partition("#")
    link = posixpath.relpath(path, posixpath.dirname(page_path) or ".")
    return f"{link}#{anchor}" if anchor else link


PAGES = {
    "careers": "careers.html",
    "defence": "projects/{project}.html",
    "certifications": "certifications/catalogue.html",
    "datasets": "demand.html#{id}",
    "designs": "hired/design/{id}.html",
    "events": "community.html",
    "mainland": "about/mainland.html",
    "projects": "projects/{id}.html",
    "questions": "hired/questions/{group}.html",
    "readings": "reading.html",
    "routes": "routes/{id}.html",
    "skills": "skills/{group}.html",
    "terms": "glossary.html",
    "tools": "about/tools.html",
}
"""The page on which each kind of record is shown: its own page, or at the record's id."""


def page_of(record: Record, records: Catalogue) -> str:
    """Where a record is shown, below the site's root."""
    page = PAGES[record.catalogue]
    group = records.get("skills", record.skill).group if record.skill else record.group
    return page.format(id=record.id) if "{id}" in page else f"{page.format(group=group, project=record.project)}#{record.id}"


def proofs(records: Catalogue, skill: str) -> list[tuple[Record, str]]:
    """The projects that prove a skill, in the order of the ladder, each with the level."""
    found = [(project, claim["level"]) for project in records.kinds["projects"] for claim in project.proves if claim["skill"] == skill]
    return sorted(found, key=lambda pair: int(pair[0].order))


def skills_proved(records: Catalogue, projects: Iterable[Record], edition: str) -> list[tuple[str, str]]:
    """The skills that some project proves, with their names, in alphabetical order of the names."""
    ids = {claim["skill"] for project in projects for claim in project.proves}
    return sorted(((skill, title_of(records.get("skills", skill), edition)) for skill in ids), key=lambda pair: pair[1])


def bank(records: Catalogue) -> dict[str, list[str]]:
    """The ids of the interview questions by the group of their skill, in the order of the skills."""
    found: dict[str, list[str]] = {}
    for skill in records.kinds["skills"]:
        found.setdefault(str(skill.group), []).extend(record.id for record in records.kinds["questions"] if record.skill == skill.id)
    return found


def page_path(env: Environment) -> str:
    """The path of the chapter that is being built, below the docs folder, in either engine."""
    page = env.page
    return str(page.file.src_uri if hasattr(page, "file") else page.path)


def templates(env: Environment, records: Catalogue, labels: Mapping[str, Any], edition: str) -> jinja2.Environment:
    """The templates of overrides/, which escape what they print, run no program and stop at an unknown name, with what they may use."""
    jinja = SandboxedEnvironment(
        loader=jinja2.FileSystemLoader(Path(env.project_dir) / "overrides"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=one_line,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.filters.update(
        day=lambda day: date_text(day, edition),
        word=lambda value: value_text(value, labels, edition),
        text=lambda words: typeset(words[edition]) if edition == "en" else words[edition],
        kind=lambda kind: labels["kinds"][kind][edition],
        field=lambda field: labels["fields_of_records"].get(field, {edition: field})[edition],
        title=lambda record: title_of(record, edition),
        language=lambda tag: language_text(tag, labels, edition),
        prose=lambda words: prose(words[edition] if edition == "zh" else typeset(words[edition])),
        plain=lambda words: plain(typeset(words) if edition == "en" else words),
        level=lambda level: labels["levels"][level][edition],
        opening=opening,
        rank=LEVELS.index,
        program=program,
        showing=lambda claims, criterion: [claim for claim in claims if criterion in claim["by"]],
        proved=lambda projects: skills_proved(records, projects, edition),
        price=lambda price: price_text(price, labels, edition),
        named=lambda values: sorted(((value, value_text(value, labels, edition)) for value in values), key=lambda pair: pair[1]),
        languages=lambda tags: [(tag, language_text(tag, labels, edition)) for tag in tags],
        names=lambda names: [name for name in names if edition == "zh" or name.isascii()],
        thousands=grouped,
        repository=lambda url: urlsplit(url).path.strip("/"),
        host=lambda url: str(urlsplit(url).hostname).removeprefix("www."),
    )
    jinja.globals.update(
        labels={key: words[edition] for key, words in labels.items() if "en" in words},
        edition=edition,
        link=lambda target: relative(target, page_path(env)),
        get=records.get,
        edit_of=lambda record: edit_of(record, str(env.conf.get("repo_url") or "")),
        page_of=lambda record: relative(page_of(record, records), page_path(env)),
        words=lambda name: {key: words[edition] for key, words in labels["words"][name].items()},
        level_names=[labels["levels"][level][edition] for level in LEVELS],
        proofs=lambda skill: proofs(records, skill),
        questions_of=lambda skill: [record for record in records.kinds["questions"] if record.skill == skill],
        bank=lambda: bank(records),
        defence_of=lambda project: [record for record in records.kinds["defence"] if record.project == project],
        kit_versions=lambda: {record.id: version(Path(env.project_dir), record) for record in records.kinds["projects"] if record.kit},
        kit_judges=lambda project: judged_by_tests(Path(env.project_dir) / KITS / project),
        reads=lambda skill: sorted((r for r in records.kinds["readings"] if r.order and skill in r.skills), key=lambda r: int(r.order))[:1],
    )
    return jinja


def sandbox(theme: Any) -> None:
    """Let MkDocs' own templates run no program either; Zensical's engine (MiniJinja) cannot run one, and hands over no such theme."""
    if not hasattr(theme, "get_env"):
        return
    get_env = theme.get_env

    def sandboxed() -> jinja2.Environment:
        made = get_env()
        env = SandboxedEnvironment(loader=made.loader, auto_reload=False, extensions=list(made.extensions))
        env.filters.update(made.filters)
        env.globals.update(made.globals)
        return env

    theme.get_env = sandboxed
