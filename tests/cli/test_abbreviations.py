"""Long options may be abbreviated as in ClusterShell, whatever options have come since."""

from __future__ import annotations

import pytest

from clush.cli import clubak, clush, nodeset
from clush.cli.options import CommandLine
from clush.errors import UsageError

# What ClusterShell 1.10.1 knows; an abbreviation of one of these and of no other means it.
CLASSIC = {
    clush.LINE: """
        version help groupsource nostdin groupsconf conf option all group hostfile machinefile
        topology pick quiet verbose debug groupbase progress dshbak regroup axis maxrc color diff
        outdir errdir copy rcopy dest fanout user options connect_timeout command_timeout mode
        worker remote engine grooming
    """,
    clubak.LINE: """
        version help groupsource groupsconf groupbase dshbak regroup axis separator fast tree
        interpret-keys color diff outdir errdir quiet verbose debug
    """,
    nodeset.LINE: """
        version help count expand fold regroup list list-all index list-sources groupsources
        completion exclude intersection xor all groupsource groupsconf groupbase rangeset separator
        output-format slice split contiguous axis autostep pick quiet debug
    """,
}


def abbreviations() -> list[tuple[CommandLine, str, list[str]]]:
    """Every abbreviation of every name, with the names that it may mean."""
    found = []
    for line, text in CLASSIC.items():
        names = [f"--{name}" for name in text.split()]
        for prefix in {name[:end] for name in names for end in range(3, len(name) + 1)}:
            meant = [prefix] if prefix in names else [n for n in names if n.startswith(prefix)]
            found.append((line, prefix, sorted(meant)))
    return found


def test_abbreviations() -> None:
    for line, prefix, names in abbreviations():
        if len(names) == 1:
            assert names[0] in line.option(prefix).names, prefix
            continue
        with pytest.raises(UsageError) as caught:
            line.option(prefix)
        assert str(caught.value) == f"ambiguous option: {prefix} ({', '.join(names)}?)"
