"""Every read of settlement for others."""

from .asking import asked_for
from .bank import bank_line, bank_statements, items_for, lines_of_banks
from .expected import expected_items, open_lines, unmatched
from .explain import explain_payment, lines_with_movements, paid_in
from .indicators import (
    FIGURES,
    adding,
    allotted_against_paid,
    figures_of,
    remittance,
)
from .laws import LAWS, verify_settlement
from .payments import instructions, to_reinstruct
from .positions import counted, positions
from .statements import (
    confirmation_of,
    contests,
    statement_lines,
    statement_movements,
    statement_row,
    statements,
    to_be_confirmed,
)
from .windows import open_movements, parameter, windows_due

__all__ = [
    "to_be_confirmed",
    "FIGURES",
    "LAWS",
    "adding",
    "allotted_against_paid",
    "asked_for",
    "bank_line",
    "bank_statements",
    "counted",
    "confirmation_of",
    "contests",
    "expected_items",
    "explain_payment",
    "figures_of",
    "instructions",
    "items_for",
    "lines_of_banks",
    "lines_with_movements",
    "open_lines",
    "open_movements",
    "paid_in",
    "parameter",
    "positions",
    "remittance",
    "statement_lines",
    "statement_movements",
    "statement_row",
    "statements",
    "to_reinstruct",
    "unmatched",
    "verify_settlement",
    "windows_due",
]
