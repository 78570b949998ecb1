import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.messages.encode import encode_json
from tests.messages.roadside import NOW, csv_of, rows_of, trades
from tollcentre.core.refusal import Refusal
from tollcentre.messages import actions, queries
from tollcentre.messages.terms import IntakeReport, RecordKind

TakeIn = Callable[..., IntakeReport]
TRADE = RecordKind.GANTRY_TRADE
KEY = "trade_id, content_digest, fee, vehicle_id, trans_time"


@pytest.mark.parametrize("kind", list(RecordKind))
def test_golden_file_is_taken_in_whole(kind: RecordKind, take_in: TakeIn, golden: Path) -> None:
    path = golden / f"{kind.value}.csv"
    report = take_in(path)
    assert report.accepted == len(path.read_text(encoding="utf-8").splitlines()) - 1
    assert report.unknown_columns == set()
    assert report.kinds == {kind.value: report.accepted}


def test_golden_trades_land_as_the_contract_says(take_in: TakeIn, golden: Path) -> None:
    take_in(golden / "gantry_trade.csv")
    rows = rows_of(
        "gantry_trade",
        "trade_id, media_type, vehicle_id, medium_no, card_no, issuer_id, unit_count, fee,"
        " trade_result, gantry_pass_info_after, trans_time",
    )
    assert rows == [
        ("G0099620010013201302026112208400040", 1, "甘A00F01_4", "6201000000000011",
         "62011901000000000001", "620101", 1, 247, 0, "", 1795307647),
        ("G0099620010013201302026112208400042", 1, "甘A00F01_4", "6201000000000012",
         "62011901000000000001", "620101", 1, 0, 1, "", 1795308000),
        ("G0099620010033202102026112208400041", 2, "甘B00F02_1", "6201010000000002",
         "", "", 2, 900, 0, "62A20162A20362A227", 1795307770),
    ]  # fmt: skip
    units = rows_of("charged_unit", "source, seq, toll_interval_id, sign, pay_fee, fee")
    assert units == [
        (1, 0, "G009962001002320", 2, 620, 620),
        (1, 1, "G009962001003320", 1, 280, 280),
    ]


def test_exit_units_take_the_sign_of_a_reversal(take_in: TakeIn, golden: Path) -> None:
    take_in(golden / "exit_record.csv")
    units = rows_of("charged_unit", "source, seq, toll_interval_id, fee")
    assert units == [
        (2, 0, "G009962001002320", -620), (2, 0, "G009962001002320", 620),
        (2, 1, "G009962001003320", -280), (2, 1, "G009962001003320", 280),
    ]  # fmt: skip


def test_the_same_records_in_any_shape_are_the_same(take_in: TakeIn) -> None:
    records = trades(30)
    plain = csv_of(TRADE, *records)
    take_in(plain, "plain.csv")
    expected = rows_of("gantry_trade", KEY)
    as_json = encode_json(TRADE, records)
    objects = json.loads(as_json)
    head, body = plain.split(b"\n", 1)
    shapes = {
        "gb18030": plain.decode().encode("gb18030"),
        "bom": b"\xef\xbb\xbf" + plain,
        "crlf": plain.replace(b"\n", b"\r\n"),
        "gzip": gzip.compress(plain),
        "upper": head.upper() + b"\n" + body,
        "snake": b",".join(_snake(name) for name in head.split(b",")) + b"\n" + body,
        "json": as_json,
        "json_lines": b"\n".join(json.dumps(entry).encode() for entry in objects),
        "json_data": json.dumps({"count": 30, "data": objects, "more": 1}).encode(),
        "json_numbers": json.dumps(
            [{k: int(v) if k in ("fee", "payFee") else v for k, v in e.items()} for e in objects]
        ).encode(),
    }
    for shape, content in shapes.items():
        report = take_in(content, f"other-{shape}.txt")
        counts = (report.duplicates, report.accepted, report.quarantined)
        assert counts == (30, 0, 0), (shape, report.reasons)
    assert rows_of("gantry_trade", KEY) == expected


def _snake(name: bytes) -> bytes:
    return b"".join(b"_" + bytes([c]).lower() if 65 <= c <= 90 else bytes([c]) for c in name)


def _broken(plain: bytes, fault: str) -> bytes:
    lines = plain.splitlines(keepends=True)
    broken = {
        "nul_byte": lines[5].replace(b"6201", b"\x00201", 1),
        "wrong_column_count": lines[5].replace(b",", b"", 1),
        "stray_quote": lines[5].replace(b",", b',"', 1),
        "undecodable_bytes": lines[5].replace("甘".encode(), b"\xff\xfe"),
        "stray_line_break": lines[5].replace(b",", b"\r,", 1),
    }[fault]
    return b"".join([*lines[:5], broken, *lines[6:]])


