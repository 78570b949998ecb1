"""Every write of the ledger: post and reverse batches, open and close holds; nothing changes."""

from ..terms import PostingLine
from .hold import close_holds, open_hold, open_holds, post_hold, void_hold
from .post import post_batch, post_batches
from .reverse import reverse_batch

__all__ = [
    "PostingLine",
    "close_holds",
    "open_hold",
    "open_holds",
    "post_batch",
    "post_batches",
    "post_hold",
    "reverse_batch",
    "void_hold",
]
