"""The settings of a run of ``clush``: its options over ``clush.conf`` and ``defaults.conf``.

Which option is which key, and what the user may want to be told about what was found.
What the keys mean, and which layer is stronger, is the business of ``clush.config``.
"""

from __future__ import annotations

from clush.cli.options import Option
from clush.config import defaults
from clush.config.settings import ClushConf, Settings, load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from clush.cli.options import Values
    from clush.transport.registry import Settings as TransportSettings

OPTIONS = (
    Option("--conf", "the one clush.conf to be read", "FILE"),
    Option("-O --option", "a setting of clush.conf", "KEY=VALUE", dest="assignments", keep=True),
    Option("-m --mode", "the run mode of clush.conf to be used", "MODE"),
)

# How much is said besides what the commands say.
QUIET, STANDARD, VERBOSE, DEBUG = range(4)
LEVELS = {"quiet": QUIET, "verbose": VERBOSE, "debug": DEBUG}


class Configuration:
    """What the files and the command line say together.

    ``settings`` are those that hold, ``defaults`` are what tasks start with.  Raises
    :class:`clush.errors.ConfigError` for what cannot be used.
    """

    def __init__(self, options: Values) -> None:
        self.defaults = defaults.load()
        self.files: ClushConf = load(options.conf)
        self.settings: Settings = self.files.settings(
            options.mode, _commanded(options), options.assignments, self.defaults
        )
        self._options = options

    def for_transports(self) -> TransportSettings:
        """What there is to say about how nodes are reached."""
        return {
            "fanout": self.settings.fanout,
            "connect_timeout": self.settings.connect_timeout,
            "command_timeout": self.settings.command_timeout,
            "ssh_user": self.settings.ssh_user,
            "ssh_path": self.settings.ssh_path,
            "ssh_options": self.settings.ssh_options,
            "scp_path": self.settings.scp_path,
            "scp_options": self.settings.scp_options,
            "rsh_user": self._options.user,
            "rsh_path": self.settings.rsh_path,
            "rsh_options": self.settings.rsh_options,
            "rcp_path": self.settings.rcp_path,
            "pdsh_user": self._options.user,
            "pdsh_path": self.settings.pdsh_path,
            "pdcp_path": self.settings.pdcp_path,
            "rpdcp_path": self.settings.rpdcp_path,
        }

    def prefix(self) -> list[str]:
        """The words to be put in front of the command."""
        from shlex import split  # few have one

        return split(self.settings.command_prefix)

    def doubts(self) -> Iterator[str]:
        """What is set and means nothing."""
        for problem in self.files.unknown(self.settings.mode, self._options.assignments):
            yield f"Warning: {problem}"

    def notes(self) -> Iterator[str]:
        """What the run mode does."""
        mode = self.settings.mode
        if mode is None:
            return
        yield f"[{mode}] run mode activated"
        if self.settings.command_prefix:
            yield f"[{mode}] command prefix: {self.prefix()}"
        if self.settings.password_prompt:
            yield f"[{mode}] password prompt enabled"

    def found(self) -> Iterator[str]:
        """Which files were read, and what modes are in them."""
        yield f"Configuration files: {' '.join(self.files.files) or 'none'}"
        yield f"Available run modes: {' '.join(self.files.modes()) or 'none'}"


def _commanded(options: Values) -> dict[str, object]:
    """The keys that have an option of their own, None where it was not used."""
    levels = [level for name, level in LEVELS.items() if getattr(options, name)]
    return {
        "fanout": options.fanout or None,
        "connect_timeout": options.connect_timeout or None,
        "command_timeout": options.command_timeout or None,
        "color": options.color,
        "maxrc": True if options.maxrc else None,
        "verbosity": max(levels, default=None),
        "ssh_user": options.user,
        "ssh_options": options.options,
    }
