"""The first module that runs on a gateway: imports the others out of the bundle.

Also sees to it that nobody but the channel uses the descriptors of the channel: a stray
``print`` ends on standard error, a program that is started reads the null device.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING, Optional, Union

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import CodeType, ModuleType

    Modules = Mapping[str, Union[str, CodeType]]


class Importer:
    """Finds and loads the modules of a bundle: name -> code, or source.

    Packages are the modules that others are within.
    """

    def __init__(self, modules: Modules) -> None:
        self._modules = modules
        self._packages = {name.rpartition(".")[0] for name in modules}

    def find_spec(
        self, name: str, path: Optional[Sequence[str]] = None, target: object = None
    ) -> Optional[ModuleSpec]:
        if name not in self._modules:
            return None
        is_package = name in self._packages
        return ModuleSpec(name, self, is_package=is_package)  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> None:
        """The default will do."""

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        code = self._modules[name]
        if isinstance(code, str):
            code = compile(code, f"<{name}>", "exec", dont_inherit=True, optimize=2)
        exec(code, module.__dict__)


def start(modules: Modules, bundle: bytes) -> None:
    """Become the gateway that the bundle makes of this interpreter."""
    sys.path[:] = [place for place in sys.path if place]  # not what lies about in the home
    sys.meta_path.insert(0, Importer(modules))
    channel_in, channel_out = _take_channel()
    from clush.tree.gateway import main

    main(channel_in, channel_out, bundle)


def _take_channel() -> tuple[int, int]:
    """The channel's descriptors, out of the way of everybody else."""
    channel_in, channel_out = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    return channel_in, channel_out
