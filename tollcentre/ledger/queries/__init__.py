"""Every read of the ledger for others: the books, and the laws they must keep."""

from .books import (
    At,
    account_nets,
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
    posted_by_key,
    trial_balance,
    values_of,
)
from .holds import hold, hold_entries, holds, holds_by_key
from .laws import LAWS, verify_chain, verify_ledger

__all__ = [
    "LAWS",
    "account_nets",
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
    "hold",
    "hold_entries",
    "holds",
    "holds_by_key",
    "posted_by_key",
    "trial_balance",
    "values_of",
    "verify_chain",
    "verify_ledger",
]
