"""`make check`: format, style, types, import rules, tidy and the fast tests, two at a time."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BINARIES = Path(sys.executable).parent
CODE = ("tollcentre", "tests", "tools")
FEWER_EXAMPLES = os.environ | {"TOLLCENTRE_FAST": "1"}
FAST = "not slow and not browser and not spark"
IN_TWO = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
STEPS = (
    ("format", ("ruff", "format", "--check", *CODE)),
    ("style", ("ruff", "check", *CODE)),
    ("types", ("mypy", "tollcentre", "tools")),
    ("imports", ("lint-imports", "--no-logo")),
    ("tests", ("pytest", "-m", FAST, *IN_TWO)),
)


def run_step(step: tuple[str, tuple[str, ...]]) -> bool:
    """One step; its output is shown where it fails, its time always."""
    name, (tool, *words) = step
    start = time.monotonic()
    command = [str(BINARIES / tool), *words]
    done = subprocess.run(
        command, cwd=ROOT, env=FEWER_EXAMPLES, capture_output=True, text=True, check=False
    )
    ok = done.returncode == 0
    print(f"{'ok  ' if ok else 'FAIL'} {name:8} {time.monotonic() - start:5.1f} s", flush=True)
    if not ok:
        print(done.stdout + done.stderr, flush=True)
    return ok


def main() -> int:
    """All steps; 1 where one fails."""
    start = time.monotonic()
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(run_step, STEPS))
    print(f"{'all right' if all(results) else 'not right'} in {time.monotonic() - start:.0f} s")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
