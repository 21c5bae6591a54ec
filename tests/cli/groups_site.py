"""A site with node groups, for tests of the tools: its files, and the environment to find them."""

from __future__ import annotations

from pathlib import Path

UPCALLS = """\
[{name}]
map: sed -n 's/^$GROUP: //p' $CFGDIR/$SOURCE.groups
list: sed -n 's/:.*//p' $CFGDIR/$SOURCE.groups
"""

CONF = (
    "[Main]\ndefault: roles\n"
    + UPCALLS.format(name="roles")
    + UPCALLS.format(name="racks")
    + "[nolist]\nmap: echo n1\n"
)

ROLES = "web: web[1-4]\ndb: db[1-2]\nfront: web[1-2]\nmix: @web,@db\n"
RACKS = "r1: web[1-2],db1\nr2: web[3-4],db2\n"


def make(folder: Path, conf: str = CONF) -> dict[str, str]:
    """Write the files of the site into ``folder``; what the environment has to say."""
    etc = folder / "etc"
    etc.mkdir()
    (etc / "groups.conf").write_text(conf)
    (etc / "roles.groups").write_text(ROLES)
    (etc / "racks.groups").write_text(RACKS)
    return {
        "CLUSTERSHELL_CFGDIR": str(etc),
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "XDG_CONFIG_HOME": str(folder / "config"),
    }
