"""The machine interface: batches in, receipts out. Mounted at /api/."""

from dataclasses import asdict
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError
from ninja.security import HttpBearer

from tollcentre.core.clock import day_from, local_text
from tollcentre.core.refusal import Refusal
from tollcentre.messages import actions
from tollcentre.messages import queries as messages
from tollcentre.messages.codecs.definitions import limits
from tollcentre.messages.terms import INTAKE_BUSY, KEY_REUSED, UNKNOWN_KIND, RecordKind
from tollcentre.monitoring.actions import requests_for
from tollcentre.parking import actions as parking
from tollcentre.parking import queries as providers
from tollcentre.parking.terms import TRADE_KNOWN_OTHERWISE

from . import channels, exchange, pricing
from .bodies import idempotency_key, parsed, read_body, records_field, text_field
from .terms import (
    BAD_DAY,
    BODY_TOO_LARGE,
    NO_SUCH_BATCH,
    NOT_A_PEER,
    NOT_AUTHORISED,
    TOO_MANY_RECORDS,
)

STATUS = {
    KEY_REUSED.code: 409,
    TRADE_KNOWN_OTHERWISE.code: 409,
    BODY_TOO_LARGE.code: 413,
    TOO_MANY_RECORDS.code: 413,
    NO_SUCH_BATCH.code: 404,
    INTAKE_BUSY.code: 503,
    UNKNOWN_KIND.code: 422,
    NOT_A_PEER.code: 401,
}
"""Reason code → HTTP status; 400 for the rest."""
BUSY_RETRY_S = "5"


class SenderToken(HttpBearer):
    """`Authorization: Bearer <token>` of an enabled sender."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        return messages.sender_by_token(token)


class ProviderToken(HttpBearer):
    """`Authorization: Bearer <token>` of a service provider; good for its trades alone."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        return providers.provider_by_token(token)


class TakenTrades(Schema):
    """What became of a provider's trades: new ones, and those that were here before."""

    taken: int
    known: int


class Fault(Schema):
    """A refusal: stable code, national field name, 中文, English."""

    error: str
    field: str
    zh: str
    en: str


class Receipt(Schema):
    """What became of a batch: received = accepted + quarantined + duplicates."""

    key: str
    batch: str
    kind: str
    received: int
    accepted: int
    quarantined: int
    duplicates: int
    reasons: dict[str, int]
    anomalies: dict[str, int]
    unknown_columns: list[str]
    days: list[str]


class ArrivedBatch(Schema):
    """One batch of the sender that held records of the day."""

    batch: str
    key: str
    accepted: int
    quarantined: int
    duplicates: int
    finished_at: str


class AskedBatch(Schema):
    """An hour batch that has not all arrived and is to be sent again; null: not even declared."""

    device_id: str
    hour_batch_no: str
    record_kind: str
    declared: int | None
    missing: int | None
    asked_at: str
    asks: int


class Arrivals(Schema):
    """What arrived from the sender with records of a day."""

    day: str
    accepted: dict[str, int]
    batches: list[ArrivedBatch]


api = NinjaAPI(
    title="收费中心机器接口 / Toll centre machine interface",
    version="1",
    description="批次接收与回执。Batches of national-format records in, receipts out.",
    auth=SenderToken(),
    urls_namespace="gateway",
)

BATCH_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["kind", "records"],
                    "properties": {
                        "kind": {"type": "string", "enum": [kind.value for kind in RecordKind]},
                        "records": {"type": "array", "items": {"type": "object"}},
                    },
                }
            }
        },
    },
    "parameters": [
        {"in": "header", "name": "Idempotency-Key", "required": True,
         "schema": {"type": "string", "maxLength": 128}},
        {"in": "header", "name": "Content-Encoding", "required": False,
         "schema": {"type": "string", "enum": ["gzip"]}},
    ],
}  # fmt: skip


