"""The page, as Markdown renderers read it: text stays text, links are links to the web."""

from __future__ import annotations

import dataclasses
import json
import random
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import commonmark
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from hn_luigi.cloud import Headline, Picture, escape, render
from hn_luigi.cloud.markdown import address
from hn_luigi.cloud.markdown_page import listed, table
from hn_luigi.strangers import plain, shows_nothing

REPOSITORY = Path(__file__).parents[2]
PICTURE = Picture(b"\x89PNG", 1, 1, ("word",), {})
ENCODED = "data:image/png;base64,iVBORw=="
DISCUSSION = "https://talk.example/1"

HOSTILE = [
    "[click](javascript:alert(1))",
    "![image](https://evil.example/x.png)",
    "[x]: javascript:alert(1)",
    "[cloud]: https://evil.example/x.png",
    "![x][cloud] and [cloud] and [y][cloud]",
    "cloud",
    "[^1] footnote",
    "a | b || c \\| d",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<https://evil.example> <!-- comment",
    "`code` ``more`` ```",
    "first\nsecond\r\n\n# third",
    "# heading #",
    "- item",
    "+ item",
    "1. item",
    "123) item",
    "=====",
    "-----",
    "> quote",
    "~~struck~~ **bold** __bold__ _it_ *it*",
    "&lt;b&gt; &amp; &copy; &#35; AT&T",
    "https://evil.example/a?b=c www.evil.example evil.example",
    "mailto:me@evil.example me@evil.example //evil.example ftp://evil.example",
    "$a$ $$b$$ :smile: :+1: @someone",
    "{{ site.title }} {% include x %}",
    "ends with a backslash \\",
    "](https://evil.example) [",
    "tab\tnull\0bell\x07 line\u2028separator\x85next",
    "reversed \u202etxet\u202c and \u2066isolated",
    "שלום 2024",
    "lone surrogate \ud800 here",
    "| --- | --- |",
    "![x](https://evil.example/x.png) hello",
    "[Free](https://evil.example/) for all",
    "a [nested [pair] of] brackets] [ ![ [[x]](https://evil.example/) ]()",
    "\\[escaped\\](https://evil.example/) and \\![x\\](https://evil.example/x.png)",
    "[reference][1] and ![image][1] and [1]: https://evil.example/ 'title'",
    "<a href='https://evil.example/'>x</a> and <b>y</b> in [z]",
    "\\begin{x} \\(y\\) \\[z\\] @@0@@ $\\href{https://evil.example/}{q}$",
    "`[x](https://evil.example/)` and ``![`` x](https://evil.example/x.png)``",
]

FRAGMENTS = [*"[]()!<>&\\`*_~|#$@:.'\"", "](", "![", "[x](https://evil.example/x.png)", "x ", " "]
FRAGMENTS += ["<https://evil.example/>", "www.evil.example", "&#91;", "&lt;img src=x&gt;", "\\]"]
_draw = random.Random(16)
MIXED = ["".join(_draw.choices(FRAGMENTS, k=_draw.randint(2, 12))) for _ in range(500)]


ADDRESSES = [
    "https://site.example/",
    "https://site.example",
    "http://site.example:8080/a/b.html?c=d&e=f#g",
    "https://en.wikipedia.org/wiki/C_(language)",
    'https://site.example/a b|c`d"e<f>g\\h[i]^{j}',
    "https://site.example/?a=1&copy;=2&lt;=3&amp;=4",
    "https://site.example/?a=1&copy",
    "https://site.example/?reg=1&reg#lt",
    "https://site.example/$x$_y_*z*~~w~~",
    "https://site.example/100%25",
    "https://site.example/grün/漢字?q=ü",
    "http://[::1]:80/x",
    "https://site.example/@name/@@0@@",
]


def markdown_it_py(markdown: str) -> str:
    parser = MarkdownIt("commonmark", {"html": True, "linkify": True, "xhtmlOut": False})
    return parser.enable(["table", "strikethrough", "linkify"]).render(markdown)


class Seen(HTMLParser):
    """What a browser would find: elements, attributes, and the text inside each kind."""

    def __init__(self, markdown: str, read: Callable[[str], str] = markdown_it_py) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self._depth = 0
        self.html = read(markdown)
        self.feed(self.html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in {"img", "br", "hr"}:
            self._open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self._open):
            self.texts[tag][-1] += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def links(self) -> list[str | None]:
        return [attributes.get("href") for tag, attributes in self.elements if tag == "a"]


