"""Templates keep the content policy, and every page has its address and its English."""

import re
from pathlib import Path

import pytest

CONSOLE = Path(__file__).resolve().parents[2] / "tollcentre" / "console"
TEMPLATES = sorted(CONSOLE.rglob("*.html"))
OWN_FILES = sorted([*CONSOLE.glob("static/console/*.js"), *CONSOLE.glob("static/console/*.css")])
ADDRESS = re.compile(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", re.IGNORECASE)
NAMESPACE = "http://www.w3.org/"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
TAGGED = re.compile(
    r"\{%\s*blocktranslate.*?endblocktranslate\s*%\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL
)
BOTH_LANGUAGES = {"_language.html", "500.html"}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_template_has_no_inline_script_or_style(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|hx-on", text)
    assert not re.search(r"<script(?![^>]*\b(?:src|type=\"application/json\"))", text)


@pytest.mark.parametrize("path", [*TEMPLATES, *OWN_FILES], ids=lambda path: path.name)
def test_file_names_no_outside_address(path):
    text = path.read_text(encoding="utf-8")
    assert [found for found in ADDRESS.findall(text) if not found.startswith(NAMESPACE[:17])] == []


@pytest.mark.parametrize(
    "path", [t for t in TEMPLATES if t.name not in BOTH_LANGUAGES], ids=lambda path: path.name
)
def test_chinese_of_a_template_is_marked_for_translation(path):
    bare = TAGGED.sub("", path.read_text(encoding="utf-8"))
    assert CHINESE.findall(bare) == []
