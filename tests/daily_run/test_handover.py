"""A section handed over at noon of a cleared day: the day is restated, and only its owners move."""

from collections import Counter
from pathlib import Path

import duckdb
import pytest

from .home import DAY, Home, make_home
from .test_clear_day import books

pytestmark = pytest.mark.slow
INCOMING = "6203777"
PARTIES = f"code,kind,name_zh,name_en\n{INCOMING},road_owner,接手业主,incoming owner\n" + (
    "bank_t,bank,试验银行,test bank\n"
)
HEADER = (
    "agreement_no,party_id,from_day,cycle,lag_days,model,moment,payee_account,payee_name,"
    "payee_bank,payer_bank,template,signed_on,source\n"
)


def busiest(home: Home, run_key: str) -> tuple[str, str]:
    """The section that earned most, and its owner."""
    path = next((home.folder / "lake" / "owner_net").glob(f"*/{run_key}.parquet"))
    with duckdb.connect() as con:
        found = con.execute(
            "SELECT road_id, legal_owner_id FROM read_parquet(?) WHERE legal_owner_id <> ''"
            " GROUP BY ALL ORDER BY sum(fee) DESC, road_id LIMIT 1", [str(path)],
        ).fetchone()  # fmt: skip
    assert found is not None
    return found


def earned(home: Home, run_key: str, section: str) -> Counter[str]:
    """What a section's owners earned by a run."""
    path = next((home.folder / "lake" / "unit_split").glob(f"*/{run_key}.parquet"))
    with duckdb.connect() as con:
        rows = con.execute(
            "SELECT legal_owner_id, sum(fee)::BIGINT FROM read_parquet(?) WHERE road_id = ?"
            " GROUP BY ALL", [str(path), section],
        ).fetchall()  # fmt: skip
    return Counter(dict(rows))


def moved(home: Home, batches: int) -> Counter[str]:
    """Debit less credit by account of the last batches, those without effect left out."""
    entries = books(home)
    last = set(list(dict.fromkeys(entry[0] for entry in entries))[-batches:])
    nets: Counter[str] = Counter()
    for batch, _, _, account, debit, credit, *_ in entries:
        if batch in last:
            nets[account] += debit - credit
    return Counter({account: net for account, net in nets.items() if net})


def test_a_day_restated_after_a_handover_at_noon_moves_only_the_two_owners(tmp_path: Path) -> None:
    home = make_home(tmp_path, 400, late=False)
    first = home.json("clear-day", DAY)["run_key"]
    section, outgoing = busiest(home, first)
    was = earned(home, first, section)
    register = tmp_path / "register"
    register.mkdir()
    (register / "parties.csv").write_text(PARTIES)
    (register / "sections.csv").write_text(
        f"section_id,owner_id,from_time\n{section},{INCOMING},{DAY} 12:00:00\n"
    )
    files = [f"--{name}={register / f'{name}.csv'}" for name in ("parties", "sections")]
    assert home.json("parties", "import", *files)["sections"] == 1
    proof = home.json("bench", "clear-day", "--here", "--prove")
    assert proof["equal"] is True

    by_unit = home.json("clear-day", DAY)["run_key"]
    assert by_unit != first
    now = earned(home, by_unit, section)
    assert now.total() == was.total()
    assert 0 < now[INCOMING] < was[outgoing]
    # An entry's debit less credit: the outgoing owner is owed less, the incoming one as much more.
    assert moved(home, 2) == {
        f"payable.owner.{outgoing}": now[INCOMING], f"payable.owner.{INCOMING}": -now[INCOMING],
    }  # fmt: skip

    (register / "agreements.csv").write_text(
        f"{HEADER}XY-1,{INCOMING},2026-11-01,daily,1,allot,exit,62,接手业主,试验银行,bank_t,house,"
        "2026-10-01,test\n"
    )
    home.run("parties", "import", f"--agreements={register / 'agreements.csv'}")
    by_exit = home.json("clear-day", DAY)["run_key"]
    assert by_exit not in (first, by_unit)
    later = earned(home, by_exit, section)
    more = later[INCOMING] - now[INCOMING]
    assert later.total() == was.total()
    assert more > 0
    assert moved(home, 2) == {
        f"payable.owner.{outgoing}": more, f"payable.owner.{INCOMING}": -more,
    }  # fmt: skip
    assert home.json("clear-day", DAY)["already_done"] is True
    home.run("verify")
