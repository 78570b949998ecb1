"""What the environment may say, with its defaults."""

import os
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Environment:
    """TOLLCENTRE_* variables: home folder, database, keys, limits, and a clock to go by."""

    home: Path
    database_url: str
    secret_key: str
    allowed_hosts: list[str]
    lake_memory_limit: str
    lake_threads: int
    clock_file: str
    hsm_keys: str = field(repr=False)
    privacy_keys: str = field(repr=False)

    @classmethod
    def read(cls) -> "Environment":
        """The environment of this process."""
        get = os.environ.get
        return cls(
            home=Path(get("TOLLCENTRE_HOME", "./var")).resolve(),
            database_url=get("TOLLCENTRE_DATABASE_URL", ""),
            secret_key=get("TOLLCENTRE_SECRET_KEY", ""),
            allowed_hosts=get("TOLLCENTRE_ALLOWED_HOSTS", "127.0.0.1,localhost").split(","),
            lake_memory_limit=get("TOLLCENTRE_LAKE_MEMORY_LIMIT", "5GB"),
            lake_threads=int(get("TOLLCENTRE_LAKE_THREADS", str(os.cpu_count() or 2))),
            clock_file=get("TOLLCENTRE_CLOCK_FILE", ""),
            hsm_keys=get("TOLLCENTRE_HSM_KEYS", ""),
            privacy_keys=get("TOLLCENTRE_PRIVACY_KEYS", ""),
        )
