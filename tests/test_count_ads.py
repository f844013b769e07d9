"""Counting advertisements: a made-up corpus has its right counts, patterns do what their sentences say, bad input is told."""

from __future__ import annotations

import csv
import json
import random
import shutil
import time
from pathlib import Path

import pytest
import yaml
from ad_input import LONGEST, read_advertisements
from ad_patterns import LIST, RULES, Pattern, Rules, compiled, plain, read_patterns, read_rules, undialectal, unglued
from catalogue import DATA, ROOT, CatalogueError
from count_ads import COLUMNS, employer_key, main, measure
from intervals import by_employer, wilson

ADS = Path(__file__).parent / "fixtures/ads"
COUNTED = {  # advertisements, naming it, employers, employers naming it; counted by hand
    ("all-titles", "all", "python"): (8, 8, 7, 7),
    ("all-titles", "all", "pytorch"): (8, 3, 7, 3),
    ("all-titles", "all", "tensorflow"): (8, 5, 7, 4),
    ("all-titles", "all", "kubernetes"): (8, 5, 7, 5),
    ("all-titles", "all", "spark"): (8, 3, 7, 3),
    ("all-titles", "all", "model-serving"): (8, 1, 7, 1),
    ("all-titles", "all", "rust"): (8, 0, 7, 0),
    ("all-titles", "requirements", "python"): (6, 6, 5, 5),
    ("all-titles", "requirements", "pytorch"): (6, 3, 5, 3),
    ("all-titles", "requirements", "tensorflow"): (6, 0, 5, 0),
    ("all-titles", "requirements", "kubernetes"): (6, 0, 5, 0),
    ("all-titles", "requirements", "docker"): (6, 0, 5, 0),
    ("all-titles", "requirements", "masters"): (6, 1, 5, 1),
    ("all-titles", "same-ads", "tensorflow"): (6, 5, 5, 4),
    ("all-titles", "same-ads", "kubernetes"): (6, 3, 5, 3),
    ("ml-engineer", "all", "python"): (5, 5, 4, 4),
    ("ml-engineer", "all", "sql"): (5, 2, 4, 2),
    ("ml-engineer", "requirements", "statistics"): (4, 1, 3, 1),
    ("ai-engineer", "all", "tensorflow"): (1, 1, 1, 1),
    ("data-engineer", "all", "kubernetes"): (1, 1, 1, 1),
    ("scientist", "requirements", "python"): (1, 1, 1, 1),
}


@pytest.fixture(scope="module")
def patterns() -> list[Pattern]:
    """The patterns of the guide."""
    return read_patterns(ROOT)


@pytest.fixture(scope="module")
def rules() -> Rules:
    """The rules of the guide."""
    return read_rules(ROOT)


