"""What a chapter may call: records, their values and the drawings' words.

The macros module of both site builders (`module_name: scripts/macros` in mkdocs.yml).
Zensical runs it once for every page, so it only hands over what `catalogue.load_once` keeps.
"""

from __future__ import annotations

import posixpath
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import click
import jinja2
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

sys.path.insert(0, str(Path(__file__).resolve().parent))  # both builders run this file by its path

from catalogue import DATA, Catalogue, Record, date_text, load_once, summarise  # after the path is set
from findings import MissingError, Problem, both, say
from reading import read_yaml_file


class Environment(Protocol):
    """The part of the builders' environment that is used here."""

    project_dir: str
    conf: Any
    page: Any

    def macro(self, function: Callable[..., Any]) -> Any: ...


def read_words(root: Path, name: str) -> Mapping[str, Any]:
    """Read a table of words, docs/data/<name>.yml; a wrong one ends the build with file and line."""
    path = (DATA / f"{name}.yml").as_posix()
    words, _, problems = read_yaml_file(root, path)
    if problems or not isinstance(words, dict):
        raise click.ClickException("\n".join(map(both, problems or [Problem(path, 1, "", say("no_table_of_words"))])))
    return words


def field_text(record: Record, field: str, labels: Mapping[str, Any], edition: str) -> str:
    """Write one field of a certificate as words in the language of the edition.

    `field` is a field of the record or one of `price`, `length`, `ended`, `validity`, `languages`.
    Raises `KeyError` when the record has no such value: a chapter must not talk about what is not known.
    """

    def label(key: str) -> str:
        return str(labels[key][edition])

    values = record.values
    if field == "status":
        return value_text(values["status"], labels, edition)
    if field == "price":
        return price_text(values["price"], labels, edition)
    if field == "length":
        return f"{values['minutes']} {label('minutes')}"
    if field == "ended":
        return date_text(values["ends"], edition)
    if field == "validity":
        months = values["validity_months"]
        return f"{months} {label('months')}" if months else label("no_expiry")
    if field == "languages":
        names = [language_text(tag, labels, edition) for tag in values["languages"]]
        return ("、" if edition == "zh" else ", ").join(names)
    value = values[field]
    return str(value[edition]) if isinstance(value, dict) else str(value)


def value_text(value: str, labels: Mapping[str, Any], edition: str) -> str:
    """Write one of a schema's fixed values (`in-person`, `retired`, a vendor) in words."""
    words = labels["values"].get(value)
    if words is None:
        raise MissingError(say("no_words_for", value=value, file="docs/data/labels.yml"))
    return str(words[edition])


def price_text(price: Mapping[str, Any], labels: Mapping[str, Any], edition: str) -> str:
    """Write a price: `99 US dollars`, `99 美元`, `free`."""
    if price["amount"] == 0:
        return str(labels["free"][edition])
    return f"{price['amount']:,g} {labels['currencies'][price['currency']][edition]}"


def language_text(tag: str, labels: Mapping[str, Any], edition: str) -> str:
    """Write a language tag (BCP 47) as the name of the language; an unlisted tag stays as it is."""
    words = labels["languages"].get(tag)
    return str(words[edition]) if words else tag


def edit_of(record: Record, repository: str) -> str:
    """Where the forge's editor opens a record at its line; nothing while the guide has no repository address."""
    return f"{repository.rstrip('/')}/edit/main/{record.file}#L{record.line}" if repository else ""


def typeset(text: str) -> str:
    """Give English text its curly quotes and apostrophes, as Markdown's smarty does for the chapters."""
    text = re.sub(r'(^|[\s(\[])"', r"\1“", text).replace('"', "”")
    return re.sub(r"(^|[\s(\[])'", r"\1‘", text).replace("'", "’")


def relative(target: str, page_path: str) -> str:
    """Lead from a chapter to another: both are paths below the docs folder of the edition."""
    path, _, anchor = target.partition("#")
    link = posixpath.relpath(path, posixpath.dirname(page_path) or ".")
    return f"{link}#{anchor}" if anchor else link


def title_of(record: Record, edition: str) -> str:
    """What a record is called in lists: its name, title or term in the language of the edition."""
    named = record.name or record.title or record.values[edition]
    return str(named[edition] if isinstance(named, dict) else named)


LEVELS = ("none", "awareness", "working", "practitioner", "expert")
"""The scale of skill, upwards; a level's rank is its place here."""


def prose(text: str) -> Markup:
    """Escape a record's text and show what stands between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(one_line(text)))))  # noqa: S704  escaped just before


def one_line(value: object) -> object:
    """What a template prints, without line breaks of its own: an empty line would end the HTML around it and begin Markdown."""
    return " ".join(value.split()) if type(value) is str and len(value.splitlines()) > 1 else value


def plain(text: str) -> Markup:
    """Words of a record for a place where Markdown is read: none of its signs means anything there, HTML's neither."""
    return Markup("".join(c if c.isalnum() or c in PLAIN else f"&#{ord(c)};" for c in str(one_line(text))))  # noqa: S704  escaped here


PLAIN = frozenset(" ,.;?’“”()-–—/%+，。：；？！（）、《》·")
"""Signs that mean nothing to Markdown inside a line."""


PAGES = {
    "careers": "careers.html",
    "certifications": "certifications/catalogue.html",
    "events": "community.html",
    "projects": "projects/{id}.html",
    "readings": "reading.html",
    "routes": "routes/{id}.html",
    "skills": "skills/{group}.html",
    "terms": "glossary.html",
    "tools": "about/tools.html",
}
"""The page on which each kind of record is shown: its own page, or at the record's id."""


