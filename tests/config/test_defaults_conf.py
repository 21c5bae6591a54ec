"""defaults.conf."""

from __future__ import annotations

import pytest

from clush.config import defaults
from clush.config.defaults import FORMER_SECTIONS, KEYS, Defaults, load, value
from clush.errors import ConfigError

BUILT_IN = {
    "stderr": False,
    "stdin": True,
    "stdout_msgtree": True,
    "stderr_msgtree": True,
    "engine": "auto",
    "auto_tree": True,
    "local_workername": "exec",
    "distant_workername": "ssh",
    "debug": False,
    "fanout": 64,
    "grooming_delay": 0.25,
    "connect_timeout": 10,
    "command_timeout": 0,
    "port_qlimit": 100,
    "fold_axis": (),
}


@pytest.fixture
def file(tmp_path):
    def write(text, name="defaults.conf"):
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return write


def values(defaults):
    return {name: getattr(defaults, name) for name in BUILT_IN}


def test_built_in_values():
    assert values(Defaults()) == values(load([])) == BUILT_IN


def test_every_key_is_typed():
    assert list(Defaults.__annotations__) == [key.name for key in KEYS]


@pytest.mark.parametrize(
    "text, changed",
    [
        ("[task.info]\nfanout: 5\nCONNECT_TIMEOUT = 1.5\n", {"fanout": 5, "connect_timeout": 1.5}),
        ("[task.info]\ncommand_timeout: -1\n", {"command_timeout": 0}),
        ("[task.info]\ngrooming_delay: nan\n", {"grooming_delay": 0}),
        ("[task.default]\nfanout: 5\nunknown: 1\n[unknown]\na: 1\n", {}),
        ("[task.default]\nstderr: YES\nstdin: off\n", {"stderr": True, "stdin": False}),
        ("[task.default]\nengine: poll\n", {"engine": "poll"}),
        ("[DEFAULT]\nfanout: 7\n[task.info]\n", {"fanout": 7}),
        ("[nodeset]\nfold_axis: 1, -1\n", {"fold_axis": (1, -1)}),
        ("[nodeset]\nfold_axis:\n", {}),
        ("[task.default]\nport_qlimit: 55\n", {"port_qlimit": 55}),
        ("[task.default]\nport_qlimit: 55\n[engine]\nport_qlimit: 100\n", {"port_qlimit": 55}),
        ("[task.default]\nport_qlimit: 55\n[engine]\nport_qlimit: 7\n", {"port_qlimit": 7}),
    ],
)
def test_values(file, text, changed):
    assert values(load([file(text)])) == {**BUILT_IN, **changed}


def test_files_merge(file):
    low = file("[task.info]\nfanout: 5\ndebug: on\n", "low")
    high = file("[task.info]\nfanout: 6\n", "high")
    assert values(load([low, "/nonexistent", high])) == {**BUILT_IN, "fanout": 6, "debug": True}


def test_the_search_path_is_read(file, tmp_path, monkeypatch):
    monkeypatch.setenv("CLUSTERSHELL_CFGDIR", str(tmp_path))
    file("[task.info]\nfanout: 5\n")
    assert load().fanout == 5


@pytest.mark.parametrize(
    "text, message",
    [
        (
            "[task.info]\n\nfanout: abc\n",
            "(Config task.info.fanout):"
            " invalid literal for int() with base 10: 'abc' (PATH, line 3)",
        ),
        (
            "[task.info]\nfanout: 0\n",
            "(Config task.info.fanout): must be at least 1: 0 (PATH, line 2)",
        ),
        (
            "[task.default]\nstdin: maybe\n",
            "(Config task.default.stdin): Not a boolean: maybe (PATH, line 2)",
        ),
        (
            "[task.default]\nport_qlimit: x\n",
            "(Config task.default.port_qlimit):"
            " invalid literal for int() with base 10: 'x' (PATH, line 2)",
        ),
        (
            "[task.info]\nconnect_timeout: 3 # s\n",
            "(Config task.info.connect_timeout):"
            " could not convert string to float: '3 # s' (PATH, line 2)",
        ),
    ],
)
def test_a_bad_value_is_one_line(file, text, message):
    path = file(text)
    with pytest.raises(ConfigError) as caught:
        load([path])
    assert str(caught.value) == message.replace("PATH", path)


def test_one_value_whatever_stands_there_for_others(file):
    path = file("[task.info]\nfanout: abc\n[engine]\nport_qlimit: 7\n")
    assert value("port_qlimit", [path]) == 7
    assert value("stdin", [path]) is True
    with pytest.raises(ConfigError):
        value("fanout", [path])


def test_former_sections_are_of_known_keys():
    assert FORMER_SECTIONS.keys() <= {key.name for key in defaults.KEYS}


def test_no_other_attributes():
    with pytest.raises(AttributeError):
        _ = Defaults().zork
    with pytest.raises(AttributeError):
        Defaults(zork=1)
