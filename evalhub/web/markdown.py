"""Markdown with LaTeX as safe HTML. PURE but for Django's SafeString.

markdown-it-py with raw HTML off and no images, latex2mathml for $...$ and $$...$$, and nh3's allow-list over the whole.
Text beyond LIMIT characters is cut, so that no page can be made to render for minutes.
"""

from functools import lru_cache
from html import escape
from typing import Any

import nh3
from django.utils.safestring import SafeString, mark_safe
from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

LIMIT = 20_000


def _names(text: str) -> set[str]:
    return set(text.split())


_MATH_TAGS = _names(
    "math mrow mi mn mo ms mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover "
    "mmultiscripts mprescripts mtable mtr mtd mstyle mpadded mphantom menclose merror semantics"
)
_HTML_TAGS = _names(
    "p br hr strong em s del code pre blockquote ul ol li h2 h3 h4 h5 h6 table thead tbody tr th td a span"
)
_MATH_ATTRIBUTES = _names(
    "display mathvariant stretchy fence separator form lspace rspace accent accentunder linethickness "
    "columnalign rowspacing columnspacing movablelimits minsize maxsize width height depth notation "
    "columnlines rowlines"
)
_ATTRIBUTES: dict[str, set[str]] = {
    "a": {"href", "title"},
    "ol": {"start"},
    "code": {"class"},
    **dict.fromkeys(_MATH_TAGS, _MATH_ATTRIBUTES),
}


def _math(content: str, options: dict[str, Any]) -> str:
    """LaTeX as MathML; what the converter cannot read is shown as it was written."""
    try:
        return str(convert(content, display="block" if options.get("display_mode") else "inline"))
    except Exception:  # latex2mathml raises bare exceptions of many kinds on broken LaTeX
        return f"<code>{escape(content)}</code>"


def _heading_below_page(tokens: list[Any]) -> None:
    """The page owns h1: a text's headings start at h3, as a part of a section."""
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"


_PARSER = (
    MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False})
    .enable(["table", "strikethrough"])
    .disable("image")
    .use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True, renderer=_math)
)


@lru_cache(maxsize=2048)
def render(text: str) -> SafeString:
    """Safe HTML of a Markdown text; at most LIMIT characters of it."""
    cut = text[:LIMIT]
    tokens = _PARSER.parse(cut)
    _heading_below_page(tokens)
    html = _PARSER.renderer.render(tokens, _PARSER.options, {})
    clean = nh3.clean(
        html,
        tags=_HTML_TAGS | _MATH_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"https", "http", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    more = "" if len(text) <= LIMIT else f"<p>… ({len(text) - LIMIT})</p>"
    return mark_safe(clean + more)  # noqa: S308  cleaned by nh3 on the line above
