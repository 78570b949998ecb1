"""How fast intake is: full-width gantry records of our own making, against a bare columnar copy."""

import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
from django.conf import settings

from tollcentre.core.keys import intern_key_sql
from tollcentre.lake import queries as lake
from tollcentre.messages import actions
from tollcentre.messages.codecs.definitions import definition
from tollcentre.messages.terms import RecordKind

DAY = "2026-11-22"
WARM_ROWS = 2000
VARIED = {
    "tradeId": "gantry || '20261122' || lpad((i // 40000 % 24)::VARCHAR, 2, '0')"
    " || lpad((i % 1000000)::VARCHAR, 6, '0')",
    "gantryId": "gantry",
    "originalFlag": "1",
    "computerOrder": "1 + i % 2",
    "hourBatchNo": "'20261122' || lpad((i // 40000 % 24)::VARCHAR, 2, '0')",
    "gantryOrderNum": "'101'",
    "gantryHex": "'62' || lpad((i % 900)::VARCHAR, 4, '0')",
    "gantryHexOpposite": "'63' || lpad((i % 900)::VARCHAR, 4, '0')",
    "transTime": "strftime(moment, '%Y-%m-%d %H:%M:%S')",
    "payFee": "pay",
    "fee": "fee",
    "discountFee": "pay - fee",
    "transFee": "CASE WHEN obu THEN fee ELSE 0 END",
    "mediaType": "CASE WHEN obu THEN 1 ELSE 2 END",
    "tollIntervalId": "CASE WHEN two THEN left(gantry, 16) || '|' || left(gantry, 15) || '1'"
    " ELSE left(gantry, 16) END",
    "payFeeGroup": "CASE WHEN two THEN (pay - 50) || '|50' ELSE pay::VARCHAR END",
    "feeGroup": "CASE WHEN two THEN (fee - 40) || '|40' ELSE fee::VARCHAR END",
    "discountFeeGroup": "CASE WHEN two THEN (pay - fee - 10) || '|10'"
    " ELSE (pay - fee)::VARCHAR END",
    "vlp": "plate",
    "vlpc": "'0'",
    "obuVlp": "CASE WHEN obu THEN plate ELSE '' END",
    "obuVlpc": "CASE WHEN obu THEN '0' ELSE '' END",
    "vehicleType": "CASE WHEN i % 5 = 0 THEN 16 ELSE 1 END",
    "feeVehicleType": "CASE WHEN i % 5 = 0 THEN 16 ELSE 1 END",
    "vehicleClass": "0",
    "transType": "'09'",
    "terminalTransNo": "lpad(printf('%x', i), 8, '0')",
    "transNo": "i % 60000",
    "algorithmIdentifier": "1",
    "keyVersion": "'01'",
    "antennaId": "1 + i % 4",
    "tollModeVer": "'6220260101001'",
    "tollParaVer": "'6220260101001'",
    "consumeTime": "60 + i % 300",
    "passState": "1",
    "enTollLaneId": "'02'",
    "enTollStationHex": "'6201' || lpad((i % 400)::VARCHAR, 4, '0')",
    "enTime": "strftime(entered, '%Y-%m-%d %H:%M:%S')",
    "passId": "CASE WHEN obu THEN '016201' ELSE '020000' END || medium"
    " || strftime(entered, '%Y%m%d%H%M%S')",
    "lastGantryHex": "'62' || lpad((i % 897)::VARCHAR, 4, '0')",
    "lastGantryTime": "strftime(moment - INTERVAL 150 SECOND, '%Y-%m-%d %H:%M:%S')",
    "obuMac": "upper(lpad(printf('%x', i * 7919 % 4294967295), 8, '0'))",
    "obuIssueId": "'B8CACBE062010001'",
    "obuSn": "medium",
    "obuStartDate": "'20240101'",
    "obuEndDate": "'20340101'",
    "cpuNetId": "CASE WHEN obu THEN '6201' ELSE '' END",
    "cpuIssueId": "CASE WHEN obu THEN 'B8CACBE062010001' ELSE '' END",
    "cpuCardId": "CASE WHEN obu THEN medium ELSE '' END",
    "balanceBefore": "CASE WHEN obu THEN 4194000000 - i % 100000 END",
    "balanceAfter": "CASE WHEN obu THEN 4194000000 - i % 100000 - fee END",
    "gantryPassInfo": "CASE WHEN obu THEN '' ELSE repeat('620123', i % 9) END",
    "gantryPassInfoAfter": "CASE WHEN obu THEN '' ELSE repeat('620123', i % 9)"
    " || '62' || lpad((i % 900)::VARCHAR, 4, '0') END",
    "feeSumLocalBefore": "CASE WHEN obu THEN NULL ELSE i % 20000 END",
    "feeSumLocalAfter": "CASE WHEN obu THEN NULL ELSE i % 20000 + fee END",
    "feeInfo1": "'G:' || gantry || '|T:' || strftime(moment, '%Y-%m-%dT%H:%M:%S')"
    " || '|' || repeat('VT:1|EVT:1|VC:0|', 14) || 'R:0,201,0=,0:0'",
    "feeInfo2": "'0'",
    "feeInfo3": "'62' || lpad((i % 900)::VARCHAR, 4, '0')",
    "tradeResult": "0",
    "feeMileage": "800 + i % 12000",
    "obuMileageBefore": "i % 200000",
    "obuMileageAfter": "i % 200000 + 800 + i % 12000",
    "tollIntervalSign": "CASE WHEN two THEN '1|2' ELSE '1' END",
    "rateCompute": "1",
    "vehicleSign": "'0xff'",
    "specialType": "''",
    "receiveTime": "strftime(moment + INTERVAL 40 SECOND, '%Y-%m-%d %H:%M:%S')",
}
"""Official column → DuckDB expression; fictitious values in the national shape."""

