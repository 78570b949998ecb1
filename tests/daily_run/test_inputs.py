"""Which days' records a clear day reads."""

from datetime import date

from tollcentre.daily_run.actions import inputs
from tollcentre.passage.queries import model

DAY = date(2026, 11, 22)


class Recorder:
    """An engine that only writes down what is named in it."""

    def __init__(self) -> None:
        self.named: dict[str, str] = {}

    def from_files(self, name: str, select: str, *, small: bool = False) -> None:
        self.named[name] = select


def test_a_day_reads_back_over_the_midnight_before_the_waiting_days(monkeypatch):
    monkeypatch.setattr(inputs, "landed", lambda relation, span: f"{span[0]} .. {span[-1]}")
    engine = Recorder()
    inputs.name_facts(engine, DAY, model(DAY), "62")
    named = engine.named
    # A journey last read early on the 15th began on the 14th; it belongs to the 22nd.
    assert "event_day=2026-11-14 .. event_day=2026-11-22" in named["landed_trade"]
    assert "event_day=2026-11-14 .. event_day=2026-11-22" in named["landed_charged"]
    assert "event_day=2026-11-15 .. event_day=2026-11-15" in named["old_read_key"]
    assert "event_day=2026-11-14" not in named["old_read_key"]
    assert "event_day=2026-11-16 .. event_day=2026-11-22" in named["later_read_key"]
