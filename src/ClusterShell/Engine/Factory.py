"""Which engine a task gets."""

from __future__ import annotations

import logging

from clush.engine.loop import ENGINES, engine_name
from clush.errors import TaskError
from ClusterShell.Engine.EPoll import EngineEPoll
from ClusterShell.Engine.Poll import EnginePoll
from ClusterShell.Engine.Select import EngineSelect

LOGGER = logging.getLogger(__name__)


class PreferredEngine:
    """``PreferredEngine(hint, task)`` is the engine ``hint``, or the best one there is.

    ``KeyError`` if no engine has this name.
    """

    engines = {each.identifier: each for each in (EngineEPoll, EnginePoll, EngineSelect)}

    def __new__(cls, hint, task):
        return cls.engines[cls._name(hint)](task)

    @staticmethod
    def _name(hint):
        if not hint or hint == "auto":
            return engine_name()
        if hint not in ENGINES:
            LOGGER.error("invalid engine identifier: %s", hint)
            raise KeyError(hint)
        try:
            return engine_name(hint)
        except TaskError as error:
            LOGGER.warning("%s, using another one", error)
            return engine_name()
