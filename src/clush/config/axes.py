"""The axes that node sets fold by default: ``fold_axis`` in ``defaults.conf``.

Every ``nodeset`` that folds asks for them, so files that do not set them are looked at
but not parsed, and a file with an error elsewhere is of no concern.
"""

from __future__ import annotations

from clush.config.paths import search_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def fold_axis(paths: Iterable[str] | None = None) -> tuple[int, ...] | None:
    """The axes to fold, counted from 0 or, negative, from the last; None for all.

    The files are those at ``paths``, by default those of the search path.  Raises
    :class:`clush.errors.ConfigError`.
    """
    paths = search_path("defaults.conf") if paths is None else list(paths)
    if not any(map(_sets_axes, paths)):
        return None
    from clush.config.defaults import value  # with the parser, for the few who need it

    axes = value("fold_axis", paths)
    return axes if axes and isinstance(axes, tuple) else None


def _sets_axes(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return any(line.strip().lower().startswith(b"fold_axis") for line in file)
    except OSError:
        return False
