"""The exchange with banks: files laid down and taken away over SFTP, each done once.

The form stands in docs/banks.md. A file that was taken is handed to one action of one domain.
"""

from contextlib import AbstractContextManager
from typing import Any

from tollcentre.core.refusal import Refusal
from tollcentre.deposit import actions as deposit
from tollcentre.messages import actions
from tollcentre.messages import queries as messages
from tollcentre.messages.codecs import exchange as codec
from tollcentre.messages.terms import (
    Parcel,
    PeerKind,
    Protocol,
    SentState,
)
from tollcentre.settlement import actions as settlement
from tollcentre.settlement.terms import BANK_STATEMENT_WAITS

from . import sftp
from .exchange import Turn, check_for
from .keys import keep_key, key_of, key_path

ACTS: dict[str, actions.Act] = {
    "receipt": actions.take_receipt,
    "deposit_slip": deposit.take_deposit_slips,
    "bill": deposit.take_bill,
    "payment_result": settlement.take_payment_result,
    "payment_return": settlement.take_payment_return,
    "statement": settlement.take_bank_statement,
}
"""Kind of file, or of bill → the one action that it is handed to."""
check = check_for(ACTS)
WAITS_FOR = frozenset({BANK_STATEMENT_WAITS.code})
"""Refusals of something that has not come yet."""
BYTES_MAX = 32 << 20
FILES_A_TURN = 200


def register(
    *, code: str, own_code: str, address: str, user: str, host_key: bytes, actor: str, now: int
) -> str:
    """Register a bank with its pinned host key; the public key that it is to let in.

    Our private key is made once for a code and stays in its file.
    """
    sftp.host_key(host_key)
    actions.add_bank(
        code=code, own_code=own_code, address=address, user=user, actor=actor, now=now
    )  # fmt: skip
    pin(code, host_key)
    if not key_path(_client_key(code)).exists():
        keep_key(_client_key(code), sftp.new_key())
    return sftp.public_text(key_of(code, _client_key(code)))


def pin(code: str, host_key: bytes) -> None:
    """Expect this host key of a bank from now on; Refusal where it is none."""
    sftp.host_key(host_key)
    keep_key(_host_key(code), host_key)


def turn(now: int, limit: int = FILES_A_TURN) -> Turn:
    """Visit every bank, then act on what was taken; each file on its own.

    A bank that is silent or breaks off is left in peace until the next turn.
    """
    made = Turn()
    for bank in messages.peers(kind=PeerKind.BANK):
        due = messages.messages_due(now, limit, protocol=Protocol.BANK, receiver=bank.code)
        fault = ""
        try:
            with _folders(bank) as folders:
                _lay_down(folders, due, made, now)
                _take_away(folders, bank, limit, made, now)
        except (*sftp.BROKEN, Refusal) as error:
            fault = _printable(f"{type(error).__name__}: {error}")
            for message in due:
                actions.record_try(
                    message_id=message.message_id, receipt=None, fault=fault, now=now
                )
            made.unknown += len(due)
        actions.note_visit(code=bank.code, fault=fault)
    for row in messages.received_due(now, limit, protocol=Protocol.BANK):
        state = actions.act_on(row=row, act=_act, waits_for=WAITS_FOR, now=now)
        setattr(made, state.value, getattr(made, state.value) + 1)
    return made


def _lay_down(folders: sftp.Folders, due: list[Any], made: Turn, now: int) -> None:
    """Lay down what is due; what was laid down is taken off the list."""
    while due:
        message = due[0]
        folders.put(codec.bank_file_name(message.message_id), messages.body_of(message.body))
        state = actions.record_try(message_id=message.message_id, receipt=None, fault="", now=now)
        made.sent += state == SentState.TAKEN
        made.laid += state == SentState.WAITING
        del due[0]


def _take_away(folders: sftp.Folders, bank: Any, limit: int, made: Turn, now: int) -> None:
    """Take the files that lie there: stored first, then removed."""
    for name in folders.waiting(limit):
        body = folders.read(name, BYTES_MAX + 1)
        actions.take_file(bank=bank, name=name, body=body, check=check, now=now)
        folders.remove(name)
        made.taken += 1


def _printable(text: str) -> str:
    """A text that a server may have written, without what no database takes."""
    return "".join(one if one.isprintable() else "_" for one in text)


def _act(parcel: Parcel, now: int) -> None:
    ACTS[parcel.envelope.kind](parcel, now)


def _folders(bank: Any) -> AbstractContextManager[sftp.Folders]:
    host = sftp.host_key(key_of(bank.code, _host_key(bank.code)))
    private = key_of(bank.code, _client_key(bank.code))
    return sftp.folders(address=bank.address, user=bank.user, host=host, private=private)


def _client_key(code: str) -> str:
    return f"bank-{code}.key"


def _host_key(code: str) -> str:
    return f"bank-{code}.host"
