"""What cards and single-piece OBUs sign at exits here, and the issuer's register of them."""

import csv
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa

from tollcentre.core.clock import local_text
from tollcentre.core.refusal import Refusal
from tollcentre.hsm.queries import hsm_of_file
from tollcentre.hsm.terms import Hsm, MasterKeyName, TacAlgorithm, TacData

from .columns import Column, either, hex8, join, numbers, padded, take
from .gantry_records import ChunkFacts
from .lane_records import Exits
from .population import OBU, recorded_elsewhere
from .road_map import IntArray

SIGNED_COLUMNS = ["TAC", "TERMINALNO", "KEYVERSION"]
"""Official columns of an exit record that not every province's table has."""
KEY_VERSION = 1
TRIPLE_DES, SM4 = TacAlgorithm.TRIPLE_DES.value, TacAlgorithm.SM4.value
STORED, POST_PAID = 22, 23
STORED_EVERY = 5
SM4_EVERY = 4
COUNTERS = 60_000
TIME_STEP, LANE_STEP = 65_537, 2_654_435_761
BALANCE_FEN = 50_000
PER_MILLION = 1_000_000
LOST = 1
"""Type of list of lost cards, and of lost OBUs."""
MEDIA_COLUMNS = ["medium_no", "issuer_id", "card_type", "vehicle_id", "vehicle_type",
                 "enabled_from", "enabled_to"]  # fmt: skip
LIST_COLUMNS = ["medium_no", "list_type", "status", "version", "creation_time"]
UNREGISTERED, LISTED, BROKEN_TAC, REPEATED = (
    "unregistered_medium", "listed_medium", "broken_tac", "repeated_charge",
)  # fmt: skip


