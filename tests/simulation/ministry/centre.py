"""A small centre that speaks the protocol to the ministry's: enough to test it, and no more."""

from collections import Counter, defaultdict
from datetime import date, timedelta

from tollcentre.core.clock import DAY_SECONDS, day_of, day_start
from tollcentre.hsm.terms import MasterKeyName, TacAlgorithm, TacData
from tollcentre.messages.codecs import exchange
from tollcentre.messages.terms import MessageFault, Protocol, Receipt, ResultCode

OWN, ISSUER, MINISTRY = "620201", "620101", "000000"
ELSEWHERE = ("610101", "630101", "640101")
OVERDUE_DAYS = 365
START = day_start(date(2026, 11, 1)) + 8 * 3600


def exit_record(number, issuer, ex_time, **given):
    fee = 500 + number * 7 % 9000
    return {
        "transaction_id": f"G00306200101002010010{number:016d}", "issuer_id": issuer,
        "media_type": 1, "vehicle_type": 1, "ex_station_id": "G0030620010100",
        "ex_time": ex_time, "exit_fee_type": 1, "pay_fee": fee, "discount_fee": 0, "fee": fee,
        "multi_province": 0,
    } | given  # fmt: skip


def message(kind, message_id, fields, records, *, sender=OWN, receiver=MINISTRY, at=START):
    return exchange.encode(
        protocol=Protocol.TRUNK, kind=kind, version="1.0", message_id=message_id,
        sender_id=sender, receiver_id=receiver, sent_at=at, fields=fields, records=records,
    )  # fmt: skip


def agrees(parcel, answer):
    """Whether the receipt's bytes say that the message arrived as it was sent."""
    if answer is None:
        return False
    receipt, sent = exchange.decode_receipt(answer), parcel.envelope
    found = (receipt.message_id, receipt.count, receipt.amount_fen, receipt.digest)
    return receipt.result in (1, 5) and found == (
        sent.message_id, sent.count, sent.amount_fen, sent.digest,
    )  # fmt: skip


