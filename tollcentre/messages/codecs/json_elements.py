"""Elements of a JSON source, read with care one by one: each is a record, or is named.

An element that cannot be read is named and the reading goes on at the next object, so that a file
cut in the middle loses its last element only.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

DECODER = json.JSONDecoder(parse_float=str, parse_int=str)
NEXT_OBJECT = re.compile(r"\}\s*,?\s*(?=\{)")
BETWEEN = re.compile(r"[\s,\ufeff]*")
NEAR = 16


@dataclass
class Element:
    """One element of the source: its text, and the object or the fault."""

    raw: str
    value: dict[str, Any]
    fault: str = ""


def element_at(text: str, start: int, *, whole: bool) -> tuple[Element, int] | None:
    """The element that begins at `start`, and where it ends or the next one can begin.

    None where the text is not the whole rest of the source and ends too early to tell.
    """
    try:
        value, end = DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        if not whole and (error.msg.startswith("Unterminated") or error.pos + NEAR > len(text)):
            return None
    except RecursionError:
        if not whole:
            return None
    else:
        if not whole and end + NEAR > len(text):
            return None
        raw = text[start:end]
        if not isinstance(value, dict):
            return Element(raw, {}, "not_an_object"), end
        return Element(raw, value, text_fault(raw)), end
    following = NEXT_OBJECT.search(text, start + 1)
    if following:
        raw = text[start : following.start() + 1]
        return Element(raw, {}, "broken_json"), following.end()
    return (Element(text[start:], {}, "truncated_row"), len(text)) if whole else None


def past_blanks(text: str, position: int) -> int:
    """Past the blanks and commas that stand between elements."""
    found = BETWEEN.match(text, position)
    return found.end() if found else position


def text_fault(raw: str) -> str:
    """Why the text of an element cannot be kept as text; empty where it can."""
    if "\\u0000" in raw or "\x00" in raw:
        return "nul_byte"
    if raw.isascii():
        return ""
    try:
        raw.encode()
    except UnicodeEncodeError:
        return "undecodable_bytes"
    return ""


def text_of(cell: Any) -> str:
    """A JSON value as the text that CSV would carry; surrogates that are no text are replaced."""
    if isinstance(cell, str):
        text = cell
    elif cell is None:
        return ""
    elif isinstance(cell, bool):
        return "1" if cell else "0"
    elif isinstance(cell, int | float):
        return str(cell)
    else:
        text = json.dumps(cell, ensure_ascii=False)
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
