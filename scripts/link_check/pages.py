"""Read a page as browsers read it: charset, elements, links with their lines, anchors, refreshes, signs of scripts and bot walls.

HTML is read by lexbor (the HTML Standard's algorithm), XHTML by expat, charsets by their WHATWG labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

import webencodings
from selectolax.lexbor import LexborHTMLParser

TOO_LONG, CUT_SHORT = "too long to be read whole", "cut short"  # why a page, or its rest, was not read
TOO_DEEP, PACKED = "nested too deep to be read", "packed in a way that was not asked for"
MAX_WORK = 500_000_000  # depth × tags, which lexbor's time grows with: half a second; a page that browsers can show has under a million
SHELL, WALL_TEXT = 300, 600  # characters that a page may show and still be an empty frame for scripts, or a bot wall
SMALL, WALL_HEAD = 5_000, 100_000  # tags that such a page has at most; characters within which a wall says what it is
REFRESH_SECONDS = 10.0  # a page that leads on sooner is a redirect; later, somebody is to read it first

CODE = frozenset({"pre", "code", "samp", "kbd", "textarea", "template"})  # what stands inside is shown, not followed
LINKING = ("href", "src", "poster", "data", "xlink:href", "background")
LOADED = frozenset({"stylesheet", "icon", "apple-touch-icon", "mask-icon", "manifest", "preload", "modulepreload"})  # by <link>
TAG = re.compile(r"<[a-zA-Z][a-zA-Z0-9:]*(?:-[a-zA-Z0-9:]+)*(?=[\s/>])")
NESTING = re.compile(
    r"<(/?)(?:div|[uod]l|section|article|aside|nav|main|header|footer|blockquote|center|details|dialog|figure|fieldset|menu|pre|address"
    r"|summary|hgroup|search|form|listing|dir|button|li|dd|dt)\b",
    re.IGNORECASE,
)
MARK = "\ue000"  # the attribute that carries a tag's line through the parser
MARKS = re.compile(f" {MARK}=\\d+ ")
CANDIDATE = re.compile(r"[\s,]*+(\S+)")  # the next address of a srcset, and what may stand behind it
DESCRIPTORS = re.compile(r"(?:[^,(]|\([^)]*(?:\)|\Z))*+")
REFRESH = re.compile(r"\s*([0-9.]*)\s*(?:[;,\s]\s*(?:url\s*=\s*)?(?:\"([^\"]*)|'([^']*)|(.*)))?", re.IGNORECASE | re.DOTALL)
WALL = re.compile(  # in lower case
    r"_cf_chl_opt|_incapsula_resource|captcha-delivery\.com|px-captcha|awswafcookiedomainlist|gokuprops|anubis_challenge|sec-if-cpt|bm-verify"
    r"|sucuri_cloudproxy|ddos-guard|/\.well-known/(?:vercel/security|go-away|sgcaptcha)|aliyun_waf|_waf_bd8ce2ce37|cf-turnstile|g-recaptcha"
    r"|h-captcha|friendly-challenge|<title>\s*(?:just a moment|attention required|one moment, please|checking your browser|are you a robot"
    r"|robot check|human verification|bot verification|client challenge|security check|vercel security|ddos"
    r"|access to this page has been denied|making sure you|verif(?:y|ying) (?:that )?you)"
)
MAY_BE_MORE = re.compile(rb"http-equiv|^(?:\xff\xfe|\xfe\xff|<\0|\0<)|" + WALL.pattern.encode())  # in lower case
STRUCTURE = "h1,h2,h3,h4,h5,h6,p,li,td,dd,pre,article,blockquote"  # a page that has one of these is not only a frame for scripts
MAKES_IDS = re.compile(r"\.id\s*=[^=]|setAttribute\(\s*[\"']id[\"']|\bid=[\"'\\]*(?:\$\{|[\"'`]\s*\+)")
MAKES_HTML = re.compile(r"(?:inner|outer)HTML|insertAdjacent|document\.write|createContextualFragment|setHTML|\.html\(|\.append\(")


class TooDeep(Exception):  # noqa: N818  it says what is
    """A page whose elements are nested deeper than can be read in reasonable time."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """What is to be known of somebody else's page."""

    anchors: frozenset[str] = frozenset()
    refresh: str = ""  # where it leads on to by itself
    is_bot_wall: bool = False
    unread: str = ""
    is_shell: bool = False  # nothing in it but scripts that will draw it
    scripts: str = ""

    def makes(self, anchor: str) -> bool:
        """True when the page's scripts may make this anchor, as far as can be seen without running them."""
        if self.is_shell or MAKES_IDS.search(self.scripts):
            return True
        return anchor in self.scripts and MAKES_HTML.search(self.scripts) is not None


