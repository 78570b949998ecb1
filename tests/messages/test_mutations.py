"""Records mutated at random: each is named or accepted, none is lost, nothing is raised."""

import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.messages.encode import encode_json
from tests.messages.roadside import NOW, csv_of, record
from tollcentre.lake import queries as lake
from tollcentre.messages.codecs.csv_blocks import csv_block, header_of
from tollcentre.messages.codecs.json_blocks import json_blocks
from tollcentre.messages.kernels.prepare import prepare
from tollcentre.messages.terms import IntakeReport, RecordKind

TakeIn = Callable[..., IntakeReport]
ODD = [
    "", "x", "-1", "0", "9" * 30, "9" * 16, "-" + "9" * 15, "１２", "甘", "|", "||", "1|", "37:",
    "2026-13-40 99:00:00", "0000-00-00 00:00:00", "'", "\x01", "1e9", " 1", "NULL", "\\", "𠮷",
    "0x", "19700101080000", "99991231235959", "-0", "1.0", ";--", "9" * 15 + "|" + "9" * 15,
]  # fmt: skip


def _mutated_text(chance: random.Random, kind: RecordKind) -> dict[str, str]:
    one = record(kind)
    for name in chance.sample(sorted(one), chance.randint(1, 4)):
        value = str(one[name])
        choice = chance.random()
        if choice < 0.5:
            one[name] = chance.choice(ODD)
        elif choice < 0.75 and value:
            at = chance.randrange(len(value))
            one[name] = value[:at] + chance.choice("0AZz甘|-: ") + value[at + 1 :]
        else:
            one[name] = value + chance.choice(["0", " ", "|1", "\t"])
    return one


def _mutated_bytes(chance: random.Random, line: bytes) -> bytes:
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(max(len(line), 1))
        what = chance.random()
        if what < 0.3:
            line = line[:at] + bytes([chance.randrange(256)]) + line[at + 1 :]
        elif what < 0.5:
            line = line[:at] + line[at + 1 :]
        elif what < 0.7:
            line = (
                line[:at] + chance.choice([b",", b'"', b"\x00", b"\r", b"\xff", b'",']) + line[at:]
            )
        elif what < 0.85:
            line = line[:at]
        else:
            line = line + line[at:]
    return line.replace(b"\n", b"")


def _take_in_mutated(take_in: TakeIn, count: int, seed: int) -> None:
    chance = random.Random(seed)
    kinds = list(RecordKind)
    per_kind = count // len(kinds)
    for kind in kinds:
        texts = [_mutated_text(chance, kind) for _ in range(per_kind // 2)]
        report = take_in(csv_of(kind, *texts), f"{kind}-{seed}.csv")
        assert report.rows_read == len(texts)
        head, good = csv_of(kind, record(kind)).split(b"\n", 1)
        lines = [_mutated_bytes(chance, good.rstrip(b"\n")) for _ in range(per_kind // 2)]
        filled = [line for line in lines if line not in (b"", b"\r")]
        report = take_in(head + b"\n" + b"\n".join(lines) + b"\n", f"{kind}-{seed}b.csv")
        assert report.rows_read == len(filled)


def test_mutated_records_are_all_accounted_for(take_in: TakeIn) -> None:
    _take_in_mutated(take_in, 500, seed=1)


@pytest.mark.slow
def test_ten_thousand_mutated_records_are_all_accounted_for(take_in: TakeIn) -> None:
    _take_in_mutated(take_in, 10_000, seed=2)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(cells=st.dictionaries(st.sampled_from(sorted(record(RecordKind.PLATE_READ))),
                             st.text(max_size=40), max_size=6))  # fmt: skip
def test_any_text_in_any_column_is_judged(cells: dict[str, str]) -> None:
    text = encode_json(RecordKind.PLATE_READ, [record(RecordKind.PLATE_READ, **cells)]).decode()
    blocks = list(json_blocks(text, kind=None, encoding="utf-8", before=0, rows=10))
    assert sum(block.rows for block in blocks) == 1
    for block in blocks:
        judged = prepare(block, lake.connect(), now=NOW)
        assert len(judged.accepted) + len(judged.refused) == len(block.lines)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=st.binary(max_size=300), last=st.booleans(), broke=st.booleans())
def test_any_bytes_under_a_header_are_rows_or_broken(body: bytes, last: bool, broke: bool) -> None:
    header = header_of(b"collectId,gantryId,collectHourBatch,batchCount", "utf-8")
    block = csv_block(body, header=header, encoding="utf-8", first_line=2, last=last, broke=broke)
    filled = [line for line in body.split(b"\n") if line not in (b"", b"\r")]
    assert block.rows == len(filled)
    for row in range(len(block.lines)):
        assert block.raw(row) == body.split(b"\n")[block.lines[row] - 2]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.text(alphabet='[]{}",:ab1 \n\\甘', max_size=120))
def test_any_text_is_read_as_json_without_end(text: str) -> None:
    for block in json_blocks(text, kind=None, encoding="utf-8", before=0, rows=10):
        assert block.rows > 0