@pytest.fixture
def read_already(patterns: list[Pattern], rules: Rules, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare a test that is about something else the reading of patterns and rules."""
    monkeypatch.setattr("count_ads.read_patterns", lambda _: patterns)
    monkeypatch.setattr("count_ads.read_rules", lambda _: rules)


def counted(*arguments: str) -> dict[tuple[str, str, str], dict[str, str]]:
    """What the command writes, by role, part and pattern."""
    output = Path(arguments[-1])
    assert main([*arguments[:-1], "--output", str(output)]) == 0
    with output.open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file)
        assert tuple(table.fieldnames or ()) == COLUMNS
        return {(row["role"], row["part"], row["item"]): row for row in table}


def test_the_known_corpus_has_its_known_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ten made-up advertisements in four kinds of files, two languages: one repeat, one too short, the rest counted right."""
    rows = counted(str(ADS / "corpus"), "--dataset", "made-up", "--smallest", "1", "--draws", "20", str(tmp_path / "counts.csv"))
    assert "10 advertisements read, 0 unreadable ones left out, 1 repeats dropped, 1 too short; 8 counted, of 7" in capsys.readouterr().err
    found = {key: tuple(int(rows[key][name]) for name in ("ads", "named", "employers", "employers_naming")) for key in COUNTED}
    assert found == COUNTED
    row = rows["all-titles", "all", "pytorch"]
    assert (row["dataset"], row["share"], row["low95"], row["high95"], row["employer_share"]) == (
        "made-up",
        "0.3750",
        "0.1368",
        "0.6943",
        "0.4286",
    )
    assert ("data-scientist", "all", "python") not in rows, "its one advertisement is too short"


def test_the_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    """Counting twice writes the same bytes; another seed draws other employers, and sets that are too small are left out."""
    for name, seed in (("one", "7"), ("two", "7"), ("three", "8")):
        counted(str(ADS / "corpus"), "--smallest", "5", "--draws", "50", "--seed", seed, str(tmp_path / name))
    one, two, three = ((tmp_path / name).read_bytes() for name in ("one", "two", "three"))
    assert one == two != three
    sets = {tuple(row.split(b",")[1:3]) for row in one.splitlines()[1:]}
    assert sets == {(b"all-titles", b"all"), (b"all-titles", b"requirements"), (b"all-titles", b"same-ads"), (b"ml-engineer", b"all")}


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [  # scipy 1.17.1, binomtest(hits, of).proportion_ci(method="wilson")
        (81, 263, 0.255289, 0.366210),
        (15, 148, 0.062386, 0.160487),
        (0, 20, 0.0, 0.161125),
        (1, 29, 0.006113, 0.171755),
        (29, 29, 0.883030, 1.0),
        (1306, 1719, 0.738982, 0.779347),
    ],
)
def test_wilson_agrees_with_the_reference(hits: int, of: int, low: float, high: float) -> None:
    """The interval agrees with an independent program to six decimals."""
    assert wilson(hits, of) == pytest.approx((low, high), abs=5e-7)


@pytest.mark.parametrize(("hits", "of"), [(0, 0), (3, 2), (-1, 4)])
def test_wilson_refuses_what_is_no_share(hits: int, of: int) -> None:
    """No advertisement, more hits than advertisements, fewer than none."""
    with pytest.raises(ValueError, match="no share"):
        wilson(hits, of)


def test_the_bootstrap_draws_employers() -> None:
    """With one advertisement an employer it agrees with the plain interval; where ten firms post it all, it is much wider."""
    single = by_employer([1] * 400, {"x": dict.fromkeys(range(100), 1)}, 800, 7)["x"]
    assert single == pytest.approx(wilson(100, 400), abs=0.012)
    few = by_employer([40] * 10, {"x": dict.fromkeys(range(3), 40)}, 800, 7)["x"]
    assert few[0] <= 0.1
    assert few[1] >= 0.5


# -- the patterns ----------------------------------------------------------------------------------


def test_the_patterns_do_what_their_sentences_say(capsys: pytest.CaptureFixture[str]) -> None:
    """`--check` holds every pattern to its sentences in both languages and finds nothing."""
    assert main(["--check"]) == 0
    assert capsys.readouterr().err.startswith("0 findings in the patterns")


def test_the_list_keeps_the_names_of_the_first_count(patterns: list[Pattern]) -> None:
    """Ids are what the published counts are kept by: none is lost."""
    ids = {pattern.id for pattern in patterns}
    assert {"python", "pytorch", "tensorflow", "containers", "any-cloud", "masters", "cloud-certificate"} <= ids
    assert len(patterns) == len(ids) >= 78


MISTAKES: list[tuple[str, str, str, str]] = [
    ("keras", r"'\bkeras\b'", r"'\bkeras?'", "spares"),
    ("keras", r"'\bkeras\b'", r"'\bkerass\b'", "finds.en[1]"),
    ("keras", r"'\bkeras\b'", r"'(\w+)+keras'", "patterns[1]"),
    ("keras", r"'\bkeras\b'", r"'k{1,}eras'", "patterns[1]"),
    ("keras", r"'\bkeras\b'", r"'(k)eras\1'", "patterns[1]"),
    ("keras", r"'\bkeras\b'", r"'(keras'", "patterns[1]"),
    ("keras", "skills: [deep-learning]", "skills: [deep-learnin]", "skills[1]"),
    ("keras", "section: libraries", "section: library", "section"),
    ("keras", "in_2020_article: false", "in_2020: false", "in_2020"),
    ("keras", "- id: keras", "- id: tensorflow", "id"),
]


