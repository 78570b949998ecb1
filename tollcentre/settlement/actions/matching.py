"""Match the bank's lines with what is expected: by rule, or by two persons; each posts once."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from tollcentre.access.actions import hold_trail, record_trail
from tollcentre.access.terms import ApprovalInfo, Viewer
from tollcentre.core.clock import day_of
from tollcentre.core.refusal import Refusal
from tollcentre.deposit.actions import credit_expected
from tollcentre.ledger.actions import PostingLine, post_batch
from tollcentre.ledger.terms import Side

from ..models import (
    BankLine,
    BankMatch,
    MatchedItem,
    MinistryPosition,
    PaymentInstruction,
    SettlementStatement,
)
from ..queries.expected import expected_items, match_of, open_lines, to_match
from ..queries.payments import instruction_row
from ..queries.windows import parameter
from ..rules import party_account, posting_line
from ..terms import (
    ITEM_NOT_EXPECTED,
    LINE_MATCHED_BEFORE,
    LINE_UNKNOWN,
    MATCH_BATCHES,
    MATCH_UNEQUAL,
    NOT_EXPLAINED_TO,
    ExpectedItem,
    ItemKind,
    PaymentState,
    RequestKind,
    StatementSide,
    StatementState,
)
from .asking import ask
from .payments import restate

MINISTRY_ACCOUNT = "settled.ministry"


def match_bank_lines(*, now: int, actor: str) -> int:
    """Match every line that the rule can match; how many. Done twice it changes nothing.

    A match may bring on another (a payment, then its return), so it goes on until none is left.
    """
    made = 0
    for bank_id in sorted({row.statement.bank_id for row in open_lines()}):
        while found := _match_bank(bank_id, now, actor):
            made += found
    return made


@transaction.atomic
def _match_bank(bank_id: str, now: int, actor: str) -> int:
    hold_trail()
    rows = {row.line_key: row for row in open_lines(bank_id)}
    groups, _why = match_of(bank_id, rows.values(), day_of(now))
    for group in groups:
        own = [rows[line.key] for line in group.lines]
        _keep(own, group.items, now, actor)
    return sum(len(group.lines) for group in groups)


def _keep(
    rows: Sequence[BankLine],
    items: Sequence[ExpectedItem],
    now: int,
    actor: str,
    info: ApprovalInfo | None = None,
) -> None:
    """Put down a match with its posting, and bring on what it fulfils."""
    bank_id, day = rows[0].statement.bank_id, max(row.statement.day for row in rows)
    keys = "\n".join(sorted(row.line_key for row in rows))
    digest = hashlib.sha256(keys.encode()).hexdigest()[:16]
    match = BankMatch.objects.create(
        match_no=f"{bank_id}-{day:%Y%m%d}-{digest}", bank_id=bank_id, day=day, matched_at=now,
        approval_key=info.approval_key if info else "", reason=info.reason if info else "",
    )  # fmt: skip
    for row in rows:
        row.match = match
    BankLine.objects.bulk_update(rows, ["match"])
    MatchedItem.objects.bulk_create(
        MatchedItem(
            match=match, item_key=item.key, kind=item.kind, reference=item.reference, fen=item.fen
        )
        for item in items
    )
    net = sum(row.fen for row in rows)
    batch_key = f"{MATCH_BATCHES}{match.match_no}"
    counter = counter_lines(items, day, batch_key)
    if net or counter:
        held = posting_line(
            f"held.bank.{bank_id}", Side.DEBIT if net > 0 else Side.CREDIT, abs(net)
        )
        post_batch(
            batch_key=batch_key,
            clear_date=day,
            lines=[held, *counter],
            actor=actor,
            memo=" ".join(item.reference for item in items),
        )
    record_trail(
        actor=actor,
        act="settlement.match",
        subject=match.match_no,
        detail={
            "lines": sorted(row.line_key for row in rows),
            "items": sorted(item.key for item in items),
            "fen": net,
        },
    )
    for item in items:
        FULFILLED.get(item.kind, _nothing_more)(item, day, now)


def _nothing_more(item: ExpectedItem, day: date, now: int) -> None:
    """What is expected elsewhere is brought on there."""


def _instruction_moved(item: ExpectedItem, day: date, now: int) -> None:
    """An instruction, and what it pays, stand where the bank's statement shows them."""
    row = instruction_row(item.reference)
    restate(row, now)
    paid = row.state in (PaymentState.PAID, PaymentState.RETURNING)
    if row.statement is not None:
        row.statement.state = StatementState.PAID if paid else StatementState.RELEASED
        row.statement.paid_on = day if paid else None
        row.statement.save(update_fields=["state", "paid_on"])
    else:
        row.position.settled_on = day if paid else None
        row.position.save(update_fields=["settled_on"])


def _statement_received(item: ExpectedItem, day: date, now: int) -> None:
    number = item.key.partition(":")[2]
    SettlementStatement.objects.filter(statement_no=number).update(
        state=StatementState.PAID, paid_on=day
    )


def _position_received(item: ExpectedItem, day: date, now: int) -> None:
    clear_date = date.fromisoformat(item.key.partition(":")[2])
    MinistryPosition.objects.filter(clear_date=clear_date).update(settled_on=day)


