"""Tables as text: a line for each row, every value with the header of its column."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml import etree

from ingest.readers.safexml import local_name

MAX_SPAN = 500  # columns
MAX_ROWS = 10_000  # that one cell may span
MAX_TEXT = 2 << 20  # characters of one table, after which neither headers nor spanning cells are repeated

TextOf = Callable[[etree._Element], str]


@dataclass(frozen=True, slots=True)
class _Cell:
    """`rows`: how many it still spans; `repeated`: it hangs down from a row above."""

    text: str
    column: int
    columns: int
    rows: int
    repeated: bool = False


def table_lines(table: etree._Element, text_of: TextOf) -> list[str]:
    """ "Header: value; Header2: value" for each row of a JATS or XHTML table; `text_of` reads a cell.

    Headers in several rows are joined with ", ", those of a cell that spans columns with " / ". A cell
    that spans rows is repeated in each; one that spans all columns, or has no header, stands alone; empty
    ones are left out.
    """
    rows = list(table.iter("{*}tr"))
    top = _header_rows(rows)
    lines: list[str] = []
    head: list[list[_Cell]] = []
    headers: dict[int, str] = {}
    written = 0
    for number, cells in enumerate(_grid(rows, text_of)):
        if number < top:
            head.append(cells)
            continue
        headers = headers or _headers(head)
        if line := _line(cells, headers, repeat=written < MAX_TEXT):
            lines.append(line)
            written += len(line)
    return lines or [line for cells in head if (line := _line(cells, {}, repeat=True))]


def _line(cells: list[_Cell], headers: dict[int, str], repeat: bool) -> str:
    if all(cell.repeated or not cell.text for cell in cells):
        return ""
    parts = []
    for cell in cells:
        if not cell.text or (cell.repeated and not repeat):
            continue
        names = dict.fromkeys(headers.get(cell.column + n, "") for n in range(cell.columns))
        header = " / ".join(name for name in names if name)
        groups_rows = cell.columns > 1 and cell.columns >= len(headers)
        parts.append(f"{header}: {cell.text}" if header and repeat and not groups_rows else cell.text)
    return "; ".join(parts)


def _grid(rows: list[etree._Element], text_of: TextOf) -> Iterator[list[_Cell]]:
    """The cells of each row in order of columns, those that hang down from rows above among them."""
    hanging: list[_Cell] = []
    parent = None
    for row in rows:
        if row.getparent() is not parent:  # no span goes beyond its thead or tbody
            parent, hanging = row.getparent(), []
        taken = {cell.column + n for cell in hanging for n in range(cell.columns)}
        cells, column = list(hanging), 0
        for element in row:
            if local_name(element) in ("td", "th"):
                while column in taken:
                    column += 1
                columns, below = _span(element, "colspan", MAX_SPAN), _span(element, "rowspan", MAX_ROWS)
                cells.append(_Cell(text_of(element), column, columns, below))
                column += columns
        hanging = [_Cell(c.text, c.column, c.columns, c.rows - 1, repeated=True) for c in cells if c.rows > 1]
        yield sorted(cells, key=lambda cell: cell.column)


def _span(cell: etree._Element, name: str, limit: int) -> int:
    value = (cell.get(name) or "").strip()
    return max(1, min(int(value), limit)) if value.isdecimal() and len(value) < 6 else 1


def _header_rows(rows: list[etree._Element]) -> int:
    """How many rows are headers: those in thead, else the first ones that are of th alone."""
    in_head = sum(local_name(parent) == "thead" for row in rows if (parent := row.getparent()) is not None)
    if in_head:
        return in_head
    count = 0
    for row in rows:
        if {local_name(cell) for cell in row if local_name(cell)} != {"th"}:
            break
        count += 1
    return count


def _headers(rows: list[list[_Cell]]) -> dict[int, str]:
    names: dict[int, list[str]] = {}
    for cells in rows:
        for cell in cells:
            for column in range(cell.column, cell.column + cell.columns):
                stack = names.setdefault(column, [])
                if cell.text and cell.text not in stack:
                    stack.append(cell.text)
    return {column: ", ".join(stack) for column, stack in names.items()}
