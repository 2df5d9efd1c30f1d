"""Rerankers side by side: pure, what was found -> safe HTML on one line (C11)."""

from collections.abc import Mapping

from assistant.compare import OVERLAP, Agreement
from assistant.types import Hit, Ranking
from assistant.workbench import Sides
from ui.evidence import badges, links, notices, text
from ui.judgements import Count, corpus_id

SHOWN = 10  # places of each list
LONGEST = 6_000  # characters of a passage

Places = Mapping[str, Mapping[str, int]]  # reranker -> chunk id -> place, from 1


def shown(sides: Sides) -> str:
    """The lists, then how far they agree. A passage is `p-N` everywhere, N its place in the pool."""
    found = sides.found
    if not found.pool:
        return '<div class="outcome"><p>○ The search found no passage, so there is nothing to rank.</p></div>'
    places = {
        name: {hit.chunk.id: n for n, hit in enumerate(ranking.hits, start=1)}
        for name, ranking in found.rankings.items()
    }
    before = {hit.chunk.id: n for n, hit in enumerate(found.pool, start=1)}
    lists = "".join(column(name, ranking, before, places, sides) for name, ranking in found.rankings.items())
    lists += "".join(f"{head(name)}{problem(why)}</section>" for name, why in sides.failed.items())
    if sides.running:
        lists += f'{head(sides.running)}<p class="cost">ranks now…</p></section>'
    lacked = "".join(f'<p class="lacked">△ The search: {text(line)}</p>' for line in sides.pool.degraded)
    left = "".join(
        f'<p class="lacked">The search sent {text(e.what)} to {text(e.service)}</p>'
        for e in sides.pool.egress
    )
    end = "" if sides.running else agreement(found.agreements) + alone(sides, places)
    return (
        f'<section class="compared"><h2 class="question">{text(found.question)}</h2>'
        f'<p class="cost">The same {len(found.pool)} passages for each, found in '
        f"{sides.pool.milliseconds:,.0f} ms; moves are against the order of the search. Open a passage to "
        f"read and judge it: it is marked in every list.</p>{lacked}{left}"
        f'<div class="sides">{lists}</div>{end}</section>'
    )


def head(name: str) -> str:
    return f'<section class="side" aria-label="{text(name)}"><h3>{text(name)}</h3>'


def problem(why: str) -> str:
    return f'<p class="failed">✕ Not ranked: {text(why)}</p>'


def column(name: str, ranking: Ranking, before: Mapping[str, int], places: Places, sides: Sides) -> str:
    rows = "".join(
        row(n, hit, name, before[hit.chunk.id], places) for n, hit in enumerate(ranking.hits[:SHOWN], start=1)
    )
    by = "" if ranking.ranked_by == name else f" · ranked by {text(ranking.ranked_by)}"
    left = "".join(f" · left this machine: {text(e.what)} to {text(e.service)}" for e in ranking.egress)
    lost = "".join(f'<p class="lacked">△ {text(line)}</p>' for line in ranking.degraded)
    pool = len(sides.found.pool)
    more = f'<p class="cost">and {pool - SHOWN} more</p>' if pool > SHOWN else ""
    return (
        f'{head(name)}<p class="cost">{ranking.milliseconds:,.0f} ms{by}{left}</p>{lost}'
        f'<ol class="rows">{rows}</ol>{more}</section>'
    )


def row(place: int, hit: Hit, name: str, before: int, places: Places) -> str:
    meta, score = hit.metadata, hit.scores.rerank
    mark = '<span class="only">◆ only here in the top 5</span>' if is_alone(hit, name, places) else ""
    number = "" if score is None or name == "none" else f"score {score + 0.0:.3g}"
    known = (text(hit.chunk.heading), text(meta.journal or ""), str(meta.year or ""), number)
    about = " · ".join(part for part in known if part)
    others = " · ".join(f"{text(other)} {of[hit.chunk.id]}" for other, of in places.items())
    body = text(hit.chunk.text[:LONGEST]) + (" […]" if len(hit.chunk.text) > LONGEST else "")
    buttons = "".join(
        f'<button type="button" class="judging do-{do} n-{before}">{words}</button>'
        for do, words in (("relevant", "✓ Relevant"), ("not", "✕ Not relevant"), ("undo", "Undo"))
    )
    return (
        f'<li class="row p-{before}"><details><summary><span class="rank">{place}</span>'
        f'<span class="title">{text(meta.title)}</span><span class="meta">{moved(place, before)}{mark}'
        f'<span class="says"></span></span><span class="meta">{about}{badges(meta)}</span></summary>'
        f'<div class="body">{notices(meta)}<p class="cost">Its places: {others}</p>'
        f'<div class="passage">{body}</div><p class="links">{links(meta)}</p>'
        f'<p class="judge">{buttons}</p></div></details></li>'
    )