def page(**changes: object) -> str:
    arguments: dict[str, object] = {
        "heading": "Heading",
        "facts": [],
        "picture": PICTURE,
        "alt": "alt",
        "words": [],
        "headlines": [],
        **changes,
    }
    return render(**arguments)  # type: ignore[arg-type]


def one_spaced(text: str) -> str:
    return " ".join(text.split())


def headline(title: str, url: str | None = "https://site.example/") -> Headline:
    return Headline(title, url, DISCUSSION, 12, 3)


def test_an_ordinary_page_reads_well_in_its_source() -> None:
    source = page(
        heading="Words of the day",
        facts=[("Window", "2026-11-22 12:30 UTC"), ("Stories", "500")],
        alt="Word cloud; largest: Rust",
        words=[("Rust", 9), ("C++", 4)],
        headlines=[
            headline("Show: what's new in Rust 1.99, 50% faster (2026) - and well-tested?"),
            Headline("Ask", None, DISCUSSION, 1, 1),
            Headline("Quiet", "https://site.example/", DISCUSSION, None, None),
        ],
    )

    assert source == (
        "# Words of the day\n\n"
        "Window: 2026-11-22 12:30 UTC · Stories: 500\n\n"
        "## Leading words\n\n"
        "| Word | Headlines |\n"
        "| ---- | --------: |\n"
        "| Rust |         9 |\n"
        "| C++  |         4 |\n\n"
        "![Word cloud; largest: Rust][cloud]\n\n"
        "## Leading headlines\n\n"
        "1. [Show: what's new in Rust 1.99, 50% faster (2026) - and well-tested?]"
        f"(https://site.example/) — 12 points, [3 comments]({DISCUSSION})\n"
        f"2. [Ask]({DISCUSSION}) — 1 point, [1 comment]({DISCUSSION})\n"
        f"3. [Quiet](https://site.example/) — [discussion]({DISCUSSION})\n\n"
        "[cloud]: data:image/png;base64,iVBORw==\n"
    )


def test_so_does_one_with_news_a_note_and_headlines_of_its_words() -> None:
    first, second = headline("First"), headline("Second")
    source = page(
        news=["## News", table([("Word", "Now", "Then"), ("Rust", "9", "new")]), listed([first])],
        note="The colours tell nothing: no day is stored.",
        words=[("Rust", 9)],
        examples=[("Rust", 9, [first, second]), *[("C++", 1, [second])] * 9],
        headlines=[first],
    )

    link = f"[First](https://site.example/) — 12 points, [3 comments]({DISCUSSION})"
    other = link.replace("First", "Second")
    assert source.startswith(
        "# Heading\n\n"
        "## News\n\n"
        "| Word | Now | Then |\n"
        "| ---- | --: | ---: |\n"
        "| Rust |   9 |  new |\n\n"
        f"- {link}\n\n"
        "## Leading words\n\n"
    )
    assert source.partition("![alt]")[2].startswith(
        "[cloud]\n\n"
        "The colours tell nothing: no day is stored.\n\n"
        "## Headlines of the leading words\n\n"
        "1. **Rust**: 9 headlines\n"
        f"    - {link}\n"
        f"    - {other}\n"
        "2. **C++**: 1 headline\n"
    )
    seen = Seen(source)
    assert seen.texts["strong"] == ["Rust", *["C++"] * 9]
    assert [tag for tag, _ in seen.elements if tag in {"ol", "ul"}] == [
        "ul",
        "ol",
        *["ul"] * 10,
        "ol",
    ]
    assert_only_expected(seen)


def test_a_place_stands_before_a_title() -> None:
    placed = dataclasses.replace(headline("Title"), place="rank 9 → 1")
    assert listed([placed, headline("Other")]).startswith("- rank 9 → 1: [Title](")