def page_of(record: Record) -> str:
    """Where a record is shown, below the site's root."""
    page = PAGES[record.catalogue]
    return page.format(id=record.id) if "{id}" in page else f"{page.format(group=record.group)}#{record.id}"


def proofs(records: Catalogue, skill: str) -> list[tuple[Record, str]]:
    """The projects that prove a skill, in the order of the ladder, each with the level."""
    found = [(project, claim["level"]) for project in records.kinds["projects"] for claim in project.proves if claim["skill"] == skill]
    return sorted(found, key=lambda pair: int(pair[0].order))


def skills_proved(records: Catalogue, projects: Iterable[Record], edition: str) -> list[tuple[str, str]]:
    """The skills that some project proves, with their names, in alphabetical order of the names."""
    ids = {claim["skill"] for project in projects for claim in project.proves}
    return sorted(((skill, title_of(records.get("skills", skill), edition)) for skill in ids), key=lambda pair: pair[1])


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
        rank=LEVELS.index,
        proved=lambda projects: skills_proved(records, projects, edition),
        price=lambda price: price_text(price, labels, edition),
        named=lambda values: sorted(((value, value_text(value, labels, edition)) for value in values), key=lambda pair: pair[1]),
        languages=lambda tags: [(tag, language_text(tag, labels, edition)) for tag in tags],
        names=lambda names: [name for name in names if edition == "zh" or name.isascii()],
        host=lambda url: str(urlsplit(url).hostname).removeprefix("www."),
    )
    jinja.globals.update(
        labels={key: words[edition] for key, words in labels.items() if "en" in words},
        edition=edition,
        link=lambda target: relative(target, page_path(env)),
        get=records.get,
        edit_of=lambda record: edit_of(record, str(env.conf.get("repo_url") or "")),
        page_of=lambda record: relative(page_of(record), page_path(env)),
        words=lambda name: {key: words[edition] for key, words in labels["words"][name].items()},
        level_names=[labels["levels"][level][edition] for level in LEVELS],
        proofs=lambda skill: proofs(records, skill),
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


def define_env(env: Environment) -> None:
    """Give the chapters their calls; both site builders look for this name."""
    sandbox(env.conf.get("theme"))
    root = Path(env.project_dir)
    records: Catalogue = load_once(root)
    labels = read_words(root, "labels")
    words_of_drawings = read_words(root, "drawings")
    edition = str(env.conf["extra"]["edition"])
    jinja = templates(env, records, labels, edition)

    def render(template: str, **values: object) -> str:
        return jinja.get_template(template).render(values)

    @env.macro
    def cert(record_id: str, field: str) -> str:
        """One value of a certificate in words: cert("aws-developer-associate", "price")."""
        return plain(field_text(records.get("certifications", record_id), field, labels, edition))

    @env.macro
    def certificates(*vendors: str) -> str:
        """A short table of the certificates of one vendor or several."""
        found = [record for record in records.kinds["certifications"] if record.vendor in vendors]
        if {record.vendor for record in found} != set(vendors):
            raise MissingError(say("vendor_without_certificate", vendors=str(vendors), file="docs/data/certifications.yml"))
        return render("catalogue/vendor.html", records=found)

    @env.macro
    def catalogue(kind: str) -> str:
        """All records of one kind: the table and a section for each."""
        return render(f"catalogue/{kind}.html", records=records.kinds[kind], kinds=records.kinds, today=records.today)

    @env.macro
    def skill(record_id: str) -> str:
        """The line under a skill's heading: other names that people search for."""
        return render("catalogue/skill.html", record=records.get("skills", record_id))

    @env.macro
    def skills_table() -> str:
        """All skills with their other names, each leading to its section."""
        return render("catalogue/skills.html", records=records.kinds["skills"])

    @env.macro
    def freshness() -> str:
        """How fresh the guide is: counts by kind, what is due, what could not be verified."""
        every = [record for kind in records.kinds.values() for record in kind]
        return render(
            "catalogue/freshness.html",
            summaries=summarise(records, root),
            today=records.today.isoformat(),
            due=sorted((record for record in every if record.is_due), key=lambda record: str(record.verified)),
            oldest=sorted(every, key=lambda record: str(record.verified))[:10],
            unsure=[record for record in every if record.unverified],
        )

    @env.macro
    def drawing(name: str) -> str:
        """A drawing with its words in the language of the edition."""
        words = {key: value[edition] for key, value in words_of_drawings[name].items()}
        return render(f"drawings/{name}.svg.html", name=name, words=words)

    define_ladder(env, records, render)


def define_ladder(env: Environment, records: Catalogue, render: Callable[..., str]) -> None:
    """Give the chapters the calls of routes, projects and the reader's own pages."""

    @env.macro
    def route(record_id: str) -> str:
        """One route: what you bring and lack, the stages, the odds."""
        return render("catalogue/route.html", record=records.get("routes", record_id))

    @env.macro
    def project(record_id: str) -> str:
        """One project of the ladder: the brief, what done means, what breaks."""
        return render("catalogue/project.html", record=records.get("projects", record_id))

    @env.macro
    def levels(how: str = "") -> str:
        """What is expected of each role, skill by skill, and what closes a gap; levels("folded") opens on demand."""
        return render("catalogue/levels.html", records=records.kinds["skills"], folded=how == "folded")

    @env.macro
    def assessment() -> str:
        """The self-assessment: five choices for each skill."""
        return render("catalogue/assessment.html", records=records.kinds["skills"])

    @env.macro
    def profile() -> str:
        """The reader's profile and gaps, and the buttons for the reader's data."""
        return render("catalogue/profile.html")

    @env.macro
    def plan() -> str:
        """The reader's plan: the chosen route and the projects under way."""
        return render("catalogue/plan.html", kinds=records.kinds)
