"""Markdown as HTML that other programs show, and HTML from other programs as Markdown."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "xhtmlOut": True}).enable("table")
_FORMULA = re.compile(r"(?<![\\$])\$(?!\$)([^$\n]+?)(?<!\\)\$(?!\$)")
_FENCED = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)
_TEX = re.compile(r"\\\((.+?)\\\)|\$\$(.+?)\$\$", re.DOTALL)
_LONELY = re.compile(r"(?<!\$)\$(?!\$)")  # a dollar, not a formula's mark
_HIDDEN = re.compile("\ue000(\\d+)\ue001")
_AROUND = {"strong": "**", "b": "**", "em": "*", "i": "*", "code": "`"}
_BLOCKS = {"p", "div", "ul", "ol", "table", "tr", "h1", "h2", "h3", "h4", "blockquote"}
_SILENT = {"script", "style", "head", "iframe", "object", "svg"}


def html_of(text: str, *, inline: bool = False) -> str:
    r"""Markdown to well-formed XHTML without raw HTML; `$x$` becomes `\(x\)`, which MathJax reads in all of them."""
    kept: list[str] = []

    def hide(found: re.Match[str]) -> str:
        kept.append(found[1])
        return f"\ue000{len(kept) - 1}\ue001"

    parts = [part if at % 2 else _FORMULA.sub(hide, part) for at, part in enumerate(_FENCED.split(text))]
    rendered = str((_MARKDOWN.renderInline if inline else _MARKDOWN.render)("".join(parts))).strip()
    return _HIDDEN.sub(lambda found: rf"\({_escaped(kept[int(found[1])])}\)", rendered)


def markdown_of(html: str) -> str:
    """The text of HTML with emphasis, code, lists and paragraphs kept; scripts and styles are dropped."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = _TEX.sub(lambda found: f"${(found[1] or found[2]).strip()}$", "".join(reader.parts)).replace(
        "\ue002", r"\$"
    )
    text = re.sub(r"[ \t]+\n", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class _Reader(HTMLParser):
    """Collects Markdown while the parser walks."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent = 0
        self.in_pre = self.in_code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self.silent += 1
        elif tag == "pre":
            self.in_pre = True
            self.parts.append("\n\n```\n")
        elif tag == "br":
            self.parts.append("\n")
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag in _BLOCKS:
            self.parts.append("\n\n")
        elif tag == "img":
            self.parts.append(dict(attrs).get("alt") or "")
        elif tag in _AROUND and not self.in_pre:
            self.in_code = self.in_code or tag == "code"
            self.parts.append(_AROUND[tag])

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag == "pre":
            self.in_pre = False
            self.parts.append("```\n\n")
        elif tag in _BLOCKS:
            self.parts.append("\n\n")
        elif tag in _AROUND and not self.in_pre:
            self.in_code = self.in_code and tag != "code"
            self.parts.append(_AROUND[tag])

    def handle_data(self, data: str) -> None:
        if not self.silent:
            words = data if self.in_pre else re.sub(r"[ \t\r\n]+", " ", data)
            self.parts.append(words if self.in_code or self.in_pre else _LONELY.sub("\ue002", words))
