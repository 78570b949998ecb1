"""The catalogue of texts: reads `.po`, writes `.mo`, and finds every text that needs a line.

`python -m tollcentre.config.catalogue` compiles each `.po` under `config/locale`, after adding an
empty line for every text of the templates and modules that has none; gettext's own tools are not
needed. Sources are Chinese, the catalogue is English.
"""

import ast
import re
import struct
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
LOCALE = Path(__file__).resolve().parent / "locale"
MAGIC = 0x950412DE
HEADER = (
    "Content-Type: text/plain; charset=UTF-8\n"
    "Content-Transfer-Encoding: 8bit\n"
    "Language: en\n"
    "Plural-Forms: nplurals=2; plural=(n != 1);\n"
)
PYTHON_CALLS = frozenset({"_", "gettext", "gettext_lazy"})
TRANSLATE = re.compile(r"""\{%-?\s*translate\s+("([^"]+)"|'([^']+)')""")
BLOCK = re.compile(r"\{%\s*blocktranslate[^%]*%\}(.*?)\{%\s*endblocktranslate\s*%\}", re.DOTALL)
PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
PLACE_OF_TEXT = re.compile(r"%\(\w+\)[sd]|\{\w*\}")


def texts_of_template(source: str) -> Iterator[str]:
    """Every text of `translate` and `blocktranslate` in a template, as gettext looks it up."""
    for match in TRANSLATE.finditer(source):
        yield match.group(2) or match.group(3)
    for match in BLOCK.finditer(source):
        plain = match.group(1).replace("%", "%%")
        yield PLACE.sub(r"%(\1)s", plain)


def texts_of_module(source: str) -> Iterator[str]:
    """Every literal text handed to gettext in a module."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        first = node.args[0]
        if name in PYTHON_CALLS and isinstance(first, ast.Constant):
            yield str(first.value)


def texts_of_package(package: Path = PACKAGE) -> list[str]:
    """Every text of the package that needs a line, sorted."""
    found: set[str] = set()
    for path in sorted(package.rglob("templates/**/*.html")):
        found.update(texts_of_template(path.read_text(encoding="utf-8")))
    for path in sorted(package.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if "gettext" in source and path != Path(__file__).resolve():
            found.update(texts_of_module(source))
    return sorted(found)


def read_po(path: Path) -> dict[str, str]:
    """Text → translation of a catalogue file; the header is left out."""
    entries: dict[str, str] = {}
    kind, parts = "", {"msgid": "", "msgstr": ""}
    for line in [*path.read_text(encoding="utf-8").splitlines(), 'msgid ""']:
        line = line.strip()
        if line.startswith("msgid "):
            if parts["msgid"]:
                entries[parts["msgid"]] = parts["msgstr"]
            kind, parts = "msgid", {"msgid": _unquoted(line[6:]), "msgstr": ""}
        elif line.startswith("msgstr "):
            kind, parts["msgstr"] = "msgstr", _unquoted(line[7:])
        elif line.startswith('"') and kind:
            parts[kind] += _unquoted(line)
    return entries


def write_po(path: Path, entries: dict[str, str]) -> None:
    """The catalogue as text, sorted by source."""
    lines = ['msgid ""', 'msgstr ""', *(_quoted(part) for part in HEADER.splitlines(True)), ""]
    for source in sorted(entries):
        lines += [f"msgid {_quoted(source)}", f"msgstr {_quoted(entries[source])}", ""]
    path.write_text("\n".join(lines), encoding="utf-8")


def mo_bytes(entries: dict[str, str]) -> bytes:
    """The catalogue as GNU gettext's machine file: sorted, no hash table."""
    told = {"": HEADER} | {source: text for source, text in entries.items() if text}
    ids, texts, places = b"", b"", []
    for source in sorted(told, key=str.encode):
        key, value = source.encode(), told[source].encode()
        places.append((len(key), len(ids), len(value), len(texts)))
        ids += key + b"\0"
        texts += value + b"\0"
    count = len(places)
    ids_start = 28 + 16 * count
    texts_start = ids_start + len(ids)
    table = b"".join(struct.pack("<II", size, ids_start + at) for size, at, _, _ in places)
    table += b"".join(struct.pack("<II", size, texts_start + at) for _, _, size, at in places)
    head = struct.pack("<IIIIIII", MAGIC, 0, count, 28, 28 + 8 * count, 0, 28 + 16 * count)
    return head + table + ids + texts


def compile_all() -> list[str]:
    """Complete and compile every catalogue; gives the texts that have no translation yet."""
    wanted, missing = texts_of_package(), []
    for path in sorted(LOCALE.rglob("*.po")):
        known = read_po(path)
        entries = {source: known.get(source, "") for source in wanted}
        write_po(path, entries)
        path.with_suffix(".mo").write_bytes(mo_bytes(entries))
        missing += [source for source, text in entries.items() if not text]
    return missing


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _unquoted(quoted: str) -> str:
    return ast.literal_eval(quoted.strip())


if __name__ == "__main__":
    for untranslated in compile_all():
        print(untranslated)
