"""The exchange with other centres: hand out what is due, take in what comes, do each once.

The order of the exchange stands in docs/exchange.md. A message that was taken is handed to one
action of one domain.
"""

from collections.abc import Callable, Container
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tollcentre.clearing import actions as clearing
from tollcentre.clearing.queries import days_to_hand_up, handed_in_part
from tollcentre.core.clock import day_of
from tollcentre.core.refusal import Refusal
from tollcentre.daily_run import queries as daily_run
from tollcentre.daily_run.terms import RunInfo
from tollcentre.dispute import actions as dispute
from tollcentre.dispute.terms import DISPUTE_UNKNOWN
from tollcentre.messages import actions
from tollcentre.messages import queries as messages
from tollcentre.messages.codecs import exchange as codec
from tollcentre.messages.terms import (
    KIND_NOT_TAKEN,
    NO_SUCH_MESSAGE,
    MessageFault,
    Parcel,
    Receipt,
    ResultCode,
    SentState,
)
from tollcentre.monitoring.actions import chase
from tollcentre.network.queries import province_of
from tollcentre.refund import actions as refund
from tollcentre.refund.queries import searched_runs
from tollcentre.refund.terms import NOT_ACCEPTED_YET
from tollcentre.settlement import actions as settlement

from .bodies import read_body
from .terms import NO_TOKEN_FOR_PEER

ACTS: dict[str, actions.Act] = {
    "booking_result": dispute.take_booking_result,
    "trades_to_book": dispute.take_trades_to_book,
    "dispute_result": dispute.take_dispute_result,
    "toll_change_result": refund.take_toll_change_result,
    "toll_change_to_credit": refund.take_toll_change_to_credit,
    "split_result": clearing.take_split_result,
    "clearing_statistics": clearing.take_statistics,
    "holdings": actions.take_holdings,
}
"""Kind of message → the one action that it is handed to."""
WAITS_FOR = frozenset({NO_SUCH_MESSAGE.code, DISPUTE_UNKNOWN.code, NOT_ACCEPTED_YET.code})
"""Refusals of something that has not come yet."""
ADDRESS = "/exchange/messages"
BYTES_MAX = 64 << 20
MESSAGES_A_TURN = 200
TIMEOUT_S = 30.0


@dataclass
class Turn:
    """What one turn of the exchange did; `laid` down at a bank, not answered yet."""

    queued: int = 0
    sent: int = 0
    laid: int = 0
    refused: int = 0
    unknown: int = 0
    taken: int = 0
    done: int = 0
    waiting: int = 0
    failed: int = 0

    def __bool__(self) -> bool:
        quiet = ("unknown", "waiting")
        return any(count for name, count in asdict(self).items() if name not in quiet)

    def __add__(self, other: "Turn") -> "Turn":
        both = asdict(other)
        return Turn(**{name: count + both[name] for name, count in asdict(self).items()})


def client() -> httpx.Client:
    """What carries messages out; to be used as a context."""
    return httpx.Client(timeout=TIMEOUT_S)


def check_for(kinds: Container[str]) -> Callable[[Parcel], None]:
    """A check that refuses a kind that is not among those."""

    def check(parcel: Parcel) -> None:
        kind = parcel.envelope.kind
        if kind not in kinds:
            raise MessageFault(ResultCode.ADVICE_REFUSED, KIND_NOT_TAKEN, "kind", kind=kind)

    return check


check = check_for(ACTS)


def take(request: HttpRequest, peer: Any, now: int) -> HttpResponse:
    """Answer a delivery with its receipt."""
    body = read_body(request, BYTES_MAX)
    receipt = actions.take_message(sender=peer, body=body, check=check, now=now)
    return HttpResponse(codec.encode_receipt(receipt), content_type="application/json")