def test_a_terminal_shows_the_picture_s_data_last() -> None:
    large = dataclasses.replace(PICTURE, png=bytes(100_000), left_out={"a": "no room"})
    *lines, last = page(picture=large, words=[("w", 1)], headlines=[headline("t")]).splitlines()

    assert last.startswith("[cloud]: data:image/png;base64,AAAA")
    assert max(map(len, lines)) < 200


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_comes_out_as_text_wherever_it_goes(text: str) -> None:
    shown = plain(text)

    seen = Seen(
        page(
            heading=text,
            facts=[(text, text)],
            alt=text,
            words=[(text, 2), ("word", 1)],
            news=[listed([dataclasses.replace(headline(text), place=text)])],
            note=text,
            examples=[(text, 1, [headline(text)]), ("word", 1, [headline("last")])],
            headlines=[headline(text), headline("next")],
        )
    )

    assert seen.texts["h1"] == [shown]
    assert seen.texts["p"][0] == f"{shown}: {shown}"
    assert seen.texts["td"] == [shown, "2", "word", "1"]
    titles = [shown, shown, "last", shown, "next"]
    assert seen.texts["a"] == [each for title in titles for each in (title, "3 comments")]
    assert seen.links() == ["https://site.example/", DISCUSSION] * 5
    assert seen.texts["strong"] == [shown, "word"]
    assert seen.texts["li"][0].startswith(f"{shown}: {shown} — ")
    assert [a["alt"] for tag, a in seen.elements if tag == "img"] == [shown]
    assert_only_expected(seen)


def of_npm(documents: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """The documents as HTML, by each of npm's readers."""
    node, readers = shutil.which("node"), REPOSITORY / ".venv/readers"
    if node is None or not (readers / "node_modules/remark").is_dir():
        pytest.skip("needs Node and npm's readers of Markdown: run .ci/install-servers")
    script = Path(__file__).with_name("readers.mjs").read_text()
    done = subprocess.run(
        [node, "--input-type=module", "--eval", script],
        cwd=readers,
        input=json.dumps(documents),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.slow
class TestOtherReaders:
    """What is one reader's text is another's image: each has to find the layout, and no more."""

    TITLES: Sequence[str] = [title for title in HOSTILE + MIXED if plain(title)]
    AFTER_THE_FACT = ("remark",)
    """Make a link of what looks like an address once all is read, and nothing can be escaped."""

    @staticmethod
    def linked(title: str) -> str:
        examples = [("word", 1, [headline(title)])] * 10
        return page(alt=title, examples=examples, headlines=[headline(title), headline("next")])

    @staticmethod
    def unlinked(title: str) -> str:
        return page(heading=f"h {title}", words=[(title, 2)])

    @staticmethod
    def leading(url: str) -> str:
        return page(headlines=[headline("Title", url)])

    def evaluate(self, name: str, read: Callable[[str], str]) -> None:
        for url in ADDRESSES:
            seen = Seen(self.leading(url), read)
            assert seen.texts["a"] == ["Title", "3 comments"], (name, url)
            assert unquote(seen.links()[0] or "") == unquote(url), (name, url)
        for title in self.TITLES:
            shown, seen = plain(title), Seen(self.linked(title), read)
            titles = [*[shown] * 11, "next"]
            assert seen.texts["a"][::2] == titles, (name, title)
            assert seen.links() == ["https://site.example/", DISCUSSION] * 12, (name, title)
            assert [tag for tag, _ in seen.elements if tag == "ul"] == ["ul"] * 10, (name, title)
            assert [a["alt"] for tag, a in seen.elements if tag == "img"] == [shown], (name, title)
            assert self.pictures(seen) == [ENCODED], (name, title)
            assert_only_expected(seen)
            if name in self.AFTER_THE_FACT:
                continue
            seen = Seen(self.unlinked(title), read)
            assert seen.texts["h1"] == [plain(f"h {title}")], (name, title)
            rows = seen.texts.get("td") or seen.texts["p"][-2].splitlines()[-1:]
            assert one_spaced(rows[0]) in map(one_spaced, (shown, f"| {shown} | 2 |")), (
                name,
                title,
            )
            assert seen.links() == [], (name, title)
            assert_only_expected(seen)

    @staticmethod
    def pictures(seen: Seen) -> list[str | None]:
        return [attributes["src"] for tag, attributes in seen.elements if tag == "img"]

    def test_of_python(self) -> None:
        self.evaluate("markdown-it-py", markdown_it_py)
        self.evaluate("commonmark", commonmark.commonmark)

    def test_of_npm(self) -> None:
        """marked also as JupyterLab 4 ships it."""
        pages = [write(title) for title in self.TITLES for write in (self.linked, self.unlinked)]
        pages += [self.leading(url) for url in ADDRESSES]
        found = of_npm(pages)
        assert len(found) == 5
        for name, documents in found.items():
            self.evaluate(name, dict(zip(pages, documents, strict=True)).__getitem__)


@given(st.text())
@example("0.A")
@example("a.b.co @c.de")
@example("1:23:x:")
@example("\u00a0x\u3000")
def test_any_text_comes_out_as_itself(text: str) -> None:
    shown = plain(text)

    seen = Seen(page(heading="h " + text, words=[(text, 1)], headlines=[headline(text)]))

    assert seen.texts["h1"] == [plain("h " + text)]
    assert seen.texts["td"] == [shown, "1"]
    assert seen.texts["a"] == ["(untitled)" if shows_nothing(text) else shown, "3 comments"]
    assert_only_expected(seen)


@given(st.text(alphabet="\\`*_[]()#|~$:@<>&!+-=.1aw/{}%\"' \n", max_size=30))
def test_any_punctuation_comes_out_as_itself(text: str) -> None:
    seen = Seen(f"{escape(text)}\n\n| a |\n| - |\n| {escape(text)} |\n\n[{escape(text)}](/x)\n")

    assert seen.texts["td"] == [plain(text)]
    assert seen.texts["a"] == [plain(text)]
    assert seen.texts["p"][:-1] == ([plain(text)] if plain(text) else [])


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "/relative",
        "//host/no-scheme",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " java\nscript:alert(1)",
        "data:text/html,<script>",
        "ftp://site.example/",
        "https://",
        "https:///path",
        "http://[broken/",
        "http://site.example:port/",
        "https://good.example@evil.example/",
        "https://evil.example\\@good.example/",
        "https://two words.example/",
        "https://a)b.example/",
        "https://site.example/\ud800",
    ],
)
def test_what_is_no_web_address_links_to_the_discussion(url: str | None) -> None:
    assert address(url) is None

    seen = Seen(page(headlines=[headline("Title", url)]))

    assert seen.links() == [DISCUSSION, DISCUSSION]


