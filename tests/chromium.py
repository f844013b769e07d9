"""Find a Chromium for the browser tests, or install one; `python tests/chromium.py` prints its path.

Looks at $CHROMIUM, at the usual names on the PATH, at the usual places of macOS and at Playwright's own
download. Finds none: installs Debian's package as root, lets Playwright download its own elsewhere,
or fails and says what to install. First comes Chromium's headless shell, where it is there: the same engine without
the window, which opens a fresh reader's page with a fifth of the work.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium-headless-shell", "chrome-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def find() -> str | None:
    """The path of a Chromium that is there, or None."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    on_path = next((path for name in NAMES if (path := shutil.which(name))), None)
    return on_path or next((place for place in PLACES if Path(place).exists()), None) or playwrights_own()


def driver_runs() -> bool:
    """True when Playwright's own driver starts; on a bare Debian it lacks libatomic."""
    return subprocess.run([sys.executable, "-m", "playwright", "--version"], capture_output=True, check=False).returncode == 0


def playwrights_own() -> str | None:
    """The browser that Playwright downloaded earlier, or None."""
    if not driver_runs():
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install() -> None:
    """Install what is missing: Debian's packages as root, else Playwright's download."""
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        for package in ("chromium-headless-shell", "chromium"):  # the second where a Debian has no package of the first
            command = ["apt-get", "install", "-y", "-qq", package, "libatomic1"]
            subprocess.run(command, check=False, env=quiet, stdout=subprocess.DEVNULL)
            if find():
                break
    else:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def main() -> int:
    """Print the path of a Chromium, installing one where there is none; exit 1 when that fails."""
    if find() is None or not driver_runs():
        print("No Chromium that the tests can drive; installing one …", file=sys.stderr)
        install()
    found = find()
    if found is None or not driver_runs():
        print(
            "The browser tests need Chromium. Install it (Debian: sudo apt-get install chromium-headless-shell libatomic1; "
            "macOS: brew install --cask chromium), or set CHROMIUM to its path.",
            file=sys.stderr,
        )
        return 1
    print(f"Browser: {found}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
