"""How shells ask and are answered; bash, zsh and fish themselves in a terminal."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path

import groups_site
import pytest
from clush_runs import CLUSH, run
from screens import Screen, screen

from clush.cli.clush import LINE, main
from clush.cli.completion.shells import SCRIPTS, answer

TOOLS = {"clush": "clush", "clubak": "clubak", "nodeset": "nodeset", "cluset": "nodeset"}


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site with groups, the four tools in PATH, and a command and files to be completed."""
    for name, value in groups_site.make(tmp_path).items():
        monkeypatch.setenv(name, value)
    tools = tmp_path / "bin"
    tools.mkdir()
    for name, module in TOOLS.items():
        words = [CLUSH[0], "-c", CLUSH[2].replace("cli.clush", f"cli.{module}")]
        (tools / name).write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
    (tools / "zorkify").write_text("#!/bin/sh\n")
    for tool in tools.iterdir():
        tool.chmod(0o755)
    for name in ("some file", "somewhere"):
        (tmp_path / name).touch()
    (tmp_path / "some_folder").mkdir()
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


# The line, the part of it that bash replaces, the answer.
ASKED_BY_BASH = [
    ("clush -w we", "we", "words|web1 |web2 |web3 |web4 "),
    ("clush -w @roles:f", "f", "words|front "),
    ("clush --color=a", "a", "words|always |auto "),
    ("clush --color=", "", "words|never |always |auto "),
    ("clush --remot", "--remot", "words|--remote="),
    ("clush -w 'n1&@f", "n1&@f", "words|n1&@front"),
    (r"clush -w n1\&@f", r"n1\&@f", r"words|n1\&@front "),
    (r"clush -w @db\&@roles:f", "f", "words|front "),
    ("clush -b --hostfile ", "", "files"),
    ("clush -w @roles:web 'a b' c", "c", "command 20"),
]


@pytest.mark.parametrize(("text", "replaced", "told"), ASKED_BY_BASH)
def test_what_bash_is_told(text: str, replaced: str, told: str) -> None:
    assert answer(LINE, ["bash", text, replaced]).splitlines() == told.split("|")


def test_what_zsh_is_told() -> None:
    assert answer(LINE, ["zsh", "-w", "@roles:f"]) == "words\n @roles\\:front\n"
    assert answer(LINE, ["zsh", "-w", "@ro"]) == "words\n+@roles\\::group source\n"
    assert answer(LINE, ["zsh", "-w", "web1", "ls", ""]) == "command 3\n"


def test_what_fish_is_told() -> None:
    assert answer(LINE, ["fish", "-w", "@ro"]) == "words\n@roles:\tgroup source\n"
    assert answer(LINE, ["fish", "-w", "'n1&@fr"]) == "words\nn1&@front\t\n"
    assert answer(LINE, ["fish", "-w", "web1", "--", "l"]) == "command 4\n"


@pytest.mark.parametrize("words", [(), ("csh",)])
def test_other_shells_are_refused(tool, words: tuple[str, ...]) -> None:
    ran = tool(main, "clush", "--shell-completion", *words)
    assert (ran.out, ran.rc) == ("", 2)
    assert ran.err.endswith(
        "\n\nclush: error: option --shell-completion: invalid choice: "
        f"'{''.join(words)}' (choose from 'bash', 'zsh', 'fish')\n"
    )


def test_a_failure_is_silent_for_who_types(tmp_path: Path) -> None:
    (tmp_path / "etc" / "groups.conf").write_text("[Main\n")
    assert run(*CLUSH, "--shell-completion", "bash", "clush -w ", "") == ("words\n", "", 0)


# Typed after the tab, to see where the cursor is: no character that removes the blank before it.
CURSOR = "^"

# What is typed, and what then stands there.
TYPED = [
    ("clush -w @fr", "clush -w @front ^"),
    ("clush -w web1,@ra", "clush -w web1,@racks:"),
    ("clush -w @racks:", "clush -w @racks:r"),
    ("clush -b -wd", "clush -b -wdb"),
    ("clush --groupso", "clush --groupsource="),
    ("clush --groupsource=ra", "clush --groupsource=racks ^"),
    ("clush -w n1 zorki", "clush -w n1 zorkify ^"),
    ("clush -w @roles:web zorkify somew", "clush -w @roles:web zorkify somewhere ^"),
    ("clush -w n1 -c some_", "clush -w n1 -c some_folder/"),
    ("clush --hostfile=somew", "clush --hostfile=somewhere ^"),
    ("true; bin/clush -g mi", "true; bin/clush -g mix ^"),
    ("clush --outdir=some", "clush --outdir=some_folder/"),
    ("clubak --interpret-keys=n", "clubak --interpret-keys=never ^"),
    ("nodeset -f web1 --xo", "nodeset -f web1 --xor ^"),
    ("cluset -s ra", "cluset -s racks ^"),
]


