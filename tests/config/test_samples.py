"""The sample files: they say what the tables of keys say, and what they do works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

import clush.config
from clush.config import defaults, settings, topology
from clush.config.ini import Ini

SAMPLES = Path(clush.config.__file__).parent / "samples"


TABLES = pytest.mark.parametrize(
    "name, keys", [("clush.conf", settings.KEYS), ("defaults.conf", defaults.KEYS)]
)


def read(path):
    ini = Ini()
    ini.read_required(str(path))
    return ini


@pytest.fixture
def uncommented(tmp_path):
    def read_all(name):
        text = re.sub(r"^#(\w+:)", r"\1", (SAMPLES / name).read_text(), flags=re.MULTILINE)
        (tmp_path / name).write_text(text)
        return read(tmp_path / name)

    return read_all


@TABLES
def test_every_key_is_shown_where_it_belongs(uncommented, name, keys):
    ini = uncommented(name)
    shown = {(section, key) for section in ini.sections() for key in ini.keys(section)}
    assert shown == {(key.section, key.name) for key in keys}


@TABLES
def test_commented_values_are_the_built_in_ones(uncommented, name, keys):
    active, complete = read(SAMPLES / name), uncommented(name)
    for key in keys:
        value = key.value(complete, key.section)
        if active.get(key.section, key.name) is None and key.default is not None:
            assert value == key.default, key.name


def test_settings_of_the_sample():
    made = settings.load(str(SAMPLES / "clush.conf")).settings()
    assert (made.fanout, made.connect_timeout, made.color) == (64, 15, "auto")


def test_run_modes(tmp_path):
    (tmp_path / "clush.conf").write_text(f"[Main]\nconfdir: {tmp_path}/d\n")
    (tmp_path / "d").mkdir()
    for path in (SAMPLES / "clush.conf.d").glob("*.example"):
        (tmp_path / "d" / path.stem).write_text(path.read_text())
    files = settings.load(str(tmp_path / "clush.conf"))
    assert files.modes() == ["sshpass", "sshpass-file", "sudo"]
    assert files.settings("sudo").password_prompt
    for mode in files.modes():
        assert not [str(notice) for notice in files.unknown(mode)]


def test_topology():
    graph = topology.load(str(SAMPLES / "topology.conf.example"))
    tree = graph.tree("admin")
    assert (len(tree.inner), len(tree.leaves)) == (5, 1026)


def test_yaml_groups():
    sources = yaml.safe_load((SAMPLES / "groups.d/cluster.yaml.example").read_text())
    assert sorted(sources) == ["cpu", "racks", "roles"]


def test_the_local_groups_are_all_comments():
    lines = (SAMPLES / "groups.d/local.cfg").read_text().splitlines()
    assert all(line.startswith("#") for line in lines)
