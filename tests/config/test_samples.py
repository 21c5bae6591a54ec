"""The sample files: they say what the tables of keys say, and what they do works."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from string import Template

import pytest
import yaml

import clush.config
from clush.config import defaults, settings, topology
from clush.config.ini import Ini

SAMPLES = Path(clush.config.__file__).parent / "samples"
SOURCE_KEYS = {"map", "mapall", "all", "list", "reverse", "cache_time"}


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


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("groups.conf*/*")), ids=lambda path: path.stem)
def test_group_sources(path):
    ini = read(path)
    assert ini.sections()
    for section in ini.sections():
        keys = set(ini.keys(section))
        assert keys <= SOURCE_KEYS
        assert keys & {"map", "mapall"}


def test_yaml_groups():
    sources = yaml.safe_load((SAMPLES / "groups.d/cluster.yaml.example").read_text())
    assert sorted(sources) == ["cpu", "racks", "roles"]


def ask(path, section, key, **names):
    script = Template(read(path).get(section, key, raw=True)).safe_substitute(names)
    done = subprocess.run(["/bin/sh", "-c", script], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.split("\n")[:-1]


LOCAL = """\
# all: x
 indented: x
web: w[1-2]
web.x: v
web: @other:w3
db: d1
"""


@pytest.mark.parametrize(
    "text, key, group, lines",
    [
        (LOCAL, "map", "web", [" w[1-2]", " @other:w3"]),
        (LOCAL, "map", "web.x", [" v"]),
        (LOCAL, "map", "we", []),
        (LOCAL, "mapall", "", ["web: w[1-2]", "web: @other:w3", "db: d1"]),
        (LOCAL, "all", "", ["  w[1-2]  @other:w3  d1"]),
        (LOCAL + "all: @db,n9\n", "all", "", [" @db,n9"]),
        ("", "mapall", "", []),
    ],
)
def test_the_local_source(tmp_path, text, key, group, lines):
    (tmp_path / "groups.d").mkdir()
    (tmp_path / "groups.d/local.cfg").write_text(text)
    assert ask(SAMPLES / "groups.conf", "local", key, GROUP=group, CFGDIR=tmp_path) == lines


def test_the_local_groups_are_all_comments():
    lines = (SAMPLES / "groups.d/local.cfg").read_text().splitlines()
    assert all(line.startswith("#") for line in lines)


# Lines as scontrol, sinfo and their like print them, and what becomes of them.
RESERVATIONS = """\
ReservationName=maint StartTime=x Nodes=n[1-4] NodeCnt=4 Users=root
ReservationName=empty StartTime=x Nodes=(null) NodeCnt=0 Users=root
"""


@pytest.mark.parametrize(
    "section, key, tool, prints, lines",
    [
        ("slurmresv,sr", "map", "scontrol", RESERVATIONS, ["n[1-4]", ""]),
        ("slurmresv,sr", "mapall", "scontrol", RESERVATIONS, ["maint:n[1-4]", "empty:"]),
        ("slurmresv,sr", "all", "scontrol", RESERVATIONS, ["n[1-4]", ""]),
        ("slurmresv,sr", "list", "scontrol", RESERVATIONS, ["maint", "empty"]),
        ("slurmstate,st", "mapall", "sinfo", "idle*:n1\nmixed:n2\n", ["idle:n1", "mixed:n2"]),
        ("slurmstate,st", "list", "sinfo", "idle~\nmixed\n", ["idle", "mixed"]),
        ("slurmstate,st", "reverse", "sinfo", "down*\n", ["down"]),
    ],
)
def test_slurm(tmp_path, monkeypatch, section, key, tool, prints, lines):
    stub(tmp_path, monkeypatch, tool, prints)
    sample = SAMPLES / "groups.conf.d/slurm.conf.example"
    assert ask(sample, section, key, GROUP="g", NODE="n1") == lines


def stub(tmp_path, monkeypatch, name, prints):
    (tmp_path / "prints").write_text(prints)
    program = tmp_path / name
    program.write_text(f"#!/bin/sh\ncat {tmp_path}/prints\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")


INVENTORY = """\
{"_meta": {"hostvars": {}},
 "all": {"children": ["ungrouped", "prod"]},
 "ungrouped": {"hosts": ["lone"]},
 "prod": {"children": ["web", "db:x"], "hosts": ["p1"]},
 "web": {"hosts": ["w1", "w2"]},
 "db:x": {"hosts": ["d1"]}}
"""


@pytest.mark.parametrize(
    "key, group, lines",
    [
        ("map", "prod", ["p1", "w1", "w2", "d1"]),
        ("map", "db:x", ["d1"]),
        ("map", "none", []),
        ("mapall", "", ["prod:d1,p1,w1,w2", "ungrouped:lone", "web:w1,w2"]),
        ("all", "", ["lone", "p1", "w1", "w2", "d1"]),
    ],
)
@pytest.mark.skipif(not Path("/usr/bin/jq").exists(), reason="needs jq")
def test_ansible(tmp_path, monkeypatch, key, group, lines):
    stub(tmp_path, monkeypatch, "ansible-inventory", INVENTORY)
    sample = SAMPLES / "groups.conf.d/ansible.conf.example"
    assert ask(sample, "ansible", key, GROUP=group) == lines
