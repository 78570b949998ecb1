"""Money is an integer number of fen; this module is its only arithmetic beyond plus and minus."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

FEN_PER_YUAN = 100


def round_half_up_div(numerator: int, denominator: int) -> int:
    """The quotient rounded to the nearest integer, halves away from zero (四舍五入).

    Source: 收费公路联网收费技术标准, unit fees are rounded 四舍五入 to the fen.
    """
    if denominator <= 0:
        raise ValueError("denominator must be positive")
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))


def whole_yuan(fen: int) -> int:
    """Fen rounded half up to whole yuan, still in fen: what a CPC passage pays per province."""
    return round_half_up_div(fen, FEN_PER_YUAN) * FEN_PER_YUAN


def fen_from_yuan(text: str) -> int:
    """Exact fen of a yuan text such as `1234.5`; ValueError where it is no amount of whole fen."""
    try:
        fen = Decimal(text.strip()) * FEN_PER_YUAN
    except InvalidOperation as error:
        raise ValueError(f"not an amount in yuan: {text!r}") from error
    if fen != fen.to_integral_value():
        raise ValueError(f"finer than one fen: {text!r}")
    return int(fen)


def fen_half_up(yuan: Decimal) -> int:
    """Fen of a decimal yuan amount, rounded half up."""
    return int((yuan * FEN_PER_YUAN).to_integral_value(rounding=ROUND_HALF_UP))


def split_exact(amount: int, weights: Sequence[int]) -> list[int]:
    """Shares of `amount` in proportion to `weights` that sum to it exactly, in fen.

    Quota `R·f_i/S`, floor, then one fen each by size of remainder, ties by order. All weights
    zero gives all zero. A negative amount is split as its positive and negated (a reversal
    restores to the fen). Weights must not be negative.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("weights must not be negative")
    total = sum(weights)
    if total == 0:
        return [0] * len(weights)
    sign = -1 if amount < 0 else 1
    products = [abs(amount) * weight for weight in weights]
    shares = [product // total for product in products]
    left = abs(amount) - sum(shares)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(products[i] % total), i))
    for i in by_remainder[:left]:
        shares[i] += 1
    return [sign * share for share in shares]
