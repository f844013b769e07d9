"""The catalogues: load the records of docs/data/, hold them to their schemas, derive what pages need.

Reads docs/data/<kind>.yml and docs/data/schema/<kind>.json, one pair for each kind of fact.
A record that is wrong stops everything: all problems are collected and raised together as one
`CatalogueError`, a line each: `docs/data/certifications.yml:12: price.currency: found "usd", expected …`.

`macros.py` hands the records to the pages, `report_freshness.py` prints what is due, and
`python scripts/catalogue.py` checks the records and prints the problems (exit 0 none, 1 some).
"""

from __future__ import annotations

import difflib
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import cast

import click
from findings import MissingError, Problem, Said, Words, both, say
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from reading import MOST_FINDINGS, FieldPath, Json, dotted, read_text, read_yaml_file

ROOT = Path(__file__).resolve().parent.parent
DATA = Path("docs/data")


class CatalogueError(click.ClickException):
    """The records cannot be used; the message lists every problem, in both languages.

    A `ClickException`, because both site builders end on one with its message and without a traceback.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        count = len(self.problems)
        head = say("one_problem_in_records") if count == 1 else say("problems_in_records", count=count)
        super().__init__("\n".join([both(head), *map(both, self.problems)]))


@dataclass(frozen=True)
class Record:
    """One fact with its place in the file, its values and what follows from them.

    `values` is what a person typed, with absent optional fields left out.
    `days_old` counts from `verified` to today; `shelf_life` is in days.
    """

    catalogue: str
    file: str
    line: int
    values: Mapping[str, Json]
    days_old: int
    shelf_life: int
    lines: Mapping[FieldPath, int]

    @property
    def id(self) -> str:
        """The record's id, which is also its anchor."""
        return str(self.values["id"])

    @property
    def is_due(self) -> bool:
        """True on the day after the shelf life has passed, and from then on."""
        return self.days_old > self.shelf_life

    @property
    def is_overdue(self) -> bool:
        """True when twice the shelf life has passed."""
        return self.days_old > 2 * self.shelf_life

    @property
    def unverified(self) -> tuple[str, ...]:
        """Names of the fields that could not be confirmed."""
        return tuple(self.values.get("unverified", ()))

    def __getattr__(self, name: str) -> Json:
        """Give templates a field by its name; an absent optional field is None."""
        if name.startswith("_") or "values" not in self.__dict__:
            raise AttributeError(name)
        return self.values.get(name)


@dataclass(frozen=True)
class Catalogue:
    """All records by kind, in the order of their files."""

    kinds: Mapping[str, tuple[Record, ...]]
    today: date

    def on(self, today: date) -> Catalogue:
        """The same records as they will be, or were, on another day."""
        shift = (today - self.today).days
        aged = {kind: tuple(replace(r, days_old=r.days_old + shift) for r in records) for kind, records in self.kinds.items()}
        return Catalogue(aged, today)

    def get(self, kind: str, record_id: str) -> Record:
        """Return one record; `MissingError` names the nearest id that exists."""
        found = next((record for record in self.kinds[kind] if record.id == record_id), None)
        if found is None:
            hint = nearest(record_id, [record.id for record in self.kinds[kind]])
            raise MissingError(say("no_such_record", id=repr(record_id), file=f"docs/data/{kind}.yml", hint=hint))
        return found


# -- validate ------------------------------------------------------------------------------------


def _shown(value: Json) -> str:
    """A found value as it would stand in the file, cut when long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 70 else text[:67] + "…"


def nearest(word: str, words: Iterable[str]) -> Said | str:
    """Suggest the word that was probably meant; nothing when none is near."""
    close = difflib.get_close_matches(word, list(words), n=1)
    return say("did_you_mean", word=repr(close[0])) if close else ""


def _once(_: Validator, is_asked: bool, value: Json, __: Json) -> Iterator[ValidationError]:
    """`uniqueItems`, in a time that grows with the list; jsonschema's own compares each item with each."""
    if is_asked and isinstance(value, list) and len({json.dumps(item, sort_keys=True) for item in value}) < len(value):
        yield ValidationError("an item stands there twice")


def _whole(_: Validator, pattern: str, value: Json, __: Json) -> Iterator[ValidationError]:
    """`pattern`, where `$` stands for the end alone; Python's stands before a last line break too."""
    if isinstance(value, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), value):
        yield ValidationError("a text that is not as it should be")


def validator_of(schema: Json) -> Validator:
    """What holds values to a schema."""
    kind = extend(Draft202012Validator, {"uniqueItems": _once, "pattern": _whole})  # type: ignore[no-untyped-call]  # jsonschema does not type it
    return cast(Validator, kind(schema, format_checker=FormatChecker()))


