"""Trades of our issuers' media that left in other provinces: made by seed, some of them faulty."""

from datetime import date, timedelta
from typing import Any

from tollcentre.core.clock import DAY_SECONDS, day_of, day_start, local_text

from ..counterpart.store import fact, keep_fact
from .desk import Desk
from .media import KEY_VERSION, Medium, Payment
from .outbox import post
from .terms import Planted

Record = dict[str, Any]
Name = tuple[str, date, int, int]
"""What the seed is asked of: the day, the message and the place in it of one trade."""
FEE_FEN = (300, 60_000)
DISCOUNT_PERCENT = 5
JOURNEY_S = (900, 21_600)
OLDEST_S = 7_200
STATIONS = 40
LEFT_PRICED_BY_OBU = 1
TRIPLE_DES, SM4 = 1, 2
CREDIT_CARD = 23
TRANS_TYPE = "09"
OBU = 1
TRIPLE_DES, SM4 = 1, 2
NETWORK_OF_CARD = 4


def make_trades(desk: Desk) -> bool:
    """Sends the next message of trades whose hour has come; false where none has."""
    elsewhere = [one for one in desk.plan.provinces if one != desk.parties.own_province]
    if not (desk.media.by_issuer and elsewhere and desk.plan.trades_per_day):
        return False
    slot = _next_slot(desk)
    if slot is None:
        return False
    made_at, number, count = slot
    name = ("slot", day_of(made_at), number)
    issuer = desk.chance.pick(tuple(desk.media.by_issuer), *name, "issuer")
    province = desk.chance.pick(elsewhere, *name, "province")
    records: list[Record] = []
    planted: list[str] = []
    for at in range(count):
        record = _trade(desk, issuer, province, made_at, (*name, at))
        planted.append(_plant(desk, record, records, planted, (*name, at)))
        records.append(record)
    toll_party = f"{province}0201"
    message_id = post(
        desk, cause=f"trades {day_of(made_at)} {number}", kind="trades_to_book", receiver=issuer,
        fields={"clear_date": day_of(made_at), "toll_province_id": toll_party}, records=records,
    )  # fmt: skip
    desk.db.executemany(
        """
        INSERT INTO trade (origin, transaction_id, toll_party, issuer, fee, book_message, card,
                           planted)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
        [
            (message_id, record["transaction_id"], toll_party, issuer, record["fee"], message_id,
             record["card_id"], fault)
            for record, fault in zip(records, planted, strict=True)
        ],
    )  # fmt: skip
    keep_fact(desk.db, "trades_through", str(made_at))
    return True


def _next_slot(desk: Desk) -> tuple[int, int, int] | None:
    """Moment, number within its day, and trades of the first message not made yet, if due."""
    through = int(fact(desk.db, "trades_through"))
    messages = desk.plan.messages_per_day
    for day in (day_of(through), day_of(through) + timedelta(days=1)):
        for number in range(1, messages + 1):
            made_at = day_start(day) + number * DAY_SECONDS // (messages + 1)
            if made_at > through:
                share, left = divmod(desk.plan.trades_per_day, messages)
                count = share + (number <= left)
                return (made_at, number, count) if made_at <= desk.moment else None
    return None


def _trade(desk: Desk, issuer: str, province: int, made_at: int, name: Name) -> Record:
    """One right trade: a vehicle of ours, drove and left within one other province."""
    ask = desk.chance
    medium: Medium = ask.pick(desk.media.by_issuer[issuer], *name, "medium")
    ex_time = made_at - ask.between((300, OLDEST_S), *name, "ex_time")
    fee = ask.between(FEE_FEN, *name, "fee")
    discount = fee * DISCOUNT_PERCENT // (100 - DISCOUNT_PERCENT)
    station = _station(province, ask.below(STATIONS, *name, "exit"))
    serial = ask.below(16**8, *name, "serial")
    record: Record = {
        "transaction_id": f"{station}2010010{_digits(ex_time)[:10]}{_serial(*name)}",
        "pass_id": "",
        "issuer_id": issuer,
        "media_type": OBU,
        "card_id": medium.card_number,
        "card_type": CREDIT_CARD,
        "obu_id": medium.medium_number,
        "vehicle_id": medium.plate,
        "vehicle_type": medium.vehicle_type,
        "en_station_id": _station(province, ask.below(STATIONS, *name, "entry")),
        "en_time": ex_time - ask.between(JOURNEY_S, *name, "journey"),
        "ex_station_id": station,
        "ex_time": ex_time,
        "exit_fee_type": LEFT_PRICED_BY_OBU,
        "pay_fee": fee + discount,
        "discount_fee": discount,
        "fee": fee,
        "trans_fee": fee,
        "multi_province": 0,
        "province_trans_group": f"{province}:{fee}",
        "trans_type": TRANS_TYPE,
        "terminal_no": f"{province}{ask.below(10**10, *name, 'terminal'):010d}",
        "terminal_trans_no": f"{serial:08X}",
        "card_counter": ask.between((1, 60_000), *name, "counter"),
        "algorithm_identifier": SM4 if ask.happens(desk.plan.sm4_ppm, *name, "sm4") else TRIPLE_DES,
        "key_version": KEY_VERSION,
    }
    _complete(desk, record)
    return record


def _complete(desk: Desk, record: Record) -> None:
    """Sets what follows from card and times: pass id and TAC."""
    card = record["card_id"].rjust(16 + NETWORK_OF_CARD, "0")
    record["pass_id"] = f"01{card}{_digits(record['en_time'])}"
    payment = Payment(
        record["issuer_id"], record["algorithm_identifier"], card, record["trans_fee"],
        record["trans_type"], record["terminal_no"], record["terminal_trans_no"],
        record["ex_time"],
    )  # fmt: skip
    if desk.media.sign is None:
        record["tac"] = f"{desk.chance.below(16**8, 'tac', record['transaction_id']):08X}"
    else:
        record["tac"] = desk.media.sign(payment)


def _plant(
    desk: Desk, record: Record, earlier: list[Record], planted: list[str], name: Name
) -> str:
    """Makes the trade faulty where the seed says so; the fault's name, or blank."""
    if not desk.chance.happens(desk.plan.faulty_ppm, *name, "faulty"):
        return ""
    fault = Planted(desk.chance.weigh(desk.plan.faulty_kinds, *name, "kind"))
    if fault is Planted.wrong_tac:
        if desk.media.sign is None:
            return ""
        record["tac"] = f"{int(record['tac'], 16) ^ 0x5A5A5A5A:08X}"
    elif fault is Planted.second_time:
        right = [one for one, wrong in zip(earlier, planted, strict=True) if not wrong]
        if not right:
            return ""
        record |= {**right[-1], "transaction_id": record["transaction_id"]}
    elif fault is Planted.overdue:
        age = desk.plan.overdue_days * DAY_SECONDS
        record |= {"ex_time": record["ex_time"] - age, "en_time": record["en_time"] - age}
        _complete(desk, record)
    elif fault is Planted.unknown_card:
        record["card_id"] = record["card_id"][:-8] + "99999999"
        _complete(desk, record)
    elif fault is Planted.unknown_obu:
        record["obu_id"] = record["obu_id"][:-8] + "99999999"
    else:
        record["pay_fee"] += 1
    return fault


def _station(province: int, number: int) -> str:
    """A station of a fictitious road: road 7, section 3 and a zero, station 2 and a zero."""
    return f"G0990{province:02d}{number // 10 + 1:03d}0{number % 10 + 1:02d}0"


def _serial(_: str, day: date, message: int, at: int) -> str:
    """Six digits that differ within a day."""
    return f"{(message * 10_000 + at) % 10**6:06d}"


def _digits(epoch: int) -> str:
    """`20261122080000` of epoch seconds."""
    return "".join(part for part in local_text(epoch) if part.isdigit())
