"""Small helpers of the tools."""

from __future__ import annotations

import pytest

from ClusterShell.CLI.Utils import (
    GIBI,
    KIBI,
    bufnodeset_cmpkey,
    human_bi_bytes_unit,
    nodeset_cmpkey,
    parse_fold_axis,
)
from ClusterShell.NodeSet import NodeSet, RangeSetParseError


def test_order_of_node_sets() -> None:
    sets = [NodeSet(text) for text in ("n9", "n10", "n[2,10]", "n[11-12]", "a[1-3]")]
    ordered = [str(nodes) for nodes in sorted(sets, key=nodeset_cmpkey)]
    assert ordered == ["a[1-3]", "n[11-12]", "n[2,10]", "n10", "n9"]
    assert bufnodeset_cmpkey((b"text", sets[2])) == nodeset_cmpkey(sets[2]) == (-2, "n2")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 B"), (1.5, "1 B"), (1023, "1023 B"), (KIBI, "1.00 KiB"), (1536, "1.50 KiB"),
        (1e6, "976.56 KiB"), (GIBI, "1.00 GiB"), (1 << 50, "1024.00 TiB"),
    ],
)  # fmt: skip
def test_bytes_for_people(value: float, text: str) -> None:
    assert human_bi_bytes_unit(value) == text


@pytest.mark.parametrize(
    ("text", "axes"), [("1", (0,)), ("-1", (-1,)), ("1-2", (0, 1)), ("1,3", (0, 2)), ("0", ())]
)
def test_fold_axis(text: str, axes: tuple[int, ...]) -> None:
    assert parse_fold_axis(text) == axes


@pytest.mark.parametrize("text", ["", "x", "1-"])
def test_no_fold_axis(text: str) -> None:
    with pytest.raises(RangeSetParseError):
        parse_fold_axis(text)
