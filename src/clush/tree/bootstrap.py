"""The first of our modules that runs on a gateway: imports the others out of bundles.

Also sees to it that nobody but the gateway uses the descriptors of the channel: a stray
``print`` ends on standard error, a program that is started reads the null device.
"""

from __future__ import annotations

import gc
import marshal
import os
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Optional, Union

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CodeType

    Modules = dict[str, Union[str, CodeType]]

# The modules that came so far: code, or source.
_modules: Modules = {}


def start(modules: Modules, bundle: bytes) -> None:
    """Become the gateway that ``bundle``, which holds ``modules``, makes of this interpreter."""
    _modules.update(modules)
    sys.meta_path.insert(0, Importer())
    channel = _take_channel()
    gc.disable()  # nothing that is imported is garbage
    _lighten_asyncio()
    from clush.tree.gateway import main

    gc.freeze()
    gc.enable()
    main(*channel, bundle)


def add(bundle: bytes) -> None:
    """From now on the modules of ``bundle`` can be imported, too."""
    _modules.update(unpacked(bundle))


def unpacked(bundle: bytes) -> Modules:
    """The modules in a bundle, which are compiled for this interpreter or not at all."""
    codec = __import__("bz2" if bundle.startswith(b"BZh") else "zlib")
    modules: Modules = marshal.loads(codec.decompress(bundle))
    return modules


class Importer:
    """Finds and loads the modules that came.  A package is what others are within."""

    def find_spec(
        self, name: str, path: Optional[Sequence[str]] = None, target: object = None
    ) -> Optional[ModuleSpec]:
        if name not in _modules:
            return None
        is_package = any(other.startswith(name + ".") for other in _modules)
        return ModuleSpec(name, self, is_package=is_package)  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> None:
        """The default will do."""

    def exec_module(self, module: ModuleType) -> None:
        code = _modules[module.__name__]
        if isinstance(code, str):
            code = compile(code, f"<{module.__name__}>", "exec", dont_inherit=True, optimize=2)
        exec(code, module.__dict__)


class Later(ModuleType):
    """Stands for a module that is imported when something of it is used."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):  # the import system asks; the module has its own
            raise AttributeError(name)
        del sys.modules[self.__name__]
        real = __import__(self.__name__)
        self.__dict__.update(real.__dict__)
        return getattr(real, name)


def _lighten_asyncio() -> None:
    """Keep what no gateway needs from being imported with asyncio: a third of its time.

    It works without `ssl`, for Pythons that were built so, and uses the others to debug, for
    handlers of signals, or not at all.
    """
    sys.modules["ssl"] = None  # type: ignore[assignment]
    for name in ("inspect", "locale", "textwrap"):
        sys.modules[name] = Later(name)


def _take_channel() -> tuple[int, int]:
    """The channel's descriptors, out of the way of everybody else."""
    channel_in, channel_out = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    return channel_in, channel_out
