"""The ledger's refusals in their order, and its pure arithmetic."""

from dataclasses import replace
from datetime import date

import pytest

from tollcentre.ledger import rules
from tollcentre.ledger.queries import chart
from tollcentre.ledger.terms import REFUSALS, AccountKind, PostingLine

DAY = date(2026, 11, 22)
DEBIT = PostingLine("receivable.issuer.620101", "debit", 100, issuer_id="620101", media_type=1)
CREDIT = PostingLine("payable.owner.40", "credit", 100, owner_id="40", media_type=1)

# Each line of the table also has every fault of the lines below it, so the order is tested.
ORDER = (
    ("batch_key_missing", "", {"amount_fen": 1.5}),
    ("amount_is_not_whole_fen", "k", {"amount_fen": 1.5, "side": "left"}),
    ("amount_is_negative", "k", {"amount_fen": -1, "side": "left"}),
    ("amount_is_too_large", "k", {"amount_fen": 10**15 + 1, "side": "left"}),
    ("side_is_unknown", "k", {"side": "left", "account": "nowhere"}),
    ("account_family_is_unknown", "k", {"account": "nowhere"}),
    ("account_parameter_is_malformed", "k", {"account": "payable.owner.a b", "owner_id": "1"}),
    ("dimension_differs_from_account", "k", {"owner_id": "41", "amount_fen": 7}),
    ("account_is_for_holds", "k", {"account": "held.dispute", "amount_fen": 7}),
    ("batch_has_no_amounts", "k", {"amount_fen": 0}),
    ("batch_is_unbalanced", "k", {"amount_fen": 99}),
)


def test_every_refusal_stands_in_the_table_in_its_order() -> None:
    assert [row[0] for row in ORDER] == [reason.code for reason in REFUSALS]


@pytest.mark.parametrize(("code", "key", "changed"), ORDER, ids=[row[0] for row in ORDER])
def test_the_first_reason_is_given(code: str, key: str, changed: dict[str, object]) -> None:
    debit = replace(DEBIT, amount_fen=0) if code == "batch_has_no_amounts" else DEBIT
    refusal = rules.why_refused(key, [debit, replace(CREDIT, **changed)], chart())
    assert refusal is not None
    assert refusal.code == code
    assert refusal.text_zh()
    assert refusal.text_en()


def test_the_first_reason_goes_before_the_first_line() -> None:
    lines = [replace(DEBIT, account="nowhere"), replace(CREDIT, amount_fen=-5)]
    refusal = rules.why_refused("k", lines, chart())
    assert refusal is not None
    assert (refusal.code, refusal.details["line_no"]) == ("amount_is_negative", 2)


def test_a_balanced_batch_is_not_refused() -> None:
    assert rules.why_refused("k", [DEBIT, CREDIT], chart()) is None


@pytest.mark.parametrize(
    ("account", "family"),
    [
        ("receivable.collector", "receivable.collector"),
        ("receivable.issuer.620101", "receivable.issuer"),
        ("payable.owner.40", "payable.owner"),
        ("payable.owner", None),
        ("receivable.collector.1", None),
        ("payable", None),
        ("", None),
    ],
)
def test_an_account_belongs_to_one_declared_family(account: str, family: str | None) -> None:
    found = rules.family_of(account, chart())
    assert (found[0].family if found else None) == family


def test_an_unknown_parameter_stands_for_an_empty_dimension() -> None:
    line = PostingLine("receivable.issuer.unknown", "debit", 100)
    assert rules.why_refused("k", [line, CREDIT], chart()) is None
    wrong = replace(line, issuer_id="620101")
    refusal = rules.why_refused("k", [wrong, CREDIT], chart())
    assert refusal is not None
    assert refusal.code == "dimension_differs_from_account"


def test_order_of_lines_and_lines_of_zero_do_not_matter() -> None:
    zero = replace(CREDIT, amount_fen=0)
    one = rules.in_order([DEBIT, CREDIT], DAY)
    other = rules.in_order([zero, CREDIT, DEBIT], DAY)
    assert one == other
    assert [line.clear_date for line in one] == [DAY.isoformat()] * 2
    assert rules.lines_digest(one) == rules.lines_digest(list(reversed(other)))


def test_a_mirror_of_a_mirror_is_the_same() -> None:
    lines = rules.in_order([DEBIT, CREDIT], DAY)
    assert rules.mirrored(rules.mirrored(lines)) == lines
    assert rules.mirrored(lines) != lines


def test_balances_stand_on_the_accounts_own_side() -> None:
    assert rules.balance_of(AccountKind.ASSET, 7, 2) == 5
    assert rules.balance_of(AccountKind.LIABILITY, 7, 2) == -5
