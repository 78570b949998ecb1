"""A slow, obvious twin of how a refund is split: exact fractions, then fen one by one."""

from fractions import Fraction

Share = tuple[str, str]


def split(shares: dict[Share, int], fee: int) -> dict[Share, int]:
    """Fen of each share that sum to the fee: the exact part rounded down, then whose rest is most.

    Shares of nothing give nothing; ties go by the share's name.
    """
    total = sum(shares.values())
    exact = {name: Fraction(fee * own, total) for name, own in shares.items()}
    found = {name: part.numerator // part.denominator for name, part in exact.items()}
    while sum(found.values()) < fee:
        name = min(exact, key=lambda name: (found[name] - exact[name], name))
        found[name] += 1
    return {name: part for name, part in found.items() if part}