def test_without_any_address_the_title_is_plain_text() -> None:
    seen = Seen(page(headlines=[Headline("Title", None, "javascript:x", None, None)]))

    assert seen.texts["li"] == ["Title — discussion"]
    assert seen.links() == []


@pytest.mark.parametrize("url", ADDRESSES)
def test_a_web_address_leads_where_it_led(url: str) -> None:
    href = Seen(page(headlines=[headline("Title", url)])).links()[0]

    assert href is not None
    assert unquote(href) == unquote(url)


def test_an_international_host_name_is_linked() -> None:
    href = Seen(page(headlines=[headline("Title", "https://münchen.example/")])).links()[0]

    assert href in {"https://münchen.example/", "https://xn--mnchen-3ya.example/"}


@given(st.text(min_size=1))
def test_any_path_leads_to_the_same_host(path: str) -> None:
    seen = Seen(page(headlines=[headline("Title", f"https://site.example/{path}")]))

    assert seen.texts["a"] == ["Title", "3 comments"]
    href = seen.links()[0]
    assert href is not None
    assert urlsplit(href).netloc in {"site.example", urlsplit(DISCUSSION).netloc}
    assert_only_expected(seen)


def test_an_untitled_story_can_still_be_followed() -> None:
    assert Seen(page(headlines=[headline(" \u202e")])).texts["a"][0] == "(untitled)"


def test_words_that_are_not_in_the_picture_are_counted_with_the_reason() -> None:
    picture = dataclasses.replace(
        PICTURE, left_out={"a": "no font", "b": "no room", "c": "no font"}
    )

    assert "Not in the picture: 2 words (no font); 1 word (no room)." in page(picture=picture)
    assert "Not in the picture" not in page()


def test_the_same_arguments_give_the_same_page() -> None:
    arguments = {"facts": [("a", "b")], "words": [("w", 1)], "headlines": [headline("t")]}

    assert page(**arguments) == page(**arguments)


def assert_only_expected(seen: Seen) -> None:
    """Fail on any element or attribute that the page's own layout does not have."""
    allowed: dict[str, set[str]] = {
        "a": {"href"},
        "img": {"src", "alt"},
        "th": {"align", "style"},
        "td": {"align", "style"},
        **{tag: set() for tag in ("h1", "h2", "p", "strong", "ol", "ul", "li")},
        **{tag: set() for tag in ("table", "thead", "tbody", "tr")},
    }
    for tag, attributes in seen.elements:
        assert tag in allowed, seen.html
        assert set(attributes) <= allowed[tag], seen.html
        if tag == "img":
            assert (attributes["src"] or "").startswith("data:image/png;base64,")
