// The Ask tab's own: sorting the evidence, what a click on a source says to Python, and the conversation that
// the address names.
(() => {
  // "n-2" among the classes says that n is 2: the sanitiser keeps classes and no data attributes
  const given = (element, name) =>
    [...element.classList].find((c) => c.startsWith(`${name}-`))?.slice(name.length + 1) ?? "";
  const number = (card, name) => Number(given(card, name));
  const ORDER = {
    rank: (card) => [number(card, "rank")],
    year: (card) => [-number(card, "year"), number(card, "rank")],
    design: (card) => [number(card, "level"), number(card, "rank")],
  };

  function sort(button) {
    const section = button.closest(".evidence");
    const key = ORDER[given(button, "by")];
    const cards = [...section.querySelectorAll("details.card")];
    cards.sort((a, b) => {
      const [x, y] = [key(a), key(b)];
      return x[0] - y[0] || (x[1] ?? 0) - (y[1] ?? 0);
    });
    section.append(...cards);
    section.querySelectorAll(".sorts").forEach((b) => b.setAttribute("aria-pressed", String(b === button)));
  }

  function say(message, through) {
    const area = document.querySelector("#message textarea, #message input");
    const button = document.getElementById(through);
    if (!area || !button) return false;
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(area), "value").set.call(area, JSON.stringify(message));
    area.dispatchEvent(new Event("input", { bubbles: true }));
    setTimeout(() => button.click(), 60); // after Gradio took the message over
    return true;
  }

  function pin(button) {
    const pinned = button.textContent === "Pin";
    button.textContent = pinned ? "Unpin" : "Pin";
    const meta = button.closest(".card").querySelector(".meta");
    meta.querySelector(".pinned")?.remove();
    if (pinned) {
      const badge = document.createElement("span");
      badge.className = "badge pinned";
      badge.textContent = "◆ pinned: stays when you ask again";
      meta.append(" ", badge);
    }
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button.act, button.sorts");
    if (!button) return;
    if (button.matches(".sorts")) return sort(button);
    const message = { do: given(button, "do"), n: number(button, "n") };
    if (message.do === "pin") pin(button);
    say(message, message.do === "pin" ? "say-set" : "say-ask");
  });

  // #c=<id> in the address is the conversation on the page. A press that comes before Gradio listens is lost:
  // it is repeated until the page has the conversation, or says that there is none, or is busy with a question.
  const wanted = () => /^#c=([\w-]{1,80})$/.exec(location.hash)?.[1];
  const missing = () => given(document.querySelector("#thread .thread") ?? document.body, "not");
  const PATIENCE = 1500; // ms
  let here = "";
  let waiting = 0;

  function open() {
    clearTimeout(waiting);
    const id = wanted();
    if (!id || id === here || id === missing() || document.getElementById("halt")) return;
    waiting = setTimeout(open, say({ do: "open", id }, "say-set") ? PATIENCE : 100);
  }
  addEventListener("hashchange", () => {
    if (wanted()) document.getElementById("tab-ask-button")?.click();
    open();
  });
  open();

  new MutationObserver(() => {
    const thread = document.querySelector("#thread .thread");
    if (!thread || given(thread, "id") === here) return;
    here = given(thread, "id");
    history.replaceState(null, "", here ? `#c=${here}` : location.pathname + location.search);
  }).observe(document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] });
})();