def turn(now: int, carrier: httpx.Client, limit: int = MESSAGES_A_TURN) -> Turn:
    """Queue what is to go up, act on what was taken, send what is due; each message on its own.

    A peer that gives no receipt is left in peace until the next turn.
    """
    made = Turn()
    made.queued = prepare(now)
    for row in messages.received_due(now, limit):
        state = actions.act_on(row=row, act=_act, waits_for=WAITS_FOR, now=now)
        setattr(made, state.value, getattr(made, state.value) + 1)
    silent: set[str] = set()
    for message in messages.messages_due(now, limit):
        if message.receiver in silent:
            continue
        receipt, fault = _deliver(message, carrier)
        if receipt is None:
            silent.add(message.receiver)
        state_sent = actions.record_try(
            message_id=message.message_id, receipt=receipt, fault=fault, now=now
        )
        name = {SentState.TAKEN: "sent", SentState.REFUSED: "refused"}.get(state_sent, "unknown")
        setattr(made, name, getattr(made, name) + 1)
    return made


def every_hour(now: int) -> None:
    """What time alone brings about: missing batches are asked for again, windows are closed.

    What was not ruled in time within the province is deemed payable; days with the ministry are
    settled, the banks' lines matched. Done twice it changes nothing.
    """
    chase(now)
    dispute.deem_overdue(now=now)
    settlement.advance(now)


def prepare(now: int) -> int:
    """Queue what is to be handed up by now: cleared days, refunds, what we held the day before.

    What clears here is booked here first, so that no day that went up was left unbooked; of a day
    first its trades and sums served go up, then its records; what lands late goes up as long as the
    day takes supplements. What the ministry has counted of provinces' parts is booked; a cleared
    day is searched for overcharges before anyone complains. A run that was cut short while it was
    handed up is finished, also where another stands by now. Done twice it changes nothing. Gives
    the messages queued.
    """
    queued = actions.queue_holdings(now=now)
    standing = {run.clear_date: run for run in daily_run.standing_runs()}
    keys = {day: run.run_key for day, run in standing.items()}
    went = messages.causes_sent(list(keys.values()))
    fresh = {day for day, key in keys.items() if key not in went}
    for day in sorted(fresh | set(days_to_hand_up(keys, day_of(now)))):
        earlier, own = daily_run.runs_before(keys[day]), province_of(standing[day].network_version)
        runs = [*earlier, keys[day]]
        for run_key in [*handed_in_part(day, earlier), keys[day]] if day in fresh else []:
            before = runs[: runs.index(run_key)]
            clearing.keep_trades(run_key=run_key, earlier=before, day=day, own=own)
            dispute.book_here(run_key=run_key, earlier=before, day=day, own=own, now=now)
            queued += clearing.queue_uploads(
                run_key=run_key, earlier=before, day=day, own=own, now=now
            )
        queued += clearing.queue_records(run_key=keys[day], runs=runs, day=day, own=own, now=now)
    dispute.book_counted()
    _refunds(now, list(standing.values()))
    return queued


def _refunds(now: int, standing: list[RunInfo]) -> None:
    """Search days for overcharges that were not searched yet, and take decided changes further."""
    searched = searched_runs()
    for run in standing:
        if run.run_key not in searched:
            refund.draft_refunds(
                run_key=run.run_key, day=run.clear_date, version=run.network_version, now=now
            )
    refund.carry_out(now)


def _act(parcel: Parcel, now: int) -> None:
    ACTS[parcel.envelope.kind](parcel, now)


def _deliver(message: Any, carrier: httpx.Client) -> tuple[Receipt | None, str]:
    """One try: the receipt, or what went wrong."""
    peer = messages.peer(message.receiver)
    headers = {
        "Authorization": f"Bearer {token_for(peer.code)}",
        "Content-Encoding": "gzip",
        "Content-Type": "application/json",
    }
    body = messages.gzipped(message.body)
    try:
        answer = carrier.post(peer.address + ADDRESS, content=body, headers=headers)
    except httpx.HTTPError as error:
        return None, type(error).__name__
    if answer.status_code != httpx.codes.OK:
        return None, f"HTTP {answer.status_code}"
    try:
        return codec.decode_receipt(answer.content), ""
    except Refusal as refusal:
        return None, refusal.text()


def token_path(code: str) -> Path:
    """The key file that holds the token which we show a peer."""
    return Path(settings.HOME) / "keys" / f"peer-{code}.token"


def token_for(code: str) -> str:
    """The token which we show a peer; Refusal where its key file is missing."""
    try:
        return token_path(code).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise Refusal(NO_TOKEN_FOR_PEER, "token", code=code) from error
