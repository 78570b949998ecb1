"""By which shares a change is split: the original split of what was paid, or the path's prices."""

from collections import defaultdict
from collections.abc import Sequence

from tollcentre.clearing.queries import shares_of_passages
from tollcentre.clearing.terms import TradeShare
from tollcentre.lake.queries import connect, paths
from tollcentre.network.queries import snapshot

from ..terms import ChangeCause, Overcharge

_OF_UNITS = """
SELECT s.pass_key, s.owner_id, sum(s.fee)::BIGINT AS fee
FROM read_parquet({splits}) AS s
JOIN read_parquet({differences}) AS d ON d.pass_key = s.pass_key AND d.unit_key = s.unit_key
WHERE d.kind = 'charged_not_driven' AND list_contains($keys, s.pass_key)
GROUP BY s.pass_key, s.owner_id
ORDER BY s.pass_key, s.owner_id
"""
_PATH = """
SELECT node_idx, sum(fee)::BIGINT AS fee FROM read_parquet({fees})
WHERE pass_key = $key GROUP BY node_idx ORDER BY node_idx
"""


def shares_of_overcharges(
    run_key: str, found: Sequence[Overcharge], own: str
) -> dict[str, list[TradeShare]]:
    """The shares that each overcharge is taken back from, by the overcharge's name.

    Of our own units alone, since only their price is known here; of the units that were not
    driven, where these explain it; of what is held, where an exit record came twice.
    """
    keys = [one.passage.pass_key for one in found]
    whole = shares_of_passages(run_key, keys, own)
    units = _of_units_not_driven(run_key, keys)
    shares = {}
    for one in found:
        key = one.passage.pass_key
        if one.cause is ChangeCause.SECOND_EXIT:
            shares[one.name] = [TradeShare("held", "", one.passage.second_fee)]
        elif one.cause is ChangeCause.UNIT_NOT_DRIVEN and _sum(units[key]) >= one.fee:
            shares[one.name] = units[key]
        else:
            shares[one.name] = [share for share in whole[key] if share.party != "province"]
    return shares


def path_weights(run_key: str, version: str, pass_key: int) -> list[TradeShare]:
    """What the units of a passage's restored path cost, by owner; fen."""
    owners = dict(zip(*(snapshot(version).nodes[name].to_pylist()
                        for name in ("node_idx", "owner_id")), strict=True))  # fmt: skip
    con = connect()
    try:
        sql = _PATH.format(fees=paths("unit_fee", run_key=run_key))
        rows = con.execute(sql, {"key": pass_key}).fetchall()
    finally:
        con.close()
    return [
        TradeShare("owner", owners[node], fee) if owners[node] else TradeShare("held", "", fee)
        for node, fee in rows
    ]


def _of_units_not_driven(run_key: str, keys: Sequence[int]) -> dict[int, list[TradeShare]]:
    names = (("splits", "unit_split"), ("differences", "difference"))
    files = {name: paths(of, run_key=run_key) for name, of in names}
    con = connect()
    try:
        rows = con.execute(_OF_UNITS.format(**files), {"keys": list(keys)}).fetchall()
    finally:
        con.close()
    found: dict[int, list[TradeShare]] = defaultdict(list)
    for key, owner, fee in rows:
        found[key].append(TradeShare("owner" if owner else "held", owner, fee))
    return found


def _sum(shares: Sequence[TradeShare]) -> int:
    return sum(share.fee for share in shares)
