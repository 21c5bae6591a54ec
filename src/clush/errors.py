"""Every exception of the package, in one place.

::

    ClushError                      exit code 1
    |- UsageError                   exit code 2: a wrong option, an empty target set
    |- CommandError                 a well-formed command that cannot be carried out
    |  `- ExtraError                ... without packages that are not installed (exit code 2)
    |- InputError                   a line on standard input that a tool cannot use
    |- RangeSetError
    |  `- RangeSetParseError        text that is not a range set
    |- NodeSetError
    |  |- NodeSetParseError         text that is not a node set
    |  |  `- NodeSetParseRangeError ... because of what stands in its brackets
    |  `- NodeSetExternalError      the group system cannot answer
    |- GroupError                   node groups
    |  |- GroupSourceError          a source of groups cannot answer
    |  |  |- GroupSourceNoUpcall    ... because it knows no answer to such a question
    |  |  `- GroupSourceQueryFailed ... because what it asked failed
    |  `- GroupResolverError        sources of groups, all together
    |     |- GroupResolverSourceError         no source has that name
    |     |- GroupResolverIllegalCharError    a source lists a name that could not be written
    |     `- GroupResolverConfigError         sources that are not defined as they should be
    |- ConfigError                  a setting that cannot be used (also a ValueError)
    |  `- ConfigSyntaxError         a file that is no configuration at all
    |- TopologyError                gateways that form no tree
    |- JobError                     a job that cannot be run as it was asked for
    |  `- UnknownTransportError     ... because there is no such way to reach nodes
    |- SpawnError                   the system refused to start a program
    |- ResourceLimitError           too few descriptors for what was asked
    |- ProtocolError                a gateway, or its head, says what it may not
    |- GatewayError                 a gateway that does not come up
    |- CopyError                    files that cannot be read, or an archive that is none
    |- TaskError                    a task used in a way it cannot be
    |  `- TaskTimeoutError          a run did not end in time (also a TimeoutError)
    `- LabError                     the private test cluster cannot be started

A message names the thing, where it came from and what to do, in one line.
What happens to a *node* (refused, timed out, killed) is no exception: it is a
``Status`` in the result.
"""

from __future__ import annotations


class ClushError(Exception):
    """Root of all errors of the package; ``exit_code`` is what a tool exits with."""

    exit_code = 1


class UsageError(ClushError):
    """The command line asks for something that does not exist or makes no sense."""

    exit_code = 2


class CommandError(ClushError):
    """A command line that is well-formed and cannot be carried out: no such node in the set."""


class ExtraError(CommandError):
    """An option that needs packages which come with an extra and are not installed."""

    exit_code = 2

    def __init__(self, option: str, package: str, extra: str) -> None:
        super().__init__(f"{option} needs the package '{package}': pip install 'clush[{extra}]'")


class InputError(ClushError):
    """A line on standard input that a tool cannot use; ``line`` is the line."""

    def __init__(self, line: bytes, message: str) -> None:
        super().__init__(f'{message}: "{line.decode(errors="replace")}"')
        self.line = line


class RangeSetError(ClushError):
    """Root of the errors about range sets."""


class RangeSetParseError(RangeSetError):
    """Text that is not a range set; ``part`` is the piece that is wrong."""

    def __init__(self, part: str, message: str) -> None:
        super().__init__(f'{message} : "{part}"' if part else message)
        self.part = part


class NodeSetError(ClushError):
    """Root of the errors about node sets."""


class NodeSetParseError(NodeSetError):
    """Text that is not a node set.

    ``part`` is the piece that is wrong, ``text`` the whole text that was parsed and
    ``position`` the offset of the piece in it (``None`` where it is not known).  ``reason``
    is what else there is to say: how a command for a group ended.
    """

    def __init__(
        self,
        part: str,
        message: str,
        *,
        text: str | None = None,
        position: int | None = None,
        reason: str = "",
    ) -> None:
        said = f'{message}: "{part}"' if part else message
        super().__init__(f"{said} ({reason})" if reason else said)
        self.part = part
        self.text = text
        self.position = position


class NodeSetParseRangeError(NodeSetParseError):
    """A node set whose brackets hold no range set; ``part`` is the text of that error."""

    def __init__(
        self, error: object, *, text: str | None = None, position: int | None = None
    ) -> None:
        super().__init__(str(error), "bad range", text=text, position=position)


class NodeSetExternalError(NodeSetError):
    """The group system is needed and cannot answer."""


