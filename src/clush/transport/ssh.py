"""OpenSSH: the site's own ``ssh`` with all of its configuration.

ssh reports its own failures with exit code 255 and a line on standard error, where the
remote command's standard error goes too.  Its lines can be told from most others: they
have known texts and end in CR LF, are the last words, and nothing came on standard
output before.  One case stays: a command that itself ends with an ssh of its own
(``ssh n2 true`` sent to n1) may say the very same about somewhere else; so where the
command names such a program, or the evidence is incomplete, the verdict stays
``failed`` with 255 and the last words are passed on as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, Optional

from clush.errors import JobError
from clush.events import Status
from clush.transport.base import Closing, Launch, Verdict, exit_verdict, split_words

if TYPE_CHECKING:
    from clush.job import Job

SSH_FAILED = 255

# Last words of ssh(1), OpenSSH 6 to 10; the first that matches decides.  Most runs need
# none of them, so they are compiled where they are used.
_CAUSES = (
    (rb"Host key verification failed\.\r\n", Status.HOST_KEY),
    (rb"No \S+ host key is known for .*\r\n", Status.HOST_KEY),
    (rb"(?:\S+: )?Permission denied \([\w,@.-]*\)\.\r\n", Status.AUTH),
    (rb"Too many authentication failures\r\n", Status.AUTH),
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

# A command that uses one of these may pass on another ssh's last words as its own.
_OWN_SSH = r"\b(?:ssh|scp|sftp|rsync|mosh|git|clush|pdsh|ansible)\b"


class Ssh(NamedTuple):
    """Runs the command on the node through ``ssh``.

    ``path`` and ``options`` are words as a shell splits them (``sshpass ssh``,
    ``-i ~/key``); ``connect_timeout`` is in seconds, cut to an integer, none if 0.
    The caller's options come first because ssh takes the first value it is given.
    """

    path: str = "ssh"
    options: str = ""
    user: Optional[str] = None
    connect_timeout: Optional[float] = None

    @property
    def name(self) -> str:
        return "ssh"

    def launches(self, job: Job) -> Iterator[Launch]:
        try:
            prefix = split_words(self.path) + split_words(self.options)
        except ValueError as exc:
            raise JobError(f"ssh options {self.options!r}: {exc}") from exc
        prefix += ["-oForwardAgent=no", "-oForwardX11=no"]
        if self.user:
            prefix += ["-l", self.user]
        if self.connect_timeout and int(self.connect_timeout) > 0:
            prefix.append(f"-oConnectTimeout={int(self.connect_timeout)}")
        prefix.append("-oBatchMode=yes")
        for node in job.nodes:
            if node.startswith("-"):
                raise JobError(f"node '{node}': ssh would take this name for an option")
        return (Launch((node,), [*prefix, node, job.command]) for node in job.nodes)

    def verdict(self, job: Job, closing: Closing) -> Verdict:
        verdict = exit_verdict(closing.returncode)
        if closing.returncode != SSH_FAILED or closing.spoke:
            return verdict
        lines = closing.last_words.splitlines(keepends=True)
        if not lines or not lines[-1].endswith(b"\r\n"):
            return verdict
        detail = lines[-1].decode(errors="replace").strip()
        if re.search(_OWN_SSH, job.command):
            return verdict._replace(detail=detail)
        for cause, status in _CAUSES:
            if re.fullmatch(cause, lines[-1]):
                return Verdict(status, SSH_FAILED, detail)
        return verdict._replace(detail=detail)
