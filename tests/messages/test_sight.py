"""What is read by sight is what is read with care: the same rows, the same names."""

import csv
import gzip
import io
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.messages.encode import encode_json
from tests.messages.roadside import csv_of, record, trades
from tests.messages.test_mutations import forms
from tollcentre.core.keys import intern_key
from tollcentre.messages.codecs import csv_blocks, json_blocks, source
from tollcentre.messages.codecs.blocks import Block
from tollcentre.messages.codecs.definitions import limits
from tollcentre.messages.codecs.source import pieces
from tollcentre.messages.kernels.digests import intern_keys, joined_keys
from tollcentre.messages.terms import RecordKind

TRADE = RecordKind.GANTRY_TRADE
TEXTS = st.text(st.characters(codec="utf-8"), max_size=150)


def read_csv(content: bytes, encoding: str = "utf-8") -> Block:
    head, body = content.split(b"\n", 1)
    header = csv_blocks.header_of(head, encoding)
    return csv_blocks.csv_block(
        body, header=header, encoding=encoding, first_line=2, last=True, broke=False
    )


def read_json(content: bytes, rows: int = 40, encoding: str = "utf-8") -> list[Block]:
    found = json_blocks.json_blocks(content, kind=None, encoding=encoding, before=0, rows=rows)
    return list(found)


def told(block: Block) -> dict[str, Any]:
    """All that a block says of its rows; keys that are not ours are told once a source."""
    return {
        "kind": block.kind,
        "rows": block.table.to_pylist(),
        "lines": list(block.lines),
        "raw": [block.raw(row) for row in range(len(block.lines))],
        "broken": block.broken,
    }


def told_of(name: str, content: bytes) -> tuple[list[dict[str, Any]], set[str]]:
    """The same of every block of a file, and the keys that are not ours."""
    blocks = [read_csv(content)] if name.endswith(".csv") else read_json(content)
    unknown = set().union(*(block.unknown_columns for block in blocks))
    return [told(block) for block in blocks], unknown


