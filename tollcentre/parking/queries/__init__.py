"""Every read of parking for others: providers, trades by fate, packs, statistics, laws."""

from .fates import fates, packs, trades
from .laws import LAWS, verify_extension
from .registers import parameters_at, provider, provider_by_token, providers
from .statistics import compared, first_unknown, statistic_days

__all__ = [
    "LAWS",
    "compared",
    "fates",
    "first_unknown",
    "packs",
    "parameters_at",
    "provider",
    "provider_by_token",
    "providers",
    "statistic_days",
    "trades",
    "verify_extension",
]
