"""The middle of a clear day on the embedded engine: kernels where they stand for relations.

Every table that others read is named in the engine as the relation's, and checked as that.
"""

import time
from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa

from tollcentre.clearing import queries as clearing
from tollcentre.lake.queries import DuckEngine, arrays_of, blocks_of, threads
from tollcentre.lake.terms import Built
from tollcentre.passage import queries as passage
from tollcentre.passage.queries import Roads
from tollcentre.passage.terms import DayTrades, RestorationModel, Walked

from .steps import NODE_BASE, SLOT_BASE, MiddleSteps, Steps

_NET = """
SELECT owner_id, legal_owner_id, road_id, issuer_id, toll_province, media_type, exit_kind,
  sum(units)::BIGINT AS units, sum(pay_fee)::BIGINT AS pay_fee,
  sum(discount_fee)::BIGINT AS discount_fee, sum(fee)::BIGINT AS fee
FROM net_cell
GROUP BY owner_id, legal_owner_id, road_id, issuer_id, toll_province, media_type, exit_kind
"""
_BASE = """
SELECT e.begin_node, e.begin_time, e.begin_source, e.end_node, e.end_time, e.end_source,
  b.exit_time, b.exit_fee_type, b.exit_record_key, b.exit_digest,
  CASE WHEN d.pass_key IS NULL THEN 0 ELSE 1 END AS is_decided
FROM passage_base AS b
JOIN passage_end AS e ON e.pass_key = b.pass_key
LEFT JOIN decided_pass AS d ON d.pass_key = b.pass_key
ORDER BY b.pass_key
"""
_HEADS = ("passage_base", "passage_end", "decided_pass", "orphan_named", "orphan_trade")
_OTHERS = """
SELECT pass_key, position, node_idx, sign, unit_time FROM hard_unit
UNION ALL SELECT pass_key, position, node_idx, sign, unit_time FROM open_unit
UNION ALL SELECT pass_key, position, node_idx, sign, unit_time FROM decided_unit
ORDER BY pass_key, position
"""