def moved(place: int, before: int) -> str:
    if place == before:
        return '<span class="moved">= stays</span>'
    kind, arrow = ("up", "▲") if place < before else ("down", "▼")
    return f'<span class="moved {kind}">{arrow} {abs(before - place)} from {before}</span>'


def is_alone(hit: Hit, name: str, places: Places) -> bool:
    """Whether no other list has it among its first five; a single list is not said to be alone."""
    inside = [other for other, of in places.items() if of[hit.chunk.id] <= OVERLAP]
    return inside == [name] and len(places) > 1


def agreement(pairs: tuple[Agreement, ...]) -> str:
    if not pairs:
        return ""
    rows = "".join(
        f"<tr><td>{text(pair.a)} and {text(pair.b)}</td><td>{pair.kendall:+.2f}</td>"
        f"<td>{round(pair.overlap * OVERLAP)} of {OVERLAP}</td></tr>"
        for pair in pairs
    )
    return (
        '<div class="agreement"><h3>How far they agree</h3><div class="wide" tabindex="0"><table><thead>'
        f"<tr><th>pair</th><th>Kendall</th><th>in both top {OVERLAP}</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
        '<p class="cost">Kendall&#x27;s tau over the whole pool: 1 is the same order, 0 no agreement, '
        "−1 the reverse.</p></div>"
    )


def alone(sides: Sides, places: Places) -> str:
    """What only one of them has in its first five."""
    lines = []
    for name, ranking in sides.found.rankings.items():
        for hit in ranking.hits[:OVERLAP]:
            if is_alone(hit, name, places):
                others = ", ".join(f"{text(o)} {of[hit.chunk.id]}" for o, of in places.items() if o != name)
                n = places[name][hit.chunk.id]
                lines.append(
                    f"<li><strong>{text(name)}</strong> {n}: {text(hit.metadata.title)} "
                    f'<span class="cost">({others})</span></li>'
                )
    if not lines:
        return ""
    return f'<div class="alone"><h3>Only one has it in its top {OVERLAP}</h3><ul>{"".join(lines)}</ul></div>'


def verdicts(pool: tuple[Hit, ...], judged: Mapping[str, bool]) -> str:
    """What the page's script writes beside each passage."""
    marks = []
    for n, hit in enumerate(pool, start=1):
        relevant = judged.get(corpus_id(hit.chunk.document_id))
        if relevant is not None:
            marks.append(f'<span class="v n-{n} is-{"relevant" if relevant else "not"}"></span>')
    return f'<span class="vs">{"".join(marks)}</span>'


def kept(count: Count, folder: str, saved: str = "") -> str:
    """How much was judged and where it lies."""
    held = (
        f"{counted(count.questions, 'question')}, {counted(count.judgements, 'judgement')} "
        f"({count.relevant:,} relevant)"
        if count.judgements
        else "Nothing is judged yet"
    )
    where = text(folder)
    return (
        f'<div class="kept"><p role="status">{text(saved)}</p><p><strong>Your own query set:</strong> '
        f"{held}. It lies in <code>{where}</code>, on the assistant&#x27;s machine alone, and the questions "
        "stand there in words: judge none that names a patient. A judgement is of the whole document.</p>"
        '<details class="notes"><summary>Measure with it</summary><p>On the tab Evaluate, or: '
        f"<code>assistant eval retrieval {where} --split judged --rerankers none,bundled --out FOLDER</code>"
        "</p></details></div>"
    )


def counted(number: int, of: str) -> str:
    return f"{number:,} {of}" + ("" if number == 1 else "s")
