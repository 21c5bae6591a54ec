"""A password, asked for on the terminal of the user whatever standard input is."""

from __future__ import annotations

import os

from clush.errors import CommandError

TERMINAL = "/dev/tty"


def password(prompt: str = "Password: ") -> str:
    """What is typed, without its end, and not shown.

    Raises :class:`CommandError` where there is no terminal, or when its input ends.
    """
    from getpass import getpass  # few runs ask

    try:
        terminal = os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY)
    except OSError as error:
        # getpass would take it from standard input, which is for the commands.
        raise CommandError(f"no terminal to ask for a password on: {error.strerror}") from None
    try:
        return getpass(prompt)
    except (EOFError, KeyboardInterrupt) as end:
        os.write(terminal, b"\n")  # what is said next gets a line of its own
        if isinstance(end, EOFError):
            raise CommandError("no password given") from None
        raise
    finally:
        os.close(terminal)
