"""What a reader sees of the library: pure, shelf -> safe HTML on one line (C2, C11)."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from assistant.index.manifest import Manifest
from assistant.shelf import Source, Task
from assistant.types import Skipped
from ui.evidence import badges, links, text
from ui.uploads import FORMATS, LARGEST, LARGEST_BATCH, MOST

PAGE = 25  # titles shown at once
NAMED = 200  # skipped records that are named
LONGEST_TITLE = 300  # characters of a title that are shown
BAR = 20  # steps of the bar


def about(found: Manifest) -> str:
    """What is indexed, by whom, since when; and the age of what is known of retractions."""
    snapshot = found.retraction_snapshot
    rows = (
        ("Documents", f"{found.documents:,}"),
        ("Passages", f"{found.chunks:,}"),
        ("Last changed", day(found.updated)),
        ("Begun", day(found.created)),
        ("Vectors by", text(f"{found.encoder}, {found.revision[:12]}, {found.dim} dimensions")),
        ("Cut and indexed by", text(f"{found.chunker or 'nothing yet'}; {found.tokeniser}")),
        (
            "Retraction snapshot",
            f"{day(snapshot)}, {many(age(snapshot), 'day')} old"
            if snapshot
            else "none: retractions are known only as the records themselves say",
        ),
    )
    body = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows)
    return f'<section class="shelf"><h2>What is in the library</h2><dl class="facts">{body}</dl></section>'


def adding(sends: str) -> str:
    """How to add; what the page's script hangs on the two buttons."""
    left = (
        f'<p class="notice">Whole documents go to {text(sends)} to be encoded, if the settings allow it.</p>'
        if sends
        else ""
    )
    return (
        f'<section class="shelf drop largest-{LARGEST} most-{MOST}"><h2>Add documents</h2>'
        '<p class="lead">Drop files here, or'
        ' <button type="button" class="lib do-files">Choose files</button>'
        ' <button type="button" class="lib do-folder">Choose a folder</button></p>'
        f'<p class="soft">{FORMATS}; told by content, not by name. At most {LARGEST >> 20} MiB a file, '
        f"{MOST:,} files and {LARGEST_BATCH >> 20:,} MiB at once. What is sent is deleted here as soon as its"
        " text is in the library. Add no patient's record: this library is read by all who use it.</p>"
        f"{left}</section>"
    )


def age(iso: str) -> int:
    """Days since then, in UTC."""
    return (datetime.now(UTC).date() - date.fromisoformat(iso[:10])).days


def day(iso: str) -> str:
    return f'<span class="date">{text(iso[:16].replace("T", " "))}</span>'


def task(now: Task | None, root: str = "") -> str:
    """A run of `ingest`, under way or ended. `root`: a folder that is not worth naming."""
    if now is None:
        return ""
    if now.state == "running":
        return running(now)
    counts, skips = "", list(now.refused)
    if now.report is not None:
        done = now.report
        skips += done.skipped
        head = f"✓ {many(done.documents, 'document')} added as {many(done.chunks, 'passage')}"
        counts = f"{done.replaced:,} replaced, {done.unchanged:,} unchanged, {done.seconds:.0f} s"
    elif now.state == "stopped":
        kept = now.progress.documents if now.progress else 0
        head = f"◌ Stopped. {many(kept, 'document')} added and kept; the same files again go on from there"
    else:
        head = f"△ {text(tidy(now.problem, root))}"
    count = len(now.refused) + (now.report.skips if now.report else 0)
    gone = (
        f"<p>{many(now.gone, 'file')} not on this machine any more; what they held stays.</p>"
        if now.gone
        else ""
    )
    kind = {"done": "quiet", "stopped": "quiet", "failed": "problem"}[now.state]
    return (
        f'<div class="outcome {kind}"><p class="head">{head}.</p>'
        + (f"<p>{counts}</p>" if counts else "")
        + gone
        + skipped(skips, count, root)
        + "</div>"
    )


