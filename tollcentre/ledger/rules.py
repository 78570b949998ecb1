"""Pure decisions and arithmetic of the ledger."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from tollcentre.core.refusal import Refusal

from .terms import (
    ACCOUNT_FAMILY_IS_UNKNOWN,
    ACCOUNT_PARAMETER_IS_MALFORMED,
    AMOUNT_IS_NEGATIVE,
    AMOUNT_IS_NOT_WHOLE_FEN,
    AMOUNT_IS_TOO_LARGE,
    BATCH_HAS_NO_AMOUNTS,
    BATCH_IS_UNBALANCED,
    BATCH_KEY_MISSING,
    DIMENSION_DIFFERS_FROM_ACCOUNT,
    REFUSALS,
    SIDE_IS_UNKNOWN,
    UNKNOWN,
    AccountFamily,
    AccountKind,
    Chart,
    PostingLine,
    Side,
)

FIRST_PREVIOUS_HASH = "0" * 64
AMOUNT_LIMIT_FEN = 10**15
"""Ten trillion yuan: sums of a thousand such lines still fit a 64-bit integer."""
BATCH_KEY_WIDTH = 96


def chart_from(data: dict) -> Chart:
    """The chart that `parameters/chart.yaml` says."""
    families = [
        AccountFamily(
            family=row["family"],
            kind=AccountKind(row["kind"]),
            zh=row["zh"],
            en=row["en"],
            parameter=row.get("parameter", ""),
            pattern=row.get("pattern", ""),
        )
        for row in data["families"]
    ]
    return Chart({family.family: family for family in families})


def family_of(account: str, chart: Chart) -> tuple[AccountFamily, str] | None:
    """The family of an account and its parameter; None where no family fits."""
    whole = chart.families.get(account)
    if whole is not None:
        return None if whole.parameter else (whole, "")
    name, _, parameter = account.rpartition(".")
    family = chart.families.get(name)
    if family is None or not family.parameter:
        return None
    return family, parameter


def why_refused(batch_key: str, lines: Sequence[PostingLine], chart: Chart) -> Refusal | None:
    """The first reason of REFUSALS for which the batch cannot be posted; None where it can."""
    if not 0 < len(batch_key) <= BATCH_KEY_WIDTH:
        return Refusal(BATCH_KEY_MISSING, "batch_key")
    faults = [
        fault
        for line_no, line in enumerate(lines, 1)
        if (fault := _line_fault(line_no, line, chart)) is not None
    ]
    if faults:
        return min(faults, key=lambda fault: REFUSALS.index(fault.reason))
    debit = sum(line.amount_fen for line in lines if line.side == Side.DEBIT)
    credit = sum(line.amount_fen for line in lines if line.side == Side.CREDIT)
    if debit == credit == 0:
        return Refusal(BATCH_HAS_NO_AMOUNTS, "lines", batch_key=batch_key)
    if debit != credit:
        return Refusal(
            BATCH_IS_UNBALANCED,
            "lines",
            batch_key=batch_key,
            debit_fen=debit,
            credit_fen=credit,
        )
    return None


def _line_fault(line_no: int, line: PostingLine, chart: Chart) -> Refusal | None:
    """The first reason for which one line is refused."""
    amount = line.amount_fen
    if type(amount) is not int:
        return Refusal(AMOUNT_IS_NOT_WHOLE_FEN, "amount_fen", line_no=line_no, amount=amount)
    if amount < 0:
        return Refusal(AMOUNT_IS_NEGATIVE, "amount_fen", line_no=line_no, amount=amount)
    if amount > AMOUNT_LIMIT_FEN:
        return Refusal(AMOUNT_IS_TOO_LARGE, "amount_fen", line_no=line_no, amount=amount)
    if line.side not in tuple(Side):
        return Refusal(SIDE_IS_UNKNOWN, "side", line_no=line_no, side=line.side)
    found = family_of(line.account, chart)
    named = {"line_no": line_no, "account": line.account}
    if found is None:
        return Refusal(ACCOUNT_FAMILY_IS_UNKNOWN, "account", **named)
    family, parameter = found
    if not family.parameter:
        return None
    if re.fullmatch(family.pattern, parameter) is None:
        return Refusal(ACCOUNT_PARAMETER_IS_MALFORMED, "account", **named)
    value = getattr(line, family.parameter)
    if parameter != (value or UNKNOWN):
        return Refusal(
            DIMENSION_DIFFERS_FROM_ACCOUNT,
            family.parameter,
            **named,
            dimension=family.parameter,
            value=value,
        )
    return None


def in_order(lines: Sequence[PostingLine], clear_date: date) -> list[PostingLine]:
    """The lines that carry an amount, each with its clear date, in the one order of a batch.

    So the order in which a caller lists them cannot matter.
    """
    kept = [
        replace(line, side=str(line.side), clear_date=line.clear_date or clear_date)
        for line in lines
        if line.amount_fen
    ]
    return sorted(kept, key=line_values)


def line_values(line: PostingLine) -> tuple[str, str, str, str, str, int, str, int, str]:
    """A line as plain values: its sort key, and what is hashed."""
    return (
        line.account,
        line.owner_id,
        line.issuer_id,
        line.province,
        line.clear_date.isoformat() if line.clear_date else "",
        line.media_type,
        str(line.side),
        line.amount_fen,
        line.memo,
    )


def mirrored(lines: Sequence[PostingLine]) -> list[PostingLine]:
    """The exact mirror of the lines: the same, each on the other side."""
    other = {Side.DEBIT.value: Side.CREDIT.value, Side.CREDIT.value: Side.DEBIT.value}
    return [replace(line, side=other[line.side]) for line in lines]


def sha256_of(*parts: object) -> str:
    """SHA-256 over the JSON list of the parts, so that no two lists share a text."""
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def lines_digest(lines: Sequence[PostingLine]) -> str:
    """One digest of a batch's lines, whatever their order."""
    return sha256_of(*sorted(line_values(line) for line in lines))


def content_digest(
    batch_key: str, clear_date: date, memo: str, reverses: str, lines: Sequence[PostingLine]
) -> str:
    """What a batch says, leaving out when and by whom it was posted."""
    return sha256_of(batch_key, clear_date.isoformat(), memo, reverses, lines_digest(lines))


def chain_hash(previous: str, seq: int, content: str, actor: str, posted_at: int) -> str:
    """The hash that chains a batch to the one before it."""
    return sha256_of(previous, seq, content, actor, posted_at)


def balance_of(kind: AccountKind, debit_fen: int, credit_fen: int) -> int:
    """The balance on the account's own side: assets by debits, liabilities by credits."""
    net = debit_fen - credit_fen
    return net if kind is AccountKind.ASSET else -net
