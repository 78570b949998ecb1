"""Bank files made wrong on purpose, as another program or a broken line would make them."""

import hashlib

from .terms import Sending

COUNT, AMOUNT = 7, 8
"""Places of the figures in the head line."""
APART = (Sending.wrong_count, Sending.wrong_amount)
"""Faults that go first under an id of their own; a wrong digest keeps the id, and the content."""


def spoiled(fault: Sending, body: bytes, file_id: str) -> bytes:
    """The body with one fault; under another id where the fault is in the content."""
    head, *middle, trailer = body.decode().splitlines()
    if fault is Sending.wrong_digest:
        return "\n".join([head, *middle, f"T|{trailer[:1:-1]}", ""]).encode()
    parts = head.split("|")
    parts[3] = file_id
    place = COUNT if fault is Sending.wrong_count else AMOUNT
    parts[place] = str(int(parts[place]) + 1)
    return digested(["|".join(parts), *middle])


def other_content(body: bytes) -> bytes:
    """The same file id saying something else in its last field, rightly digested."""
    *lines, last, _ = body.decode().splitlines()
    start, _, field = last.rpartition("|")
    changed = str(int(field) + 1) if field.isdigit() else f"{field}*"
    return digested([*lines, f"{start}|{changed}"])


def digested(lines: list[str]) -> bytes:
    """The lines with the trailer that fits them."""
    text = "".join(f"{line}\n" for line in lines)
    return f"{text}T|{hashlib.sha256(text.encode()).hexdigest()}\n".encode()


def figures(body: bytes) -> tuple[int, int, str]:
    """Count, amount in fen and digest as the body declares them."""
    head, *_, trailer = body.decode().splitlines()
    parts = head.split("|")
    return int(parts[COUNT]), int(parts[AMOUNT]), trailer.removeprefix("T|")
