"""Messages made by the columnar engine are, byte for byte, those that `encode` makes."""

from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.messages.exchange_samples import said
from tollcentre.messages.codecs import exchange
from tollcentre.messages.codecs.exchange import columns
from tollcentre.messages.codecs.exchange.kinds import MessageColumn, MessageKind
from tollcentre.messages.terms import Protocol

KINDS = ("exit_upload", "serving_sum", "other_exit_upload", "entry_upload", "gantry_upload",
         "batch_sum_upload")  # fmt: skip
HEAD = {
    "message_id": "m1",
    "sender_id": "620201",
    "receiver_id": "000000",
    "sent_at": 1_795_310_000,
}


def table(kind: MessageKind, records: list[dict[str, Any]]) -> pa.Table:
    """The records as a query gives them: a list is a text divided by |."""

    def cell(column: MessageColumn, value: Any) -> Any:
        return "|".join(map(str, value)) if column.many else value

    return pa.table({
        column.name: pa.array(
            [cell(column, record[column.name]) for record in records],
            pa.string() if column.many or column.type == "str" else pa.int64(),
        )
        for column in kind.records
    })  # fmt: skip


def written(name: str, records: list[dict[str, Any]], fields: dict[str, Any]) -> tuple[bytes, str]:
    """The message of these records as the columnar engine writes it."""
    kind = columns.kind_named(name)
    con = duckdb.connect()
    con.register("records", table(kind, records))
    there = [column.name for column in kind.records]
    found = con.execute(
        f"SELECT {columns.record_sql(kind, there)}, {columns.amount_sql(kind)},"
        f" {columns.fits_sql(kind)} FROM records"
    ).fetchall()
    assert all(fits for _, _, fits in found)
    return columns.document(
        kind=kind, fields=fields, records="".join(row[0] for row in found)[1:].encode(),
        count=len(found), amount_fen=sum(row[1] for row in found), **HEAD,
    )  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
def test_the_bytes_are_those_of_encode(kind: str, data: st.DataObject) -> None:
    message = data.draw(said(Protocol.TRUNK, kind))
    body, digest = written(kind, message["records"], message["fields"])
    assert body == exchange.encode(
        protocol=Protocol.TRUNK, kind=kind, version="1.0", **HEAD, **message
    )
    assert exchange.decode(Protocol.TRUNK, body).envelope.digest == digest


def test_what_does_not_fit_is_blank_where_it_may_be_and_does_not_fit_where_it_may_not() -> None:
    kind = columns.kind_named("entry_upload")
    right = {column.name: None for column in kind.records} | {
        "transaction_id": "t1", "en_station_id": "G0030620010010", "en_time": 1_795_310_000,
        "vehicle_type": 99, "special_type": "x" * 101, "obu_id": "a\x07b", "card_id": '"\\',
        "en_weight": -5,
    }  # fmt: skip
    body, _ = written("entry_upload", [right], {"clear_date": date(2026, 11, 22), "upload_no": 0})
    (record,) = exchange.decode(Protocol.TRUNK, body).records
    assert {name for name, value in record.items() if value not in (None, "")} == {
        "transaction_id", "en_station_id", "en_time", "card_id",
    }  # fmt: skip
    assert record["card_id"] == '"\\'
    con = duckdb.connect()
    con.register("records", table(kind, [right | {"en_time": 0}, right | {"transaction_id": " "}]))
    found = con.execute(f"SELECT {columns.fits_sql(kind)} FROM records").fetchall()
    assert found == [(False,), (False,)]