for _name, _amount in (
    ("obuProvFeeSum", "fee"), ("cardFeeSum", "fee"), ("obuFeeSum", "fee"),
    ("obuPayFeeSum", "pay"), ("obuProvPayFeeSum", "pay"),
):  # fmt: skip
    VARIED[f"{_name}Before"] = "CASE WHEN obu THEN i % 30000 ELSE -1 END"
    VARIED[f"{_name}After"] = f"CASE WHEN obu THEN i % 30000 + {_amount} ELSE -1 END"


def gantry_rows_sql(rows: int) -> str:
    """SQL that makes `rows` full-width gantry trades under their official names."""
    columns = []
    for column in definition(RecordKind.GANTRY_TRADE).official_columns():
        if column.official in VARIED:
            value = VARIED[column.official]
        elif column.form == "time":
            value = "strftime(moment, '%Y-%m-%d %H:%M:%S')"
        else:
            value = "'0'" if column.form == "number" else "''"
        columns.append(f"nullif(({value})::VARCHAR, '') AS \"{column.official}\"")
    return f"""
SELECT {", ".join(columns)} FROM (
 SELECT *, pay - pay * 5 // 100 AS fee, moment - INTERVAL 35 MINUTE AS entered,
  lpad((i * 104729 % 10000000000000000)::VARCHAR, 16, '0') AS medium,
  '甘A' || lpad((i * 31 % 100000)::VARCHAR, 5, '0') AS plate
 FROM (SELECT range AS i, 400 + range * 37 % 1800 AS pay, range % 4 <> 0 AS obu,
   range % 6 = 0 AS two,
   TIMESTAMP '{DAY} 00:00:00' + to_seconds(range * 86000 // {rows}) AS moment,
   'G003062001' || lpad((range % 90)::VARCHAR, 4, '0') || '20' || '010' AS gantry
  FROM range({rows})))"""