@dataclass(slots=True)
class Local:
    """What is to be known of a page of one's own: its links as written, with their lines; its anchors; the base of its addresses."""

    links: list[tuple[str, int]] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    base: str = ""
    is_scripted: bool = False


def decoded(data: bytes, charset: str = "") -> tuple[str, str]:
    """A page's text and the charset that it is in: by its byte-order mark, its header, its own word, or by what fits."""
    found = webencodings.lookup(charset)
    if not found:
        start = re.sub(rb"<!--.*?-->", b"", data[:4096], flags=re.DOTALL)
        own = re.search(
            rb"<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']+)|<meta\b[^>]*?charset\s*=\s*[\"']?\s*([^\s\"'/>;]+)", start, re.IGNORECASE
        )
        found = webencodings.lookup((own[1] or own[2]).decode("latin-1")) if own else None
        if found and found.name in ("utf-16le", "utf-16be"):
            found = webencodings.UTF8  # who could read that in ASCII was not reading UTF-16
        if data[:2] in (b"<\0", b"\0<"):
            found = webencodings.lookup("utf-16le" if data[1] == 0 else "utf-16be")
    if not found:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            is_cut = error.end >= len(data) and error.start > len(data) - 4
            found = webencodings.UTF8 if is_cut else webencodings.lookup("windows-1252")
    text, used = webencodings.decode(data, found or webencodings.UTF8)
    return text, used.name


def tree(text: str, is_scripting: bool = False) -> LexborHTMLParser:
    """The page as a browser sees it; raises `TooDeep`."""
    if text.count("<") > 2_000:
        depth = deepest = 0
        for end in NESTING.finditer(text):
            depth = max(0, depth - 1) if end[1] else depth + 1
            deepest = max(deepest, depth)
        if deepest * text.count("<") > MAX_WORK:
            raise TooDeep
    return LexborHTMLParser(text, scripting=is_scripting)


def refresh_of(content: str) -> str:
    """Where a refresh leads, if it leads on soon."""
    found = REFRESH.match(content)
    target = (found[2] or found[3] or found[4] or "").strip() if found else ""
    try:
        return target if found and float(found[1] or 0) <= REFRESH_SECONDS else ""
    except ValueError:  # several full stops
        return ""


def read_foreign(data: bytes, charset: str, is_xml: bool, refresh: str = "") -> Foreign:
    """Read somebody else's page; `charset` and `refresh` are what its headers say."""
    text, _ = decoded(data, charset)
    try:
        if is_xml and (elements := list(xml_elements(text))):
            anchors = {name for tag, attributes, *_ in elements for name in anchors_of(tag, attributes)}
            return Foreign(frozenset(anchors), refresh_of(refresh))
        page = tree(text, is_scripting=True)
    except TooDeep:
        return Foreign(unread=TOO_DEEP, refresh=refresh_of(refresh))
    anchors = {node.id or "" for node in page.css("[id]")} | {node.attributes["name"] or "" for node in page.css("a[name]")}
    for node in page.css("meta[http-equiv]"):
        if (node.attributes["http-equiv"] or "").strip().lower() == "refresh":
            refresh = refresh or node.attributes.get("content") or ""
    scripts = page.css("script")
    own = "\n".join(node.text() for node in scripts)
    is_small = text.count("<") < SMALL
    has_structure = is_small and page.body is not None and page.body.css_first(STRUCTURE) is not None
    if is_small:
        page.strip_tags(["script", "style", "noscript", "template", "svg"])
    shown = len(" ".join(page.body.text().split())) if is_small and page.body else WALL_TEXT
    return Foreign(
        frozenset(anchors - {""}),
        refresh_of(refresh),
        is_bot_wall=shown < WALL_TEXT and WALL.search(text[:WALL_HEAD].lower()) is not None,
        is_shell=bool(scripts) and shown < SHELL and not has_structure,
        scripts=own,
    )