class CompiledDay:
    """The middle of the day by kernels, where the engine is the embedded one."""

    STEPS = MiddleSteps(
        trades=(
            "passage_seat",
            *_HEADS,
            "trade_rows",
            "plain_pass",
        ),
        paths=("open_unit", "decided_unit", "passage_sure"),
        prices=("priced_passage", "unit_fee", "expected", "path_unit"),
        charges=("charge", "pass_charge"),
        shares=("unit_split", "owner_net", "trade"),
    )
    pass_key: np.ndarray
    base: pa.Table
    packed: DayTrades
    walked: Walked
    charged: clearing.DayCharges

    def __init__(self, steps: Steps, roads: Roads, model: RestorationModel) -> None:
        assert isinstance(steps.engine, DuckEngine)
        self.steps = steps
        self.engine = steps.engine
        self.roads = roads
        self.model = model
        self.threads = threads()

    def _adopt(self, name: str, make: Callable[[], pa.Table]) -> Built:
        """A step whose table a kernel makes."""
        self.steps.begun(name)
        began = time.perf_counter()
        table = make()
        seconds = time.perf_counter() - began
        return self.engine.adopt(self.steps.texts[name], table, seconds, check=self.steps.check)

    def trades(self) -> Iterator[Built]:
        """Trades brought to passages, packed in order, and the plain passages walked."""
        keys = self.engine.table("SELECT pass_key FROM passage_key ORDER BY pass_key")
        self.pass_key = arrays_of(keys)["pass_key"]
        self.steps.begun("passage_seat")
        began = time.perf_counter()
        columns = ", ".join(passage.LANDED_COLUMNS)
        landed = blocks_of(self.engine.table(f"SELECT {columns} FROM landed_trade"))
        of_passage, seats = passage.passages_of(landed, self.pass_key, self.threads)
        self.engine.name_table("passage_seat", passage.seat_table(self.pass_key, seats))
        yield Built("passage_seat", len(seats), time.perf_counter() - began, ())
        yield from self.steps.build(_HEADS)
        self.steps.begun("trade_rows")
        began = time.perf_counter()
        columns = ", ".join(passage.ORPHAN_COLUMNS)
        orphans = blocks_of(self.engine.table(f"SELECT {columns} FROM orphan_trade"))
        gantries = arrays_of(self.engine.table("SELECT * FROM net_gantry"))
        self.packed = passage.pack_trades(
            landed, of_passage, orphans, self.pass_key, gantries, self.threads
        )
        yield Built("trade_rows", len(self.packed.rows), time.perf_counter() - began, ())
        yield self._adopt("plain_pass", self._walk)

    def _walk(self) -> pa.Table:
        """Walk every passage; names what the search needs of those that are not plain."""
        self.base = self.engine.table(_BASE)
        self.walked = passage.walk_plain(
            self.packed, arrays_of(self.base), self.roads, self.model, self.threads
        )
        tables = passage.plain_tables(self.walked, self.pass_key)
        self.engine.name_table("unit_health", tables["unit_health"])
        reads = passage.read_table(self.walked, self.base, self.pass_key)
        self.engine.name_table("passage_read", reads)
        return tables["plain_pass"]

    def paths(self) -> Iterator[Built]:
        """The searched and the open roads' paths, and how sure each passage's is."""
        return self.steps.build(self.STEPS.paths)

    def prices(self) -> Iterator[Built]:
        """The paths priced; `path_unit` is what prices were put on."""
        yield from self.steps.build(("priced_passage",))
        tables: dict[str, pa.Table] = {}

        def price() -> pa.Table:
            tables.update(self._price())
            return tables["unit_fee"]

        yield self._adopt("unit_fee", price)
        yield self._adopt("expected", lambda: tables["expected"])
        yield self._adopt(
            "path_unit",
            lambda: tables["unit_fee"].select(
                ["pass_key", "position", "node_idx", "sign", "unit_time"]
            ),
        )

    def _price(self) -> dict[str, pa.Table]:
        """The tables unit_fee and expected."""
        priced = self.engine.table(
            "SELECT media_type, profile_idx, is_free FROM priced_passage ORDER BY pass_key"
        )
        return clearing.price_paths(
            self.walked,
            arrays_of(self.engine.table(_OTHERS)),
            arrays_of(priced),
            self._day_prices(),
            self.pass_key,
            int(self.engine.rows("SELECT card_step FROM own")[0][0]),
            self.threads,
        )

    def _day_prices(self) -> clearing.DayPrices:
        """What `prices` named, by position."""
        hours = arrays_of(self.engine.table("SELECT hour, slot_idx FROM hour_slot ORDER BY hour"))
        prices = arrays_of(self.engine.table("SELECT * FROM unit_price"))
        key, first = prices["price_key"], int(hours["hour"][0]) if len(hours["hour"]) else 0
        slot, profile = key // NODE_BASE // SLOT_BASE, key // NODE_BASE % SLOT_BASE
        profiles = int(self.engine.rows("SELECT count(*) FROM price_profile")[0][0])
        slots = int(hours["slot_idx"].max()) + 1 if len(hours["hour"]) else 1
        nodes = len(self.roads.graph.place_of_node)
        price_row = np.full((slots, max(profiles, 1), nodes), -1, np.int32)
        price_row[slot, profile, key % NODE_BASE] = np.arange(len(key))
        hour_slot = np.full(int(hours["hour"][-1]) - first + 1 if len(hours["hour"]) else 0, -1)
        hour_slot[hours["hour"] - first] = hours["slot_idx"]
        amounts = np.column_stack(
            [prices[name] for name in ("tariff_fee", "pay_fee", "discount_fee", "fee")]
        )
        return clearing.DayPrices(price_row, amounts, first, hour_slot)

    def charges(self) -> Iterator[Built]:
        """What was charged, unit by unit and by passage."""
        tables: dict[str, pa.Table] = {}

        def charge() -> pa.Table:
            groups = arrays_of(
                self.engine.table(
                    "SELECT record_key, content_digest, seq, unit_key, pay_fee, discount_fee, fee"
                    " FROM landed_charged"
                )
            )
            self.charged, made = clearing.charge_units(
                self.packed, groups, arrays_of(self.base), self.threads
            )
            tables.update(made)
            return made["charge"]

        yield self._adopt("charge", charge)
        yield self._adopt("pass_charge", lambda: tables["pass_charge"])

    def shares(self) -> Iterator[Built]:
        """What was paid, split and netted; then the trades as a table for what follows."""
        yield self._adopt("unit_split", self._split)
        yield self._adopt("owner_net", lambda: self.engine.table(_NET))
        yield self._adopt("trade", lambda: passage.trade_table(self.packed))

    def _split(self) -> pa.Table:
        """The table unit_split; names the cells that owner_net sums up."""
        driven = self.engine.table("SELECT * FROM path_weight ORDER BY pass_key, position")
        nodes = self.engine.table(
            "SELECT node_key, node_idx FROM net_node WHERE is_unit = 1 ORDER BY node_key"
        )
        owners = self.engine.table("SELECT * FROM unit_owner")
        made = clearing.split_passages(
            self.charged,
            driven,
            *clearing.grouped_amounts(self.engine),
            clearing.owners_of(owners, len(self.roads.graph.place_of_node)),
            arrays_of(nodes),
            self.pass_key,
            self.threads,
        )
        self.engine.name_table("net_cell", made["net_cell"])
        return made["unit_split"]
