"""Changes are raised: by the engine where it finds an overcharge (未诉先办), or by a person."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from django.db import transaction

from tollcentre.access.actions import hold_trail, record_acts, record_trail
from tollcentre.access.terms import PERMISSION_MISSING, Act, Permission, Viewer
from tollcentre.clearing.queries import shares_of_passages
from tollcentre.clearing.terms import TradeShare
from tollcentre.core.clock import day_of
from tollcentre.core.keys import intern_key
from tollcentre.core.refusal import Refusal
from tollcentre.lake.queries import connect, paths
from tollcentre.messages.queries import event_partition, landed
from tollcentre.network.queries import province_of

from ..models import RefundSearch, TollChange, TollChangeLine
from ..queries import changes_of, given_back, overcharges, path_weights, shares_of_overcharges
from ..rules import route_of, split_refund, split_supplement
from ..terms import (
    CENTRE,
    ENGINE,
    NO_SUCH_PASSAGE,
    NOT_COUNTED,
    REASON_MISSING,
    ChangeCause,
    ChangeKind,
    ChangeState,
    InvoiceFlag,
    Overcharge,
    SearchSum,
)
from .deciding import propose, withdraw
from .moving import Move, put_down

_PASSAGE = """
SELECT p.pass_key, p.pass_id, x.record_id AS transaction_id, p.issuer_id, p.media_type,
  p.medium_no, p.multi_province, p.collected, p.own_fee, p.expected_fee, p.confidence_ppm
FROM read_parquet({passages}) AS p
JOIN ({exits}) AS x ON x.record_key = p.exit_record_key AND x.content_digest = p.exit_digest
WHERE p.exit_kind = 'own' AND p.pass_key = $key
"""
_GROUND = ("own_fee", "expected_fee", "repeated_fee", "not_driven_fee", "second_fee",
           "confidence_ppm")  # fmt: skip
Row = dict[str, Any]


@transaction.atomic
def draft_refunds(*, run_key: str, day: date, version: str, now: int) -> SearchSum:
    """Draft a refund of every overcharge of a cleared day's run; once a run changes nothing more.

    A draft whose ground the run has removed or changed is withdrawn, an approved one never. Who
    has any other change of the same trade is not refunded again.
    """
    hold_trail()
    done = RefundSearch.objects.filter(run_key=run_key).first()
    if done is not None:
        return SearchSum(run_key, day, done.found, 0, 0, done.fee)
    found = overcharges(run_key, day)
    earlier = TollChange.objects.filter(raised_by=ENGINE, passage_day=day)
    touched = {one.passage.pass_key for one in found} | set(
        earlier.values_list("pass_key", flat=True)
    )
    known = changes_of(touched)
    grounds = {(one.name, one.fee) for one in found}
    fallen = [
        row for row in known
        if row.raised_by == ENGINE and row.passage_day == day
        and row.state in (ChangeState.DRAFTED, ChangeState.PROPOSED)
        and (_name(row), row.fee) not in grounds
    ]  # fmt: skip
    withdraw(fallen, ENGINE, f"重新清分后依据不再成立 / no ground in run {run_key}", now)
    taken = {(row.pass_key, row.transaction_id) for row in known
             if row.state not in NOT_COUNTED or not _fell(row)}  # fmt: skip
    fresh = [one for one in found
             if (one.passage.pass_key, one.passage.transaction_id) not in taken]  # fmt: skip
    own = province_of(version)
    shares = shares_of_overcharges(run_key, fresh, own)
    numbers = _numbers(known)
    drafts = [
        _draft(one, run_key, day, own, now, numbers.get(one.name, 0) + 1) for one in fresh
    ]  # fmt: skip
    lines = [split_refund(shares[one.name], (), one.fee) for one in fresh]
    insert(drafts, lines, day_of(now), now)
    fee = sum(one.fee for one in found)
    RefundSearch.objects.create(run_key=run_key, clear_date=day, found=len(found), fee=fee, at=now)
    record_trail(
        actor=ENGINE,
        act="refund.search",
        subject=run_key,
        detail={"found": len(found), "fee": fee, "drafted": len(fresh), "withdrawn": len(fallen)},
    )
    return SearchSum(run_key, day, len(found), len(fresh), len(fallen), fee)  # fmt: skip


def _name(row: TollChange) -> str:
    """The finding's name, without the number of the draft."""
    return (row.finding or "").rpartition("#")[0]


def _fell(row: TollChange) -> bool:
    """Whether the engine itself withdrew a change, so that it may be drafted anew."""
    return row.state == ChangeState.WITHDRAWN and (
        row.steps.get(state=ChangeState.WITHDRAWN).actor == ENGINE
    )


def _numbers(known: Sequence[TollChange]) -> dict[str, int]:
    """How often each finding was drafted before."""
    found: dict[str, int] = {}
    for row in known:
        if row.finding:
            found[_name(row)] = found.get(_name(row), 0) + 1
    return found


