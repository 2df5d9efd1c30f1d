"""An answer as PDF: A4, searchable text, fonts inside (Noto Sans, with mathematical and other signs)."""

import logging
from pathlib import Path
from tempfile import TemporaryDirectory

from fpdf import FPDF, XPos, YPos
from pymupdf_fonts import myfont

from assistant.types import Answer
from ui.export import Block, Style, blocks

FONT = "noto"
FILES = {(FONT, ""): "notos", (FONT, "B"): "notosbo", ("math", ""): "math", ("signs", ""): "symbol2"}
MARGIN = 20.0  # mm
LINK = (11, 110, 110)
STYLES: dict[Style, tuple[str, float, float]] = {  # weight, size in points, space above in mm
    "title": ("B", 16, 0),
    "heading": ("B", 12.5, 6),
    "text": ("", 11.5, 4),
    "source": ("", 10.5, 5),
    "quote": ("", 9.5, 1.5),
    "small": ("", 9.5, 1.5),
}


class Sheet(FPDF):
    def footer(self) -> None:
        self.set_y(-14)
        self.set_font(FONT, "", 8.5)
        self.set_text_color(90)
        self.cell(0, 5, str(self.page_no()), align="C")


def pdf(answer: Answer) -> bytes:
    """What `ui.export.blocks` has. Characters that no font here has are counted at the end."""
    logging.getLogger("fontTools.subset").setLevel(logging.ERROR)  # it reports each hinting table it drops
    parts = list(blocks(answer))
    with TemporaryDirectory() as folder:
        sheet = Sheet(format="A4")
        for (family, style), name in FILES.items():
            file = Path(folder) / f"{name}.ttf"
            file.write_bytes(myfont(name))
            sheet.add_font(family, style, file)
        sheet.set_fallback_fonts(["math", "signs"], exact_match=False)
        sheet.str_alias_nb_pages = ""  # else "{nb}" in a source would become a number
        sheet.set_margin(MARGIN)
        sheet.set_auto_page_break(True, MARGIN)
        sheet.set_title(parts[0].text)
        sheet.set_lang("en")
        sheet.add_page()
        known = {sign for font in sheet.fonts.values() for sign in getattr(font, "cmap", ())}
        lacking = {c for part in parts for c in part.text if not c.isspace() and ord(c) not in known}
        if lacking:
            count = f"{len(lacking)} {'character' if len(lacking) == 1 else 'characters'}"
            parts.append(Block("small", f"{count} of this text cannot be shown here; the Markdown has them."))
        for part in parts:
            draw(sheet, Block(part.style, "".join("□" if c in lacking else c for c in part.text), part.links))
        return bytes(sheet.output())


def draw(sheet: FPDF, block: Block) -> None:
    weight, size, above = STYLES[block.style]
    quote = block.style == "quote"
    if above:
        sheet.ln(above)
    sheet.set_font(FONT, weight, size)
    sheet.set_text_color(70 if block.style in ("quote", "small") else 20)
    sheet.set_x(MARGIN + (6 if quote else 0))
    sheet.multi_cell(0, size * 0.52, block.text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    if block.links:
        sheet.set_text_color(*LINK)
        for name, address in block.links:
            sheet.write(size * 0.52, f"{name}: {address}", address)
            sheet.ln()
