"""Every read of the ledger for others: the books, and the laws they must keep."""

from .books import (
    At,
    account_statement,
    accounts,
    balance,
    batch,
    batch_nets,
    batch_totals,
    batches,
    chart,
    content_digest_of_all,
    entries_of,
    line_of,
    posted,
    trial_balance,
)
from .laws import LAWS, verify_chain, verify_ledger

__all__ = [
    "LAWS",
    "At",
    "account_statement",
    "accounts",
    "balance",
    "batch",
    "batch_nets",
    "batch_totals",
    "batches",
    "chart",
    "content_digest_of_all",
    "entries_of",
    "line_of",
    "posted",
    "trial_balance",
    "verify_chain",
    "verify_ledger",
]