@pytest.mark.parametrize(("pattern", "old", "new", "field"), MISTAKES, ids=[f"{new[:24]}" for _, _, new, _ in MISTAKES])
def test_a_wrong_pattern_is_told_at_its_line(tmp_path: Path, pattern: str, old: str, new: str, field: str) -> None:
    """A pattern that is endless, unreadable, or at odds with its sentences or the schema is a finding with file, line and field."""
    root = copied(tmp_path)
    text = (root / LIST).read_text(encoding="utf-8")
    before, begin, rest = text.partition(f"- id: {pattern}\n")
    spoilt = (begin + rest).replace(old, new, 1)
    if field == "spares":
        spoilt = spoilt.replace("We are based in Karas.", "We are based in Kera.", 1)
    (root / LIST).write_text(before + spoilt, encoding="utf-8")
    first = before.count("\n") + 1
    with pytest.raises(CatalogueError) as caught:
        read_patterns(root)
    told = [problem for problem in caught.value.problems if problem.field.startswith(field)]
    assert told, [str(problem) for problem in caught.value.problems]
    assert all(problem.file == LIST.as_posix() and first <= problem.line <= first + 10 for problem in told)


def copied(target: Path) -> Path:
    """A small guide with the patterns, the rules and what they rest on."""
    (target / DATA).mkdir(parents=True)
    shutil.copytree(ROOT / DATA / "schema", target / DATA / "schema")
    for name in (LIST, RULES, DATA / "skills.yml"):
        shutil.copy(ROOT / name, target / name)
    return target


def test_wrong_rules_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A rule for roles that cannot be read ends the command with a finding, not a traceback."""
    root = copied(tmp_path)
    text = (root / RULES).read_text(encoding="utf-8")
    (root / RULES).write_text(text.replace("title: ['data scien|", "title: ['(data scien|"), encoding="utf-8")
    assert main(["--check", "--root", str(root)]) == 1
    assert "docs/data/ad-rules.yml:" in capsys.readouterr().out


@pytest.mark.parametrize("pattern", [r"\bc ?\+\+", r"[*+]{0,3}x", r"a{0,9}", r"(?-i:\bR\b)", r"[^.;]{0,40}", r"(?<!a)b(?=c)"])
def test_bounded_patterns_pass(pattern: str) -> None:
    """What the dialect has is let through."""
    assert undialectal(pattern) == ""


@pytest.mark.parametrize(
    "pattern", ["a*", "a+", "a{2,}", r"\w+", "[a-z]+", r"(a)\1", "(?R)", "(?i)a", "(?P<x>a)", "a{1,999}", r"\p{Han}", "[+]*"]
)
def test_endless_patterns_are_refused(pattern: str) -> None:
    """Repeats without an end, references back, calls and flags are not."""
    assert undialectal(pattern)


def hostile_texts() -> list[str]:
    """Texts of 100,000 characters that make careless patterns slow."""
    chance = random.Random(1)  # noqa: S311  a text, no secret
    return [
        "a" * 100_000,
        "deploy a b " * 9_090,
        "cloud " * 16_666,
        "evaluate x y z " * 6_666,
        "Python, Java, C++, " * 5_263,
        "certified " * 10_000,
        "推荐" * 50_000,
        "".join(chance.choice("RGo ,/&abcdeploymonitrvlu模型云") for _ in range(100_000)),
    ]


def test_no_pattern_is_slow(patterns: list[Pattern], rules: Rules) -> None:
    """Each pattern says yes or no about each hostile text in a tenth of the time that it may take."""
    slowest = 0.0
    for text in hostile_texts():
        for pattern in patterns:
            begun = time.process_time()
            pattern.is_in(text)
            slowest = max(slowest, time.process_time() - begun)
        begun = time.process_time()
        rules.requirements(text.replace(" ", "\n"))
        assert time.process_time() - begun < 5
    assert slowest < 0.5


def test_labelled_sentences(patterns: list[Pattern]) -> None:
    """A hundred sentences a language, labelled by a reader: precision, recall, and every error, which errors.yml names."""
    expected = yaml.safe_load((ADS / "errors.yml").read_text(encoding="utf-8"))
    for language in ("en", "zh"):
        measured, told, problems = measure(ADS / f"labelled-{language}.yml", patterns)
        assert (problems, measured.sentences) == ([], 100)
        assert [f"{'missed' if is_there else 'wrong'} {pattern} in line {line}" for line, pattern, is_there in measured.errors] == expected[
            language
        ]["errors"]
        assert len(told) == len(measured.errors)
        assert (round(measured.precision, 3), round(measured.recall, 3)) == (expected[language]["precision"], expected[language]["recall"])


def test_measuring_prints_every_error(capsys: pytest.CaptureFixture[str]) -> None:
    """The command names file, line, pattern and sentence of each error, then the measures."""
    assert main(["--labelled", str(ADS / "labelled-en.yml")]) == 0
    printed = capsys.readouterr()
    assert "labelled-en.yml:14: found containers, expected it not to be: Shipping containers" in printed.out
    assert "100 sentences: 125 found, 2 of them wrong, 14 missed; precision 0.984, recall 0.898" in printed.err


@pytest.mark.parametrize("text", ["- {text: a, has: [pythn]}\n", "- {text: a}\n", "- 3\n", "x: y\n", ""])
def test_wrong_labels_are_told(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A label that is no pattern, and a file of another shape, are findings."""
    (tmp_path / "l.yml").write_text(text, encoding="utf-8")
    assert main(["--labelled", str(tmp_path / "l.yml")]) == 1
    assert "l.yml:1: " in capsys.readouterr().out