class GroupError(ClushError):
    """Root of the errors about where groups come from."""


class GroupSourceError(GroupError):
    """A source cannot answer; ``group_source`` is the source.

    ``message`` is what was asked, where that was a command; ``reason``, which may be
    empty, why there is no answer.
    """

    def __init__(self, message: str, group_source: object = None, reason: str = "") -> None:
        super().__init__(message, group_source, reason)
        self.message = message
        self.group_source = group_source
        self.reason = reason

    @property
    def source_name(self) -> object:
        """The name of the source, where the source is known and has one."""
        return getattr(self.group_source, "name", self.group_source)

    def __str__(self) -> str:
        return f"{self.message} ({self.reason})" if self.reason else self.message


class GroupSourceNoUpcall(GroupSourceError):  # noqa: N818 (known by this name)
    """A question that the source knows no answer to; ``message`` is the kind of question."""


class GroupSourceQueryFailed(GroupSourceError):  # noqa: N818 (known by this name)
    """A question whose answer could not be had: the command failed, the file is gone."""


class GroupResolverError(GroupError):
    """Root of the errors about sources as a whole."""


class GroupResolverSourceError(GroupResolverError):
    """There is no source by the name that is the message."""


class GroupResolverIllegalCharError(GroupResolverError):
    """A source lists a name with characters (the message) that mean something in a node set."""


class GroupResolverConfigError(GroupResolverError):
    """Sources that are not defined as they should be, in ``line`` of ``file`` where known."""

    def __init__(self, reason: str, *, file: str | None = None, line: int | None = None) -> None:
        number = f", line {line}" if line else ""
        super().__init__(reason + (f" ({file}{number})" if file else ""))
        self.reason = reason
        self.file = file
        self.line = line


class ConfigError(ClushError, ValueError):
    """A setting that cannot be used.

    ``reason`` is what is wrong with it; ``file``, ``section``, ``key`` and ``line`` say
    where it stands, each ``None`` where that is not known.  A setting that was given
    elsewhere has that for a ``file``: ``-O fanout=x``.
    """

    def __init__(
        self,
        reason: str,
        *,
        file: str | None = None,
        section: str | None = None,
        key: str | None = None,
        line: int | None = None,
    ) -> None:
        what = f"(Config {section}.{key}): " if section and key else ""
        number = f", line {line}" if line else ""
        where = f" ({file}{number})" if file else ""
        super().__init__(what + reason + where)
        self.reason = reason
        self.file = file
        self.section = section
        self.key = key
        self.line = line


class ConfigSyntaxError(ConfigError):
    """A file that cannot be read as configuration, from ``line`` on if that is known."""


class TopologyError(ClushError):
    """Gateways that form no tree, or a tree without the node that it should start from."""


class JobError(ClushError):
    """A job that cannot be run as it was asked for: a bad placeholder, no command."""


class UnknownTransportError(JobError):
    """There is no transport called ``name``; ``reason`` says what else there is, or why."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"unknown transport '{name}' ({reason})")
        self.name = name
        self.reason = reason


class SpawnError(ClushError):
    """The system refused to start ``program``; ``errno`` says why.

    ``returncode`` is what a shell would report: 127 when the program was not found,
    126 when it could not be executed.
    """

    def __init__(self, program: str, errno: int, reason: str) -> None:
        super().__init__(f"{program}: {reason}")
        self.program = program
        self.errno = errno
        self.reason = reason

    @property
    def returncode(self) -> int:
        from errno import ENOENT

        return 127 if self.errno == ENOENT else 126


class ResourceLimitError(ClushError):
    """Too few file descriptors (or processes) for what was asked; says both limits."""


class ProtocolError(ClushError):
    """The other side of a channel breaks the rules: what it says is of no use from here on."""

    exit_code = 76  # EX_PROTOCOL of sysexits


class GatewayError(ClushError):
    """A gateway that does not come up; ``gateway`` is its name, ``reason`` why."""

    def __init__(self, gateway: str, reason: str) -> None:
        super().__init__(f"gateway {gateway}: {reason}")
        self.gateway = gateway
        self.reason = reason


class CopyError(ClushError):
    """Files that cannot be copied, that change meanwhile, or do not arrive as a whole."""


class TaskError(ClushError):
    """A task used in a way it cannot be: run twice at once, used after its end."""


class TaskTimeoutError(TaskError, TimeoutError):
    """A run did not end within the time it was given."""


class LabError(ClushError):
    """The private test cluster cannot be started or reached."""
