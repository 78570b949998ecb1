"""What the tidy test allows and bans; every allowance gives its reason, every ban its way out."""

FACES = ("config", "cli", "bench", "console", "gateway", "simulation")
"""Rooms in which people, machines or simulated traffic are spoken to; money is `int` there too."""

FLOATS_ALLOWED: dict[str, str] = {
    "tollcentre/network/kernels/paths.py": "path costs are searched in doubles, kept in metres",
    "tollcentre/network/rules/rows.py": "coordinates, for looking at",
}
"""Modules of domains that may call `float()`, each with the reason."""

SQL_FLOATS_ALLOWED: dict[str, str] = {
    "tollcentre/network/kernels/paths.py": "path costs are searched in doubles, kept in metres",
    "tollcentre/network/rules/rows.py": "coordinates, for looking at",
}
"""Relations that may name a floating type, each with the reason."""

CLOCK_CALLS = (
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.time_ns",
    "timezone.now",
)

BANNED_CALLS = {
    "np.random.": "use numpy.random.default_rng(seed), handed down",
    "numpy.random.": "use numpy.random.default_rng(seed), handed down",
    "random.": "use random.Random(seed) or numpy.random.default_rng(seed), handed down",
    "os.system": "use subprocess.run with a list",
    "pickle.load": "use Parquet, .npy or JSON",
    "pickle.loads": "use Parquet, .npy or JSON",
    "breakpoint": "leave it out",
}
"""A call, or the start of calls where it ends with a dot, and what to do instead."""

BANNED_IMPORTS = {
    "requests": "nothing of the house calls outside; the gateway answers",
    "httpx": "nothing of the house calls outside; the gateway answers",
    "urllib.request": "nothing of the house calls outside; the gateway answers",
    "openpyxl": "use XlsxWriter to write",
    "pandas": "use DuckDB or Arrow",
    "django.dispatch": "no signals: the upper domain reads, or daily_run calls both",
    "django.db.models.signals": "no signals: the upper domain reads, or daily_run calls both",
}

IMPORTS_ALLOWED: dict[str, tuple[str, str]] = {
    "tollcentre/gateway/exchange.py": (
        "httpx",
        "the one place that carries messages to the centres that were registered",
    ),
    "tollcentre/gateway/channels.py": (
        "httpx",
        "the one place that fetches bills from the payment channels that were registered",
    ),
    "tollcentre/gateway/plates.py": (
        "httpx",
        "the one place that asks the registered ministry's centre about plates",
    ),
    "tollcentre/simulation/channel/server.py": (
        "httpx",
        "the simulated payment channel sends its notices as a process of its own",
    ),
    "tollcentre/simulation/ministry/server.py": (
        "httpx",
        "the simulated ministry's centre sends its messages as a process of its own",
    ),
}
"""Modules that may import one that is banned elsewhere, each with the reason."""
