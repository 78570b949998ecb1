"""Every code that a page may meet has its word: none is shown bare."""

import re
from pathlib import Path

import pytest

from tollcentre.access.terms import ApprovalState
from tollcentre.clearing.terms import DifferenceKind, HeldReason
from tollcentre.console import record_words, settlement_words, step_words, words
from tollcentre.core import codes
from tollcentre.daily_run.actions.build import step_names
from tollcentre.daily_run.actions.keep import _TOTALS as KEPT_TOTALS
from tollcentre.daily_run.terms import RunState, StepState
from tollcentre.ledger.terms import AccountKind
from tollcentre.messages.terms import RecordKind
from tollcentre.monitoring.terms import CompletenessState
from tollcentre.passage.terms import DECIDE_PATH, RestoredBy
from tollcentre.refund.terms import (
    APPROVE_CHANGE,
    ChangeCause,
    ChangeKind,
    ChangeRoute,
    ChangeState,
    InvoiceFlag,
)
from tollcentre.settlement import terms as settlement

PACKAGE = Path(words.__file__).resolve().parent.parent
CHECK_OF_RELATION = re.compile(r"^  ([a-z_]+): (?:>|SELECT)", re.MULTILINE)
RELATIONS = [*PACKAGE.glob("passage/relations/*.sql"), *PACKAGE.glob("clearing/relations/*.sql")]
CHECKS = {name for path in RELATIONS for name in CHECK_OF_RELATION.findall(path.read_text("utf-8"))}
TABLES = {
    "steps": (
        [*step_names(compiled=True), *step_names(compiled=False), "keep", "post"],
        step_words.STEP_TITLES,
    ),
    "checks": ([*CHECKS, "key_is_unique", "debits_equal_credits"], step_words.CHECKS),
    "totals": (KEPT_TOTALS, step_words.TOTALS),
    "differences": (DifferenceKind, step_words.DIFFERENCE_KINDS),
    "held": (HeldReason, step_words.HELD_REASONS),
    "states": ([*RunState, *StepState], words.RUN_STATES),
    "completeness": (CompletenessState, words.COMPLETENESS_STATES),
    "records": (RecordKind, words.RELATIONS),
    "restored by": (RestoredBy, words.RESTORED_BY),
    "approvals": (ApprovalState, words.APPROVAL_STATES),
    "acts": ([DECIDE_PATH, APPROVE_CHANGE, *settlement.RequestKind], words.ACTS),
    "statements": (settlement.StatementState, settlement_words.STATEMENT_STATES),
    "causes": (settlement.Cause, settlement_words.CAUSES),
    "payments": (settlement.PaymentState, settlement_words.PAYMENT_STATES),
    "unmatched": (settlement.Unmatched, settlement_words.UNMATCHED),
    "items": (settlement.ItemKind, settlement_words.ITEM_KINDS),
    "kinds of changes": (ChangeKind, words.CHANGE_KINDS),
    "causes of changes": (ChangeCause, words.CHANGE_CAUSES),
    "states of changes": (ChangeState, words.CHANGE_STATES),
    "routes of changes": (ChangeRoute, words.CHANGE_ROUTES),
    "invoices": (InvoiceFlag, words.INVOICE_FLAGS),
    "accounts": (AccountKind, words.ACCOUNT_KINDS),
    "media": (codes.MediaType, words.MEDIA_TYPES),
    "fee types": (codes.ExitFeeType, words.EXIT_FEE_TYPES),
    "signs": (codes.UnitSign, words.UNIT_SIGNS),
    "vehicle types": (codes.VEHICLE_TYPES, words.VEHICLE_TYPES),
    "vehicle classes": (codes.VEHICLE_CLASSES, words.VEHICLE_CLASSES),
    "plates": (codes.PLATE_COLOURS, words.PLATE_COLOURS),
}


@pytest.mark.parametrize("name", TABLES)
def test_every_code_has_its_word(name):
    known, table = TABLES[name]
    assert [code for code in known if code not in table] == []


def test_reason_names_its_field():
    assert str(record_words.reason_word("missing_field:passId")) == "缺少字段: passId"
    assert record_words.reason_word("some_new_reason") == "some_new_reason"
    assert record_words.reason_words("bad_time:exTime|amount_identity") == (
        "时间不成立: exTime; 应收 ≠ 实收 + 优惠"
    )
