"""What is proposed at each place of a command line, by the tables of options."""

from __future__ import annotations

from pathlib import Path

import groups_site
import pytest

from clush.cli import clubak, clush, nodeset
from clush.cli.completion.proposals import KINDS, ByShell, propose
from clush.cli.options import CommandLine

LINES = {"clush": clush.LINE, "clubak": clubak.LINE, "nodeset": nodeset.LINE}


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in groups_site.make(tmp_path).items():
        monkeypatch.setenv(name, value)
    (tmp_path / "etc" / "clush.conf").write_text("[mode:sudo]\n[mode:slow]\n")


def proposed(text: str) -> str:
    """What may stand for the last word of ``text``; ``…`` behind what is not complete."""
    tool, *words = text.split(" ")
    proposals = propose(LINES[tool], words)
    if isinstance(proposals, ByShell):
        return f"{proposals.what} {proposals.first or ''}".strip()
    return " ".join(one.text + "…" * (not one.complete) for one in proposals)


SOURCES = "@roles:… @racks:… @nolist:…"
GROUPS = "@db @front @mix @web"
WEBS = "web1 web2 web3 web4"

# What was typed, what is proposed.
TABLE = [
    # Node sets
    ("clush -w ", f"{SOURCES} {GROUPS} db1 db2 {WEBS}"),
    ("clush -w we", WEBS),
    ("clush -w zork", ""),
    ("clush -w n1,we", "n1,web1 n1,web2 n1,web3 n1,web4"),
    ("clush -w n[1,we", ""),
    ("clush -w n[1,2]!@f", "n[1,2]!@front"),
    ("clush -w @", f"{SOURCES} {GROUPS}"),
    ("clush -w @r", "@roles:… @racks:…"),
    ("clush -w @racks:", "@racks:r1 @racks:r2"),
    ("clush -w @zork:", ""),
    ("clush -w @nolist:", ""),
    ("clush -x web", WEBS),
    ("clush -q -x web", WEBS),
    ("clush -s racks -w @", "@r1 @r2"),
    ("clush -s racks -w db", "db1 db2"),
    ("clush --groupsource=racks -w @", "@r1 @r2"),
    ("clush -s nolist -w @", ""),
    ("clush -s zork -w @", ""),
    ("clush --groupsconf /nonexistent -w @", ""),
    # Groups
    ("clush -g m", "mix"),
    ("clush --group=r", "--group=roles:… --group=racks:…"),
    ("clush -g web,racks:", "web,racks:r1 web,racks:r2"),
    ("clush -X fr", "front"),
    ("clush -s r", "roles racks"),
    # Forms of options
    ("clush -wwe", " ".join(f"-w{node}" for node in WEBS.split())),
    ("clush -bw@f", "-bw@front"),
    ("clush -bw", " ".join(f"-bw{word}" for word in f"{SOURCES} {GROUPS} db1 db2 {WEBS}".split())),
    ("clush -w", "-w"),
    ("clush -bL", "-bL"),
    ("clush -bZ", ""),
    ("clush -b --gro", "--group=… --groupsource=… --groupsconf=… --groupbase"),
    ("clush --groups racks -w @", ""),  # could be two options: the line is wrong
    ("clush --groupso racks -w @", "@r1 @r2"),
    ("clush --quiet=", ""),
    ("clush --zork=", ""),
    ("clush --zork -w we", ""),
    ("clush --tr", "--tree"),
    # Values
    ("clush --color=", "--color=never --color=always --color=auto"),
    ("clush --color a", "always auto"),
    ("clush -E e", "epoll"),
    ("clush -R ", "ssh exec rsh pdsh"),
    ("clush -m s", "sudo slow"),
    ("clush --conf /dev/null -m s", ""),
    ("clush --conf /nonexistent -m s", ""),
    ("clush -O ssh_p", "ssh_path=…"),
    ("clush -O SSH_P", "ssh_path=…"),
    ("clush -O color=a", "color=always color=auto"),
    ("clush -O MaxRC=", "MaxRC=yes MaxRC=no"),
    ("clush -O fanout=", ""),
    ("clush -O zork=", ""),
    ("clush -f ", ""),
    ("clush -l ", ""),
    ("clush --hostfile ", "files"),
    ("clush --conf=/etc", "files"),
    ("clush --outdir ", "directories"),
    # What is no option
    ("clush -w web1 una", "command 2"),
    ("clush -w web1 uname --ker", "command 2"),
    ("clush -w web1 -- -", "command 3"),
    ("clush -w web1 -c /etc/ho", "files"),
    ("clush --rcopy /etc/ho", "files"),
    ("clush -w web1 -c file --des", "--dest=…"),
    ("clush -w web1 -c file --dest ", "files"),
    ("clush -w web1 -c -- --des", "files"),
    ("clubak ", ""),
    ("clubak --interpret-keys=a", "--interpret-keys=always --interpret-keys=auto"),
    ("nodeset -f we", WEBS),
    ("nodeset -f -x we", WEBS),
    ("nodeset -f web1 -", "-x --exclude -i --intersection -X --xor"),
    ("nodeset -f web1 --", "--exclude --intersection --xor"),
    ("nodeset -f web1 -x @f", "@front"),
    ("nodeset --index we", WEBS),
    ("nodeset -f --autostep ", ""),
]


@pytest.mark.parametrize(("typed", "expected"), TABLE)
def test_proposals(typed: str, expected: str) -> None:
    assert proposed(typed) == expected


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_every_option_that_has_help_is_proposed(line: CommandLine) -> None:
    found = propose(line, ["-"])
    assert not isinstance(found, ByShell)
    assert {one.text.rstrip("="): one.about for one in found} == {
        name: option.help
        for _, options in line.groups
        for option in options
        for name in option.names
        if option.help
    }


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_every_kind_of_value_is_known(line: CommandLine) -> None:
    kinds = {option.metavar for _, options in line.groups for option in options if option.metavar}
    chosen = {"ENGINE", "WHEN", "YES|NO"}  # by their converters
    assert {*kinds, line.operands} - chosen <= set(KINDS)
