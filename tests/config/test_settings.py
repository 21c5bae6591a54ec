"""clush.conf: layers, run modes and errors."""

from __future__ import annotations

import pytest

from clush.config.defaults import Defaults
from clush.config.settings import KEYS, OF_TASKS, Settings, load
from clush.errors import ConfigError, ConfigSyntaxError

BUILT_IN = {
    "fanout": 64,
    "connect_timeout": 10,
    "command_timeout": 0,
    "color": "",
    "node_count": True,
    "maxrc": False,
    "verbosity": 1,
    "fd_max": 8192,
    "history_size": 100,
    "command_prefix": "",
    "password_prompt": False,
    "ssh_user": None,
    "ssh_path": None,
    "ssh_options": None,
    "scp_path": None,
    "scp_options": None,
    "rsh_path": None,
    "rcp_path": None,
    "rsh_options": None,
    "pdsh_path": None,
    "pdcp_path": None,
    "rpdcp_path": None,
    "confdir": None,
}


@pytest.fixture
def conf(tmp_path):
    def conf(text, name="clush.conf"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return load(str(path))

    return conf


def values(settings):
    return {name: getattr(settings, name) for name in BUILT_IN}


def test_built_in_values(conf):
    settings = conf("").settings()
    assert values(settings) == BUILT_IN
    assert settings.mode is None


def test_every_key_is_typed():
    names = [key.name for key in KEYS]
    assert list(Settings.__annotations__) == [*names, "mode"]
    assert [key.name for key in KEYS if hasattr(Defaults(), key.name)] == list(OF_TASKS)


def test_settings_can_be_made_by_hand():
    assert Settings(fanout=3, mode="m").fanout == 3
    with pytest.raises(AttributeError):
        Settings(fanuot=3)


@pytest.mark.parametrize(
    "text, changed",
    [
        ("[Main]\nfanout: 3\nConnect_Timeout = 1.5\n", {"fanout": 3, "connect_timeout": 1.5}),
        ("[Main]\ncommand_timeout: -1\n", {"command_timeout": 0}),
        ("[Main]\ncolor: always\nnode_count: OFF\n", {"color": "always", "node_count": False}),
        ("[Main]\nmaxrc: 1\nverbosity: 2\n", {"maxrc": True, "verbosity": 2}),
        ("[Main]\nverbosity: loud\n", {"verbosity": 0}),
        ("[Main]\nssh_options: -oControlPath=~/%%h\n", {"ssh_options": "-oControlPath=~/%h"}),
        ("[Main]\nssh_options: -oControlPath=~/%h\n", {"ssh_options": "-oControlPath=~/%h"}),
        ("[Main]\nssh_options:\n", {"ssh_options": ""}),
        ("[Main]\ncommand_prefix: a  'b c'\n", {"command_prefix": "a  'b c'"}),
        ("[Main]\nunknown: 1\n[other]\nfanout: x\n", {}),
        ("[main]\nfanout: 3\n", {}),
        ("[DEFAULT]\nfanout: 3\n[Main]\n", {"fanout": 3}),
    ],
)
def test_values(conf, text, changed):
    assert values(conf(text).settings()) == {**BUILT_IN, **changed}


def test_defaults_of_tasks(conf):
    defaults = Defaults(fanout=5, connect_timeout=6, command_timeout=7)
    settings = conf("[Main]\nconnect_timeout: 8\n").settings(defaults=defaults)
    assert (settings.fanout, settings.connect_timeout, settings.command_timeout) == (5, 8, 7)


MODES = """\
[Main]
fanout: 1
color: never
ssh_user: main
ssh_options: -main
[mode:m]
fanout: 2
ssh_options: -mode
[mode:other]
color: always
"""


@pytest.mark.parametrize(
    "mode, options, assignments, changed",
    [
        (None, {}, [], {}),
        ("other", {}, [], {"color": "always"}),
        ("m", {}, [], {"fanout": 2, "ssh_options": "-mode"}),
        (None, {"fanout": 3, "ssh_options": "-o"}, [], {"fanout": 3, "ssh_options": "-o"}),
        ("m", {"fanout": 3}, [], {"fanout": 3, "ssh_options": "-mode"}),
        ("m", {"fanout": None}, [], {"fanout": 2, "ssh_options": "-mode"}),
        ("m", {"fanout": 3}, ["fanout=4"], {"fanout": 4, "ssh_options": "-mode"}),
        ("m", {}, ["FANOUT = 4", "fanout= 5"], {"fanout": 5, "ssh_options": "-mode"}),
        ("m", {"ssh_options": "-o"}, [], {"fanout": 2, "ssh_options": "-o -mode"}),
        ("m", {}, ["ssh_options=-O"], {"fanout": 2, "ssh_options": "-O -mode"}),
        (None, {}, ["ssh_options=-o%%h"], {"ssh_options": "-o%h"}),
        (None, {}, ["ssh_options=-l%(ssh_user)s"], {"ssh_options": "-lmain"}),
        (None, {"ssh_user": "u"}, ["ssh_user="], {"ssh_user": ""}),
        (None, {}, ["unknown=1"], {}),
    ],
)
def test_layers(conf, mode, options, assignments, changed):
    main = {"fanout": 1, "color": "never", "ssh_user": "main", "ssh_options": "-main"}
    settings = conf(MODES).settings(mode, options, assignments)
    assert values(settings) == {**BUILT_IN, **main, **changed}
    assert settings.mode == mode


def test_settings_of_one_run_leave_the_next_alone(conf):
    files = conf(MODES)
    assert files.settings(assignments=["fanout=9"]).fanout == 9
    assert files.settings().fanout == 1


def test_an_assignment_needs_no_file(conf):
    assert conf("").settings(assignments=["fanout=9"]).fanout == 9


@pytest.mark.parametrize(
    "text, mode, message",
    [
        (
            "[Main]\nfanout: x\n",
            None,
            "(Config Main.fanout): invalid literal for int() with base 10: 'x' (PATH, line 2)",
        ),
        (
            "[Main]\nfanout: -3\n",
            None,
            "(Config Main.fanout): must be at least 1: -3 (PATH, line 2)",
        ),
        (
            "[Main]\n\ncolor: AUTO\n",
            None,
            "(Config Main.color): choose from ['', 'never', 'always', 'auto'] (PATH, line 3)",
        ),
        (
            "[Main]\nmaxrc: maybe\n",
            None,
            "(Config Main.maxrc): Not a boolean: maybe (PATH, line 2)",
        ),
        (
            '[Main]\nssh_path: "x\n',
            None,
            "(Config Main.ssh_path): No closing quotation (PATH, line 2)",
        ),
        (
            "[Main]\nfanout: 1\n[mode:m]\nfanout: x\n",
            "m",
            "(Config mode:m.fanout): invalid literal for int() with base 10: 'x' (PATH, line 4)",
        ),
        ("[mode:a]\n[mode:b]\n", "x", 'invalid mode "x" (available: a b)'),
    ],
)
def test_bad_values(conf, text, mode, message):
    files = conf(text)
    with pytest.raises(ConfigError) as caught:
        files.settings(mode)
    assert str(caught.value) == message.replace("PATH", files.files[0])


@pytest.mark.parametrize(
    "assignment, message",
    [
        ("zork", "(Config Main.zork): invalid -O/--option value"),
        (
            "fanout=%",
            "(Config Main.fanout=%): invalid -O/--option value, a percent sign is written %%",
        ),
        (
            "fanout=x",
            "(Config Main.fanout): invalid literal for int() with base 10: 'x' (-O fanout=x)",
        ),
    ],
)
def test_bad_assignments(conf, assignment, message):
    with pytest.raises(ConfigError) as caught:
        conf("").settings(assignments=[assignment])
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "mode, options, assignments",
    [
        (None, {"fanout": 3}, []),
        (None, {}, ["fanout=3"]),
        ("m", {}, []),
    ],
)
def test_a_bad_value_that_is_hidden_does_no_harm(conf, mode, options, assignments):
    files = conf("[Main]\nfanout: x\n[mode:m]\nfanout: 3\n[mode:unused]\nfanout: y\n")
    assert files.settings(mode, options, assignments).fanout == 3


