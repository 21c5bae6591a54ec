"""Where the installed programs begin: what is to be in place before anything is imported.

Until a tool listens to Ctrl-C, and again when it is done, an interrupt simply ends the
process, as it does with any program that is small: an exception would come up in the
middle of an import, or while Python takes itself apart, and be shown as a traceback.
The programs have seen to it before they import this; here it is for who starts otherwise.
"""

# `signal` itself imports enum, for which the fast tools have no time.
import _signal as signal  # type: ignore[import-not-found]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

# An interrupt that is ignored, as in the background of a shell, stays ignored.
_HEEDED = signal.getsignal(signal.SIGINT) in (signal.SIG_DFL, signal.default_int_handler)
if _HEEDED:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def clush() -> "NoReturn":
    from clush.cli.clush import main

    _run(main)


def clubak() -> "NoReturn":
    from clush.cli.clubak import main

    _run(main)


def nodeset() -> "NoReturn":
    from clush.cli.nodeset import main

    _run(main)


def _run(main: "Callable[[], NoReturn]") -> "NoReturn":
    try:
        if _HEEDED:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        main()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    finally:
        if _HEEDED:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