class Centre:
    """Takes every message once, answers as our issuer would, and counts what the ministry says."""

    def __init__(self, media=(), hsm=None):
        self.cards = {medium.card_number for medium in media}
        self.obus = {medium.medium_number for medium in media}
        self.hsm = hsm
        self.taken = {}
        self.bodies = {}
        self.repeats = Counter()
        self.refused = []
        self.outbox = {}
        self.sent = {}
        self.settled = defaultdict(lambda: [0, 0])
        self.states = {}
        self.seen_payments = set()
        self.number = 0

    def queue(self, kind, message_id, fields, records, **given):
        body = message(kind, message_id, fields, records, **given)
        self.outbox[message_id] = body
        self.sent[message_id] = exchange.decode(Protocol.TRUNK, body)

    def upload(self, trades, moment, issuer=ELSEWHERE[0]):
        """Sends an exit upload of that many trades; its id."""
        records = []
        for _ in range(trades):
            self.number += 1
            records.append(exit_record(self.number, issuer, moment - 600))
        message_id = f"{OWN}-exit-{len(self.sent):06d}"
        fields = {"clear_date": day_of(moment), "split_no": 1}
        self.queue("exit_upload", message_id, fields, records, at=moment)
        return message_id

    def send(self, post):
        """Tries every waiting message once by a function of body to the answer's bytes or none."""
        for message_id, body in list(self.outbox.items()):
            self.answered(message_id, post(body))

    def answered(self, message_id, answer):
        """Takes a message off the outbox where the answer's bytes agree with it."""
        if agrees(self.sent[message_id], answer):
            self.outbox.pop(message_id, None)

    def receive(self, body, moment):
        """The receipt's bytes of a message of the ministry's centre."""
        try:
            parcel = exchange.decode(Protocol.TRUNK, body)
            result = self.take(parcel, body, moment)
        except MessageFault as fault:
            self.refused.append((fault.message_id, fault.result))
            return exchange.encode_receipt(
                Receipt(fault.message_id, fault.result, 0, 0, "", fault.text())
            )
        said = parcel.envelope
        if result not in (1, 5):
            self.refused.append((said.message_id, result))
        return exchange.encode_receipt(
            Receipt(said.message_id, result, said.count, said.amount_fen, said.digest, "")
        )

    def take(self, parcel, body, moment):
        said = parcel.envelope
        if said.receiver_id not in (OWN, ISSUER):
            return ResultCode.CONTENT
        if said.message_id in self.bodies:
            same = self.bodies[said.message_id] == body
            self.repeats[said.message_id] += same
            return ResultCode.DUPLICATE if same else ResultCode.CONTENT
        self.bodies[said.message_id] = body
        self.taken[said.message_id] = parcel
        act = getattr(self, f"take_{said.kind}", None)
        if act:
            act(parcel, moment)
        return ResultCode.OK

    def take_booking_result(self, parcel, _moment):
        of = self.sent[parcel.fields["of_message_id"]]
        disputed = {record["transaction_id"] for record in parcel.records}
        self.settle("receivable", of, of.records[0]["issuer_id"], disputed, parcel.envelope.sent_at)

    def take_trades_to_book(self, parcel, moment):
        disputes = {}
        for record in parcel.records:
            if reason := self.reason(record, moment):
                disputes[record["transaction_id"]] = reason
        said = parcel.envelope
        records = [
            {"transaction_id": r["transaction_id"], "fee": r["fee"],
             "reason": disputes[r["transaction_id"]]}
            for r in parcel.records if r["transaction_id"] in disputes
        ]  # fmt: skip
        fields = {
            "of_message_id": said.message_id, "count": said.count, "amount": said.amount_fen,
            "disputed_count": len(records), "disputed_amount": sum(r["fee"] for r in records),
        }  # fmt: skip
        self.queue(
            "booking_result", f"{ISSUER}-booking-{said.message_id[-20:]}", fields, records,
            sender=ISSUER, at=moment,
        )  # fmt: skip
        self.settle("payable", parcel, parcel.fields["toll_province_id"], set(disputes), moment)

    def settle(self, side, parcel, counterparty, disputed, moment):
        for record in parcel.records:
            name = (side, parcel.envelope.message_id, record["transaction_id"])
            assert name not in self.states, f"booked twice: {name}"
            open_dispute = record["transaction_id"] in disputed
            self.states[name] = "disputed" if open_dispute else "confirmed"
            if not open_dispute:
                self.count(side, counterparty, day_of(moment), record["fee"])

    def count(self, side, counterparty, day, fee):
        figure = self.settled[side, counterparty, str(day)]
        figure[0] += 1
        figure[1] += fee

    def take_dispute_result(self, parcel, _moment):
        side = "payable" if parcel.envelope.receiver_id == ISSUER else "receivable"
        for record in parcel.records:
            of = record["of_message_id"]
            name = (side, of, record["transaction_id"])
            assert self.states[name] == "disputed", f"ruled twice or early: {name}"
            self.states[name] = "bad_debt" if record["result"] else "paid"
            if not record["result"]:
                trades = self.sent[of] if side == "receivable" else self.taken[of]
                party = (
                    trades.records[0]["issuer_id"] if side == "receivable"
                    else trades.fields["toll_province_id"]
                )  # fmt: skip
                self.count(side, party, parcel.fields["clear_date"], record["fee"])

    def reason(self, record, moment):
        """What a right issuer says against a trade; none where it is right."""
        payment = (record["card_id"], record["terminal_no"], record["terminal_trans_no"])
        if record["card_id"] and record["card_id"] not in self.cards:
            return 8
        if record["obu_id"] and record["obu_id"] not in self.obus:
            return 17
        if record["tac"] and not self.tac_right(record):
            return 1
        if record["card_id"] and payment in self.seen_payments:
            return 2
        self.seen_payments.add(payment)
        if record["pay_fee"] != record["fee"] + record["discount_fee"]:
            return 6
        if record["ex_time"] < moment - OVERDUE_DAYS * DAY_SECONDS:
            return 5
        return None

    def tac_right(self, record):
        if self.hsm is None:
            return True
        algorithm = TacAlgorithm(record["algorithm_identifier"])
        name = MasterKeyName(record["issuer_id"], algorithm, record["key_version"])
        data = TacData(
            record["trans_fee"], record["trans_type"], record["terminal_no"],
            record["terminal_trans_no"], record["ex_time"],
        )  # fmt: skip
        return self.hsm.verify(name, record["card_id"], data, record["tac"])

    def said_statistics(self):
        """(side, counterparty, day) → [count, fen], as the ministry's statistics have it."""
        return {
            (record["side"], record["party_id"], str(parcel.fields["clear_date"])): [
                record["count"], record["fee"],
            ]
            for parcel in self.taken.values() if parcel.envelope.kind == "clearing_statistics"
            for record in parcel.records
        }  # fmt: skip


def next_morning(moment):
    """Nine o'clock of the day after."""
    return day_start(day_of(moment) + timedelta(days=1)) + 9 * 3600