def held_to(validator: Validator, values: Json) -> Iterator[tuple[FieldPath, Said]]:
    """What is wrong with values, each finding once, one by one: where, what was found, what was expected."""
    seen = set()
    for error in validator.iter_errors(values):
        for finding in _findings(error):
            if finding not in seen:
                seen.add(finding)
                yield finding


def _findings(error: ValidationError) -> Iterator[tuple[FieldPath, Said]]:
    """Say one schema error in our words: where, what was found, what was expected."""
    path: FieldPath = tuple(error.absolute_path)
    rule = str(error.validator)
    wanted = cast(Json, error.validator_value)
    schema = cast(Json, error.schema)
    found = cast(Json, error.instance)
    if rule == "required":
        for field in (field for field in wanted if field not in found):
            yield path, say("missing_field", field=field, expected=_description(schema["properties"][field]))
    elif rule == "additionalProperties":
        known = list(schema["properties"])
        for field in (field for field in found if field not in known):
            hint = nearest(field, known)
            yield (
                (*path, field),
                say("unknown_field_near", hint=hint) if hint else say("unknown_field", known=", ".join(known)),
            )
    elif rule == "enum":
        yield path, say("none_of", found=_shown(found), known=", ".join(map(str, wanted)))
    elif rule == "uniqueItems":
        yield path, say("item_twice", found=_shown(found))
    elif rule == "minimum":
        yield path, say("too_small", found=_shown(found), limit=wanted, expected=_description(schema))
    elif rule == "maximum":
        yield path, say("too_large", found=_shown(found), limit=wanted, expected=_description(schema))
    else:
        yield path, say("not_as_described", found=_shown(found), expected=_description(schema))


def _description(schema: Mapping[str, Json]) -> Words:
    return Words(schema["description"], schema["description_zh"])


def _inlined(schema: Json, shared: Mapping[str, Json]) -> Json:
    """Put the shared pieces of common.json in place of the references to them; words beside a reference win."""
    if isinstance(schema, list):
        return [_inlined(item, shared) for item in schema]
    if not isinstance(schema, dict):
        return schema
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return {**_inlined(shared[reference.rsplit("/", 1)[-1]], shared), **{key: value for key, value in schema.items() if key != "$ref"}}
    return {key: _inlined(value, shared) for key, value in schema.items()}


def read_schemas(root: Path) -> dict[str, Json]:
    """Every kind's schema by its name, shared pieces in place, in alphabetical order."""
    shared = read_shared(root)
    return {
        path.stem: _inlined(_read_schema(root, path.stem), shared)
        for path in sorted((root / DATA / "schema").glob("*.json"))
        if path.stem != "common"
    }


def _read_schema(root: Path, kind: str) -> Json:
    """One schema as it stands in its file; raises `CatalogueError` when it cannot be read."""
    name = (DATA / f"schema/{kind}.json").as_posix()
    text, problems = read_text(root, name)
    try:
        schema = None if problems else json.loads(text)
    except ValueError as error:  # json's own error, which is one, says where
        problems = [Problem(name, getattr(error, "lineno", 1), "", say("not_json", reason=getattr(error, "msg", str(error))))]
    except RecursionError:
        problems = [Problem(name, 1, "", say("not_json", reason="too deep"))]
    if problems:
        raise CatalogueError(problems)
    return schema


def read_shared(root: Path) -> dict[str, Json]:
    """The pieces of schema that several kinds use, by name."""
    shared = _read_schema(root, "common")["$defs"]
    return {name: _inlined(piece, shared) for name, piece in shared.items()}


def _sense(record: Record, ids: Mapping[str, set[str]], today: date) -> Iterator[tuple[FieldPath, Said]]:
    """What a schema cannot say of one record: dates in order, references that lead somewhere."""
    values = record.values
    if date.fromisoformat(values["verified"]) > today:
        yield ("verified",), say("after_today", found=f'"{values["verified"]}"', today=today.isoformat())
    for index, source in enumerate(values.get("sources", ())):
        if source.get("as_of", "") > today.isoformat():
            yield ("sources", index, "as_of"), say("after_today", found=f'"{source["as_of"]}"', today=today.isoformat())
    edition = values.get("edition", {}) if record.catalogue == "events" else {}
    if edition.get("ends", edition.get("starts", "")) < edition.get("starts", ""):
        yield ("edition", "ends"), say("before_start", found=f'"{edition["ends"]}"', start=edition["starts"])
    for index, field in enumerate(values.get("unverified", ())):
        if field not in values or field in ("id", "unverified"):
            yield ("unverified", index), say("no_field_here", found=f'"{field}"', hint=nearest(field, values))
    for path, kind, other in references(values):
        if other not in ids.get(kind, ()) or (kind == record.catalogue and other == record.id):
            yield path, say("no_such_id", found=f'"{other}"', what=_one_of(kind), hint=nearest(other, ids.get(kind, ())))
    yield from _stages_and_ticks(values)
    yield from _proofs(values)
    if record.catalogue in ("certifications", "readings") and values["in_2020_article"] and "since_2020" not in values:
        yield (), say("no_since_2020")
    if values.get("status") == "retiring" and "ends" not in values:
        yield (), say("no_last_day")
    for where, book in (((), values), (("chinese",), values.get("chinese", {}))):
        if "isbn" in book and not _isbn_is_right(book["isbn"]):
            yield (*where, "isbn"), say("wrong_check_digit", found=f'"{book["isbn"]}"')


