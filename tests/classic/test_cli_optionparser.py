"""The command lines of the tools as parsers for programs."""

from __future__ import annotations

import optparse

import pytest
from classic_options import options, parser

from ClusterShell.CLI.OptionParser import OptionParser, check_autostep, check_safestring

# Options by the method that installs them, with their values where none is given.
DEFAULTS = {
    "clush_config_options": {"conf": None, "option": []},
    "groupsconf_option": {"groupsconf": None},
    "nodes_options": {
        "nodes": None, "exclude": None, "nodes_all": None, "group": None, "exgroup": None,
        "engine": "auto", "hostfile": [], "topofile": None, "pick": None,
    },
    "display_options": {
        "debug": None, "groupbase": False, "line_mode": None, "label": True, "progress": None,
        "gather": None, "gatherall": False, "regroup": False, "axis": None, "maxrc": None,
        "whencolor": None, "diff": None, "outdir": None, "errdir": None,
    },
    "filecopy_options": {"copy": None, "rcopy": None, "dest_path": None, "preserve_flag": None},
    "connector_options": {
        "fanout": None, "grooming_delay": None, "user": None, "options": None,
        "connect_timeout": None, "command_timeout": None, "mode": None, "worker": None,
        "remote": None,
    },
    "nodeset_commands": {
        "count": False, "expand": False, "fold": False, "list": False, "listall": False,
        "regroup": False, "index": None, "groupsources": False, "completion": False,
    },
    "nodeset_operations": {"sub_nodes": [], "and_nodes": [], "xor_nodes": []},
    "nodeset_options": {
        "all": None, "autostep": None, "debug": None, "quiet": None, "rangeset": None,
        "groupbase": None, "separator": " ", "output_format": "%s", "slice_rangeset": None,
        "maxsplit": None, "contiguous": None, "axis": None, "pick": None,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", DEFAULTS)
def test_options_and_their_defaults(name: str) -> None:
    for _ in range(2):  # a list that was added to is no default of the next parser
        made = OptionParser("prog")
        getattr(made, f"install_{name}")()
        found = vars(made.parse_args([])[0])
        assert found == {"groupsource": None, **DEFAULTS[name]}
        for value in found.values():
            if isinstance(value, list):
                value.append("more")


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("-w n1 -w n2 -x n3 -aX g", {"nodes": ["n1", "n2"], "nodes_all": True, "exgroup": ["g"]}),
        ("-g a --hostfile=f -E poll", {"group": ["a"], "hostfile": ["f"], "engine": "poll"}),
        ("-bLN --color=never --axis -1", {"gather": True, "label": False, "axis": "-1"}),
        (
            "-f9 -t 1.5 -l me -o -p2 -R exec",
            {"fanout": 9, "connect_timeout": 1.5, "options": "-p2"},
        ),
        ("-O a=b -O c=d -m sudo --remote no", {"option": ["a=b", "c=d"], "remote": "no"}),
        ("-s src -qvd -S", {"groupsource": "src", "quiet": True, "maxrc": True}),
    ],
)
def test_values(line: str, values: dict[str, object]) -> None:
    found = vars(options(line))
    assert {name: found[name] for name in values} == values


def test_variants_of_the_display_options() -> None:
    made = OptionParser("prog")
    made.install_display_options(separator_option=True, dshbak_compat=True, msgtree_mode=True)
    found, words = made.parse_args(["-c", "-S", "|", "-FT", "--interpret-keys", "never", "w", "-b"])
    assert (found.gather, found.separator, found.fast_mode, found.trace_mode) == (True, "|", 1, 1)
    assert (found.interpret_keys, words) == ("never", ["w", "-b"])
    assert "progress" not in vars(found)
    bare = OptionParser("prog")
    bare.install_display_options(debug_option=False)
    assert "debug" not in vars(bare.parse_args([])[0])


def test_options_may_follow_the_words_of_a_copy() -> None:
    found, words = parser().parse_args(["-w", "n1", "-c", "a", "b", "--dest", "d", "-p", "c"])
    assert (found.copy, found.rcopy, found.dest_path, words) == (True, None, "d", ["a", "b", "c"])
    assert parser().parse_args(["ls", "-w", "n1"])[1] == ["ls", "-w", "n1"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--zork", "no such option: --zork"),
        ("-f x", "option -f: invalid integer value: 'x'"),
        ("-w -a", "option -w: invalid value: '-a'"),
        ("--color blue", "option --color: invalid choice: 'blue'"),
    ],
)
def test_wrong_options(line: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        parser().parse_args(line.split())
    assert left.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("Usage: prog [options]\n\nprog: error: " + message)


@pytest.mark.parametrize(("text", "value"), [("3", 3), ("50%", 0.5), ("auto", "auto"), ("0", 0)])
def test_autostep(text: str, value: object) -> None:
    assert check_autostep(None, "--autostep", text) == value


@pytest.mark.parametrize(
    ("check", "text"), [(check_autostep, "x"), (check_autostep, "x%"), (check_safestring, "-x")]
)
def test_values_that_are_none(check, text: str) -> None:
    with pytest.raises(optparse.OptionValueError, match=f"option --o: invalid value: '{text}'"):
        check(None, "--o", text)


def test_every_option_is_explained() -> None:
    made = parser()
    found = [option for place in (made, *made.option_groups) for option in place.option_list]
    unexplained = {o.get_opt_string() for o in found if o.help == optparse.SUPPRESS_HELP}
    assert unexplained <= {"--engine", "--grooming"}
