"""Every read of results for faces: computed from the records, never typed in."""

from .chain import money_chain
from .explain import explain_passage
from .exports import export, export_names
from .lists import (
    count_differences,
    count_passages,
    differences,
    held_amounts,
    owner_nets,
    owner_statement,
    owners_of_day,
    restatement,
    search_passages,
)

__all__ = [
    "count_differences",
    "count_passages",
    "differences",
    "explain_passage",
    "export",
    "export_names",
    "held_amounts",
    "money_chain",
    "owner_nets",
    "owner_statement",
    "owners_of_day",
    "restatement",
    "search_passages",
]