def _stages_and_ticks(values: Mapping[str, Json]) -> Iterator[tuple[FieldPath, Said]]:
    """What is wrong with the order of a route's stages, and with the ids of tick-boxes."""
    stages = values.get("stages", ())
    times = [stage["when"] for stage in stages]
    if times != sorted(set(times), key=STAGES.index):
        yield ("stages",), say("stages_out_of_order", found=", ".join(times), stages=", ".join(STAGES))
    ticks = [tick["id"] for part in (values.get("criteria", ()), *(stage["steps"] for stage in stages)) for tick in part]
    for tick in sorted(tick for tick, times in Counter(ticks).items() if times > 1):
        yield (), say("tick_box_twice", tick=tick)


def _proofs(values: Mapping[str, Json]) -> Iterator[tuple[FieldPath, Said]]:
    """Claims of a project that name a criterion which it does not have."""
    known = [criterion["id"] for criterion in values.get("criteria", ())]
    if known:
        for index, claim in enumerate(values["proves"]):
            for place, criterion in enumerate(claim["by"]):
                if criterion not in known:
                    yield ("proves", index, "by", place), say("no_such_criterion", found=f'"{criterion}"', hint=nearest(criterion, known))


def _one_of(kind: str) -> Said:
    """What a record of a kind is called where another names it."""
    return {
        "certifications": say("another_certificate"),
        "skills": say("a_skill"),
        "readings": say("a_reading"),
        "projects": say("a_project"),
    }[kind]


STAGES = ("week-1", "month-1", "month-3", "month-6", "year-1")


def references(values: Mapping[str, Json]) -> Iterator[tuple[FieldPath, str, str]]:
    """Every place where a record names another: where it stands, the kind, the id."""
    if "successor" in values:
        yield ("successor",), "certifications", values["successor"]
    for kind in ("skills", "readings", "projects"):
        for index, other in enumerate(values.get(kind, ())):
            yield (kind, index), kind, other
    for field, kind in (("project", "projects"), ("skill", "skills")):
        if field in values:
            yield (field,), kind, values[field]
    for field in ("proves", "brings", "learns"):
        claims = values.get(field, ())
        for index, claim in enumerate(claims if isinstance(claims, list) else ()):  # a certificate's `proves` is a text
            yield (field, index, "skill"), "skills", claim["skill"]
    for index, stage in enumerate(values.get("stages", ())):
        yield from ((("stages", index, *path), kind, other) for path, kind, other in references(stage))


def _isbn_is_right(isbn: str) -> bool:
    """True when the check digit of a 13-digit ISBN fits (ISO 2108)."""
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(isbn)) % 10 == 0


def _repeated(records: Iterable[Record]) -> Iterator[Problem]:
    """Ids, own addresses and places in an order that occur twice in one kind."""
    for field in ("id", "url", "order"):
        first: dict[Json, Record] = {}
        for record in records:
            value = record.values.get(field)
            if value is None:
                continue
            if value in first:
                other = first[value]
                said = say("value_of_another", found=_shown(value), line=_line_of(other.lines, (field,)))
                yield Problem(record.file, _line_of(record.lines, (field,)), field, said)
            first.setdefault(value, record)


def _by_record(lines: Mapping[FieldPath, int]) -> dict[str | int, dict[FieldPath, int]]:
    """Group the lines of a file by record, each path counted from its record."""
    grouped: dict[str | int, dict[FieldPath, int]] = {}
    for path, line in lines.items():
        if path:
            grouped.setdefault(path[0], {})[path[1:]] = line
    return grouped


def _line_of(lines: Mapping[FieldPath, int], path: FieldPath) -> int:
    """The line of a value, or of the nearest thing above it that is there."""
    while path not in lines and path:
        path = path[:-1]
    return lines.get(path, 1)


