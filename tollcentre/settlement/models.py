"""Statements and their payments, the bank's lines and what they were matched with."""

from django.db import models
from django.db.models import F, Q

from .terms import PaymentState, ReportKind, RequestKind, StatementSide, StatementState


def _one_of(name: str, values: type) -> Q:
    return Q(**{f"{name}__in": [value.value for value in values]})  # type: ignore[attr-defined]


class SettlementStatement(models.Model):
    """A closed window of a party with what it comes to, in fen: the period's lock.

    What it says never changes, only how far it has come: `state`, voucher, days of release and
    payment.
    """

    statement_no = models.CharField(max_length=48, unique=True)
    party_id = models.CharField(max_length=32)
    side = models.CharField(max_length=8)
    agreement_no = models.CharField(max_length=64)
    model = models.CharField(max_length=8)
    start_day = models.DateField()
    end_day = models.DateField()
    due_on = models.DateField()
    cut_seq = models.BigIntegerField()
    carried_in_fen = models.BigIntegerField()
    entries_fen = models.BigIntegerField()
    total_fen = models.BigIntegerField()
    closed_at = models.BigIntegerField()
    state = models.CharField(max_length=8)
    voucher_no = models.CharField(max_length=24, blank=True)
    released_on = models.DateField(null=True)
    paid_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["party_id", "start_day"], name="window_starts_once"),
            models.UniqueConstraint(fields=["party_id", "end_day"], name="window_ends_once"),
            models.CheckConstraint(
                condition=Q(start_day__lte=F("end_day")), name="window_has_days"
            ),
            models.CheckConstraint(
                condition=Q(total_fen=F("carried_in_fen") + F("entries_fen")),
                name="statement_adds_up",
            ),
            models.CheckConstraint(
                condition=_one_of("state", StatementState) & _one_of("side", StatementSide),
                name="statement_state",
            ),
            models.CheckConstraint(
                condition=Q(released_on__isnull=True, voucher_no="")
                | Q(released_on__isnull=False) & ~Q(voucher_no=""),
                name="statement_released_with_voucher",
            ),
        ]
        indexes = [models.Index(fields=["state", "end_day"], name="statement_by_state")]


class SettlementLine(models.Model):
    """One line of a statement: a clear day and why, in fen; inserted once."""

    statement = models.ForeignKey(
        SettlementStatement, on_delete=models.PROTECT, related_name="lines"
    )
    clear_date = models.DateField()
    cause = models.CharField(max_length=12)
    fen = models.BigIntegerField()
    entries = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "clear_date", "cause"], name="settlement_line_once"
            )
        ]
        indexes = [models.Index(fields=["clear_date"], name="settlement_line_by_day")]


class Voucher(models.Model):
    """A voucher number that was given, and the batch that bears it; gapless within a year."""

    year = models.SmallIntegerField()
    number = models.IntegerField()
    batch_key = models.CharField(max_length=96, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["year", "number"], name="voucher_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="voucher_number_from_one"),
        ]


class SettlementRequest(models.Model):
    """What one person asked another to allow; `done_at` (epoch s) once it was carried out."""

    approval_key = models.CharField(max_length=96, unique=True)
    kind = models.CharField(max_length=24)
    content = models.JSONField()
    asked_at = models.BigIntegerField()
    done_at = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=_one_of("kind", RequestKind), name="request_kind")
        ]
        indexes = [models.Index(fields=["done_at", "kind"], name="request_open")]


class MinistryPosition(models.Model):
    """A clear day with the ministry's centre, both sides agreed: due from it and to it, in fen."""

    clear_date = models.DateField(unique=True)
    bank_id = models.CharField(max_length=16)
    receivable_fen = models.BigIntegerField()
    payable_fen = models.BigIntegerField()
    voucher_no = models.CharField(max_length=24)
    settled_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(receivable_fen__gte=0, payable_fen__gte=0), name="position_whole"
            )
        ]


class PaymentFile(models.Model):
    """Instructions that were handed to one bank together, once two persons had said so."""

    file_no = models.CharField(max_length=48, unique=True)
    bank_id = models.CharField(max_length=16)
    number = models.IntegerField()
    count = models.IntegerField()
    amount_fen = models.BigIntegerField()
    message_id = models.CharField(max_length=64, blank=True)
    made_at = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bank_id", "number"], name="payment_file_once")
        ]


