"""Crates: the labels weapons were ever packed under, as they were written."""

from __future__ import annotations

from projections.coding import ViewsFile


def labels(views: ViewsFile, typed: str) -> list[str]:
    """Return the crates whose label reads so, upper and lower case alike.

    Args:
        views: the views file.
        typed: a crate's label as somebody typed it.
    """
    found = views.execute(
        "SELECT text FROM word WHERE text = ? COLLATE NOCASE"
        " AND EXISTS (SELECT 1 FROM segment WHERE container = code) ORDER BY text",
        (typed,),
    )
    return [text for (text,) in found]
