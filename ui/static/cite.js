// What a citation rests on, in a small note beside it: on hover, on keyboard focus, and on the first tap.
// Escape closes it. A click, Enter or the second tap opens the passage itself (app.js).
(() => {
  const LONGEST = 420; // characters shown of the quoted words
  let note = null;
  let open = null;    // the mark whose note is shown
  let tapped = null;  // the mark that a finger touched before its note was there
  let leaving = 0;

  const mark = (event) => event.target.closest?.("a.cite");

  function add(parent, tag, kind, words) {
    const part = document.createElement(tag);
    part.className = kind;
    part.textContent = words;
    parent.append(part);
  }

  function fill(link, touch) {
    const target = document.getElementById(link.getAttribute("href").slice(1));
    const card = target?.closest("details.card");
    if (!card) return false;
    const quoted = target.matches("mark");
    const words = (quoted ? target : card.querySelector(".passage")).textContent.trim();
    const near = !quoted ? "The passage begins" : target.classList.contains("near") ? "Nearest words" : "Quoted words";
    note.replaceChildren();
    add(note, "b", "title", `${card.querySelector(".n").textContent} ${card.querySelector(".title").textContent}`);
    add(note, "span", "meta", card.querySelector(".meta").textContent);
    card.querySelectorAll(".notice").forEach((n) => add(note, "span", "notice", n.textContent));
    add(note, "span", "label", near);
    add(note, "q", "words", words.length > LONGEST ? `${words.slice(0, LONGEST)}…` : words);
    add(note, "span", "hint", touch ? "Tap again: the passage in its context" : "Click or Enter: the passage in its context");
    return true;
  }

  function place(link) {
    const host = note.parentElement.getBoundingClientRect();
    const at = link.getClientRects()[0];
    const width = Math.min(420, host.width - 24);
    note.style.width = `${width}px`;
    note.style.left = `${Math.max(12, Math.min(at.left - host.left - 16, host.width - width - 12))}px`;
    const above = at.bottom + note.offsetHeight + 90 > innerHeight && at.top > note.offsetHeight;
    note.style.top = `${above ? at.top - host.top - note.offsetHeight - 8 : at.bottom - host.top + 8}px`;
  }

  function show(link, touch = false) {
    clearTimeout(leaving);
    if (open === link) return;
    hide();
    if (!note) {
      note = document.createElement("div");
      note.id = "note";
      note.setAttribute("role", "tooltip");
      document.querySelector(".gradio-container").append(note);
    }
    if (!fill(link, touch)) return;
    note.hidden = false;
    open = link;
    link.setAttribute("aria-describedby", "note");
    place(link);
  }

  function hide() {
    clearTimeout(leaving);
    if (!open) return;
    open.removeAttribute("aria-describedby");
    open = null;
    note.hidden = true;
  }

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    if (mark(event)) show(mark(event));
    else if (note?.contains(event.target)) clearTimeout(leaving);
    else if (open && open !== document.activeElement) {
      clearTimeout(leaving);
      leaving = setTimeout(hide, 250);
    }
  });
  document.addEventListener("pointerdown", (event) => {
    const link = mark(event);
    tapped = event.pointerType === "touch" && link && open !== link ? link : null;
    if (!link && !note?.contains(event.target)) hide();
  }, true);
  document.addEventListener("focusin", (event) => {
    const link = mark(event);
    if (link && link.matches(":focus-visible")) show(link);
    else if (!link) hide();
  });
  document.addEventListener("click", (event) => {
    const link = mark(event);
    if (!link) return;
    if (link === tapped) {
      tapped = null;
      event.preventDefault();
      event.stopImmediatePropagation();
      show(link, true);
    } else {
      hide();
    }
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && open) {
      event.stopPropagation();
      hide();
    }
  }, true);
  new MutationObserver(() => { if (open && !open.isConnected) hide(); })
    .observe(document.documentElement, { childList: true, subtree: true });
})();
