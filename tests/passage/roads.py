"""Small roads for tests: units by name, joined by hand."""

import numpy as np

from tollcentre.passage.kernels.graph import NodeColumns, RoadGraph, fold


class SmallRoad:
    """A road drawn in text: `S1 A1 A2 S2` means one may drive S1 → A1 → A2 → S2.

    Names beginning with S are stations, with R ramps, all others toll units of `length_m`;
    `unread` units have no gantry. `A1` faces `a1`.
    """

    def __init__(
        self, *ways: str, length_m: int = 5000, lengths: dict[str, int] | None = None,
        unread: tuple[str, ...] = (), enters: tuple[str, ...] = (), leaves: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        edges = {pair for way in ways for pair in zip(way.split(), way.split()[1:], strict=False)}
        self.names = sorted({name for pair in edges for name in pair})
        self.index = {name: i for i, name in enumerate(self.names)}
        is_unit = np.array([name[0] not in "SR" for name in self.names])
        length = np.array(
            [
                (lengths or {}).get(n, length_m) if u else 0
                for n, u in zip(self.names, is_unit, strict=True)
            ]  # fmt: skip
        )
        pairs = sorted(edges)
        self.graph: RoadGraph = fold(
            NodeColumns(
                is_unit=is_unit,
                readable=is_unit & np.array([n not in unread for n in self.names]),
                is_station=np.array([n[0] == "S" for n in self.names]),
                is_border=np.zeros(len(self.names), bool),
                opposite_idx=np.array([self.index.get(n.swapcase(), -1) for n in self.names]),
                length_m=length,
                enters=np.array([n in enters for n in self.names]),
                leaves=np.array([n in leaves for n in self.names]),
                from_idx=np.array([self.index[a] for a, _ in pairs]),
                to_idx=np.array([self.index[b] for _, b in pairs]),
                miles_m=np.array([length[self.index[a]] for a, _ in pairs]),
            )
        )
        self.node_in, self.node_out = len(self.names), len(self.names) + 1

    def node(self, name: str) -> int:
        """The network node of a name; IN and OUT are the outsides."""
        return {"IN": self.node_in, "OUT": self.node_out}.get(name, self.index.get(name, -1))

    def place(self, name: str) -> int:
        """The graph's place of a name."""
        if name in ("IN", "OUT"):
            return self.graph.source if name == "IN" else self.graph.sink
        return int(self.graph.place_of_node[self.index[name]])
