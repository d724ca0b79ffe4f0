"""What is true of all pages as they are written: one small stylesheet, and nothing that our own policy would block."""

import re
from pathlib import Path

import pytest

from conftest import ROOT

WEB = ROOT / "src" / "tocsin" / "web"
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
STYLE = WEB / "static" / "tocsin.css"
SMALL = 16_000


def test_one_stylesheet_of_less_than_16000_bytes_serves_every_page() -> None:
    assert [path.name for path in (WEB / "static").glob("*.css")] == [STYLE.name]
    assert STYLE.stat().st_size < SMALL
    linked = {name for path in TEMPLATES for name in re.findall(r"static\('([^']+\.css)'\)", path.read_text("utf-8"))}
    assert linked == {STYLE.name}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(WEB / "templates").as_posix())
def test_no_page_has_a_style_attribute_or_a_script_of_its_own(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"\sstyle=|<style|\son\w+=|<script(?![^>]*\bsrc=)", text)


def test_no_look_is_kept_that_no_page_has() -> None:
    texts = [path.read_text("utf-8") for path in (*TEMPLATES, *WEB.rglob("*.py"), *WEB.rglob("*.js"))]
    words = {word for text in texts for word in re.findall(r"[\w-]+", text)}
    numbered = {f"{letter}{number}" for letter in "pd" for number in range(4)}
    style = re.sub(r"/\*.*?\*/|\d*\.\d+|#[0-9a-f]{3,6}\b", "", STYLE.read_text("utf-8"))
    looks = set(re.findall(r"\.([a-z][\w-]*)", style))
    assert {look for look in looks - numbered if not {look, look.removeprefix("i-")} & words} == set()
