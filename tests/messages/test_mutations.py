"""Records mutated at random: each is named or accepted, none is lost, nothing is raised."""

import json
import random
import re
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.messages.encode import encode_json
from tests.messages.roadside import NOW, csv_of, record, rows_of
from tollcentre.lake import queries as lake
from tollcentre.messages import queries
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
ODD_VALUES = [
    True, False, 1.5, -0.0, 1e22, 10**30, [1, "a"], {"x": 1}, "\ud800", "\u0000", "甘\u0000",
    "\\u0000", "a\tb", '"q"', "/", "\u2028",
]  # fmt: skip
NAME = re.compile(r"[a-z0-9_]+(:[A-Za-z0-9_]+)?")


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


def _spelt_anew(chance: random.Random, record: dict[str, str]) -> dict[str, object]:
    """The record as another sender's JSON might say it: blanks left out, numbers, odd values."""
    said: dict[str, object] = dict(record)
    for name, text in record.items():
        choice = chance.random()
        if text == "" and choice < 0.7:
            said[name] = None
            if choice < 0.4:
                del said[name]
        elif choice < 0.02:
            said[name] = chance.choice(ODD_VALUES)
        elif choice < 0.05 and text.isdecimal() and not text.startswith("0"):
            said[name] = int(text)
    if chance.random() < 0.1:
        said["colour"] = "red"
    if chance.random() < 0.1:
        said = dict(chance.sample(list(said.items()), len(said)))
    return said


def forms(chance: random.Random, kind: RecordKind, count: int) -> dict[str, tuple[bytes, int]]:
    """File name → content and how many records it holds; about `count` records in all."""
    each = count // 4
    texts = [[_mutated_text(chance, kind) for _ in range(each)] for _ in range(3)]
    head, good = csv_of(kind, record(kind)).split(b"\n", 1)
    lines = [_mutated_bytes(chance, good.rstrip(b"\n")) for _ in range(each)]
    filled = [line for line in lines if line not in (b"", b"\r")]
    said = [
        [_spelt_anew(chance, one) for one in json.loads(encode_json(kind, part))]
        for part in texts[1:]
    ]
    return {
        "texts.csv": (csv_of(kind, *texts[0]), each),
        "bytes.csv": (head + b"\n" + b"\n".join(lines) + b"\n", len(filled)),
        "list.json": (json.dumps(said[0], ensure_ascii=False).encode("utf-8", "replace"), each),
        "lines.json": (b"\n".join(json.dumps(one).encode() for one in said[1]), each),
    }


def _take_in_mutated(take_in: TakeIn, count: int, seed: int, *, twice: bool) -> None:
    """Each mutated record ends accepted, quarantined under a name, or as a duplicate."""
    chance = random.Random(seed)
    for kind in RecordKind:
        accepted = 0
        for name, (content, records) in forms(chance, kind, count // len(RecordKind)).items():
            report = take_in(content, f"{kind}-{seed}-{name}")
            assert report.rows_read == records
            assert report.kinds.total() == report.accepted
            assert set(report.kinds) <= {kind.value}
            assert all(NAME.fullmatch(reason) for reason in report.reasons)
            accepted += report.accepted
            if twice:
                again = take_in(content, f"{kind}-{seed}-{name}-again")
                assert (again.accepted, again.quarantined) == (0, report.quarantined)
                assert again.reasons == report.reasons
        partitions = lake.partitions_of(kind.value)
        landed = [row for day in partitions for row in rows_of(kind.value, "record_key", day)]
        assert len(landed) == accepted
    for row in queries.quarantined():
        assert row.raw
        assert all(NAME.fullmatch(reason) for reason in row.reasons.split("|"))


def test_mutated_records_are_all_accounted_for(take_in: TakeIn) -> None:
    _take_in_mutated(take_in, 250, seed=1, twice=False)


@pytest.mark.slow
def test_ten_thousand_mutated_records_are_all_accounted_for(take_in: TakeIn) -> None:
    _take_in_mutated(take_in, 10_000, seed=2, twice=True)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(cells=st.dictionaries(st.sampled_from(sorted(record(RecordKind.PLATE_READ))),
                             st.text(max_size=40), max_size=6))  # fmt: skip
def test_any_text_in_any_column_is_judged(cells: dict[str, str]) -> None:
    text = encode_json(RecordKind.PLATE_READ, [record(RecordKind.PLATE_READ, **cells)])
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
    for block in json_blocks(text.encode(), kind=None, encoding="utf-8", before=0, rows=10):
        assert block.rows > 0
