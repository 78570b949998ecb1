"""Set the house up: `.venv` with the pinned packages, and the front-end files beside the console.

`python3.11 tools/set_up.py [test] [spark]`. Needs Python 3.11 alone: where `npm` is missing it is
taken from a wheel. What has not changed since the last time is not done again.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
BINARIES = ENVIRONMENT / "bin"
STAMPS = ENVIRONMENT / "stamps"
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "tollcentre" / "console" / "static" / "vendor"
FONTS = ROOT / "tollcentre" / "reporting" / "fonts"
NOTO = "@expo-google-fonts/noto-sans-sc"
FRONT_END = (
    ("echarts/dist/echarts.min.js", VENDOR / "echarts"),
    ("echarts/LICENSE", VENDOR / "echarts"),
    ("leaflet/dist/leaflet.js", VENDOR / "leaflet"),
    ("leaflet/dist/leaflet.css", VENDOR / "leaflet"),
    ("leaflet/dist/images", VENDOR / "leaflet" / "images"),
    ("leaflet/LICENSE", VENDOR / "leaflet"),
    (f"{NOTO}/400Regular/NotoSansSC_400Regular.ttf", FONTS),
    (f"{NOTO}/700Bold/NotoSansSC_700Bold.ttf", FONTS),
)
"""What is taken out of the npm packages, and the folder it goes to."""


def say(text: str) -> None:
    """One line of progress."""
    print(f"[setup] {text}", flush=True)


def run(*command: str | Path, path: str | None = None) -> None:
    """Run a command in the project's root; a failure ends the set-up with its own words."""
    environment = os.environ | ({"PATH": path} if path else {})
    done = subprocess.run([str(part) for part in command], cwd=ROOT, env=environment, check=False)
    if done.returncode:
        sys.exit(f"[setup] failed: {' '.join(map(str, command))}")


def fingerprint(*names: str) -> str:
    """SHA-256 over the named files of the root and the root's own place."""
    digest = hashlib.sha256(str(ROOT).encode())
    for name in names:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def is_done(step: str, print_: str) -> bool:
    """Whether the step was last done with this fingerprint."""
    stamp = STAMPS / step
    return stamp.exists() and stamp.read_text(encoding="ascii") == print_


def mark_done(step: str, print_: str) -> None:
    """Remember that the step was done with this fingerprint."""
    STAMPS.mkdir(parents=True, exist_ok=True)
    (STAMPS / step).write_text(print_, encoding="ascii")


def make_environment() -> None:
    """`.venv`, made anew where it was made in another place or by another Python."""
    print_ = fingerprint() + sys.version
    if is_done("environment", print_):
        return
    if sys.version_info[:2] != (3, 11):
        sys.exit(f"[setup] Python 3.11 is needed, this is {sys.version.split()[0]}")
    say("making .venv")
    try:
        venv.create(ENVIRONMENT, with_pip=True, clear=True, symlinks=True)
    except subprocess.CalledProcessError:
        sys.exit("[setup] this Python has no ensurepip (on Debian: install python3-venv)")
    mark_done("environment", print_)


def install(lock: str, *options: str) -> None:
    """The packages of one lock file, every hash checked."""
    print_ = fingerprint(lock)
    if is_done(lock, print_):
        return
    count = sum("==" in line for line in (ROOT / lock).read_text(encoding="utf-8").splitlines())
    say(f"installing {count} packages of {lock}")
    pip = (BINARIES / "python", "-m", "pip", "--disable-pip-version-check")
    run(*pip, "install", "-qq", "--no-deps", "--require-hashes", *options, "-r", lock)
    mark_done(lock, print_)


def install_product() -> None:
    """`.venv/bin/tollcentre`, running the code of this folder."""
    print_ = fingerprint("pyproject.toml")
    if is_done("product", print_):
        return
    say("installing tollcentre")
    pip = (BINARIES / "python", "-m", "pip", "--disable-pip-version-check")
    run(*pip, "install", "-qq", "--no-deps", "--no-build-isolation", "--editable", ".")
    mark_done("product", print_)


def npm_command() -> tuple[list[str | Path], str]:
    """npm and the PATH to run it with: the machine's, else the one that a wheel carries."""
    path = os.environ.get("PATH", os.defpath)
    found, node = shutil.which("npm"), shutil.which("node")
    if found and node:
        return [found], path
    say("no npm on this machine: taking it from a wheel")
    install("requirements-node.lock", "--only-binary", ":all:")
    return [BINARIES / "npm"], f"{BINARIES}{os.pathsep}{path}"


def copy_front_end() -> None:
    """Charts, maps and the typesetter's fonts, from npm by the hashes of package-lock.json."""
    print_ = fingerprint("package-lock.json", "tools/set_up.py")
    if is_done("front-end", print_) and VENDOR.is_dir() and FONTS.is_dir():
        return
    npm, path = npm_command()
    say("fetching the front-end files")
    run(*npm, "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", path=path)
    for folder in (VENDOR, FONTS):
        shutil.rmtree(folder, ignore_errors=True)
    for source, folder in FRONT_END:
        if (MODULES / source).is_dir():
            shutil.copytree(MODULES / source, folder)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(MODULES / source, folder)
    shutil.rmtree(MODULES)
    mark_done("front-end", print_)


def main(extras: list[str]) -> None:
    """Every step in order; the extras are `test` and `spark`."""
    start = time.monotonic()
    make_environment()
    install("requirements.lock", "--only-binary", ":all:")
    if "test" in extras:
        install("requirements-test.lock", "--only-binary", ":all:")
    if "spark" in extras:
        install("requirements-spark.lock", "--no-build-isolation")
    install_product()
    copy_front_end()
    say(f"ready in {time.monotonic() - start:.0f} s: .venv/bin/tollcentre --help")


if __name__ == "__main__":
    main(sys.argv[1:])
