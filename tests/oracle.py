"""What a real browser makes of built pages, without asking the gate: what runs, what asks another host, what covers, what deceives.

Each page is opened in a frame of its own, many at once; nothing leaves this machine, since all other hosts stand behind a proxy
that is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from conftest import serve
from playwright.sync_api import Browser, Request

AT_ONCE = 60
"""Pages that are opened side by side."""

NO_PROXY = "http://127.0.0.1:9"
"""Nobody listens at this port (RFC 863), so what goes there is lost."""

TELL = """
for (const name of ["alert", "confirm", "prompt", "print"])
  window[name] = () => {
    let frame = window;
    while (frame.parent !== window.top) frame = frame.parent;
    (window.top.told ??= []).push([frame.name, "something ran"]);
  };
"""

OPEN = """
async ([base, names]) => {
  window.told = [];
  const frames = names.map((name) => Object.assign(document.createElement("iframe"), { name, width: 1000, height: 600, src: base + name }));
  const loaded = (frame) => new Promise((done) => { frame.onload = done; setTimeout(done, 5000); document.body.append(frame); });
  await Promise.all(frames.map(loaded));
  await new Promise((done) => setTimeout(done, 100));
  const seen = Object.fromEntries(names.map((name) => [name, []]));
  for (const frame of frames) {
    let page = null;
    try { page = frame.contentWindow.location.href.split("#")[0] === base + frame.name && frame.contentDocument; } catch {}
    if (page) seen[frame.name].push(...look(page, frame.contentWindow));
    else seen[frame.name].push("left the page");
  }
  await new Promise((done) => setTimeout(done, 50));
  for (const [name, what] of window.told) seen[name].push(what);
  for (const frame of frames) frame.remove();
  return seen;

  function look(page, view) {
    const found = [];
    for (const element of page.querySelectorAll("*")) {
      const { position, display } = view.getComputedStyle(element);
      const signature = element.localName + (element.id && "#" + element.id) + [...element.classList].map((name) => "." + name).join("");
      if (position !== "static" && position !== "relative" && display !== "none") found.push(`${position}: ${signature}`);
      if (element.matches("base, form:not(.mle-filters), iframe, frame, object, embed, meta[http-equiv=refresh i]"))
        found.push("element: " + signature);
      for (const { name, value } of element.attributes) {
        if (name.startsWith("on")) found.push(`handler: ${signature} ${name}`);
        if (/^[\\s\\x00-\\x1f]*(j\\s*a\\s*v\\s*a|v\\s*b)\\s*s\\s*c\\s*r\\s*i\\s*p\\s*t\\s*:/i.test(value)) {
          found.push(`script as address: ${signature} ${name}`);
          element.dispatchEvent(new view.MouseEvent("click", { bubbles: true, cancelable: true }));
        }
      }
    }
    for (const link of page.querySelectorAll("article a[href]")) {
      const words = [link.textContent, link.title, ...[...link.querySelectorAll("img")].map((picture) => picture.alt)].join(" ");
      const plain = words.normalize("NFKC").replace(/[。｡]/g, ".").replace(/\\s*\\.\\s*/g, ".").toLowerCase();
      const own = (host) => host.split(".").slice(-2).join(".");
      for (const [told] of plain.matchAll(/\\b(?:[a-z0-9-]+\\.)+(?:com|org|net|io|dev)\\b/g))
        if (link.host !== view.location.host && own(told) !== own(link.hostname)) found.push(`names ${told}, leads to ${link.hostname}`);
      if (link.username || /^(?:[0-9.]+|\\[.*|localhost|.*\\.(?:local|localhost))$/.test(link.host) && link.host !== view.location.host)
        found.push("odd host: " + link.href);
      if (!["http:", "https:"].includes(link.protocol)) found.push("scheme: " + link.protocol);
    }
    const hidden = page.body?.textContent.match(
      /[\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0]/);
    if (hidden) found.push("hidden: U+" + hidden[0].codePointAt(0).toString(16));
    return found;
  }
}
"""


def look(browser: Browser, folder: Path, names: Sequence[str]) -> dict[str, list[str]]:
    """What the browser sees on each page of a site that should not be there, by the page's name; scripts as addresses are clicked."""
    context = browser.new_context(viewport={"width": 1000, "height": 600}, proxy={"server": NO_PROXY, "bypass": "127.0.0.1"})
    seen: dict[str, list[str]] = {name: [] for name in names}
    server = serve(folder, ["Cache-Control: max-age=600"])
    base = next(server) + "/"

    def note(request: Request) -> None:
        is_sent = request.url.startswith("http") and (request.failure or "net::").startswith("net::")  # else the browser kept it back
        if is_sent and not request.url.startswith(base):
            frame = request.frame
            while frame.parent_frame and frame.parent_frame.parent_frame:
                frame = frame.parent_frame
            seen.setdefault(frame.name, []).append(f"asks {request.url}")

    context.on("requestfinished", note)
    context.on("requestfailed", note)  # as all do that the proxy would have to pass on
    context.add_init_script(TELL)
    page = context.new_page()
    page.goto(base + "robots.txt")
    for start in range(0, len(names), AT_ONCE):
        for name, found in page.evaluate(OPEN, [base, names[start : start + AT_ONCE]]).items():
            seen[name] += found
    context.close()
    next(server, None)
    return seen
