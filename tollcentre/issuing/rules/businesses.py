"""Which business may follow which state of a medium, and what it leaves."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from tollcentre.core.refusal import Refusal

from ..terms import (
    CARD_TYPE_UNKNOWN,
    CONTRACT_UNFIT,
    MEDIUM_NO_MALFORMED,
    MEDIUM_OF_OTHER_ISSUER,
    POST_PAID_CARD,
    REASON_MISSING,
    STATE_FORBIDS,
    STORED_CARD,
    TRANSITIONS,
    BusinessKind,
    ContractKind,
    Counter,
    EtcAccountState,
)
from .customers import IssuingParameters


def state_after(kind: BusinessKind, medium_no: str, state: EtcAccountState) -> EtcAccountState:
    """The state of a medium after a business; refuses one that the state does not allow."""
    allowed, after = TRANSITIONS[kind]
    if state not in allowed:
        raise Refusal(STATE_FORBIDS, "medium_no", medium_no=medium_no, state=state, business=kind)
    return after


def check_medium_no(name: str, medium_no: str, digits: int, rules: IssuingParameters) -> None:
    """Refuse a number of another length, or of another issuer's network."""
    if not (len(medium_no) == digits and medium_no.isascii() and medium_no.isdigit()):
        raise Refusal(MEDIUM_NO_MALFORMED, name, value=medium_no)
    if medium_no[: len(rules.networks[0])] not in rules.networks:
        raise Refusal(MEDIUM_OF_OTHER_ISSUER, name, medium_no=medium_no)


def check_card_type(card_type: int, contract: ContractKind) -> None:
    """Refuse an unknown card type, and a post-paid card that no bank pays for."""
    if card_type not in (STORED_CARD, POST_PAID_CARD):
        raise Refusal(CARD_TYPE_UNKNOWN, "card_type", value=card_type)
    if (card_type == POST_PAID_CARD) != (contract is ContractKind.BANK):
        raise Refusal(CONTRACT_UNFIT, "contract", card_type=card_type, contract=contract)


def require_reason(counter: Counter) -> None:
    """Refuse a business without a reason, but for an enrolment, which is its own."""
    if not counter.reason.strip():
        raise Refusal(REASON_MISSING, "reason")


def digest_of(content: Mapping[str, Any]) -> str:
    """What a form's content is known by; personal data in it stands as its own keyed digest."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
