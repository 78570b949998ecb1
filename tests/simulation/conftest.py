"""A small province and a small day of it, made once."""

import pytest

from tests.simulation.days import run
from tollcentre.simulation.actions import read_network_folder
from tollcentre.simulation.province import build_province
from tollcentre.simulation.province_files import write_province


@pytest.fixture(scope="session")
def province_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("province")
    write_province(build_province(62), folder)
    return folder


@pytest.fixture(scope="session")
def network(province_folder):
    return read_network_folder(province_folder)


@pytest.fixture(scope="session")
def noisy_day(network, tmp_path_factory):
    folder = tmp_path_factory.mktemp("noisy")
    run(network, folder, noise={"correction_rate": 0.02})
    return folder


@pytest.fixture(scope="session")
def quiet_day(network, tmp_path_factory):
    folder = tmp_path_factory.mktemp("quiet")
    run(network, folder, quiet=True)
    return folder
