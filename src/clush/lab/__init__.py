"""A private virtual cluster on loopback, to try things on and to test with.

One *keeper* process per lab owns a folder and a few listening ports; an ssh_config
in the folder maps as many node names as asked onto them. Logins are served by the
machine's own ``sshd`` (or by asyncssh where there is none), with keys of the lab's
own, without privileges. When the lab ends, or its owner dies, the keeper ends every
process that descends from it and removes the folder.

    with Lab(nodes="node[1-200]", refuse="node3") as lab:
        subprocess.run(["ssh", "node7", "hostname"], env=lab.environ())

``python -m clush.lab`` is the same from a shell.
"""

from clush.lab.owner import Lab

__all__ = ["Lab"]