def bench_intake(*, rows: int = 400_000, json_rows: int = 50_000) -> dict[str, object]:
    """Seconds and rows per second of intake of CSV, GB18030 and JSON, beside a bare copy.

    Every row is fully validated and lands in this home's lake, under fictitious ids of its own.
    The bare copy is DuckDB's `COPY (SELECT * FROM read_csv(all_varchar)) TO parquet` of the same
    CSV file in the same run. A few records of each format are taken in beforehand, so that the
    compiled kernels are loaded, as in a centre that runs.
    """
    spill = Path(settings.HOME) / "spill"
    spill.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=spill) as folder:
        warm = _write_files(Path(folder), "99", WARM_ROWS, WARM_ROWS)
        actions.take_in_paths(paths=list(warm.values()), actor="bench")
        files = _write_files(Path(folder), "00", rows, json_rows)
        copy_s = _timed(lambda: _bare_copy(files["csv"], Path(folder) / "bare.parquet"))
        result: dict[str, object] = {
            "rows": rows,
            "columns": len(definition(RecordKind.GANTRY_TRADE).official_columns()),
            "csv_bytes": files["csv"].stat().st_size,
            "bare_copy_seconds": round(copy_s, 3),
        }
        for name, path in files.items():
            start = time.perf_counter()
            report = actions.take_in_paths(paths=[path], actor="bench")
            seconds = time.perf_counter() - start
            result[f"{name}_seconds"] = round(seconds, 3)
            result[f"{name}_rows_per_second"] = round(report.rows_read / seconds)
            result[f"{name}_accepted"] = report.accepted
            if name == "csv":
                result["ratio_to_bare_copy"] = round(seconds / copy_s, 2)
        result["interning"] = interning_cost(files["csv"])
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result["peak_memory_mb"] = round(peak_kb / 1024)
    return result


def _fresh_road() -> str:
    """A fictitious road code of this run, so that a second run is not all repeats."""
    return f"G{time.time_ns() // 1_000_000 % 10_000:04d}62"


def _write_files(folder: Path, use: str, rows: int, json_rows: int) -> dict[str, Path]:
    """The same records as UTF-8 CSV, GB18030 CSV (other ids) and JSON (other ids again)."""
    con = duckdb.connect()
    road = _fresh_road() + use
    utf8, gb, as_json = folder / "bench.csv", folder / "bench-gb.csv", folder / "bench.json"
    renamed = gantry_rows_sql(rows).replace("'G003062001'", f"'{road}1'")
    con.execute(f"COPY ({renamed}) TO '{utf8}' (HEADER)")
    renamed = gantry_rows_sql(rows).replace("'G003062001'", f"'{road}2'")
    con.execute(f"COPY ({renamed}) TO '{gb}' (HEADER)")
    gb.write_bytes(gb.read_bytes().decode().encode("gb18030"))
    renamed = gantry_rows_sql(json_rows).replace("'G003062001'", f"'{road}3'")
    con.execute(f"COPY ({renamed}) TO '{as_json}' (FORMAT json, ARRAY true)")
    return {"csv": utf8, "gb18030": gb, "json": as_json}


def _bare_copy(source: Path, target: Path) -> None:
    lake.connect().execute(
        f"COPY (SELECT * FROM read_csv('{source}', all_varchar = true)) TO '{target}'"
        " (FORMAT parquet)"
    )


def _timed(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def interning_cost(source: Path) -> dict[str, object]:
    """What interning the pass ids of a file costs: seconds, and nanoseconds an id."""
    con = lake.connect()
    con.execute(
        f"CREATE TEMP TABLE ids AS SELECT passId FROM read_csv('{source}', all_varchar = true)"
    )
    counted = con.execute("SELECT count(*) FROM ids").fetchone()
    rows = counted[0] if counted else 0
    seconds = _timed(
        lambda: con.execute(f"SELECT bit_xor({intern_key_sql('passId')}) FROM ids").fetchall()
    )
    return {
        "ids": rows,
        "seconds": round(seconds, 4),
        "nanoseconds_per_id": round(seconds / max(rows, 1) * 1e9),
    }
