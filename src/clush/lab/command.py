"""``python -m clush.lab up|down|exec|status``: the lab from a shell."""

from __future__ import annotations

import argparse
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from clush.errors import LabError
from clush.lab import folder as folders
from clush.lab import processes
from clush.lab.cluster import KNOBS
from clush.lab.owner import Lab
from clush.lab.texts import FOLDER_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

PROGRAM = "python3 -m clush.lab"
EXAMPLES = f"""\
examples:
  {PROGRAM} exec --nodes 'node[1-20]' --refuse node3 -- clush -w 'node[1-20]' -b uname -r
  eval "$({PROGRAM} up)"; ssh node7 hostname; {PROGRAM} down
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit code (``exec``: that of its command)."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    words, command = _split(words)
    options = _parser().parse_args(words)
    options.command = command
    try:
        return int(options.action(options))
    except LabError as error:
        print(f"clush.lab: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """Our own words, and the command after ``--``."""
    if "--" not in words:
        return words, []
    where = words.index("--")
    return words[:where], words[where + 1 :]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="A private virtual cluster on loopback.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(required=True, metavar="up|down|exec|status")
    up = actions.add_parser("up", help="start a lab that stays; prints what a shell has to eval")
    execute = actions.add_parser(
        "exec",
        help="start a lab, run a command in it, end the lab",
        usage=f"{PROGRAM} exec [options] -- COMMAND...",
    )
    down = actions.add_parser("down", help="end the lab that up started")
    status = actions.add_parser("status", help="list the labs of this user; 0 when one is up")
    for parser_of_lab in (up, execute):
        _add_lab_options(parser_of_lab)
    for parser_of_folder in (up, down):
        parser_of_folder.add_argument(
            "--dir", type=Path, default=folders.standing(), help="the lab's folder (%(default)s)"
        )
    up.set_defaults(action=_up)
    execute.set_defaults(action=_exec)
    down.set_defaults(action=_down)
    status.set_defaults(action=_status)
    return parser


def _add_lab_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--nodes", default="node[1-8]", metavar="NODES", help="names of the nodes (%(default)s)"
    )
    for name, knob in KNOBS.items():
        parser.add_argument(f"--{name}", default="", metavar="NODES", help=knob.help)
    parser.add_argument(
        "--delay",
        action="append",
        default=[],
        metavar="NODES:SECONDS",
        help="nodes that answer late; may be given several times",
    )
    parser.add_argument(
        "--flavour",
        choices=("auto", "sshd", "asyncssh"),
        default="auto",
        help="who serves the logins (sshd where there is one)",
    )


def _lab(options: argparse.Namespace, *, folder: Path | None, detached: bool) -> Lab:
    if shutil.which("ssh") is None:
        raise LabError("no ssh in PATH: install openssh-client")
    return Lab(
        options.nodes,
        delay=options.delay,
        flavour=options.flavour,
        folder=folder,
        detached=detached,
        **{name: getattr(options, name) for name in KNOBS},
    )


def _up(options: argparse.Namespace) -> int:
    folder: Path = options.dir.absolute()
    if folders.read_state(folder) is not None:
        if folders.is_alive(folder):
            raise LabError(f"a lab is up already in {folder}: end it, or choose another --dir")
        folders.end(folder)
    lab = _lab(options, folder=folder, detached=True)
    lab.start()
    print(f"# {len(lab.nodes)} nodes: {options.nodes}, served by {lab.flavour}, until:")
    print(f"#     {PROGRAM} down{_dir_option(folder)}")
    print(f"# or without touching PATH: ssh -F {lab.ssh_config} {lab.nodes[0]}")
    print(f'export PATH={shlex.quote(str(folder / "bin"))}:"$PATH"')
    print(f"export {FOLDER_VARIABLE}={shlex.quote(str(folder))}")
    return 0


def _dir_option(folder: Path) -> str:
    return "" if folder == folders.standing() else f" --dir {shlex.quote(str(folder))}"


def _down(options: argparse.Namespace) -> int:
    folder: Path = options.dir.absolute()
    if folders.read_state(folder) is None:
        raise LabError(f"no lab in {folder}")
    folders.end(folder)
    return 0


def _status(options: argparse.Namespace) -> int:
    up = 0
    for folder in folders.all_labs():
        state = folders.read_state(folder)
        alive = folders.is_alive(folder)
        if state is None:
            print(f"{folder}: {'starting' if alive else 'dead'}")
            continue
        up += alive
        running = len(processes.family(state.pid, state.birth))
        print(
            f"{folder}: {'up' if alive else 'dead'}, {state.nodes} on port {state.port}"
            f" ({state.flavour}), keeper {state.pid}, {running} processes"
        )
    return 0 if up else 1


def _exec(options: argparse.Namespace) -> int:
    if not options.command:
        raise LabError("exec: which command? put it after --")
    with _lab(options, folder=None, detached=False) as lab:
        try:
            return _run(options.command, lab.environ())
        except OSError as error:
            print(f"clush.lab: {options.command[0]}: {error.strerror}", file=sys.stderr)
            return 127 if isinstance(error, FileNotFoundError) else 126


def _run(command: list[str], environ: dict[str, str]) -> int:
    """The exit code of ``command``, as a shell would give it."""
    process: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def pass_on(number: int, frame: FrameType | None) -> None:
        if process is None:
            early.append(number)
        elif number != signal.SIGINT:  # the terminal sends that one to the command as well
            process.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)
    process = subprocess.Popen(command, env=environ)
    for sent in early:  # arrived while the command was being started, maybe too soon for it
        process.send_signal(sent)
    code = process.wait()
    return code if code >= 0 else 128 - code