@pytest.fixture
def with_care(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From the call on nothing is read by sight."""

    def nothing(*given: Any) -> tuple[int, int]:
        return given[-1], given[1]

    def act() -> None:
        monkeypatch.setattr(csv_blocks, "split_lines", lambda *given: given[-1].fill(True))
        monkeypatch.setattr(json_blocks, "read_objects", nothing)

    return act


def sources(seed: int) -> dict[str, bytes]:
    """Mutated records of every kind in many a form, by name."""
    chance = random.Random(seed)
    found: dict[str, bytes] = {}
    for kind in RecordKind:
        made = forms(chance, kind, 240)
        listed = made["list.json"][0]
        cut = chance.randrange(len(listed))
        found |= {f"{kind}-{name}": content for name, (content, _) in made.items()}
        found[f"{kind}-cut.json"] = listed[:cut]
        found[f"{kind}-bytes.json"] = b"".join(
            bytes([chance.randrange(256)]) if chance.random() < 0.0005 else listed[at : at + 1]
            for at in range(len(listed))
        )
        found[f"{kind}-quoted.csv"] = _quoted_all(made["texts.csv"][0])
    mixed = [json.loads(encode_json(kind, [record(kind)]))[0] for kind in RecordKind]
    found["mixed.json"] = json.dumps([chance.choice(mixed) for _ in range(100)]).encode()
    return found


def _quoted_all(content: bytes) -> bytes:
    text = io.StringIO()
    rows = csv.reader(io.StringIO(content.decode(), newline=""))
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))]
)
def test_by_sight_and_with_care_are_the_same(seed: int, with_care: Callable[[], None]) -> None:
    found = sources(seed)
    by_sight = {name: told_of(name, content) for name, content in found.items()}
    with_care()
    for name, content in found.items():
        assert told_of(name, content) == by_sight[name], name


def test_in_gb18030_too(with_care: Callable[[], None]) -> None:
    content = csv_of(TRADE, *trades(30), encoding="gb18030").replace(b"\xb8\xca", b"\xff\xff", 1)
    as_json = encode_json(TRADE, trades(30)).decode().encode("gb18030")
    by_sight = told(read_csv(content, "gb18030")), told(read_json(as_json, encoding="gb18030")[0])
    assert by_sight[0]["broken"][0].reason == "undecodable_bytes"
    assert b"".join(by_sight[1]["raw"]) in as_json.replace(b"}, {", b"}{")
    with_care()
    again = told(read_csv(content, "gb18030")), told(read_json(as_json, encoding="gb18030")[0])
    assert by_sight == again


def test_sound_records_are_read_by_sight(monkeypatch: pytest.MonkeyPatch) -> None:
    """All but the first of each new shape, which tells the keys."""
    looked_at: list[int] = []
    careful = json_blocks.element_at

    def counted(text: str, start: int, *, whole: bool) -> Any:
        looked_at.append(start)
        return careful(text, start, whole=whole)

    monkeypatch.setattr(json_blocks, "element_at", counted)
    monkeypatch.setattr(csv_blocks, "_read_with_care", lambda *_, **__: pytest.fail("not sound"))
    said = json.loads(encode_json(TRADE, trades(500)))
    for one in said[100:]:
        del one["obuVlp"], one["remarks"]
    for one in said[200:300]:
        one["colour"] = "甘"
    (block,) = read_json(json.dumps(said).encode(), rows=1000)
    assert (block.table.num_rows, block.unknown_columns) == (500, {"colour"})
    assert len(looked_at) == 2
    looked_at.clear()
    turned = [dict(reversed(one.items())) if at % 3 else one for at, one in enumerate(said)]
    (block,) = read_json(json.dumps(turned[:90]).encode(), rows=1000)
    assert block.table.num_rows == 90
    assert len(looked_at) == 2
    assert read_csv(_quoted_all(csv_of(TRADE, *trades(50)))).table.num_rows == 50


def test_an_object_that_could_be_of_another_kind_is_looked_at(
    with_care: Callable[[], None],
) -> None:
    leaving = json.loads(encode_json(RecordKind.EXIT_RECORD, [record(RecordKind.EXIT_RECORD)]))[0]
    entering = json.loads(encode_json(RecordKind.ENTRY_RECORD, [record(RecordKind.ENTRY_RECORD)]))
    few = {"id": "1", "enTime": "2026-11-22 08:00:00", "enTollLaneId": "2"}
    content = json.dumps([leaving, leaving | entering[0], few, *entering, leaving, few]).encode()
    by_sight = [told(block) for block in read_json(content)]
    assert {block["kind"] for block in by_sight} == {
        RecordKind.EXIT_RECORD, RecordKind.ENTRY_RECORD,
    }  # fmt: skip
    with_care()
    assert by_sight == [told(block) for block in read_json(content)]


def sorted_rows(blocks: list[Block]) -> tuple[list[Any], list[Any]]:
    """Rows with their values that are not blank and the broken elements, by number."""
    rows = [
        (int(line), block.kind, block.raw(at), {k: v for k, v in row.items() if v})
        for block in blocks
        for at, (line, row) in enumerate(zip(block.lines, block.table.to_pylist(), strict=True))
    ]
    broken = [(one.line, one.reason, one.raw) for block in blocks for one in block.broken]
    return sorted(rows, key=lambda row: row[0]), sorted(broken)


@pytest.mark.parametrize(
    "form", ["plain", *(pytest.param(form, marks=pytest.mark.slow) for form in ("gzip", "gb18030"))]
)
def test_a_source_in_small_parts_reads_as_it_does_whole(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, content in sources(5).items():
        if name.endswith(".csv"):
            continue
        encoding = "gb18030" if form == "gb18030" else "utf-8"
        if form == "gb18030":
            content = content.decode(errors="replace").encode("gb18030", "replace")
        whole = sorted_rows(read_json(content, rows=5000, encoding=encoding))
        path = tmp_path / name
        path.write_bytes(gzip.compress(content) if form == "gzip" else content)
        monkeypatch.setitem(limits(), "block_bytes", 900)
        monkeypatch.setattr(source, "encoding_of", lambda *_, **__: encoding)  # noqa: B023
        in_parts = sorted_rows([block for piece in pieces(path) for block in piece()])
        assert in_parts == whole, name


@pytest.mark.parametrize("compressed", [False, True])
def test_lines_longer_than_a_block_and_blank_ones_keep_their_numbers(
    compressed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(limits(), "block_bytes", 300)
    content = b"\n\r\n" + csv_of(TRADE, *trades(7)).replace(b"\n", b"\n\n", 4) + b"\n\r\n"
    path = tmp_path / "a.csv"
    path.write_bytes(gzip.compress(content) if compressed else content)
    blocks = [block for piece in pieces(path) for block in piece()]
    lines = content.split(b"\n")
    found = [(n, b.raw(row)) for b in blocks for row, n in enumerate(map(int, b.lines))]
    assert [number for number, _ in found] == [5, 7, 9, 11, 12, 13, 14]
    assert all(lines[number - 1] == raw for number, raw in found)


@given(texts=st.lists(TEXTS, min_size=1, max_size=200))
def test_keys_are_those_of_the_slow_interning(texts: list[str]) -> None:
    expected = [intern_key(text) for text in texts]
    column = pa.array(texts, pa.string())
    assert intern_keys(column).tolist() == expected
    assert intern_keys(column.dictionary_encode()).tolist() == expected
    assert intern_keys(column.slice(1)).tolist() == expected[1:]


@given(data=st.data(), rows=st.integers(1, 40))
def test_joined_keys_are_those_of_the_joined_texts(data: st.DataObject, rows: int) -> None:
    columns = st.lists(TEXTS, min_size=rows, max_size=rows).map(pa.array)
    several = st.lists(st.one_of(TEXTS, columns), max_size=5)
    parts = [*data.draw(several), data.draw(columns), *data.draw(several)]
    joined = [
        "\x1f".join(part if isinstance(part, str) else part[row].as_py() for part in parts)
        for row in range(rows)
    ]
    assert joined_keys(parts, "\x1f").tolist() == [intern_key(text) for text in joined]