# -- reading ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        ("Ｐｙｔｈｏｎ，Ｃ＋＋", "Python,C++"),
        ("fine-\n  tuning", "fine-tuning"),
        ("R&amp;D", "R&D"),
        ("Py\u200bthon", "Python"),
        ("a\u00a0\t\n b", "a b"),
        ("- one\n- two", "- one - two"),
    ],
)
def test_a_text_is_made_plain(raw: str, seen: str) -> None:
    """Full-width letters, broken words, entities, invisible characters and blanks."""
    assert plain(raw) == seen


def test_glued_words_come_apart() -> None:
    """Where a source lost the line breaks, words are found on both sides; a text with line breaks stays as it is."""
    python, nosql = compiled([r"\bpython\b"]), compiled([r"\bsql\b"])
    assert python.search(unglued("We use PythonAbility to learn"))
    assert not python.search(unglued("We use PythonAbility\nto learn"))
    assert not nosql.search(unglued("NoSQL stores"))


@pytest.mark.parametrize(
    ("title", "role"),
    [
        ("Senior Machine Learning Engineer (Remote)", "ml-engineer"),
        ("AI/ML Engineer", "ml-engineer"),
        ("MLOps Engineer", "ml-engineer"),
        ("Data Scientist, Machine Learning", "data-scientist"),
        ("Data Engineer", "data-engineer"),
        ("AI Engineer", "ai-engineer"),
        ("GenAI Developer", "ai-engineer"),
        ("AI Research Engineer", "scientist"),
        ("Software Engineer", "software-engineer"),
        ("HTML Developer", "other"),
        ("Accountant", "other"),
        ("机器学习工程师", "ml-engineer"),
        ("高级算法工程师（推荐）", "ml-engineer"),
        ("大模型应用开发工程师", "ai-engineer"),
        ("数据开发工程师", "data-engineer"),
        ("后端开发工程师", "software-engineer"),
    ],
)
def test_roles_are_told_apart_by_title(rules: Rules, title: str, role: str) -> None:
    """The first rule that fits, in both languages."""
    assert rules.role(title) == role


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Requirements", "requirements"),
        ("**Minimum Qualifications:**", "requirements"),
        ("What you’ll bring", "requirements"),
        ("Your profile", "requirements"),
        ("## About you", "requirements"),
        ("Nice to have", "preferred"),
        ("Preferred Qualifications", "preferred"),
        ("What you'll do", "other"),
        ("Responsibilities:", "other"),
        ("Benefits", "other"),
        ("You have read a book about statistics.", ""),
        ("- Python and SQL", ""),
        ("- Experience with SQL", ""),
        ("1. Experience with SQL", ""),
        ("任职要求：", "requirements"),
        ("【岗位要求】", "requirements"),
        ("二、任职资格", "requirements"),
        ("加分项", "preferred"),
        ("岗位职责：", "other"),
        ("要求严格，作风扎实", ""),
    ],
)
def test_headings_open_sections(rules: Rules, line: str, kind: str) -> None:
    """Headings of requirements, of what is only preferred, and of everything else."""
    assert rules.kind_of_heading(line) == kind


