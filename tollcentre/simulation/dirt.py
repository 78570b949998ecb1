"""Rows that no centre can use: each a good row spoilt in one known way."""

import pyarrow as pa

from .columns import Column

KINDS = (
    "gantry_id_width", "time_in_future", "amount_identity", "group_count", "negative_fee",
    "pass_id_form",
)  # fmt: skip


def dirty_rows(
    columns: dict[str, Column | str], count: int
) -> tuple[Column, dict[str, Column | str]] | None:
    """`count` spoilt copies of the first rows, and the name of each one's fault."""
    size = len(columns["TRADEID"])
    count = min(count, size)
    if not count:
        return None
    texts = {
        name: [column] * count if isinstance(column, str) else column.slice(0, count).to_pylist()
        for name, column in columns.items()
    }
    faults = [KINDS[i % len(KINDS)] for i in range(count)]
    for i, fault in enumerate(faults):
        spoil(texts, i, fault)
    result: dict[str, Column | str] = {
        name: pa.array(values, type=pa.string()) for name, values in texts.items()
    }
    return pa.array(faults), result


def spoil(texts: dict[str, list[str]], i: int, fault: str) -> None:
    """Spoils row i in the way named; its trade id becomes one of its own."""
    trade_id = texts["TRADEID"][i]
    texts["TRADEID"][i] = f"{trade_id[:29]}9{i:05d}"
    if fault == "gantry_id_width":
        texts["GANTRYID"][i] = texts["GANTRYID"][i][:-1]
    elif fault == "time_in_future":
        texts["TRANSTIME"][i] = "2099-01-01 00:00:00"
    elif fault == "amount_identity":
        texts["FEE"][i] = str(int(texts["FEE"][i]) + 1)
    elif fault == "group_count":
        texts["FEEGROUP"][i] += "|0"
    elif fault == "negative_fee":
        texts["PAYFEE"][i], texts["FEE"][i], texts["DISCOUNTFEE"][i] = "-100", "-100", "0"
    else:
        texts["PASSID"][i] = "PASS"