def test_modes_and_files_of_confdir(conf, tmp_path):
    (tmp_path / "my d").mkdir()
    (tmp_path / "my d/2.conf").write_text("[mode:b]\nfanout: 2\n[Main]\nfanout: 22\n")
    (tmp_path / "my d/1.conf").write_text("[mode:b]\nfanout: 1\ncolor: always\n[mode:a]\n")
    (tmp_path / "my d/3.conf.example").write_text("no configuration")
    files = conf("[Main]\nfanout: 9\nconfdir: /nonexistent '$CFGDIR/my d'\n[mode:z]\n")
    names = [path[len(str(tmp_path)) + 1 :] for path in files.files]
    assert names == ["clush.conf", "my d/1.conf", "my d/2.conf"]
    assert files.modes() == ["z", "b", "a"]
    assert files.settings().fanout == 22
    settings = files.settings("b")
    assert (settings.fanout, settings.color) == (2, "always")


@pytest.mark.parametrize(
    "confdir, message",
    [
        ("$CFGDIR/clush.conf", "Defined confdir TMP/clush.conf is not a directory"),
        ("'/x", "(Config Main.confdir): No closing quotation (TMP/clush.conf, line 2)"),
    ],
)
def test_bad_confdir(conf, tmp_path, confdir, message):
    with pytest.raises(ConfigError) as caught:
        conf(f"[Main]\nconfdir: {confdir}\n")
    assert str(caught.value) == message.replace("TMP", str(tmp_path))


def test_the_search_path_is_merged(tmp_path, monkeypatch):
    for name, text in (
        ("xdg/clustershell", "[Main]\nfanout: 1\nmaxrc: yes\nconfdir: $CFGDIR/d\n[mode:x]\n"),
        ("cfg", "[Main]\nfanout: 2\n"),
        ("cfg/d", "[mode:y]\n"),
    ):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "clush.conf").write_text(text)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("CLUSTERSHELL_CFGDIR", str(tmp_path / "cfg"))
    files = load()
    settings = files.settings()
    assert (settings.fanout, settings.maxrc) == (2, True)
    assert files.modes() == ["x", "y"]


def test_an_explicit_file_has_to_be_there():
    with pytest.raises(ConfigError) as caught:
        load("/nonexistent/clush.conf")
    reason = "cannot read configuration file /nonexistent/clush.conf: No such file or directory"
    assert str(caught.value) == reason


def test_a_file_that_is_no_configuration(conf):
    with pytest.raises(ConfigSyntaxError, match="File contains no section headers"):
        conf("fanout: 3\n")


def test_unknown_settings_are_noticed(conf):
    files = conf("[DEFAULT]\nvar: 1\n[Main]\nfanuot: 3\nfanout: 3\n[mode:m]\ncolour: x\n")
    assert [str(notice) for notice in files.unknown("m")] == [
        f"(Config mode:m.colour): unknown setting ({files.files[0]}, line 7)",
        f"(Config Main.fanuot): unknown setting ({files.files[0]}, line 4)",
    ]