def running(now: Task) -> str:
    at = now.progress
    if at is None:
        said = f"{now.encoded:,} passages encoded" if now.encoded else "reading"
        if now.encoded and now.seconds:
            said += f", {now.encoded / now.seconds:.0f} a second"
        return f'<p class="progress"><strong>{text(now.what)}…</strong> {said}</p>'
    share = at.files / at.files_total if at.files_total else 0.0
    bar = "▮" * round(share * BAR) + "▯" * (BAR - round(share * BAR))
    more = [
        f"{at.files:,} of {many(at.files_total, 'file')} done",
        f"{many(at.read, 'document')} read, {at.rate:.1f} a second",
        f"{at.chunks + now.encoded:,} passages",
    ]
    if at.unchanged:
        more.append(f"{at.unchanged:,} unchanged")
    if at.skipped:
        more.append(f"{at.skipped:,} skipped")
    if 0 < at.files < at.files_total:
        more.append(f"about {lasting(at.seconds * (at.files_total - at.files) / at.files)} left")
    head = f'<strong>{text(now.what)}…</strong> <span class="bar">{bar}</span>'
    return f'<p class="progress">{head} {" · ".join(more)}</p>'


def lasting(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def skipped(found: Sequence[Skipped], count: int, root: str) -> str:
    """What was left out, and why."""
    if not found:
        return ""
    items = []
    for one in found[:NAMED]:
        name = tidy(one.source, root)
        place = ", ".join(part for part in (name, one.place) if part)
        items.append(
            f"<li>{f'<strong>{text(place)}</strong>: ' if place else ''}{text(tidy(one.reason, root))}</li>"
        )
    if len(found) > NAMED:
        items.append(f"<li>and {len(found) - NAMED:,} more</li>")
    head = f"<summary>{count:,} skipped, and why</summary>"
    return f'<details class="skips">{head}<ul>{"".join(items)}</ul></details>'


def tidy(words: str, root: str) -> str:
    return words.replace(f"{root}/", "") if root else words


def matching(sources: Sequence[Source], words: str) -> list[Source]:
    """Those that have each of these words in title, journal or year, or as their id, PMID or DOI."""
    wanted = words.casefold().split()
    if not wanted:
        return list(sources)

    def has(s: Source) -> bool:
        m = s.metadata
        said = f"{m.title} {m.journal or ''} {m.year or ''}".casefold()
        named = {name.casefold() for name in (s.id, m.pmid, m.doi) if name}
        return all(word in said or word in named for word in wanted)

    return [s for s in sources if has(s)]


def listing(sources: Sequence[Source], words: str, page: int, root: str = "") -> str:
    """One page of titles, from 0, with what a reader can do with each."""
    found = matching(sources, words)
    if not found:
        said = (
            "No title has all of these words."
            if sources
            else "Nothing is in the library yet: add documents above."
        )
        return f'<p class="soft">{said}</p>'
    pages = -(-len(found) // PAGE)
    page = min(max(page, 0), pages - 1)
    first = page * PAGE
    shown = found[first : first + PAGE]
    items = "".join(entry(source, root) for source in shown)
    head = f"{first + 1:,} to {first + len(shown):,} of {many(len(found), 'document')}"
    return f'<section class="titles"><p class="soft">{head}</p><ul>{items}</ul>{pager(page, pages)}</section>'


def entry(source: Source, root: str) -> str:
    meta = source.metadata
    path = meta.origin.path
    where = (
        "sent from a browser"
        if root and path.startswith(f"{root}/")
        else path.replace("\\", "/").split("/")[-1]
    )
    facts = [
        *(text(p) for p in (meta.journal, str(meta.year) if meta.year else None) if p),
        many(source.passages, "passage"),
        text(f"{meta.origin.format}: {where}"),
    ]
    title = text(cut(meta.title)) or text(cut(source.id))
    return (
        f'<li class="entry"><p class="title">{title}</p><p class="meta">{" · ".join(facts)}{badges(meta)}</p>'
        f'<p class="links">{links(meta)}<button type="button" class="lib do-remove k-{source.key}">Remove'
        f'<span class="heard"> {title}</span></button></p></li>'
    )


def cut(words: str) -> str:
    return words if len(words) <= LONGEST_TITLE else words[:LONGEST_TITLE] + "…"


def pager(page: int, pages: int) -> str:
    if pages == 1:
        return ""
    before = f'<button type="button" class="lib do-page n-{page - 1}">Previous</button>' if page else ""
    after = (
        f'<button type="button" class="lib do-page n-{page + 1}">Next</button>' if page + 1 < pages else ""
    )
    return f'<p class="pager">{before} <span>Page {page + 1:,} of {pages:,}</span> {after}</p>'


def many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
