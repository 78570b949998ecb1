"""Media of our issuers that drive elsewhere, from a file, and the TAC of what they pay."""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tollcentre.core.refusal import Refusal
from tollcentre.hsm.queries import hsm_of_file
from tollcentre.hsm.terms import MasterKeyName, TacAlgorithm, TacData

from ..counterpart.terms import FILE_UNREADABLE
from .terms import MEDIUM_UNUSABLE

COLUMNS = ("medium_number", "card_number", "plate", "vehicle_type", "issuer")
KEY_VERSION = 1
SignTrade = Callable[["Payment"], str]


@dataclass(frozen=True)
class Payment:
    """What a TAC is over and by which key: card, fen, the terminal's numbers, epoch seconds."""

    issuer: str
    algorithm: int
    card_number: str
    amount_fen: int
    trans_type: str
    terminal_no: str
    terminal_trans_no: str
    paid_at: int


@dataclass(frozen=True)
class Medium:
    """One vehicle's OBU and card."""

    medium_number: str
    card_number: str
    plate: str
    vehicle_type: int
    issuer: str


@dataclass(frozen=True)
class Media:
    """The media of a run by issuer; `sign` is none where no keys are given and no TAC is right."""

    by_issuer: dict[str, tuple[Medium, ...]]
    sign: SignTrade | None = None


def read_media(path: Path) -> dict[str, tuple[Medium, ...]]:
    """Issuer → its media in the order of the file; refused by row and column where unusable."""
    found: dict[str, list[Medium]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Refusal(FILE_UNREADABLE, field="media", path=path, why=error) from error
    for number, row in enumerate(rows, 2):
        medium = _medium(number, row)
        found.setdefault(medium.issuer, []).append(medium)
    return {issuer: tuple(found[issuer]) for issuer in sorted(found)}


def signer(keys: Path, issuers: Iterable[str]) -> SignTrade:
    """Makes the TAC that a card of the issuers would, by the master keys of a file.

    Refuses a file that holds no keys, or lacks an issuer's.
    """
    hsm = hsm_of_file(keys)

    def sign(payment: Payment) -> str:
        name = MasterKeyName(payment.issuer, TacAlgorithm(payment.algorithm), KEY_VERSION)
        data = TacData(
            payment.amount_fen, payment.trans_type, payment.terminal_no,
            payment.terminal_trans_no, payment.paid_at,
        )  # fmt: skip
        return hsm.tac(name, payment.card_number, data)

    for issuer in issuers:
        for algorithm in TacAlgorithm:
            sign(Payment(issuer, algorithm, "0" * 16, 0, "09", "0" * 12, "0" * 8, 0))
    return sign


def _medium(number: int, row: dict[str, str]) -> Medium:
    for column in COLUMNS:
        text = (row.get(column) or "").strip()
        fits = bool(text) if column == "plate" else text.isascii() and text.isdigit()
        if not fits or (column == "card_number" and len(text) not in (16, 20)):
            raise Refusal(MEDIUM_UNUSABLE, field=column, row=number, column=column, value=text)
    texts = [row[column].strip() for column in COLUMNS]
    return Medium(texts[0], texts[1], texts[2], int(texts[3]), texts[4])
