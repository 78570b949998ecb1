"""Asking the ministry online whether a plate holds media elsewhere in the nation."""

import json
import re

import httpx

from tollcentre.clearing.terms import MINISTRY
from tollcentre.issuing import actions
from tollcentre.issuing.queries import checks_due
from tollcentre.issuing.terms import NationalAnswer, NationalState
from tollcentre.messages import queries as messages

from .exchange import Turn, token_for

ADDRESS = "/exchange/plates"
ISSUER = re.compile(r"[0-9]{6}")
TIMEOUT_S = 3.0
AT_A_TURN = 50


def ask_nation(vehicle_id: str) -> NationalAnswer | None:
    """What the ministry says of a plate, within three seconds; None where none is registered."""
    if not messages.has_peer(MINISTRY):
        return None
    with httpx.Client(timeout=TIMEOUT_S) as carrier:
        return _asked(vehicle_id, carrier)


def turn(now: int, carrier: httpx.Client) -> Turn:
    """Ask again what had no answer, a handful at a time; the first silence ends the turn."""
    made = Turn()
    for business_id, vehicle_id in checks_due(now, AT_A_TURN):
        answer = _asked(vehicle_id, carrier)
        state = actions.settle_check(business_id=business_id, answer=answer, now=now)
        if state is NationalState.SILENT:
            made.unknown += 1
            break
        made.done += 1
    return made


def _asked(vehicle_id: str, carrier: httpx.Client) -> NationalAnswer:
    peer = messages.peer(MINISTRY)
    headers = {"Authorization": f"Bearer {token_for(peer.code)}"}
    try:
        answer = carrier.get(
            peer.address + ADDRESS, params={"vehicleId": vehicle_id}, headers=headers
        )
    except httpx.HTTPError as error:
        return _silent(type(error).__name__)
    if answer.status_code != httpx.codes.OK:
        return _silent(f"HTTP {answer.status_code}")
    return _read(vehicle_id, answer.content)


def _read(vehicle_id: str, content: bytes) -> NationalAnswer:
    """The answer in a body; one that is malformed or of another plate says nothing."""
    try:
        told = json.loads(content)
        named, held, issuer = told["vehicleId"], told["held"], told["issuerId"]
    except (ValueError, KeyError, TypeError):
        return _silent("not an answer")
    if named != vehicle_id or not isinstance(held, bool) or not isinstance(issuer, str):
        return _silent("not an answer")
    if held and not ISSUER.fullmatch(issuer):
        return _silent("no issuer named")
    if held:
        return NationalAnswer(NationalState.HELD, issuer)
    return NationalAnswer(NationalState.FREE)


def _silent(fault: str) -> NationalAnswer:
    return NationalAnswer(NationalState.SILENT, fault=fault)