def load(root: Path, today: date) -> Catalogue:
    """Load and check every catalogue below `root`; `today` decides what is due.

    Raises `CatalogueError` with all problems at once.
    """
    problems: list[Problem] = []
    kinds: dict[str, tuple[Record, ...]] = {}
    ids: dict[str, set[str]] = {}
    for kind, schema in read_schemas(root).items():
        validator = validator_of(schema)
        name = (DATA / f"{kind}.yml").as_posix()
        ids[kind] = set()
        if not (root / name).exists():
            problems.append(Problem(name, 1, "", say("missing_file")))
            continue
        data, all_lines, found = read_yaml_file(root, name)
        problems += found
        if not isinstance(data, list):
            if not found:
                problems.append(Problem(name, 1, "", say("no_list_of_records", found=_shown(data))))
            continue
        lines_of = _by_record(all_lines)
        records = []
        wrong = 0
        for index, values in enumerate(data):
            lines = lines_of[index]
            errors = [
                Problem(name, _line_of(lines, where), dotted(where), said)
                for where, said in islice(held_to(validator, values), MOST_FINDINGS - wrong)
            ]
            problems += errors
            wrong += len(errors)
            if wrong >= MOST_FINDINGS:
                break  # nobody reads more at once, and the rest is still there next time
            if isinstance(values, dict) and isinstance(values.get("id"), str):
                ids[kind].add(values["id"])
            if not errors:
                age = (today - date.fromisoformat(values["verified"])).days
                shelf_life = values.get("shelf_life_days", schema["shelf_life_days"])
                records.append(Record(kind, name, lines[()], values, age, shelf_life, lines))
        kinds[kind] = tuple(records)
    for records_of_kind in kinds.values():
        problems += _repeated(records_of_kind)
        for record in records_of_kind:
            problems += [
                Problem(record.file, _line_of(record.lines, where), dotted(where), said)
                for where, said in islice(_sense(record, ids, today), MOST_FINDINGS)
            ]
    problems += _defended(kinds)
    if problems:
        raise CatalogueError(problems)
    return Catalogue(kinds, today)


def _defended(kinds: Mapping[str, Sequence[Record]]) -> Iterator[Problem]:
    """Questions of the defence whose criterion is none of their project's."""
    criteria = {record.id: [one["id"] for one in record.values["criteria"]] for record in kinds.get("projects", ())}
    for record in kinds.get("defence", ()):
        known = criteria.get(record.values["project"])
        if known and record.values["by"] not in known:
            said = say("no_such_criterion", found=f'"{record.values["by"]}"', hint=nearest(record.values["by"], known))
            yield Problem(record.file, _line_of(record.lines, ("by",)), "by", said)


@dataclass(frozen=True)
class Summary:
    """How fresh one kind is: counts, and the day of its oldest check."""

    kind: str
    records: int
    sources: int
    due: int
    unverified: int
    oldest: str
    shelf_life: int


def summarise(catalogue: Catalogue, root: Path) -> list[Summary]:
    """One summary for each kind, in alphabetical order; `unverified` counts records with a mark."""
    return [
        Summary(
            kind=kind,
            records=len(records),
            sources=sum(len(record.values.get("sources", ())) for record in records),
            due=sum(record.is_due for record in records),
            unverified=sum(bool(record.unverified) for record in records),
            oldest=min((record.values["verified"] for record in records), default=""),
            shelf_life=schema["shelf_life_days"],
        )
        for kind, schema in read_schemas(root).items()
        for records in [catalogue.kinds[kind]]
        if records
    ]


# -- use -----------------------------------------------------------------------------------------


def today_from(environment: Mapping[str, str]) -> date:
    """The day of the build: SOURCE_DATE_EPOCH (seconds, reproducible-builds.org) if set, else now, in UTC."""
    epoch = environment.get("SOURCE_DATE_EPOCH")
    return (datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)).date()


@lru_cache(maxsize=2)
def _load_state(root: Path, today: date, _state: tuple[tuple[str, int, int], ...]) -> Catalogue | Sequence[Problem]:
    try:
        return load(root, today)
    except CatalogueError as error:
        return error.problems


def load_once(root: Path) -> Catalogue:
    """Load the catalogues again only when a file changed; Zensical asks once for every page."""
    files = sorted([*(root / DATA).glob("*.yml"), *(root / DATA).glob("schema/*.json")])
    state = tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files)
    found = _load_state(root, today_from(os.environ), state)
    if isinstance(found, Catalogue):
        return found
    raise CatalogueError(found)


def main(argv: list[str]) -> int:
    """Check the records of the guide that holds this script, or of the folder named; print what is wrong."""
    try:
        catalogue = load(Path(argv[0]) if argv else ROOT, today_from(os.environ))
    except CatalogueError as error:
        print(error.message)
        return 1
    print(", ".join(f"{len(records)} {kind}" for kind, records in catalogue.kinds.items()) + ": no problem found")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
