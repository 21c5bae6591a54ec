"""The exceptions of tasks; `ClusterShell.Task` is where programs find them."""

from __future__ import annotations

from clush.errors import TaskTimeoutError


class TaskException(Exception):
    """Root of the errors about tasks."""


class TaskError(TaskException):
    """A task used in a way it cannot be."""


class TimeoutError(TaskError, TaskTimeoutError):
    """A run did not end in the time it was given; the builtin of this name, too."""


class AlreadyRunningError(TaskError):
    """``run`` or ``resume`` called from within a run of the same task."""


class TaskMsgTreeError(TaskError):
    """Output that was asked for is not recorded: its ``<stream>_msgtree`` is off."""


class DeletedTaskError(TaskError, AssertionError):
    """A task used after its end."""

    def __init__(self):
        super().__init__("deleted task instance, call task_self() again!")


class TaskResourceError(TaskError, OSError):
    """Too few descriptors, or processes, for what was asked."""
