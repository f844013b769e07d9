"""What a chapter may call: records, their values and the drawings' words.

The macros module of both site builders (`module_name: scripts/macros` in mkdocs.yml).
Zensical runs it once for every page, so it only hands over what `catalogue.load_once` keeps.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))  # both builders run this file by its path

from ads import entry, files, month_text, read_counts_once, set_text, share_text, view  # after the path is set
from catalogue import Catalogue, load_once, summarise
from templates import Environment, sandbox, templates
from words import field_text, plain, read_words

PICKS = {
    "entry": ("python", "databases", "testing", "model-validation", "coding-agents", "llm-applications"),
    "mid": ("model-validation", "testing", "apis", "mlops", "monitoring", "llm-evaluation"),
    "senior": ("system-design", "experiments", "project-management", "monitoring", "llm-evaluation", "governance"),
}
"""Six rows to begin with for each role that is hired: our advice, which a manager changes on the page."""


def define_env(env: Environment) -> None:
    """Give the chapters their calls; both site builders look for this name."""
    sandbox(env.conf.get("theme"))
    root = Path(env.project_dir)
    records: Catalogue = load_once(root)
    labels = read_words(root, "labels")
    words_of_drawings = read_words(root, "drawings")
    edition = str(env.conf["extra"]["edition"])
    jinja = templates(env, records, labels, edition)
    jinja.globals.update(ads=view(read_counts_once(root, records), read_words(root, "ads"), records))

    def render(template: str, **values: object) -> str:
        return jinja.get_template(template).render(values)

    @env.macro
    def cert(record_id: str, field: str) -> str:
        """One value of a certificate in words: cert("aws-developer-associate", "price")."""
        return plain(field_text(records.get("certifications", record_id), field, labels, edition))

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
    define_counts(env, root, records, edition, render)


def define_counts(env: Environment, root: Path, records: Catalogue, edition: str, render: Callable[..., str]) -> None:
    """Give the chapters the calls of the counts of advertisements."""
    counts = read_counts_once(root, records)
    labels, layout = read_words(root, "labels"), read_words(root, "ads")

    @env.macro
    def ad(item: str, role: str, dataset: str, part: str = "all") -> str:
        """A count of advertisements in words: ad("pytorch", "ml-engineer", "builtin-2026")."""
        return plain(share_text(counts.count(item, role, dataset, part), labels, edition))

    @env.macro
    def ads(role: str, dataset: str, part: str = "all") -> str:
        """How many advertisements a set has, and of how many employers."""
        return plain(set_text(counts.any_of(role, dataset, part), records, labels, edition))

    @env.macro
    def ad_month(dataset: str, country: str, month: str) -> str:
        """The share of one month: ad_month("indeed-ai", "us", "2026-06")."""
        return plain(month_text(counts.month(dataset, country, month), month, labels, edition))

    @env.macro
    def ad_plot(name: str) -> str:
        """A plot of the counts, drawn from the CSV, with its table folded below it."""
        plot = entry(layout, "plots", name)
        return render(f"drawings/plot-{plot['draws']}.svg.html", name=f"plot-{name}", plot=plot)

    @env.macro
    def ad_table(name: str) -> str:
        """A table of the counts; ad_table("article") sets the list of 2020 against them."""
        if name == "article":
            return render("catalogue/ad-article.html", rows=layout["article"])
        return render("catalogue/ad-table.html", name=name, table=entry(layout, "tables", name), folded=name == "every")

    @env.macro
    def ad_files() -> str:
        """The files to take along."""
        return render("catalogue/ad-files.html", names=[path.name for path in files(root)])


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
    def questions(group: str) -> str:
        """The interview questions of one group of skills, folded, with what draws from them."""
        return render("catalogue/questions.html", records=[skill for skill in records.kinds["skills"] if skill.group == group])

    @env.macro
    def question_bank() -> str:
        """The pages of the question bank with their counts, and a draw from all of them."""
        return render("catalogue/bank.html", records=records.kinds["questions"])

    @env.macro
    def design(record_id: str) -> str:
        """One design interview."""
        return render("catalogue/design.html", record=records.get("designs", record_id))

    @env.macro
    def hiring() -> str:
        """The hiring kit: sheets for a role from six rows, and every row."""
        return render("catalogue/hiring.html", records=records.kinds["skills"], kinds=records.kinds, picks=PICKS)

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