def check(seen: Screen, lines: Sequence[tuple[str, str]]) -> None:
    """Type each of ``lines`` and a tab; a word that is complete has a blank behind it."""
    seen.wait_for("$")
    for typed, expected in lines:
        seen.type("-l", typed)
        seen.wait_for(f"$ {typed}")
        seen.type("Tab")
        seen.type("-l", CURSOR)
        text = seen.wait_for(lambda text: text.endswith(CURSOR))
        assert text.splitlines()[-1] == f"$ {expected.rstrip(CURSOR)}{CURSOR}"
        seen.type("C-u", "C-l")
        seen.wait_for(lambda text: text.endswith("$"))


def needs(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")


# How the script comes to the shell: by what a user writes in its configuration, or from where
# it is installed.  The latter is tried with a line for each tool.
@pytest.fixture(params=["eval", "installed"])
def lines(request: pytest.FixtureRequest) -> list[tuple[str, str]]:
    return TYPED if request.param == "eval" else TYPED[-4:]


HELPERS_OF_BASH = "/usr/share/bash-completion/bash_completion"


def test_bash(lines: list[tuple[str, str]], tmp_path: Path) -> None:
    needs("bash")
    setup = 'eval "$(clush --shell-completion bash)"'
    if lines is not TYPED:
        if not Path(HELPERS_OF_BASH).exists():
            pytest.skip("the package bash-completion is not installed")
        (tmp_path / "completions").symlink_to(Path(SCRIPTS) / "bash")
        setup = f"BASH_COMPLETION_USER_DIR={tmp_path}; . {HELPERS_OF_BASH}"
    rc = tmp_path / "rc"
    rc.write_text(f"PS1='$ '\nbind 'set bell-style none'\n{setup}\n")
    with screen(tmp_path, "bash", "--noprofile", "--rcfile", str(rc), "-i") as seen:
        check(seen, lines)


def test_zsh(lines: list[tuple[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needs("zsh")
    monkeypatch.setenv("ZDOTDIR", str(tmp_path))
    start = "autoload -U compinit; compinit -u -D"
    setup = f'{start}; eval "$(clush --shell-completion zsh)"'
    if lines is not TYPED:
        setup = f"fpath=({SCRIPTS}/zsh $fpath); {start}"
    (tmp_path / ".zshrc").write_text(f"PS1='$ '\nunsetopt beep listbeep\nbindkey -e\n{setup}\n")
    with screen(tmp_path, "zsh", "-i") as seen:
        check(seen, lines)


def test_fish(lines: list[tuple[str, str]], tmp_path: Path) -> None:
    needs("fish")
    setup = "clush --shell-completion fish | source"
    if lines is not TYPED:
        setup = f"set fish_complete_path {SCRIPTS}/fish"
    setup += "; function fish_prompt; echo '$ '; end"
    with screen(tmp_path, "fish", "--no-config", "-C", setup) as seen:
        check(seen, lines)


def test_commands_complete_as_they_do_by_themselves(tmp_path: Path) -> None:
    """Where bash has helpers for that."""
    needs("bash")
    if not Path(HELPERS_OF_BASH).exists():
        pytest.skip("the package bash-completion is not installed")
    rc = tmp_path / "rc"
    rc.write_text(
        f"PS1='$ '\n. {HELPERS_OF_BASH}\ncomplete -W 'polish paint' zorkify\n"
        'eval "$(clush --shell-completion bash)"\n'
    )
    with screen(tmp_path, "bash", "--noprofile", "--rcfile", str(rc), "-i") as seen:
        check(
            seen,
            [
                (
                    "clush -w @roles:web,@racks:r1 zorkify po",
                    "clush -w @roles:web,@racks:r1 zorkify polish ^",
                ),
                (
                    "clush --color=never -w n1 zorkify pa",
                    "clush --color=never -w n1 zorkify paint ^",
                ),
            ],
        )
