"""Restoration for others: of a file of reads, and the pieces that a clear day builds on."""

from .compiled import (
    LANDED_COLUMNS,
    ORPHAN_COLUMNS,
    find_nodes,
    pack_trades,
    passage_bounds,
    passages_of,
    plain_tables,
    read_table,
    seat_table,
    trade_table,
    walk_plain,
)
from .day import (
    EXIT_ORDER,
    HARD_ORDER,
    HEAD_ORDER,
    PATH_ORDER,
    PLAIN_ORDER,
    TRADE_ORDER,
    hop_tables,
    relations,
    search_hard,
)
from .decisions import decided_units, decisions, verify_decisions
from .explanations import candidates
from .reads_file import restore_file
from .roads import Roads, model, roads
from .searching import clock_offsets, search_reads

__all__ = [
    "EXIT_ORDER",
    "HARD_ORDER",
    "HEAD_ORDER",
    "LANDED_COLUMNS",
    "ORPHAN_COLUMNS",
    "PATH_ORDER",
    "PLAIN_ORDER",
    "TRADE_ORDER",
    "Roads",
    "candidates",
    "clock_offsets",
    "decided_units",
    "decisions",
    "find_nodes",
    "hop_tables",
    "model",
    "pack_trades",
    "passage_bounds",
    "passages_of",
    "plain_tables",
    "read_table",
    "relations",
    "restore_file",
    "roads",
    "search_hard",
    "search_reads",
    "seat_table",
    "trade_table",
    "verify_decisions",
    "walk_plain",
]