@pytest.mark.parametrize(
    "fault",
    ["nul_byte", "wrong_column_count", "stray_quote", "undecodable_bytes", "stray_line_break"],
)
def test_a_broken_line_is_named_and_the_others_land(fault: str, take_in: TakeIn) -> None:
    content = _broken(csv_of(TRADE, *trades(40)), fault)
    report = take_in(content)
    assert (report.accepted, report.quarantined) == (39, 1)
    assert report.reasons == {fault: 1}
    kept = queries.quarantined().get()
    assert bytes(kept.raw) == content.split(b"\n")[5]
    assert (kept.line, kept.kind) == (6, "gantry_trade")


@pytest.mark.parametrize("cut", [60, 400, 700])
def test_a_file_cut_in_a_line_loses_that_line_only(cut: int, take_in: TakeIn) -> None:
    report = take_in(csv_of(TRADE, *trades(20))[:-cut])
    assert (report.accepted, report.quarantined) == (19, 1)
    assert report.reasons == {"truncated_row": 1}


def test_a_json_file_cut_in_a_record_loses_that_record_only(take_in: TakeIn) -> None:
    report = take_in(encode_json(TRADE, trades(20))[:-50], "cut.json")
    assert (report.accepted, report.quarantined) == (19, 1)
    assert report.reasons == {"truncated_row": 1}


def test_a_broken_element_of_a_list_is_named(take_in: TakeIn) -> None:
    content = encode_json(TRADE, trades(20)).replace(b'"fee": "247"', b'"fee": 247oops', 1)
    report = take_in(content, "broken.json")
    assert (report.accepted, report.quarantined) == (19, 1)
    assert report.reasons == {"broken_json": 1}


def test_compression_that_breaks_off_is_named(take_in: TakeIn) -> None:
    whole = gzip.compress(csv_of(TRADE, *trades(400)))
    report = take_in(whole[: len(whole) // 2], "cut.csv.gz")
    assert report.accepted > 0
    assert report.quarantined == 1
    assert set(report.reasons) <= {"truncated_row", "truncated_compression"}


def test_a_file_of_no_known_kind_is_kept_line_by_line(take_in: TakeIn) -> None:
    report = take_in(b"a,b\n1,2\n3,4\n")
    assert (report.accepted, report.quarantined) == (0, 2)
    assert report.reasons == {"unknown_kind": 2}


def test_columns_that_are_not_ours_are_told(take_in: TakeIn) -> None:
    head, body = csv_of(TRADE, *trades(1)).split(b"\n", 1)
    report = take_in(head + b",colour\n" + body.rstrip(b"\n") + b",red\n")
    assert report.accepted == 1
    assert report.unknown_columns == {"colour"}


def test_a_folder_is_walked_and_other_files_are_told(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "day"
    (folder / "late").mkdir(parents=True)
    (folder / "a.csv").write_bytes(csv_of(TRADE, *trades(3)))
    (folder / "late" / "b.csv").write_bytes(csv_of(TRADE, *trades(5)))
    for name in ("truth.csv", "README.md", "units.csv", "manifest.json", "x.parquet"):
        (folder / name).write_text("a\n1\n")
    (folder / "empty.csv").touch()
    report = actions.take_in_paths(paths=[folder], now=NOW)
    assert (report.accepted, report.duplicates, report.quarantined) == (5, 3, 0)
    assert [Path(entry["file"]).name for entry in report.skipped] == [
        "README.md", "empty.csv", "manifest.json", "truth.csv", "units.csv", "x.parquet",
    ]  # fmt: skip


def test_a_missing_path_is_refused_before_anything_is_read(home: Path, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(csv_of(TRADE, *trades(3)))
    with pytest.raises(Refusal, match="path_missing"):
        actions.take_in_paths(paths=[tmp_path / "a.csv", tmp_path / "none.csv"], now=NOW)
    assert queries.batches().count() == 0


def test_blocks_give_the_same_as_one_piece(
    take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tollcentre.messages.codecs.definitions import limits  # noqa: PLC0415 - patched here only

    monkeypatch.setitem(limits(), "block_bytes", 5000)
    report = take_in(_broken(csv_of(TRADE, *trades(20)), "stray_quote"))
    assert (report.accepted, report.quarantined) == (19, 1)
    assert queries.quarantined().get().line == 6
