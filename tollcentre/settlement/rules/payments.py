"""Payments: where an instruction stands by what is known of it."""

from ..terms import PaymentFacts, PaymentState


def payment_state(facts: PaymentFacts) -> PaymentState:
    """Where an instruction stands, whatever was learnt first.

    What the bank's statement shows is the truth of the money; what the bank answers says what it
    is about to show.
    """
    if facts.is_credited:
        return PaymentState.RETURNED
    if facts.is_debited:
        comes_back = facts.is_returned or bool(facts.result)
        return PaymentState.RETURNING if comes_back else PaymentState.PAID
    if facts.result:
        return PaymentState.REFUSED
    if facts.is_returned:
        return PaymentState.RETURNING
    if facts.result is not None:
        return PaymentState.ANSWERED
    return PaymentState.SENT if facts.is_sent else PaymentState.READY