class PaymentInstruction(models.Model):
    """One payment to one payee, for a statement or a position; in fen, from one of our banks.

    Paid at most once: another attempt is another instruction, made when this one is over.
    """

    instruction_id = models.CharField(max_length=64, unique=True)
    statement = models.ForeignKey(
        SettlementStatement, null=True, on_delete=models.PROTECT, related_name="instructions"
    )
    position = models.ForeignKey(
        MinistryPosition, null=True, on_delete=models.PROTECT, related_name="instructions"
    )
    attempt = models.SmallIntegerField()
    party_id = models.CharField(max_length=32)
    account = models.CharField(max_length=64)
    bank_id = models.CharField(max_length=16)
    payee_account = models.CharField(max_length=64)
    payee_name = models.CharField(max_length=128)
    payee_bank = models.CharField(max_length=128)
    amount_fen = models.BigIntegerField()
    voucher_no = models.CharField(max_length=24)
    made_at = models.BigIntegerField()
    file = models.ForeignKey(
        PaymentFile, null=True, on_delete=models.PROTECT, related_name="instructions"
    )
    state = models.CharField(max_length=12)
    state_since = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(statement__isnull=True, position__isnull=False)
                | Q(statement__isnull=False, position__isnull=True),
                name="instruction_pays_one_thing",
            ),
            models.UniqueConstraint(fields=["statement", "attempt"], name="statement_attempt_once"),
            models.UniqueConstraint(fields=["position", "attempt"], name="position_attempt_once"),
            models.UniqueConstraint(
                fields=["statement"],
                condition=~Q(state__in=["refused", "returned"]),
                name="statement_paid_by_one",
            ),
            models.UniqueConstraint(
                fields=["position"],
                condition=~Q(state__in=["refused", "returned"]),
                name="position_paid_by_one",
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="instruction_has_amount"),
            models.CheckConstraint(
                condition=_one_of("state", PaymentState), name="instruction_state"
            ),
        ]
        indexes = [models.Index(fields=["state", "bank_id"], name="instruction_by_state")]


class PaymentReport(models.Model):
    """What a bank told of an instruction; inserted once a kind."""

    instruction = models.ForeignKey(
        PaymentInstruction, on_delete=models.PROTECT, related_name="reports"
    )
    kind = models.CharField(max_length=8)
    result = models.IntegerField()
    told_on = models.DateField(null=True)
    bank_serial = models.CharField(max_length=64, blank=True)
    note = models.CharField(max_length=255, blank=True)
    file_id = models.CharField(max_length=64)
    taken_at = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instruction", "kind"], name="payment_reported_once"),
            models.CheckConstraint(condition=_one_of("kind", ReportKind), name="report_kind"),
        ]


class BankStatement(models.Model):
    """A bank day of our account as the bank shows it: balances in fen; inserted once."""

    file_id = models.CharField(max_length=64, unique=True)
    bank_id = models.CharField(max_length=16)
    account = models.CharField(max_length=64)
    day = models.DateField()
    opening_fen = models.BigIntegerField()
    closing_fen = models.BigIntegerField()
    count = models.IntegerField()
    taken_at = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bank_id", "day"], name="bank_day_once"),
        ]


class BankMatch(models.Model):
    """Lines of a bank and what they were matched with; inserted once, with its batch."""

    match_no = models.CharField(max_length=80, unique=True)
    bank_id = models.CharField(max_length=16)
    day = models.DateField()
    approval_key = models.CharField(max_length=96, blank=True)
    reason = models.TextField(blank=True)
    matched_at = models.BigIntegerField()


class BankLine(models.Model):
    """A line of a bank's statement, in fen, in is positive; all but its match never changes."""

    statement = models.ForeignKey(BankStatement, on_delete=models.PROTECT, related_name="lines")
    line_key = models.CharField(max_length=129, unique=True)
    serial = models.CharField(max_length=64)
    booked_at = models.BigIntegerField()
    fen = models.BigIntegerField()
    counter_account = models.CharField(max_length=64, blank=True)
    counter_name = models.CharField(max_length=128, blank=True)
    reference = models.TextField(blank=True)
    summary = models.CharField(max_length=255, blank=True)
    match = models.ForeignKey(BankMatch, null=True, on_delete=models.PROTECT, related_name="lines")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(fen=0), name="bank_line_has_amount"),
        ]


class MatchedItem(models.Model):
    """What was expected and came, in fen; inserted once, so nothing is fulfilled twice."""

    match = models.ForeignKey(BankMatch, on_delete=models.PROTECT, related_name="items")
    item_key = models.CharField(max_length=128, unique=True)
    kind = models.CharField(max_length=12)
    reference = models.CharField(max_length=128, blank=True)
    fen = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["reference"], name="matched_item_by_reference")]


class StatementConfirmation(models.Model):
    """An owner's word that a statement is right; inserted once."""

    statement = models.OneToOneField(
        SettlementStatement, on_delete=models.PROTECT, related_name="confirmation"
    )
    confirmed_by = models.CharField(max_length=150)
    confirmed_at = models.BigIntegerField()


class StatementContest(models.Model):
    """An owner's objection to a line, by passage where one is named; inserted once."""

    statement = models.ForeignKey(
        SettlementStatement, on_delete=models.PROTECT, related_name="contests"
    )
    clear_date = models.DateField()
    pass_id = models.CharField(max_length=64, blank=True)
    reason = models.TextField()
    raised_by = models.CharField(max_length=150)
    raised_at = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "clear_date", "pass_id"], name="contested_once"
            )
        ]


class ContestAnswer(models.Model):
    """The answer to an objection: upheld with an amount in fen, or rejected; inserted once."""

    contest = models.OneToOneField(
        StatementContest, on_delete=models.PROTECT, related_name="answer"
    )
    is_upheld = models.BooleanField()
    fen = models.BigIntegerField()
    reason = models.TextField()
    answered_by = models.CharField(max_length=150)
    answered_at = models.BigIntegerField()
