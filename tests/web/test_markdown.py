"""Markdown of the bank: what it can say, and what it can never do."""

import re

import pytest

from evalhub.web.markdown import LIMIT, render

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "![x](https://evil.example/track.png)",
    "![x](javascript:alert(1))",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "<javascript:alert(1)>",
    '[x](https://a.example "onmouseover=alert(1)")',
    '<a href="https://a.example" onclick="alert(1)">x</a>',
    "<style>*{display:none}</style>",
    '<p style="position:fixed">x</p>',
    "<iframe src=https://evil.example></iframe>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    r"$\text{<script>alert(1)</script>}$",
    r"$\href{javascript:alert(1)}{x}$",
    r"$\style{position:fixed}{x}$",
    r"$\includegraphics{https://evil.example/x.png}$",
    r"$\unicode{x3c}script\unicode{x3e}$",
    "```html\n<script>alert(1)</script>\n```",
    "`<script>alert(1)</script>`",
    '~~~"><script>alert(1)</script>\nx\n~~~',
    "|a|\n|-|\n|<script>alert(1)</script>|",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_nothing_gets_through(text: str) -> None:
    html = str(render(text))
    tags = set(re.findall(r"<([a-zA-Z][a-zA-Z0-9]*)", html))
    assert not tags & {"script", "img", "svg", "iframe", "style", "form", "object", "embed", "mglyph"}
    for tag in re.findall(r"<[a-zA-Z][^>]*>", html):
        assert not re.search(r"\son\w+\s*=|\sstyle\s*=|href=\"(?!https?:|mailto:)", tag), tag


def test_formulas_become_mathml() -> None:
    html = str(render(r"The cost is $\frac{q k^\top}{\sqrt{d_k}}$."))
    assert '<math display="inline"' in html
    assert "<mfrac>" in html
    assert "<msqrt>" in html


def test_a_block_formula_is_a_block() -> None:
    assert 'display="block"' in str(render("$$ a^2 + b^2 $$"))


def test_a_broken_formula_is_shown_as_written() -> None:
    assert r"<code>\left( 1</code>" in str(render(r"$\left( 1$"))


def test_money_is_no_formula() -> None:
    assert "<math" not in str(render("It costs $5 a day and $7 at night."))


def test_headings_stay_below_the_pages_own() -> None:
    assert str(render("# Big")).strip() == "<h3>Big</h3>"


def test_links_give_nothing_away() -> None:
    assert 'rel="noopener noreferrer nofollow"' in str(render("[a](https://a.example)"))


def test_a_text_beyond_the_limit_is_cut_and_says_so() -> None:
    html = str(render("a " * LIMIT))
    assert f"({LIMIT})" in html
    assert len(html) < LIMIT + 200


def test_tables_code_and_lists() -> None:
    html = str(render("| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nx = 1 < 2\n```\n\n1. one\n2. two"))
    for piece in ("<table>", "<td>1</td>", "1 &lt; 2", "<ol>"):
        assert piece in html
