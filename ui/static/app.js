// A citation opens what it cites: the card unfolds, the marked words come into view and take the focus.
document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  if (link) {
    const target = document.getElementById(link.getAttribute("href").slice(1));
    if (!target) return;
    event.preventDefault();
    event.stopPropagation();
    const card = target.closest("details");
    if (card) card.open = true;
    document.querySelectorAll(".here").forEach((e) => e.classList.remove("here"));
    target.classList.add("here");
    const focus = target.matches("details") ? target.querySelector("summary") : target;
    focus.focus({ preventScroll: true });
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    target.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: target.matches("details") ? "start" : "center" });
    return;
  }
  const copy = event.target.closest("button.copy");
  if (copy) copyText(copy, copy.parentElement.querySelector(".plain").textContent);
}, true);

async function copyText(button, text) {
  let done = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    done = document.execCommand("copy");
    area.remove();
    button.focus();
  }
  button.textContent = done ? "Copied" : "Not copied: the browser refused";
  setTimeout(() => { button.textContent = "Copy"; }, 2000);
}

// Screen readers hear the stages; a new question comes into view; the box has the focus again after an answer.
const SPOKEN = [
  ["#status", "role", "status"],
  ["#ask", "role", "search"],
  ["#box textarea", "aria-label", "Clinical question"],
];
let shown = "";
let ready = true;
new MutationObserver(() => {
  for (const [selector, name, value] of SPOKEN) {
    const found = document.querySelector(selector);
    if (found && !found.hasAttribute(name)) found.setAttribute(name, value);
  }
  const turn = document.querySelector("#current .turn");
  if (turn && turn.id !== shown) {
    shown = turn.id;
    turn.scrollIntoView({ block: "start" });
  }
  const box = document.querySelector("#box textarea");
  if (box) {
    if (ready && box.disabled) ready = false;
    if (!ready && !box.disabled) {
      ready = true;
      box.focus({ preventScroll: true });
    }
  }
}).observe(document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter: ["disabled"] });
