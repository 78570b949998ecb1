"""Limits that only tighten, in plain Python; a finding names the file, the line and the way out."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.architecture.limits import (
    BANNED_CALLS,
    BANNED_IMPORTS,
    CLOCK_CALLS,
    FACES,
    FLOATS_ALLOWED,
    IMPORTS_ALLOWED,
    SQL_FLOATS_ALLOWED,
)

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "tollcentre"
FUNCTION_LINES, MODULE_LINES, LINE_WIDTH, README_LINES = 70, 500, 100, 40
SEEDED = ("default_rng", "random.Random")
UNFINISHED = re.compile(r"\b(" + "|".join(("FIX" + "ME", "TO" + "DO", "XX" + "X")) + r")\b")
NOT_MADE = "NotImplemented" + "Error"
SQL_FLOAT = re.compile(r"\b(DOUBLE|FLOAT|REAL|FLOAT4|FLOAT8)\b", re.IGNORECASE)
SQL_STAR = re.compile(r"SELECT\s+(DISTINCT\s+)?(\w+\.)?\*", re.IGNORECASE)
OUTSIDE = re.compile(r"(?:https?:)?//(?!www\.w3\.org/)[\w.-]+\.[a-z]{2,}", re.IGNORECASE)


def files(*patterns: str, under: tuple[str, ...] = ("tollcentre", "tests", "tools")) -> list[Path]:
    """Our own files of these name patterns."""
    found = {path for top in under for pattern in patterns for path in (ROOT / top).rglob(pattern)}
    made = {"vendor", "fonts", "__pycache__", "node_modules"}
    return sorted(path for path in found if not made & set(path.parts))


def place(path: Path, line: int = 0) -> str:
    """The file as findings name it."""
    return f"{path.relative_to(ROOT).as_posix()}" + (f":{line}" if line else "")


def matches(pattern: re.Pattern[str], paths: list[Path], *, word: str) -> Iterator[str]:
    """One finding for each line that the pattern is found in."""
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if pattern.search(line):
                yield f"{place(path, number)}: {word}: {line.strip()[:60]}"


def long_lines() -> Iterator[str]:
    for path in files("*.py", "*.sql"):
        if "migrations" in path.parts:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if len(line) > LINE_WIDTH:
                yield f"{place(path, number)}: {len(line)} characters, at most {LINE_WIDTH}"


def long_modules() -> Iterator[str]:
    for path in files("*.py", "*.sql", "*.html"):
        count = len(path.read_text(encoding="utf-8").splitlines())
        if count > MODULE_LINES:
            yield f"{place(path)}: {count} lines, at most {MODULE_LINES}: split it by act"


def long_functions() -> Iterator[str]:
    for path in files("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                count = (node.end_lineno or 0) - node.lineno + 1
                if count > FUNCTION_LINES:
                    where = place(path, node.lineno)
                    yield f"{where}: {node.name} has {count} lines, at most {FUNCTION_LINES}"


def unfinished() -> Iterator[str]:
    paths = files("*.py", "*.sql", "*.html", "*.yaml", "*.js", "*.css", "*.typ", "*.md")
    yield from matches(UNFINISHED, paths, word="finish it or leave it out")
    not_made = re.compile(rf"\b{NOT_MADE}\b")
    yield from matches(not_made, files("*.py"), word="finish it or leave it out")


def outside_addresses() -> Iterator[str]:
    pages = files("*.html", "*.css", "*.js", under=("tollcentre",))
    yield from matches(OUTSIDE, pages, word="pages name no outside address")


def sql_limits() -> Iterator[str]:
    relations = files("*.sql", under=("tollcentre",))
    yield from matches(SQL_STAR, relations, word="name the columns")
    money = [path for path in relations if place(path) not in SQL_FLOATS_ALLOWED]
    yield from matches(SQL_FLOAT, money, word="money is BIGINT fen, shares are integer ppm")


def call_name(node: ast.Call) -> str:
    """`np.random.rand` of a call; empty where it is no plain dotted name."""
    parts: list[str] = []
    target: ast.expr = node.func
    while isinstance(target, ast.Attribute):
        parts.append(target.attr)
        target = target.value
    return ".".join(reversed([*parts, target.id])) if isinstance(target, ast.Name) else ""


def may_read_clock(path: Path) -> bool:
    """Faces, actions and jobs read the clock and hand the moment down."""
    inner = path.relative_to(PACKAGE).parts
    return inner[0] in FACES or bool({"actions.py", "actions", "jobs.py"} & set(inner[1:]))


def banned_calls() -> Iterator[str]:
    for path in files("*.py", under=("tollcentre",)):
        room = path.relative_to(PACKAGE).parts[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name, where = call_name(node), place(path, node.lineno)
            if name == "float" and room not in FACES and place(path) not in FLOATS_ALLOWED:
                yield f"{where}: float(): use int fen, metres, ppm, or Decimal in a codec"
            if name == "print" and room != "config":
                yield f"{where}: print(): return a value; a verb of cli says it with click.echo"
            if name in CLOCK_CALLS and not may_read_clock(path):
                yield f"{where}: {name}(): take the moment as an argument from a face or an action"
            for start, instead in BANNED_CALLS.items():
                if name == start or (start.endswith(".") and name.startswith(start)):
                    if name.endswith(SEEDED) and (node.args or node.keywords):
                        continue
                    yield f"{where}: {name}(): {instead}"


def banned_imports() -> Iterator[str]:
    for path in files("*.py", under=("tollcentre",)):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            allowed, _ = IMPORTS_ALLOWED.get(place(path), ("", ""))
            for name in names:
                if name in BANNED_IMPORTS and name != allowed:
                    yield f"{place(path, node.lineno)}: {name}: {BANNED_IMPORTS[name]}"


def readmes() -> Iterator[str]:
    for folder in sorted(path.parent for path in PACKAGE.glob("*/__init__.py")):
        readme = folder / "README.md"
        if not readme.exists():
            yield f"{place(folder)}: no README.md: what it is, its words, its invariants"
        elif (count := len(readme.read_text(encoding="utf-8").splitlines())) > README_LINES:
            yield f"{place(readme)}: {count} lines, at most {README_LINES}"


def needless_allowances() -> Iterator[str]:
    for name in (*FLOATS_ALLOWED, *SQL_FLOATS_ALLOWED):
        path = ROOT / name
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        wanted = SQL_FLOAT if name in SQL_FLOATS_ALLOWED else re.compile(r"\bfloat\(")
        if not wanted.search(text):
            yield f"{name}: is allowed floats in limits.py and has none: take it off the list"


RULES: tuple[Callable[[], Iterator[str]], ...] = (
    long_lines,
    long_modules,
    long_functions,
    unfinished,
    outside_addresses,
    sql_limits,
    banned_calls,
    banned_imports,
    readmes,
    needless_allowances,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_tidy(rule: Callable[[], Iterator[str]]) -> None:
    findings = list(rule())
    assert not findings, "\n" + "\n".join(findings)