def anchors_of(tag: str, attributes: Mapping[str, str | None]) -> Iterator[str]:
    """The names under which an element can be found."""
    if attributes.get("id"):
        yield attributes["id"] or ""
    if tag == "a" and attributes.get("name"):
        yield attributes["name"] or ""


Element = tuple[str, Mapping[str, str | None], int, bool]
"""Tag, attributes, line, and whether what stands there is only shown (code)."""


def html_elements(text: str) -> Iterator[Element]:
    """The elements of a page with the line where each tag begins; what stands in templates is none."""
    line, last, parts = 1, 0, []
    for tag in TAG.finditer(text):  # lexbor keeps no places, so each tag carries its line in an attribute
        line += text.count("\n", last, tag.start())
        parts += [text[last : tag.end()], f" {MARK}={line} "]
        last = tag.end()
        line += text.count("\n", tag.start(), tag.end())
    root = tree("".join([*parts, text[last:]])).root
    inside: set[int] = set()  # elements that are, or stand in, code
    line = 1
    for node in root.traverse() if root else ():
        if not node.is_element_node:
            continue
        attributes = node.attributes
        line = int(attributes.pop(MARK, None) or line)  # elements that no tag stands for have the line of the one before
        is_code = node.tag in CODE or bool(inside and node.parent and node.parent.mem_id in inside)
        if is_code:
            inside.add(node.mem_id)
        yield node.tag or "", {name: value and MARKS.sub("", value) for name, value in attributes.items()}, line, is_code


def xml_elements(text: str) -> Iterator[Element]:
    """The elements of an XHTML page; none at all when it is not well-formed."""
    found: list[Element] = []
    code = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal code
        name = tag.rpartition(":")[2]
        code += name in CODE
        found.append((name, dict(attributes), parser.CurrentLineNumber, code > 0))

    def end(tag: str) -> None:
        nonlocal code
        code -= tag.rpartition(":")[2] in CODE

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.UseForeignDTD(True)  # so that `&nbsp;` is passed over
    try:
        parser.Parse(text.encode("utf-8"), True)
    except expat.ExpatError:
        return
    yield from found


def read_local(data: bytes, is_xml: bool) -> Local:
    """Read a page of one's own; raises `TooDeep`. Comments, scripts, and what only machines follow hold no links."""
    text, encoding = decoded(data)
    page = Local()
    base = None
    for tag, attributes, line, is_code in (list(xml_elements(text)) if is_xml else []) or html_elements(text):
        page.anchors.update(anchors_of(tag, attributes))
        page.is_scripted = page.is_scripted or tag == "script"
        if tag == "base":
            base = (attributes.get("href") or "").strip() if base is None and "href" in attributes else base
        elif not is_code and (tag != "link" or LOADED & set((attributes.get("rel") or "").lower().split())):
            urls = [(attributes.get(name) or "").strip() for name in LINKING if name != "data" or tag == "object"]
            for name in ("srcset", "imagesrcset"):
                urls += candidates(attributes.get(name) or "")
            if tag == "meta" and (attributes.get("http-equiv") or "").strip().lower() == "refresh":
                urls.append(refresh_of(attributes.get("content") or ""))
            page.links += [(in_charset(url, encoding), line) for url in urls if url]
    page.base = base or ""
    return page


def candidates(srcset: str) -> Iterator[str]:
    """The addresses of a srcset, by the HTML Standard's rules: a comma ends one only where it stands behind it or its descriptors."""
    at = 0
    while found := CANDIDATE.match(srcset, at):
        yield found[1].rstrip(",")
        behind = DESCRIPTORS.match(srcset, found.end())
        at = found.end() if found[1].endswith(",") or not behind else behind.end()


def in_charset(url: str, encoding: str) -> str:
    """A URL whose query is written in the page's own charset, as browsers do; in UTF-8 it can stay as it is."""
    if url.isascii() or encoding.startswith("utf-"):
        return url
    from urllib.parse import quote

    rest, mark, fragment = url.partition("#")
    path, question, query = rest.partition("?")
    codec = webencodings.lookup(encoding)
    python = codec.codec_info.name if codec else "utf-8"
    return path + question + quote(query, "%/:@!$&'()*+,;=~-._[]|^?\\`{}\"<> ", python, "xmlcharrefreplace") + mark + fragment
