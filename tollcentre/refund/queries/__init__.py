"""Every read of refund for others."""

from .changes import (
    change,
    changes,
    changes_by_id,
    changes_in,
    changes_of,
    credit_sums,
    credits,
    given_back,
    lines_of,
    searched_runs,
    state_sums,
    steps_of,
)
from .counted import compared_changes
from .laws import LAWS, verify_refunds
from .overcharges import overcharges, parameters_at
from .shares import path_weights, shares_of_overcharges

__all__ = [
    "LAWS",
    "change",
    "changes",
    "changes_by_id",
    "changes_in",
    "changes_of",
    "compared_changes",
    "credit_sums",
    "credits",
    "overcharges",
    "given_back",
    "lines_of",
    "parameters_at",
    "path_weights",
    "searched_runs",
    "shares_of_overcharges",
    "state_sums",
    "steps_of",
    "verify_refunds",
]
