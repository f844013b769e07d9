"""Which scripts may run on the site: known by file and hash in policy.yml, and nowhere else.

The Content-Security-Policy is written from that file, never collected from the pages. An inline script that is not in it,
or a script file that differs from its hash, is a finding of check_output.py.
`make policy` writes the hashes of the built site into it, for a maintainer to read.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from catalogue import ROOT

FILE = Path("scripts/policy.yml")

BASES = (".", "..", "../..")
"""How a page names the top of its edition; the error page names it by the path of SITE_URL."""


def sha256(content: bytes) -> str:
    """A hash the way a policy names it: `sha256-` and base64 (CSP level 3)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(content).digest()).decode()


def bases(site_url: str) -> tuple[str, ...]:
    """Every way in which a page of the site names the top of its edition."""
    path = urlsplit(site_url).path or "/"
    return (*BASES, path, *([f"{path}zh/"] if site_url else []))


@dataclass(frozen=True)
class Policy:
    """What policy.yml says: directives by name, inline scripts as their text, script files as path and hash."""

    directives: Mapping[str, str]
    inline: tuple[str, ...]
    files: Mapping[str, str]

    def texts(self, site_url: str) -> set[str]:
        """Every inline script as it may stand in a page."""
        return {text.replace("{base}", base) for text in self.inline for base in (bases(site_url) if "{base}" in text else ("",))}

    def text(self, site_url: str, *, in_page: bool = False) -> str:
        """The policy in one line, as a header; `in_page` leaves out what a page cannot say of itself and lets it run from disk."""
        directives = dict(self.directives)
        directives["script-src"] += "".join(f" '{sha256(text.encode())}'" for text in sorted(self.texts(site_url)))
        if in_page:
            del directives["frame-ancestors"]  # means nothing in a <meta>
        return "; ".join(f"{name} {value}" for name, value in directives.items())


def read(root: Path) -> Policy:
    """The policy of the guide in `root`."""
    said = yaml.safe_load((root / FILE).read_text(encoding="utf-8"))
    return Policy(said["directives"], tuple(said["inline"]), said["files"] or {})


def note(root: Path, sites: Sequence[Path]) -> list[str]:
    """Write the hashes of the scripts of built sites into policy.yml; returns the paths whose hash is new.

    What is known of the theme stays, since two engines and two versions may stand side by side while one takes the other's place.
    """
    file = root / FILE
    old = read(root).files
    ours = {f"assets/{path.name}" for path in (root / "overrides/assets").glob("*.js")}
    known = {path: value for path, value in old.items() if path.count("/") > 1 or path in ours}
    for path in (path for site in sites for path in sorted(site.rglob("*.js")) if "/assets/" in path.as_posix()):
        name = path.as_posix().rpartition("assets/")
        known[f"assets/{name[2]}"] = sha256(path.read_bytes())
    head, _, _ = file.read_text(encoding="utf-8").partition("\nfiles:")
    file.write_text(head + "\nfiles:\n" + "".join(f"  {path}: {value}\n" for path, value in sorted(known.items())), encoding="utf-8")
    return sorted(path for path, value in known.items() if old.get(path) != value)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the policy, or note the scripts of the built site."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--note", metavar="SITE", nargs="+", type=Path, help="write the hashes of the scripts of these built sites")
    sites = parser.parse_args(argv).note
    print("\n".join(note(ROOT, sites)) if sites else read(ROOT).text(""))
    return 0


if __name__ == "__main__":
    sys.exit(main())
