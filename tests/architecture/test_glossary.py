"""GLOSSARY.md and the code say the same words."""

import ast
import re
from functools import cache
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "tollcentre"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
RECORDS = ("gantry_trade", "plate_read", "entry_record", "exit_record", "batch_sum")


@cache
def rows() -> dict[str, str]:
    """Code word → its row, of every table with the columns 中文, English, code, meaning."""
    found: dict[str, str] = {}
    for line in (ROOT / "GLOSSARY.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 4 and re.fullmatch(r"`\w+`", cells[2]):
            assert cells[2].strip("`") not in found, f"twice in the glossary: {cells[2]}"
            found[cells[2].strip("`")] = cells[0]
    return found


def classes(pattern: str) -> dict[str, ast.ClassDef]:
    """Public classes of the modules of that pattern."""
    found = {}
    for path in sorted(PACKAGE.glob(pattern)):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name] = node
    return found


@cache
def national_fields() -> set[str]:
    """Our names of every column of the national records."""
    names = set()
    for kind in RECORDS:
        text = (PACKAGE / "messages" / "parameters" / f"{kind}.yaml").read_text(encoding="utf-8")
        names |= {column["name"] for column in yaml.safe_load(text)["columns"]}
    return names


def words_of_code() -> set[str]:
    """Every identifier-like word of our sources."""
    words: set[str] = {path.name for path in PACKAGE.iterdir()}
    for suffix in ("*.py", "*.sql", "*.yaml"):
        for path in PACKAGE.rglob(suffix):
            words.add(path.stem)
            words |= set(re.findall(r"\w+", path.read_text(encoding="utf-8")))
    return words


def wanted() -> set[str]:
    """What must have a row."""
    terms = classes("*/terms.py") | classes("core/codes.py")
    fields = {
        part.target.id
        for node in terms.values()
        for part in node.body
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
    }
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    relations = {path.stem for path in PACKAGE.glob("*/relations/*.sql")}
    return (
        set(terms) | set(classes("*/models.py")) | (fields & national_fields()) | rooms | relations
    )


def test_every_word_of_the_code_is_explained_in_chinese() -> None:
    missing = sorted(word for word in wanted() if not CHINESE.search(rows().get(word, "")))
    assert not missing, f"add to GLOSSARY.md with 中文: {', '.join(missing)}"


def test_the_glossary_claims_no_word_that_the_code_lacks() -> None:
    gone = sorted(set(rows()) - words_of_code())
    assert not gone, f"no longer in the code, take off GLOSSARY.md: {', '.join(gone)}"


def test_chinese_words_are_not_used_for_two_things() -> None:
    by_word: dict[str, list[str]] = {}
    for code, chinese in rows().items():
        by_word.setdefault(chinese, []).append(code)
    national = {"media_type", "exit_fee_type"}
    twice = {word: codes for word, codes in by_word.items() if len(set(codes) - national) > 1}
    assert not twice
