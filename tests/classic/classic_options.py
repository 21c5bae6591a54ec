"""A parser with the options of `clush`, and what it makes of a line of words."""

from __future__ import annotations

from ClusterShell.CLI.OptionParser import OptionParser

INSTALLS = (
    "clush_config_options", "groupsconf_option", "nodes_options", "filecopy_options",
    "connector_options",
)  # fmt: skip


def parser():
    made = OptionParser("prog [options]", prog="prog")
    for name in INSTALLS:
        getattr(made, f"install_{name}")()
    made.install_display_options(verbose_options=True)
    return made


def options(line=""):
    return parser().parse_args(line.split())[0]
