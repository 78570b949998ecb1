"""Trades are taken from their provider, all of a delivery or none."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from tollcentre.access.actions import record_trail
from tollcentre.core.clock import day_of
from tollcentre.core.refusal import Refusal
from tollcentre.messages.codecs import exchange as codec
from tollcentre.messages.terms import FIELD_MISSING, FIELD_UNKNOWN, MessageFault, Protocol

from ..models import ExtensionTrade, ServiceProvider
from ..queries import parameters_at, provider
from ..rules import issuer_of
from ..terms import TRADE_KNOWN_OTHERWISE, TRADE_WITHOUT_FEE, TRADES_MISSHAPEN, TakenTrades

KIND = "original_pack"
PLACE = "TransId"
"""The one column that is not the provider's to say."""
ANYONE = "0" * 16
AT_ONCE = 500


@transaction.atomic
def take_trades(*, code: str, trades: object, actor: str, now: int) -> TakenTrades:
    """Take trades of a provider, each once by its id; values as on the wire of a pack.

    Refuses, naming trade and field, what a pack could not carry, a fee of nothing, and a known
    trade with other content; then none of the delivery is taken.
    """
    most = parameters_at(day_of(now)).records_max
    if not (isinstance(trades, list) and 0 < len(trades) <= most):
        raise Refusal(TRADES_MISSHAPEN, "trades", most=most)
    of = provider(code)
    records = [_record(raw, f"trades[{number}].") for number, raw in enumerate(trades, 1)]
    _require_packable(code, records, now)
    detail = {"trades": len(records), "fee_fen": sum(record["fee"] for record in records)}
    record_trail(actor=actor, act="parking.take_trades", subject=code, detail=detail)
    known = _known(of, [record["id"] for record in records])
    fresh: dict[str, dict[str, Any]] = {}
    for number, record in enumerate(records, 1):
        before = known.get(record["id"], fresh.get(record["id"], record))
        if before != record:
            raise Refusal(TRADE_KNOWN_OTHERWISE, f"trades[{number}].Id", trade_id=record["id"])
        if record["id"] not in known:
            fresh[record["id"]] = record
    ExtensionTrade.objects.bulk_create(
        (
            ExtensionTrade(
                provider=of, trade_id=name, time=record["time"], fee=record["fee"],
                card_net_no=record["card_net_no"], card_type=record["card_type"],
                card_id=record["card_id"], record=record, taken_at=now,
            )
            for name, record in fresh.items()
        ),
        batch_size=AT_ONCE,
    )  # fmt: skip
    return TakenTrades(len(fresh), len(records) - len(fresh))


def _record(raw: object, place: str) -> dict[str, Any]:
    """A trade by our names; refused by its field where a pack has no place for it."""
    if not isinstance(raw, Mapping):
        raise Refusal(FIELD_MISSING, place.rstrip("."), name="Id")
    if PLACE in raw:
        raise Refusal(FIELD_UNKNOWN, place + PLACE, name=PLACE)
    record = codec.read_record(Protocol.PACK, KIND, {**raw, PLACE: 1}, place)
    del record["trans_id"]
    if not record["id"]:
        raise Refusal(FIELD_MISSING, f"{place}Id", name="Id")
    if record["fee"] <= 0:
        raise Refusal(TRADE_WITHOUT_FEE, f"{place}Fee")
    return record


def _require_packable(code: str, records: list[dict[str, Any]], now: int) -> None:
    """Refuse trades that a pack of theirs would be refused for, by the schema as well."""
    alike: dict[tuple[str, int], list[tuple[int, dict[str, Any]]]] = defaultdict(list)
    for number, record in enumerate(records, 1):
        alike[record["card_net_no"], record["card_type"]].append((number, record))
    for (network, _), part in alike.items():
        try:
            codec.encode(
                protocol=Protocol.PACK, kind=KIND, version=codec.versions_of(Protocol.PACK)[-1],
                message_id="1", sender_id=ANYONE, receiver_id=ANYONE, sent_at=now,
                fields=pack_fields(code, network, now),
                records=[record | {"trans_id": place}
                         for place, (_, record) in enumerate(part, 1)],
            )  # fmt: skip
        except MessageFault as fault:
            fault.field = f"trades[{part[0][0]}…].{fault.field}"
            raise


def pack_fields(code: str, network: str, now: int) -> dict[str, Any]:
    """What a pack says of the whole, but for its totals."""
    return {
        "clear_target_date": day_of(now), "service_provider_id": code,
        "issuer_id": issuer_of(network),
    }  # fmt: skip


def _known(of: ServiceProvider, names: list[str]) -> dict[str, dict[str, Any]]:
    """Those of the names that were taken before, and as what."""
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(names), AT_ONCE):
        part = names[start : start + AT_ONCE]
        rows = ExtensionTrade.objects.filter(provider=of, trade_id__in=part)
        found |= dict(rows.values_list("trade_id", "record"))
    return found