def test_a_broken_line_is_no_heading(rules: Rules) -> None:
    """Where a source breaks its lines, the rest of a sentence does not open or end a section."""
    text = "Requirements\n\nSeveral years of work with large\nteam sizes and\nbenefits of scale in mind.\n\nBenefits\nBread."
    assert "scale" in rules.requirements(text)
    assert "Bread" not in rules.requirements(text)
    assert rules.requirements("We like\nskills of every kind\nand people.") == ""


@pytest.mark.parametrize(
    ("one", "two", "are_one"),
    [
        ("Alder Ltd", "ALDER, Ltd.", True),
        ("Alder GmbH", "Alder", True),
        ("Alder Ltd", "Alder", True),
        ("示例科技有限公司", "示例科技", True),
        ("Co", "co.", True),
        ("Alder", "Birch", False),
        ("Alder Labs", "Alder", False),
    ],
)
def test_spellings_of_an_employer_are_one(rules: Rules, one: str, two: str, are_one: bool) -> None:
    """Case, punctuation and legal form do not make another employer."""
    endings = rules.values["company_endings"]
    assert (employer_key(one, endings) == employer_key(two, endings)) is are_one


def test_unnamed_employers_are_each_their_own(tmp_path: Path) -> None:
    """Advertisements without an employer are repeats only when their whole text is the same; each counts as an employer."""
    text = "Python is what we ask for, in a text that is long enough to be counted. " * 6
    rows = [{"title": "ML engineer", "employer": "", "text": one} for one in (text, text, text + "Really.")]
    (tmp_path / "a.json").write_text(json.dumps(rows), encoding="utf-8")
    row = counted(str(tmp_path / "a.json"), "--smallest", "1", str(tmp_path / "counts.csv"))["all-titles", "all", "python"]
    assert (row["ads"], row["employers"]) == ("2", "2")


BAD: list[tuple[str, bytes, str]] = [
    ("a.csv", b"title,company\nx,y\n", "a.csv:1: found no column for text among title, company, expected one of text, description"),
    ("a.csv", b"", "a.csv:1: found no column for title"),
    ("a.csv", b"title,company,text\nx,y,z\nx,y\n", "a.csv:3: found 2 values in this row, expected 3"),
    ("a.csv", b'title,company,text\nx,y,"z\n', "a.csv:2: not readable as CSV"),
    ("a.csv", b"title,company,text\nx,y,\n", "a.csv:2: text: found nothing"),
    ("a.csv", "title,company,text\nx,y,é\n".encode("latin-1"), "a.csv:2: found byte 0xe9, expected a file saved as UTF-8"),
    ("a.csv", "title,company,text\n".encode("utf-16"), "a.csv:1: found byte 0xff"),
    ("a.csv", "职位,公司,描述\n".encode("gb18030"), "a.csv:1: found byte 0x"),
    ("a.csv", b"title,company,text\nx,y,a\0b\n", "a.csv:2: found a zero byte"),
    ("a.csv", b"title,company,text\nx,y," + b"z" * (LONGEST + 1) + b"\n", "a.csv:2: text: found a text of 100001 characters"),
    ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "a.csv:1: found byte 0x89"),
    ("a.json", b'[{"title": "x"', "a.json:1: not readable as JSON"),
    ("a.json", b"[" * 100_000, "a.json:1: not readable as JSON"),
    ("a.json", b'["x"]', "a.json:1: [1]: found str, expected an advertisement"),
    ("a.json", b'[{"title": "x", "company": "y", "text": ["z"]}]', "a.json:1: text: found list, expected text"),
    ("a.jsonl", b'{"title": "x", "company": "y", "text": "z"}\n{"title": 3}\n', "a.jsonl:2: [1]: found no column for employer"),
    ("a.yaml", b"title: x\ncompany: &a y\ntext: *a\n", "a.yaml:2: found a YAML tag, anchor or alias"),
    ("a.yaml", b"- title: x\n  company: y\n  txt: z\n", "a.yaml:1: [1]: found no column for text among title, company, txt"),
    ("a.txt", b"Just a text\n", 'a.txt:1: found "Just a text", expected lines "title: '),
    ("a.txt", b"title: x\n\ntext\n", "a.txt:1: employer: found"),
    ("a.xlsx", b"PK\3\4", "a.xlsx:1: found .xlsx, expected a folder or a file of one of these kinds"),
]