@api.exception_handler(Refusal)
def refuse(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Answer a refusal with its status, code, field and both texts."""
    fault = {
        "error": refusal.code,
        "field": refusal.field,
        "zh": refusal.text_zh(),
        "en": refusal.text_en(),
    }
    status = STATUS.get(refusal.code, 400)
    response = api.create_response(request, fault, status=status)
    if status == STATUS[INTAKE_BUSY.code]:
        response["Retry-After"] = BUSY_RETRY_S
    return response


@api.exception_handler(AuthenticationError)
def refuse_unknown(request: HttpRequest, error: Exception) -> HttpResponse:
    """Answer a missing or unknown token."""
    fault = {
        "error": NOT_AUTHORISED.code,
        "field": "Authorization",
        "zh": NOT_AUTHORISED.zh,
        "en": NOT_AUTHORISED.en,
    }
    return api.create_response(request, fault, status=401)


@api.post(
    "/batches",
    response={200: Receipt, 400: Fault, 401: Fault, 409: Fault, 413: Fault, 422: Fault, 503: Fault},
    openapi_extra=BATCH_BODY,
    summary="递交一批记录 / deliver a batch of records",
)
def deliver(request: HttpRequest, response: HttpResponse) -> dict[str, Any]:
    """Take in a batch; the same key and body again give the same receipt, another body 409."""
    key = idempotency_key(request)
    bounds = limits()
    body = read_body(request, bounds["batch_bytes_max"])
    value = parsed(body)
    kind_text = text_field(value, "kind")
    records = records_field(value)
    if kind_text not in set(RecordKind):
        known = ", ".join(RecordKind)
        raise Refusal(UNKNOWN_KIND, "kind", kind=kind_text[:40], known=known)
    if len(records) > bounds["batch_records_max"]:
        raise Refusal(
            TOO_MANY_RECORDS, "records", limit=bounds["batch_records_max"], count=len(records)
        )
    receipt, again = actions.take_in_delivery(
        sender=_sender(request),
        key=key,
        body=body,
        kind=RecordKind(kind_text),
        records=records,
    )
    if again:
        response["Idempotent-Replay"] = "true"
    return receipt


@api.get(
    "/batches/{key}",
    response={200: Receipt, 401: Fault, 404: Fault},
    summary="查询回执 / the receipt of a batch",
)
def receipt_of(request: HttpRequest, key: str) -> dict[str, Any]:
    """The receipt that was given for an idempotency key."""
    found = messages.delivery(_sender(request), key, now=timezone.now())
    if found is None:
        raise Refusal(NO_SUCH_BATCH, "key", key=key[:128])
    receipt: dict[str, Any] = found.receipt
    return receipt


@api.get(
    "/arrivals",
    response={200: Arrivals, 400: Fault, 401: Fault},
    summary="查询到达情况 / what arrived from this sender",
)
def arrivals(request: HttpRequest, day: str) -> dict[str, Any]:
    """What arrived from the asking sender with records of the day."""
    return messages.arrivals(_sender(request), _day(day))


@api.get(
    "/requests",
    response={200: list[AskedBatch], 401: Fault},
    summary="查询催补 / hour batches of this sender's devices that are to be sent again",
)
def requests(request: HttpRequest) -> list[dict[str, Any]]:
    """What is missing of the devices whose records the sender sends; nothing for a centre."""
    sender = _sender(request)
    if messages.peer_of_sender(sender) is not None:
        return []
    prefixes = [one for one in sender.devices.split("|") if one]
    return [
        {
            "device_id": row.device_id,
            "hour_batch_no": row.hour,
            "record_kind": row.record_kind,
            "declared": None if row.declared_count < 0 else row.declared_count,
            "missing": None if row.declared_count < 0 else row.missing_count,
            "asked_at": local_text(row.asked_at),
            "asks": row.asks,
        }
        for row in requests_for(prefixes, actions.moment())
    ]


api.post(
    "/price",
    response={200: pricing.Price, 400: Fault, 401: Fault, 413: Fault},
    openapi_extra=pricing.PRICE_BODY,
    summary="在线计费 / price a journey online (exitFeeType 4)",
)(pricing.price)


@api.post(
    "/exchange/messages",
    response={200: dict, 401: Fault, 413: Fault},
    summary="中心间报文 / take a message of another centre and answer with its receipt",
)
def take_message(request: HttpRequest) -> HttpResponse:
    """Take a message of a registered centre; the answer is its receipt, whatever the result."""
    peer = messages.peer_of_sender(_sender(request))
    if peer is None:
        raise Refusal(NOT_A_PEER, "Authorization")
    return exchange.take(request, peer, actions.moment())


@api.post(
    "/channels/{code}/notices",
    auth=None,
    response={200: dict},
    summary="渠道付款通知 / take a payment channel's signed notice",
)
def take_notice(request: HttpRequest, code: str) -> HttpResponse:
    """Take a notice: SUCCESS once it is safe, else FAIL with the reason."""
    return channels.take(request, code, actions.moment())


@api.post(
    "/extension/trades",
    auth=ProviderToken(),
    response={200: TakenTrades, 400: Fault, 401: Fault, 409: Fault},
    summary="拓展交易 / take a service provider's trades",
)
def take_trades(request: HttpRequest) -> Any:
    """Take `{"trades": […]}` of a provider, all or none; each trade once by its Id."""
    provider = _sender(request)
    data = parsed(read_body(request, limits()["batch_bytes_max"]))
    return asdict(
        parking.take_trades(
            code=provider.code,
            trades=data.get("trades"),
            actor=f"provider:{provider.code}",
            now=actions.moment(),
        )
    )


def _day(text: str) -> date:
    try:
        return day_from(text)
    except ValueError as error:
        raise Refusal(BAD_DAY, "day", day=text[:20]) from error


def _sender(request: HttpRequest) -> Any:
    """The sender whose token the request carries; set by the authentication above."""
    return request.auth