FULFILLED: dict[ItemKind, Callable[[ExpectedItem, date, int], None]] = {
    ItemKind.PAYMENT: _instruction_moved,
    ItemKind.RETURN: _instruction_moved,
    ItemKind.UNDONE: _instruction_moved,
    ItemKind.STATEMENT: _statement_received,
    ItemKind.POSITION: _position_received,
}
"""Kind of item → what stands otherwise once it came."""


CREDITED: dict[ItemKind, Callable[[Sequence[str], date, str], list[PostingLine]]] = {
    ItemKind.DEPOSIT: credit_expected,
}
"""Kind of item of another room → its own action: keys, day and cause to lines beside the bank's."""


def counter_lines(items: Sequence[ExpectedItem], day: date, cause: str) -> list[PostingLine]:
    """What a match posts against `held.bank`."""
    lines: list[PostingLine] = []
    for kind, credited in CREDITED.items():
        keys = [item.key for item in items if item.kind is kind]
        lines += credited(keys, day, cause) if keys else []
    for item in items:
        if item.fen and item.kind not in CREDITED:
            side = Side.CREDIT if item.fen > 0 else Side.DEBIT
            lines.append(posting_line(_account_of(item), side, abs(item.fen)))
    return lines


def _account_of(item: ExpectedItem) -> str:
    if item.kind in (ItemKind.PAYMENT, ItemKind.RETURN, ItemKind.UNDONE):
        found: PaymentInstruction = instruction_row(item.reference)
        return str(found.account)
    if item.kind is ItemKind.EXPLAINED:
        return item.reference
    if item.kind is ItemKind.STATEMENT:
        return party_account(item.reference.partition(":")[0], StatementSide.COLLECT)
    return MINISTRY_ACCOUNT


@transaction.atomic
def ask_match(
    *, line_keys: Sequence[str], item_keys: Sequence[str], reason: str, maker: Viewer, now: int
) -> ApprovalInfo:
    """Ask to match lines with what is expected, where the rule would not.

    Refuses a line that is unknown or matched, what is not expected, and unequal amounts.
    """
    hold_trail()
    rows, items = _chosen(line_keys, item_keys)
    content = {
        "lines": {row.line_key: row.fen for row in rows},
        "items": {item.key: item.fen for item in items},
    }
    return ask(
        kind=RequestKind.MATCH, subjects=[row.line_key for row in rows], content=content,
        reason=reason, maker=maker, now=now,
    )  # fmt: skip


def do_match(content: dict[str, Any], info: ApprovalInfo, now: int) -> None:
    """Match what two persons said belongs together."""
    rows, items = _chosen(sorted(content["lines"]), sorted(content["items"]))
    _keep(rows, items, now, info.checker, info)


def _chosen(
    line_keys: Sequence[str], item_keys: Sequence[str]
) -> tuple[list[BankLine], list[ExpectedItem]]:
    rows = [_open_line(key) for key in sorted(set(line_keys))]
    references = [reference for row in rows for reference in to_match(row).references]
    references += [key.partition(":")[2] for key in item_keys]
    there = {
        item.key: item
        for bank_id in sorted({row.statement.bank_id for row in rows})
        for item in expected_items(bank_id, references)
    }
    for key in item_keys:
        if key not in there:
            raise Refusal(ITEM_NOT_EXPECTED, "item", key=key)
    items = [there[key] for key in sorted(set(item_keys))]
    made, wanted = sum(row.fen for row in rows), sum(item.fen for item in items)
    banks = {row.statement.bank_id for row in rows} | {item.bank_id for item in items}
    if made != wanted or not items or len(banks) != 1:
        raise Refusal(MATCH_UNEQUAL, "lines", lines_fen=made, items_fen=wanted)
    return rows, items


def _open_line(key: str) -> BankLine:
    row = BankLine.objects.select_related("statement").filter(line_key=key).first()
    if row is None:
        raise Refusal(LINE_UNKNOWN, "line", key=key)
    if row.match_id is not None:
        raise Refusal(LINE_MATCHED_BEFORE, "line", key=key)
    found: BankLine = row
    return found


@transaction.atomic
def ask_explain(
    *, line_key: str, account: str, reason: str, maker: Viewer, now: int
) -> ApprovalInfo:
    """Ask to book a line that nothing was expected of to an account; refuses other accounts."""
    hold_trail()
    row = _open_line(line_key)
    known = parameter("explained_to", day_of(now))
    if account not in known:
        raise Refusal(NOT_EXPLAINED_TO, "account", account=account, known=", ".join(known))
    return ask(
        kind=RequestKind.EXPLAIN, subjects=[line_key],
        content={"line": line_key, "account": account, "fen": row.fen}, reason=reason,
        maker=maker, now=now,
    )  # fmt: skip


def do_explain(content: dict[str, Any], info: ApprovalInfo, now: int) -> None:
    """Book the line to the account that two persons named."""
    row, account = _open_line(content["line"]), content["account"]
    item = ExpectedItem(
        f"{ItemKind.EXPLAINED}:{row.line_key}", ItemKind.EXPLAINED, row.statement.bank_id, account,
        row.fen, row.statement.day,
    )  # fmt: skip
    _keep([row], [item], now, info.checker, info)
