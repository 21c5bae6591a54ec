"""Shorter source means the same: of all our modules, and of what is awkward."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any, Optional

import pytest

from clush.tree.minify import minify

SOURCES = Path(__file__).parents[2] / "src" / "clush"
MODULES = sorted(str(path.relative_to(SOURCES)) for path in SOURCES.rglob("*.py"))


class Meaning(ast.NodeTransformer):
    """What a gateway has of a module: neither docstrings nor what is only for types."""

    def body(self, node: Any) -> Any:
        first = node.body[0] if node.body else None
        if (
            isinstance(first, ast.Expr)
            and isinstance(first.value, ast.Constant)
            and isinstance(first.value.value, str)
        ):
            first.value.value = ""
        return self.generic_visit(node)

    visit_Module = body  # noqa: N815

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        if [ast.unparse(base) for base in node.bases] == ["Protocol"]:
            return ast.parse(f"{node.name} = object").body[0]
        return self.body(node)

    def function(self, node: Any) -> Any:
        node.returns = None
        of = node.args
        for argument in (*of.posonlyargs, *of.args, of.vararg, *of.kwonlyargs, of.kwarg):
            if argument is not None:
                argument.annotation = None
        return self.body(node)

    visit_FunctionDef = visit_AsyncFunctionDef = function  # noqa: N815

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        if isinstance(node.target, ast.Attribute) and node.value is not None:
            return ast.Assign([node.target], node.value)
        return node

    def visit_If(self, node: ast.If) -> Optional[ast.AST]:
        if ast.unparse(node.test) == "TYPE_CHECKING" and not node.orelse:
            return None
        return self.generic_visit(node)


def meaning(source: str) -> list[str]:
    module = Meaning().visit(ast.parse(source))
    return [ast.dump(statement) for statement in module.body]


@pytest.mark.parametrize("module", MODULES)
def test_our_modules_mean_the_same(module: str) -> None:
    source = (SOURCES / module).read_text(encoding="utf-8")
    shorter = minify(source)
    assert meaning(shorter) == meaning(source)
    assert len(shorter) <= len(source)


AWKWARD = {
    "strings that look like more": '''\
x = "# no comment"
y = 'it is """ no end'
z = """
# no comment either

    nor an indent
"""
w = rb"\\\\" + b"\\"" + f"{x!r:>{10}}"  # a comment with "one quote
''',
    "docstrings alone": '''\
def f() -> int:
    """All there is."""
class C:
    """One."""
    x: int = 1

    def g(self) -> None:
        """Two

        # lines
        """

    async def h(self) -> "C":
        """Three."""
        return self
''',
    "headers": """\
def f(a: dict[str, tuple[int, ...]], *args: int, b: str = ")", c: "int" = 3, **more: object): ...
def g(
    a: Callable[[list[int], Callable[[], object]], object],
    # a comment: with a colon
    *,
    b: Optional[int] = None,
) -> Iterator[tuple[int, str]]:
    return lambda a: {a: 1, 2: a}
def h(a, b=lambda: 0, /, c=(1, 2)): return a[b:c]
""",
    "attributes": """\
class C:
    def __init__(self) -> None:
        self.a: dict[str, int] = {"a": 1}
        self.b: int
        self.c, self.d = 1, {self.a: 2}
        x: int = 3
        self.e[x:1] = 4
""",
    "types": """\
if TYPE_CHECKING:
    import a

    B = a.B
else:
    B = 1
if TYPE_CHECKING:
    import b


class P(Protocol):
    x: int

    def f(self) -> int: ...


class Q(Protocol[T]):
    y: int
R = P
""",
}


@pytest.mark.parametrize("source", AWKWARD.values(), ids=list(AWKWARD))
def test_what_is_awkward_means_the_same(source: str) -> None:
    assert meaning(minify(source)) == meaning(source)


def test_what_is_gone() -> None:
    source = '''\
"""A charter."""

from __future__ import annotations

if TYPE_CHECKING:
    from a import B

# Why.
X = 1  # what


class P(Protocol):
    """A type."""

    def f(self) -> int:
        """Something."""


def f(a: B, b: int = 1) -> dict[str, int]:
    """What comes back."""

    # Because.
    return {"#": a}
'''
    assert minify(source) == (
        '\n""\nfrom __future__ import annotations\n\nX = 1\nP = object\n'
        'def f(a, b = 1):\n ""\n return {"#": a}\n'
    )
