"""OpenSSH: the site's own ``ssh`` and ``scp`` with all of their configuration.

ssh reports its own failures with exit code 255 and a line on standard error, where the
remote command's standard error goes too.  Its lines can be told from most others: they
have known texts and end in CR LF, are the last words, and nothing came on standard
output before.  One case stays: a command that itself ends with an ssh of its own
(``ssh n2 true`` sent to n1) may say the very same about somewhere else; so where the
command names such a program, or the evidence is incomplete, the verdict stays
``failed`` with 255 and the last words are passed on as they are.  A script that hides
its ssh still passes for one: the status names what was said, it proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, Optional

from clush.job import Copy
from clush.transport.base import (
    Closing,
    Launch,
    Verdict,
    check_names,
    exit_verdict,
    no_option,
    whole_seconds,
    words,
)
from clush.transport.causes import last_line, ssh_cause, text
from clush.transport.files import flags, remote_ends

if TYPE_CHECKING:
    from clush.job import Job, Work

SSH_FAILED = 255

# What scp ends with when its ssh has failed: with 255 since OpenSSH 9, with 1 before.
_SCP_FAILED = (255, 1)
_SCP_LAST_WORDS = re.compile(rb"(?:\S*scp: Connection closed\r\n|lost connection\r?\n)\Z")

# Nobody tells which: ssh reports a command killed there as its own failure.
_WITHOUT_A_WORD = "ssh ended with 255 without a word: killed there, or that was the command's code"

# A command that uses one of these may pass on another ssh's last words as its own; what receives
# our copies only says "clush:" and names a directory ".clush-".
_OWN_SSH = r"\b(?:ssh|scp|sftp|rsync|mosh|git|clush(?![:-])|pdsh|ansible)\b"


class Ssh(NamedTuple):
    """Runs commands on the nodes through ``ssh``, and copies files through ``scp``.

    ``path`` and ``options`` are words as a shell splits them (``sshpass ssh``,
    ``-i ~/key``); ``connect_timeout`` is in seconds, cut to an integer (but not to 0), none if 0.
    The caller's options come first because ssh takes the first value it is given.
    scp is given the options and the user of ssh unless it has some of its own.
    """

    path: str = "ssh"
    options: str = ""
    user: Optional[str] = None
    connect_timeout: Optional[float] = None
    scp_path: str = "scp"
    scp_options: str = ""
    scp_user: Optional[str] = None

    @property
    def name(self) -> str:
        return "ssh"

    def launches(self, work: Work) -> Iterator[Launch]:
        check_names(work.nodes, "ssh")
        return self._copies(work) if isinstance(work, Copy) else self._commands(work)

    def _commands(self, job: Job) -> Iterator[Launch]:
        argv = words("ssh path", self.path) + words("ssh options", self.options)
        argv += ["-oForwardAgent=no", "-oForwardX11=no"]
        if self.user:
            argv += ["-l", self.user]
        argv += self._limits()
        command = no_option(job.command)  # ssh looks for them after the host's name, too
        return (Launch((node,), [*argv, node, command]) for node in job.nodes)

    def _copies(self, copy: Copy) -> Iterator[Launch]:
        argv = words("scp path", self.scp_path)
        argv += words("scp options", self.scp_options or self.options)
        argv += flags(copy) + self._limits()
        user = self.scp_user or self.user
        login = f"{user}@" if user else ""
        return (
            Launch((node,), [*argv, *remote_ends(copy, f"{login}[{node}]", node)])
            for node in copy.nodes
        )

    def _limits(self) -> list[str]:
        """How long to wait, and to ask nobody: there is no terminal to answer on."""
        timeout = whole_seconds(self.connect_timeout)
        return [f"-oConnectTimeout={timeout}"] * bool(timeout) + ["-oBatchMode=yes"]

    def verdict(self, work: Work, closing: Closing) -> Verdict:
        if not isinstance(work, Copy):
            return command_verdict(work.command, closing)
        verdict = exit_verdict(closing.returncode)
        if closing.returncode not in _SCP_FAILED:
            return verdict
        before_the_end = _SCP_LAST_WORDS.sub(b"", closing.last_words)
        if before_the_end == closing.last_words:
            return verdict
        return _explained(verdict, before_the_end)


def command_verdict(command: str, closing: Closing) -> Verdict:
    """What the end of an ssh that ran ``command`` means."""
    verdict = exit_verdict(closing.returncode)
    if closing.returncode != SSH_FAILED or closing.spoke:
        return verdict
    if not closing.last_words:
        return verdict._replace(detail=_WITHOUT_A_WORD)
    explained = _explained(verdict, closing.last_words)
    if re.search(_OWN_SSH, command):
        return verdict._replace(detail=explained.detail)
    return explained


def _explained(verdict: Verdict, last_words: bytes) -> Verdict:
    """The verdict with the cause that ssh names in its last line, if there is such a line."""
    line = last_line(last_words)
    if not line.endswith(b"\r\n"):
        return verdict
    return Verdict(ssh_cause(line) or verdict.status, verdict.rc, text(line))
