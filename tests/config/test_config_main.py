"""python -m clush.config."""

from __future__ import annotations

import pytest

from clush.config import paths
from clush.config.__main__ import main


@pytest.fixture
def cfgdir(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "SYSTEM", str(tmp_path / "etc"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("CLUSTERSHELL_CFGDIR", str(tmp_path / "cfg"))
    (tmp_path / "cfg").mkdir()
    return tmp_path / "cfg"


def test_what_holds_and_why(cfgdir, capsys):
    clush_conf, defaults_conf = cfgdir / "clush.conf", cfgdir / "defaults.conf"
    clush_conf.write_text("[Main]\n\ncolor: auto\n[mode:m]\n")
    defaults_conf.write_text("[task.info]\nfanout: 5\n")
    assert main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert f"  {cfgdir}: clush.conf defaults.conf" in lines
    assert f"clush.conf [Main], {clush_conf}:" in lines
    assert f"  color: auto ({clush_conf}, line 3)" in lines
    assert f"  fanout: 5 ({defaults_conf}, line 2)" in lines
    assert "  connect_timeout: 10" in lines
    assert "  run modes: m" in lines


def test_bad_values_are_marked_and_the_rest_is_shown(cfgdir, capsys):
    (cfgdir / "clush.conf").write_text("[Main]\nfanout: x\nmaxrc: yes\n")
    assert main([]) == 1
    out = capsys.readouterr().out
    assert "\n! (Config Main.fanout): invalid literal" in out
    assert "  maxrc: True (" in out


def test_a_file_that_is_no_configuration(cfgdir, capsys):
    (cfgdir / "clush.conf").write_text("nonsense\n")
    assert main([]) == 1
    assert capsys.readouterr().err.startswith("clush.config: File contains no section headers.")


def test_samples(cfgdir, capsys):
    (cfgdir / "clush.conf").write_text("mine")
    assert main(["samples", str(cfgdir)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{cfgdir}/clush.conf: exists, left alone"
    assert (cfgdir / "clush.conf").read_text() == "mine"
    assert f"{cfgdir}/groups.d/local.cfg" in lines
    assert (cfgdir / "groups.conf.d/slurm.conf.example").exists()


def test_samples_where_nothing_can_be_written(cfgdir, capsys):
    assert main(["samples", "/dev/null/x"]) == 1
    assert "/dev/null" in capsys.readouterr().err


def test_usage(capsys):
    assert main(["zork"]) == 2
    assert "usage: python -m clush.config" in capsys.readouterr().err
