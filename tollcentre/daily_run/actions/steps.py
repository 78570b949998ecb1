"""The middle of a clear day as relations alone: the text that every engine runs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tollcentre.clearing import queries as clearing
from tollcentre.lake.queries import Engine
from tollcentre.lake.terms import Built, Relation
from tollcentre.passage import queries as passage

SLOT_BASE = 4096
NODE_BASE = 65536


@dataclass(frozen=True)
class MiddleSteps:
    """Names of the steps between the day's fixed ones, in order."""

    trades: tuple[str, ...]
    paths: tuple[str, ...]
    prices: tuple[str, ...]
    charges: tuple[str, ...]
    shares: tuple[str, ...]


SQL_STEPS = MiddleSteps(
    trades=(*passage.TRADE_ORDER, *passage.PLAIN_ORDER),
    paths=passage.PATH_ORDER,
    prices=clearing.PRICE_ORDER,
    charges=clearing.CHARGE_ORDER,
    shares=clearing.SPLIT_ORDER,
)


class Steps:
    """Builds relations one after another in an engine, saying when each begins."""

    def __init__(self, engine: Engine, check: bool, begun: Callable[[str], None]) -> None:
        self.engine = engine
        self.check = check
        self.begun = begun
        self.texts: dict[str, Relation] = {**passage.relations(), **clearing.relations()}

    def build(self, names: tuple[str, ...]) -> Iterator[Built]:
        """Each relation, checked."""
        for name in names:
            self.begun(name)
            yield self.engine.build(self.texts[name], check=self.check)


class SqlDay:
    """The middle of the day by its relations."""

    def __init__(self, steps: Steps) -> None:
        self.steps = steps

    def trades(self) -> Iterator[Built]:
        """Trades brought to passages, and the plain passages restored."""
        return self.steps.build(SQL_STEPS.trades)

    def paths(self) -> Iterator[Built]:
        """Every passage's path and how sure it is."""
        return self.steps.build(SQL_STEPS.paths)

    def prices(self) -> Iterator[Built]:
        """The paths priced."""
        return self.steps.build(SQL_STEPS.prices)

    def charges(self) -> Iterator[Built]:
        """What was charged, unit by unit."""
        return self.steps.build(SQL_STEPS.charges)

    def shares(self) -> Iterator[Built]:
        """What was paid, split and netted."""
        return self.steps.build(SQL_STEPS.shares)