def _draft(one: Overcharge, run_key: str, day: date, own: str, now: int, number: int) -> TollChange:
    passage, finding = one.passage, f"{one.name}#{number}"
    return TollChange(
        change_id=change_id_of(own, day, finding), finding=finding, kind=ChangeKind.REFUND,
        cause=one.cause,
        route=route_of(media_type=passage.media_type, issuer_id=passage.issuer_id,
                       multi_province=passage.multi_province, cause=one.cause, own=own),
        pass_key=passage.pass_key, pass_id=passage.pass_id,
        transaction_id=passage.transaction_id, run_key=run_key, passage_day=day,
        issuer_id=passage.issuer_id, media_type=passage.media_type, medium_no=passage.medium_no,
        original_fee=passage.collected, fee=one.fee, invoice_flag=InvoiceFlag.NOT_ISSUED,
        ground={name: asdict(passage)[name] for name in _GROUND},
        reason="", raised_by=ENGINE, raised_at=now,
    )  # fmt: skip


def change_id_of(own: str, day: date, name: str) -> str:
    """A change's id: whose, of which day's passage, and a digest of what it is."""
    digest = hashlib.sha256(name.encode()).hexdigest()[:12]
    return f"{own}{CENTRE}{day:%Y%m%d}{digest}"


def insert(
    drafts: Sequence[TollChange], lines: Sequence[Sequence[TradeShare]], day: date, now: int
) -> None:
    """Put down new changes with their lines and the first state."""
    made = TollChange.objects.bulk_create(drafts)
    TollChangeLine.objects.bulk_create(
        TollChangeLine(change=row, party=share.party, code=share.code, fee=share.fee)
        for row, shares in zip(made, lines, strict=True)
        for share in shares
    )
    put_down(
        [Move(row, ChangeState.DRAFTED, day, row.raised_by, row.reason) for row in made], now
    )  # fmt: skip
    record_acts(
        Act(row.raised_by, "refund.drafted", row.change_id,
            {"kind": row.kind, "cause": row.cause, "fee": row.fee, "pass_id": row.pass_id})
        for row in made
    )  # fmt: skip


@transaction.atomic
def raise_change(
    *, run_key: str, day: date, version: str, pass_id: str, kind: ChangeKind, cause: ChangeCause,
    fee: int, reason: str, maker: Viewer, now: int,
    invoice_flag: InvoiceFlag = InvoiceFlag.NOT_ISSUED,
) -> TollChange:  # fmt: skip
    """Raise a refund or supplement of a passage that left here, for a second person to approve.

    The same again gives the earlier change. Refuses who may not, a missing reason, an unknown
    passage, an amount of nothing, and a refund above what is left of what was paid.
    """
    if not maker.may(Permission.RAISE_REFUNDS):
        raise Refusal(PERMISSION_MISSING, user=maker.name, permission=Permission.RAISE_REFUNDS)
    if not reason.strip():
        raise Refusal(REASON_MISSING, "reason")
    hold_trail()
    passage = _passage(run_key, day, pass_id)
    key, own = passage["pass_key"], province_of(version)
    name = f"{key}:{kind}:{cause}:{fee}:{reason}"
    change_id = change_id_of(own, day, name)
    earlier = TollChange.objects.filter(change_id=change_id).first()
    if earlier is not None:
        return earlier
    row = TollChange(
        change_id=change_id, kind=kind, cause=cause,
        route=route_of(media_type=passage["media_type"], issuer_id=passage["issuer_id"],
                       multi_province=bool(passage["multi_province"]), cause=cause, own=own),
        pass_key=key, pass_id=passage["pass_id"], transaction_id=passage["transaction_id"],
        run_key=run_key, passage_day=day, issuer_id=passage["issuer_id"],
        media_type=passage["media_type"], medium_no=passage["medium_no"],
        original_fee=passage["collected"], fee=fee, invoice_flag=invoice_flag,
        ground={name: passage[name] for name in _GROUND if name in passage},
        reason=reason.strip(), raised_by=maker.name, raised_at=now,
    )  # fmt: skip
    if kind is ChangeKind.REFUND:
        before = given_back(key, row.transaction_id)
        lines = split_refund(shares_of_passages(run_key, [key], own)[key], before, fee)
    else:
        lines = split_supplement(path_weights(run_key, version, key), fee)
    insert([row], [lines], day_of(now), now)
    propose(change_ids=[change_id], reason=reason, maker=maker, now=now)
    return row


def _passage(run_key: str, day: date, pass_id: str) -> Row:
    """A passage of the run that left here; Refusal where there is none."""
    key = int(pass_id) if pass_id.isdigit() and len(pass_id) < 20 else intern_key(pass_id.strip())
    files = paths("passage", run_key=run_key)
    found: list[Row] = []
    if files:
        con = connect()
        try:
            sql = _PASSAGE.format(
                passages=files, exits=landed("exit_record", [event_partition(day)])
            )
            found = con.sql(sql, params={"key": key}).to_arrow_table().to_pylist()
        finally:
            con.close()
    if not found:
        raise Refusal(NO_SUCH_PASSAGE, "passId", day=day, passage=pass_id)
    return found[0]