@pytest.mark.parametrize(("name", "raw", "told"), BAD, ids=[f"{name}-{told.split(':', 2)[-1][:34]}" for name, _, told in BAD])
@pytest.mark.usefixtures("read_already")
def test_bad_input_is_told(tmp_path: Path, name: str, raw: bytes, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each kind of bad input ends in a finding with file, line, field, in both languages; nothing is written, nothing raised."""
    (tmp_path / name).write_bytes(raw)
    output = tmp_path / "counts.out"
    assert main([str(tmp_path / name), "--output", str(output)]) == 1
    printed = capsys.readouterr().out.replace(f"{tmp_path.as_posix()}/", "")
    assert printed.startswith(told), printed
    assert "\n  " in printed
    assert not output.exists()


def test_what_is_no_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder without advertisements, and a file that is not there."""
    assert main([str(tmp_path)]) == 1
    assert main([str(tmp_path / "none.csv")]) == 1
    printed = capsys.readouterr().out
    assert "found no file of advertisements in this folder" in printed
    assert "found something that is no file" in printed


def test_a_huge_file_is_read_in_bounds(tmp_path: Path, rules: Rules) -> None:
    """Ten thousand rows that are all wrong give a hundred findings; ten thousand good ones are read in a moment."""
    (tmp_path / "bad.csv").write_text("title,company,text\n" + "x,y,\n" * 10_000, encoding="utf-8")
    (tmp_path / "good.csv").write_text("title,company,text\n" + f"x,y,{'z' * 500}\n" * 10_000, encoding="utf-8")
    begun = time.process_time()
    found, problems = read_advertisements([tmp_path / "bad.csv", tmp_path / "good.csv"], rules.values["columns"])
    assert (len(found), len(problems)) == (10_000, 100)
    assert time.process_time() - begun < 3


def test_the_rest_can_be_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--leave-out` counts what can be read and says what could not; `--column` names a column of another name."""
    text = "We ask for Python in a text that is long enough to be counted. " * 8
    (tmp_path / "a.csv").write_text(f"Rolle,Firma,Text\nML engineer,Alder,{text}\nML engineer,Birch,\n", encoding="utf-8")
    names = ["--column", "title=Rolle", "--column", "employer=firma", "--smallest", "1"]
    row = counted(str(tmp_path / "a.csv"), *names, "--leave-out", str(tmp_path / "counts.csv"))["ml-engineer", "all", "python"]
    assert (row["ads"], row["named"]) == ("1", "1")
    assert "1 unreadable ones left out" in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--column", "titel=x"], ["--column", "title"], ["--smallest", "0"], ["--seed", "x"], []])
def test_wrong_options_are_told(option: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """An option that makes no sense ends with 2 and says what was expected."""
    with pytest.raises(SystemExit) as ended:
        main([*option, "a.csv"] if option else [])
    assert ended.value.code == 2
    assert "expected" in capsys.readouterr().err
