"""What the last words of clients mean: from a line of theirs to the status of a node.

Whether a line *is* the client's, and not the remote command's,
is for the transport to judge.
"""

from __future__ import annotations

import re
from typing import Optional

from clush.events import Status

# Last words of ssh(1), OpenSSH 6 to 10; the first that matches decides.  Most runs need
# none of them, so they are compiled where they are used.
_SSH = (
    (rb"Host key verification failed\.\r\n", Status.HOST_KEY),
    (rb"No \S+ host key is known for .*\r\n", Status.HOST_KEY),
    (rb"(?:\S+: )?Permission denied \([\w,@.-]*\)\.\r\n", Status.AUTH),
    (rb"(?:.*: )?Too many authentication failures\r\n", Status.AUTH),
    (rb"ssh: Could not resolve hostname .*\r\n", Status.DNS),
    (rb"ssh: connect to host .*: Connection refused\r\n", Status.REFUSED),
    (rb"ssh: connect to host .*: Connection timed out\r\n", Status.CONNECT_TIMEOUT),
    (rb"ssh: connect to host .*: Operation timed out\r\n", Status.CONNECT_TIMEOUT),
    (rb"Connection timed out during banner exchange\r\n", Status.CONNECT_TIMEOUT),
    (rb"Connection to .* port \d+ timed out\r\n", Status.CONNECT_TIMEOUT),
    (rb"ssh: connect to host .*\r\n", Status.UNREACHABLE),
    (rb"(?:kex_exchange|ssh_exchange)_identification: .*\r\n", Status.UNREACHABLE),
    (rb"banner exchange: .*\r\n", Status.UNREACHABLE),
    (rb"Connection (?:closed|reset) by .* port \d+(?: \[preauth\])?\r\n", Status.UNREACHABLE),
)

# The system's own words for what happens to connections, as rsh, rcp and pdsh pass them
# on at the end of a line.
_NETWORK = (
    (rb"Connection refused", Status.REFUSED),
    (rb"(?:Connection|Operation) timed out|timed out", Status.CONNECT_TIMEOUT),
    (rb"No route to host|(?:Network|Host) is (?:unreachable|down)", Status.UNREACHABLE),
    (rb"Connection reset by peer", Status.UNREACHABLE),
    (rb"[Uu]nknown host|Name or service not known|Host name lookup failure", Status.DNS),
    (rb"Permission denied\.?|Login incorrect\.?", Status.AUTH),
)


def ssh_cause(line: bytes) -> Optional[Status]:
    """The status that a last line of ssh names, with the CR LF that it ends in."""
    for words, status in _SSH:
        if re.fullmatch(words, line):
            return status
    return None


def network_cause(line: bytes) -> Optional[Status]:
    """The status that ``... : <error of the system>`` names."""
    for words, status in _NETWORK:
        if re.search(rb": (?:%s)\s*\Z" % words, line):
            return status
    return None


def last_line(words: bytes) -> bytes:
    """The last line with its end, which may be missing; empty for no words."""
    return words[words.rfind(b"\n", 0, -1) + 1 :]


def text(line: bytes) -> str:
    """A line for people to read."""
    return line.decode(errors="replace").strip()
