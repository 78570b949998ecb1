"""Every read of dispute for others."""

from .booking import book, booked, parameters_at
from .fates import disputes, fates
from .laws import LAWS, verify_disputes
from .statistics import compared

__all__ = [
    "LAWS",
    "book",
    "booked",
    "compared",
    "disputes",
    "fates",
    "parameters_at",
    "verify_disputes",
]