class CardSigner:
    """Signs exits by the master keys of a file, and writes the register of what signed."""

    def __init__(self, keys: Path, province: str, out: Path, noise: dict[str, Any]) -> None:
        self.hsm: Hsm = hsm_of_file(keys)
        self.province, self.own, self.noise = province, f"{province}0101", noise
        self.known: dict[str, bool] = {}
        self.seen: set[str] = set()
        self.streams: list[IO[str]] = []
        self.media = self.writer(out / "media.csv", MEDIA_COLUMNS)
        self.lists = self.writer(out / "status_list.csv", LIST_COLUMNS)

    def writer(self, path: Path, header: list[str]) -> Any:
        """A CSV writer of a new file."""
        self.streams.append(path.open("w", newline="", encoding="utf-8"))
        writer = csv.writer(self.streams[-1], lineterminator="\n")
        writer.writerow(header)
        return writer

    def close(self) -> None:
        """Closes the files."""
        for stream in self.streams:
            stream.close()

    def sign(self, facts: ChunkFacts, exits: Exits) -> dict[str, Column]:
        """Give the exits here what their media signed; the planted faults with their rows.

        Exits elsewhere, of other media, or of issuers without a key stay as they are.
        """
        rows, columns = exits.passage, exits.columns
        journeys, identity = facts.journeys, facts.identity
        dual = identity.dual_piece[rows]
        net, medium = take(identity.issuer_net, rows), take(identity.medium_no, rows)
        payer = either(dual, join(net, take(identity.card_id, rows)), medium)
        here = (journeys.media == OBU)[rows] & ~recorded_elsewhere(journeys)[rows]
        issuers = [f"{text[:2]}0101" for text in net.to_pylist()]
        signs = here & np.array([bool(self.holds(issuer)) for issuer in issuers])
        card, time = journeys.card_number[rows], facts.exit_time[rows]
        device = identity.exit.device[rows]
        fees: Any = columns["FEE"]
        fee = np.array([int(text) for text in fees.to_pylist()], dtype=np.int64)
        terminal = join(self.province, padded(device, 10))
        counter = hex8((time * TIME_STEP + device * LANE_STEP + card) % (1 << 32))
        algorithm = np.where(card % SM4_EVERY == 0, SM4, TRIPLE_DES)
        kind = np.where(card % STORED_EVERY == 0, STORED, POST_PAID)
        broken = signs & self.planted(card + time, "broken_tac_rate", 3)
        tacs = self.tacs(np.flatnonzero(signs), issuers, algorithm, payer, fee, terminal, counter,
                         time, broken)  # fmt: skip
        before = fee + card % BALANCE_FEN
        made = {
            "TAC": pa.array(tacs), "TERMINALNO": terminal, "TERMINALTRANSNO": counter,
            "KEYVERSION": "1", "ALGORITHMIDENTIFIER": numbers(algorithm),
            "CARDCNT": numbers(1 + card % COUNTERS),
            "PAYCARDTYPE": either(dual, numbers(kind), ""),
            "BALANCEBEFORE": either(dual, numbers(before), ""),
            "BALANCEAFTER": either(dual, numbers(before - fee), ""),
        }  # fmt: skip
        for name, column in made.items():
            columns[name] = either(signs, column, columns.get(name, ""))
        planted = self.register(facts, rows, signs & np.array([i == self.own for i in issuers]),
                                payer, kind)  # fmt: skip
        return {**planted, BROKEN_TAC: np.flatnonzero(broken)}

    def holds(self, issuer: str) -> bool:
        """Whether the file has this issuer's keys."""
        if issuer not in self.known:
            data = TacData(0, "09", "0" * 12, "0" * 8, 0)
            try:
                self.hsm.tac(MasterKeyName(issuer, TacAlgorithm(SM4), KEY_VERSION), "0" * 16, data)
            except Refusal:
                self.known[issuer] = False
            else:
                self.known[issuer] = True
        return self.known[issuer]

    def tacs(
        self, signs: IntArray, issuers: list[str], algorithm: IntArray, payer: Column,
        fee: IntArray, terminal: Column, counter: Column, time: IntArray, broken: IntArray,
    ) -> list[str]:  # fmt: skip
        """The TAC of every row that signs, blank elsewhere; a broken one is none of its card's."""
        found = [""] * len(issuers)
        numbers_, places, counts = payer.to_pylist(), terminal.to_pylist(), counter.to_pylist()
        for row in signs.tolist():
            name = MasterKeyName(issuers[row], TacAlgorithm(int(algorithm[row])), KEY_VERSION)
            data = TacData(int(fee[row]), "09", places[row], counts[row], int(time[row]))
            tac = self.hsm.tac(name, numbers_[row], data)
            found[row] = f"{int(tac, 16) ^ 0x5A5A5A5A:08X}" if broken[row] else tac
        return found

    def planted(self, number: IntArray, rate: str, salt: int) -> IntArray:
        """Which of the numbers carry a fault of that rate; the same at every exit of a medium."""
        hashed = (number * LANE_STEP + salt * TIME_STEP) % (1 << 32) % PER_MILLION
        return hashed < float(self.noise[rate]) * PER_MILLION

    def register(
        self, facts: ChunkFacts, rows: IntArray, own: IntArray, payer: Column, kind: IntArray
    ) -> dict[str, IntArray]:
        """Write the media of our issuer down, but for those planted as unknown; list some."""
        journeys, identity = facts.journeys, facts.identity
        number = journeys.medium_number[rows]
        unknown = own & self.planted(number, "unregistered_rate", 1)
        listed = own & ~unknown & self.planted(number, "listed_rate", 2)
        at = np.flatnonzero(own & ~unknown)
        obus = take(identity.medium_no, rows).to_pylist()
        payers, dual = payer.to_pylist(), identity.dual_piece[rows]
        plates = join(take(identity.plate, rows), take(identity.colour, rows),
                      between="_").to_pylist()  # fmt: skip
        for row in at.tolist():
            if obus[row] in self.seen:
                continue
            self.seen.add(obus[row])
            told = [plates[row], int(journeys.vehicle_type[rows[row]]), "2020-01-01", "2039-12-31"]
            self.media.writerow([obus[row], self.own, "", *told])
            if dual[row]:
                self.media.writerow([payers[row], self.own, int(kind[row]), *told])
            if listed[row]:
                since = local_text(int(facts.entry_time[rows[row]]) - 86_400)
                version = "".join(part for part in since if part.isdigit())[:12]
                self.lists.writerow([payers[row], LOST, 1, version, since])
        return {UNREGISTERED: np.flatnonzero(unknown), LISTED: np.flatnonzero(listed)}

    def repeated(self, facts: ChunkFacts, exits: Exits) -> IntArray:
        """Exits of our issuer whose charge is told once more, as another passage's."""
        card = facts.journeys.card_number[exits.passage]
        own = np.array(
            [
                text.startswith(self.province)
                for text in take(facts.identity.issuer_net, exits.passage).to_pylist()
            ]
        )
        tacs: Any = exits.columns["TAC"]
        signed = np.array([bool(text) for text in tacs.to_pylist()])
        return np.flatnonzero(own & signed & self.planted(card, "repeated_charge_rate", 4))
