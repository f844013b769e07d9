"""The picture that other sites show beside a link to the guide: the home page's drawing on the guide's paper.

Reads the built home page and the colours of overrides/assets/guide.css; writes assets/preview.png into the site.
build_site.py runs it where the site has an address, since a preview is asked for by its whole address. No words stand in it:
they would need fonts that not every machine has, and the page's title is shown beside it anyway.
"""

from __future__ import annotations

import re
from pathlib import Path

from lxml import etree, html
from resvg_py import svg_to_bytes

PLACE = "assets/preview.png"

SIZE = (1200, 630)
"""Pixels: the shape that link previews are cut to (1.91 to 1)."""

COLOUR = re.compile(r"--(mle-[\w-]+): light-dark\((#[0-9a-f]+),")


def draw_preview(site: Path) -> None:
    """Draw the preview; raises `ValueError` when the home page has no drawing or a colour is not in the style sheet."""
    drawings = html.fromstring((site / "index.html").read_bytes()).xpath("//figure//*[local-name()='svg']")
    if not drawings:
        raise ValueError("index.html: found no drawing, expected the home page's picture")
    colours = dict(COLOUR.findall((site / "assets/guide.css").read_text(encoding="utf-8")))
    missing = {"mle-paper", "mle-accent", "mle-ink-2"} - colours.keys()
    if missing:
        raise ValueError(f"assets/guide.css: found no light-dark() colour {', '.join(sorted(missing))}")
    drawing = "".join(
        etree.tostring(part, encoding="unicode") for part in drawings[0] if isinstance(part.tag, str) and part.tag not in ("title", "desc")
    )
    width, height = SIZE
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        f'<svg x="100" y="190" width="1000" height="250" viewBox="0 0 800 200">{drawing}</svg></svg>'
    )
    style = (
        f".mle-d-dots {{ fill: {colours['mle-ink-2']} }} .mle-d-accent {{ fill: {colours['mle-accent']} }}"
        f" .mle-d-heavy {{ fill: none; stroke: {colours['mle-accent']}; stroke-width: 2 }}"
    )
    png = svg_to_bytes(picture, background=colours["mle-paper"], width=width, height=height, style_sheet=style, skip_system_fonts=True)
    (site / PLACE).write_bytes(png)
