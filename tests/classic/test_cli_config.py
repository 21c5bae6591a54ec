"""``clush.conf`` as classic programs read it."""

from __future__ import annotations

import configparser

import pytest
from classic_options import options

from clush.config import paths
from ClusterShell.CLI.Config import ClushConfig, ClushConfigError


@pytest.fixture
def conf(tmp_path, monkeypatch: pytest.MonkeyPatch):
    """A site with a ``clush.conf`` and a run mode in its ``confdir``."""
    monkeypatch.setattr(paths, "SYSTEM", str(tmp_path / "nowhere"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("CLUSTERSHELL_CFGDIR", str(tmp_path))
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "clush.conf").write_text(
        "[Main]\nfanout: 7\ncolor: never\nconfdir: $CFGDIR/conf.d\nfoo: bar\nssh_path: ~/ssh\n"
    )
    (tmp_path / "conf.d" / "m.conf").write_text("[mode:sudo]\nfanout: 2\ncommand_prefix: sudo\n")
    return tmp_path


def test_settings(conf) -> None:
    config = ClushConfig(options())
    assert (config.fanout, config.color, config.ssh_path) == (7, "never", "~/ssh")
    assert (config.connect_timeout, config.command_timeout, config.fd_max) == (10, 0, 8192)
    assert (config.verbosity, config.node_count, config.maxrc) == (1, True, False)
    assert (config.ssh_user, config.scp_options, config.command_prefix) == (None, None, "")
    assert config.parsed == [str(conf / "clush.conf"), str(conf / "conf.d" / "m.conf")]


def test_options_are_stronger_than_files(conf) -> None:
    line = "-f 9 -l me -o -p2 -t 3 -S -v --color always -O ssh_path=x -O verbosity=0 -O fd_max=99"
    config = ClushConfig(options(line))
    assert (config.fanout, config.ssh_user, config.ssh_options) == (9, "me", "-p2")
    assert (config.connect_timeout, config.maxrc, config.color) == (3, True, "always")
    assert (config.ssh_path, config.verbosity, config.fd_max) == ("x", 0, 99)
    assert (config.get("Main", "fanout"), config.get("Main", "ssh_path")) == ("9", "x")


def test_run_modes(conf) -> None:
    config = ClushConfig(options())
    assert (config.mode, [*config.modes()]) == (None, ["sudo"])
    config.set_mode("sudo")
    assert (config.mode, config.fanout, config.command_prefix) == ("sudo", 2, "sudo")
    with pytest.raises(ClushConfigError) as refused:
        config.set_mode("zork")
    assert str(refused.value) == 'invalid mode "zork" (available: sudo)'
    assert config.mode == "sudo"


def test_it_is_a_parser(conf) -> None:
    config = ClushConfig(options())
    assert isinstance(config, configparser.ConfigParser)
    assert config.sections() == ["Main", "mode:sudo"]
    assert (config.get("Main", "foo"), config.getint("Main", "fanout")) == ("bar", 7)
    assert config.get("Main", "connect_timeout") == "10.000000"
    assert (config.getboolean("Main", "maxrc"), config.getfloat("Main", "fd_max")) == (False, 8192)
    with pytest.raises(ClushConfigError) as wrong:
        config.getint("Main", "foo")
    assert (wrong.value.section, wrong.value.option) == ("Main", "foo")
    assert str(wrong.value).startswith("(Config Main.foo): invalid literal for int()")
    with pytest.raises(ClushConfigError, match="No section"):
        config.getboolean("nowhere", "foo")


def test_one_file(conf) -> None:
    config = ClushConfig(options("--conf ignored"), filename=str(conf / "conf.d" / "m.conf"))
    assert (config.fanout, [*config.modes()], len(config.parsed)) == (64, ["sudo"], 1)
    with pytest.raises(ClushConfigError, match="cannot read configuration file"):
        ClushConfig(options(), filename="/nowhere")


def test_a_wrong_value_harms_who_asks_for_it(conf) -> None:
    config = ClushConfig(options("-O fanout=x -O color=blue"))
    assert config.verbosity == 1
    with pytest.raises(ClushConfigError, match=r"^\(Config Main.fanout\): invalid literal"):
        _ = config.fanout
    with pytest.raises(ClushConfigError, match="choose from") as wrong:
        _ = config.color
    assert (wrong.value.section, wrong.value.option) == ("Main", "color")


def test_files_that_are_none(conf) -> None:
    (conf / "clush.conf").write_text("[Main\n")
    with pytest.raises(configparser.Error, match="File contains no section headers"):
        ClushConfig(options())
    with pytest.raises(ClushConfigError, match=r"\(Config Main.x\): invalid -O/--option value"):
        ClushConfig(options("-O x"), filename=str(conf / "conf.d" / "m.conf"))


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ((), ""),
        (("Main", "o", "wrong"), "(Config Main.o): wrong"),
        ((None, None, "wrong"), "wrong"),
        (("Main", None, "wrong"), "wrong"),
    ],
)
def test_text_of_a_settings_error(given: tuple[object, ...], text: str) -> None:
    assert str(ClushConfigError(*given)) == text
