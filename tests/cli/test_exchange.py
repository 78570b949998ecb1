"""`exchange bank`, `channel`, `run` and `status` as a person starts them."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.gateway.bank_server import running
from tollcentre.cli.exchange import exchange
from tollcentre.core.refusal import Refusal
from tollcentre.messages import queries as messages

pytestmark = pytest.mark.django_db
SECRET = "a key that both sides know"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HOME, settings.LAKE_ROOT = tmp_path / "home", tmp_path / "home" / "lake"
    return tmp_path / "home"


def run(*words: object) -> Result:
    return CliRunner().invoke(exchange, [str(word) for word in words])


def test_a_bank_is_registered_visited_and_told(tmp_path: Path, home: Path) -> None:
    with running(tmp_path / "bank") as bank:
        pinned = tmp_path / "host.pub"
        pinned.write_bytes(bank.host_key)
        words = ("bank", "B01", "--address", bank.address, "--user", "centre")
        told = run(*words, "--host-key", pinned)
        assert told.exit_code == 0, told.output
        assert told.stdout.startswith("ssh-ed25519 ")
        private = (home / "keys" / "bank-B01.key").read_text()
        assert "PRIVATE KEY" in private
        assert private.splitlines()[1] not in told.stdout
        bank.admit(told.stdout.strip())
        bank.say("hello.txt", b"")
        assert "已收取 taken 1" in run("run", "--once").stdout
        assert (bank.said(), len(bank.got())) == ([], 0)
        assert json.loads(run("run", "--once", "--json").stdout)["sent"] == 1
        assert [name.split("_")[0] for name in bank.got()] == ["receipt"]
        assert f"bank      B01                    {bank.address} —" in run("status").stdout
        peers = json.loads(run("status", "--json").stdout)["peers"]
        assert peers["B01"]["fault"] == ""
        again = run(*words, "--host-key", pinned)
        assert isinstance(again.exception, Refusal)
        assert again.exception.code == "peer_exists"
    moved = run("bank", "B01", "--address", "127.0.0.1:1", "--host-key", pinned, "--move")
    assert moved.exit_code == 0
    run("run", "--once")
    assert messages.peer("B01").address == "127.0.0.1:1"
    assert "ConnectionRefused" in run("status").stdout


def test_a_bank_without_user_or_host_key_is_not_registered() -> None:
    assert run("bank", "B01", "--address", "127.0.0.1:22").exit_code == 2
    assert not messages.peers().exists()


def test_a_channel_is_registered_and_its_key_stays_in_its_file(tmp_path: Path, home: Path) -> None:
    key = tmp_path / "key"
    key.write_text(SECRET + "\n")
    told = run("channel", "wechat", "--address", "https://pay.example.cn", "--key-file", key)
    assert (told.exit_code, told.output) == (0, "")
    assert (home / "keys" / "channel-wechat.key").read_text() == SECRET + "\n"
    assert (home / "keys" / "channel-wechat.key").stat().st_mode & 0o777 == 0o600
    assert "channel   wechat                 https://pay.example.cn —" in run("status").stdout
    key.write_text("")
    refused = run("channel", "alipay", "--address", "https://x", "--key-file", key)
    assert isinstance(refused.exception, Refusal)
    assert refused.exception.code == "key_unreadable"
