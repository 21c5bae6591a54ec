"""Values of the field: sets of indexes, of vectors of indexes, of nodes.

``indexset`` (integers) < ``ranges`` (padded indexes) < ``grid`` (products of them) <
``nodeset`` (names). Nothing here does I/O or knows where groups come from.
"""
