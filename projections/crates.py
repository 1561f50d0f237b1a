"""Crates: the labels weapons were ever packed under, as they were written."""

from __future__ import annotations

from projections.row_codes import ViewsFile, subject_of


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


def every(views: ViewsFile) -> list[str]:
    """Return every label that anything was ever packed under, in order."""
    found = views.execute(
        "SELECT text FROM word"
        " WHERE EXISTS (SELECT 1 FROM segment WHERE container = code) ORDER BY text"
    )
    return [text for (text,) in found]


def ever_in(views: ViewsFile, label: str) -> list[str]:
    """Return what was ever packed under a label, as it is written, in order of identifiers."""
    found = views.execute(
        "SELECT DISTINCT subject FROM segment"
        " WHERE container = (SELECT code FROM word WHERE text = ?)",
        (label,),
    )
    return sorted(subject_of(code) for (code,) in found)
