"""Clear one day: plan as plain data, build with checks, keep, post, and only then say done."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from django.db import transaction

from tollcentre import __version__
from tollcentre.access.actions import record_trail
from tollcentre.core.refusal import Refusal
from tollcentre.deposit.actions import keep_lane_payments, take_lane_day
from tollcentre.lake.queries import Engine, duck_engine, files, spark_engine
from tollcentre.lake.terms import Built
from tollcentre.network.queries import version_at
from tollcentre.passage.queries import decided_units, model
from tollcentre.tariff.queries import tariff_digest

from ..models import Run, RunStep
from ..queries import latest_run
from ..terms import NO_RECORDS, PLAN_OUTDATED, Plan, RunState, StepInfo, StepState
from .build import build_day, step_names
from .inputs import FACTS, owners_digest, partitions
from .keep import keep_outputs, keep_restatement
from .post import post_run

Report = Callable[[StepInfo], None]


def plan_day(*, day: date, engine: str = "duckdb", network_version: str | None = None) -> Plan:
    """What clearing the day would read, build and post; nothing is written.

    The run's key is made of its inputs, so equal inputs are one run. Refuses a day without any
    record to clear, or without a network version.
    """
    version = network_version or version_at(day)
    reach = model(day).reach_days
    span = partitions(day - timedelta(reach), day)
    inputs = {
        relation: [f"{f.path} {f.sha256}" for f in files(relation, partitions=span)]
        for relation in FACTS
    }
    if not inputs["exit_record"] and not inputs["gantry_trade"]:
        raise Refusal(NO_RECORDS, "DATE", day=day)
    facts = {
        "day": day.isoformat(),
        "network": version,
        "tariff": tariff_digest(version, day),
        "code": __version__,
        "files": inputs,
        "owners": owners_digest(day, version),
    }
    _, decisions = decided_units(day, version)
    if decisions:
        facts["decisions"] = decisions
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
    run_key = f"{day:%Y%m%d}-{digest[:12]}" + ("" if engine == "duckdb" else f"-{engine}")
    standing = latest_run(day)
    done = Run.objects.filter(run_key=run_key, state=RunState.DONE).exists()
    return Plan(
        clear_date=day,
        run_key=run_key,
        network_version=version,
        engine=engine,
        inputs=inputs,
        inputs_digest=digest,
        supersedes=standing.run_key if standing and standing.run_key != run_key else "",
        steps=step_names(compiled=engine == "duckdb"),
        already_done=done,
    )


def clear_day(*, plan: Plan, actor: str, report: Report = lambda _: None) -> Run:
    """Do what the plan says, and leave the day cleared or untouched.

    A plan whose records, decisions or owners have changed since is refused. Every step is checked;
    a failed check stops the day with its step named. What is kept and posted goes by the run's key,
    so a run that was killed is simply run again. A day that was cleared before is restated: the
    earlier posting is reversed and the new one posted in one transaction; the earlier run stays
    readable.
    """
    now = plan_day(day=plan.clear_date, engine=plan.engine, network_version=plan.network_version)
    if now.run_key != plan.run_key:
        raise Refusal(PLAN_OUTDATED, "DATE", day=plan.clear_date)
    run, _ = Run.objects.get_or_create(
        run_key=plan.run_key,
        defaults={
            "clear_date": plan.clear_date,
            "state": RunState.STARTED,
            "engine": plan.engine,
            "network_version": plan.network_version,
            "code_version": __version__,
            "inputs_digest": plan.inputs_digest,
            "inputs": plan.inputs,
            "supersedes": plan.supersedes,
            "actor": actor,
        },
    )
    if run.state == RunState.DONE:
        return run
    Run.objects.filter(pk=run.pk).update(
        state=RunState.STARTED, message="", supersedes=plan.supersedes
    )
    RunStep.objects.filter(run=run).delete()
    engine: Engine = duck_engine() if plan.engine == "duckdb" else spark_engine()
    steps = _Steps(run, report)
    try:
        for built in build_day(engine, plan.clear_date, plan.network_version, begun=steps.begin):
            steps.finish(built)
        steps.begin("keep")
        totals = keep_outputs(engine, run_key=plan.run_key, day=plan.clear_date)
        keep_lane_payments(run_key=plan.run_key, day=plan.clear_date)
        if plan.supersedes:
            keep_restatement(run_key=plan.run_key, superseded=plan.supersedes, day=plan.clear_date)
        steps.finish(Built("keep", len(totals), steps.elapsed(), ()))
    except Refusal as refusal:
        steps.stop(refusal)
        raise
    steps.begin("post")
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run.pk)
        lines = post_run(engine, run, superseded=plan.supersedes, actor=actor)
        take_lane_day(run_key=plan.run_key, day=plan.clear_date, actor=actor)
        run.state = RunState.DONE
        run.supersedes = plan.supersedes
        run.control_totals = totals
        run.finished_at = datetime.now(UTC)
        run.save()
        steps.finish(Built("post", lines, steps.elapsed(), ("debits_equal_credits",)))
        record_trail(
            actor=actor,
            act="clear_day",
            subject=plan.run_key,
            detail={
                "clear_date": plan.clear_date.isoformat(),
                "control_totals": totals,
                "supersedes": plan.supersedes,
            },  # fmt: skip
        )
    return run


class _Steps:
    """Keeps the steps' rows as they go, so that a page can follow them."""

    def __init__(self, run: Run, report: Report) -> None:
        self.run = run
        self.report = report
        self.seq = 0
        self.began = datetime.now(UTC)
        names = (*step_names(compiled=run.engine == "duckdb"), "keep", "post")
        RunStep.objects.bulk_create(
            RunStep(run=run, seq=seq, name=name, state=StepState.WAITING)
            for seq, name in enumerate(names, 1)
        )

    def elapsed(self) -> float:
        """Seconds since the step began."""
        return (datetime.now(UTC) - self.began).total_seconds()

    def _save(self, name: str, state: StepState, built: Built | None, message: str = "") -> None:
        rows, seconds = (built.rows, built.seconds) if built else (0, 0.0)
        checks = list(built.checks) if built else []
        RunStep.objects.filter(run=self.run, seq=self.seq).update(
            state=state, rows=rows, seconds=seconds, checks=checks, message=message
        )
        self.report(StepInfo(self.seq, name, state, rows, seconds, tuple(checks), message))

    def begin(self, name: str) -> None:
        """The next step starts."""
        self.seq += 1
        self.name = name
        self.began = datetime.now(UTC)
        self._save(name, StepState.RUNNING, None)

    def finish(self, built: Built) -> None:
        """The step stands, its checks held."""
        self._save(self.name, StepState.DONE, built)

    def stop(self, refusal: Refusal) -> None:
        """The step failed: the day stops here, and says why."""
        self._save(self.name, StepState.STOPPED, None, refusal.text())
        Run.objects.filter(pk=self.run.pk).update(
            state=RunState.STOPPED, message=refusal.text(), finished_at=datetime.now(UTC)
        )
