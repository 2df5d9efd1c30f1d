// Saving an answer as a file, and deleting what is kept.
(() => {
  function tell(area, button, message) {
    const field = document.querySelector(`#${area} textarea, #${area} input`);
    const pressed = document.getElementById(button);
    if (!field || !pressed) return;
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, JSON.stringify(message));
    field.dispatchEvent(new Event("input", { bubbles: true }));
    setTimeout(() => pressed.click(), 150); // after Gradio took the message over
  }

  // saving: the file comes back as base64 in the page, under the mark that went with the request
  const asked = new Map();
  let number = 0;

  function save(button) {
    const bar = button.closest(".saves");
    const mark = `${Date.now()}-${number += 1}`;
    asked.set(mark, bar.id);
    bar.querySelector(".saved").textContent = `Making the ${button.textContent}…`;
    tell("save-message", "save-say", { as: /\bas-(\w+)/.exec(button.className)[1], answer: bar.querySelector(".packed").textContent, mark });
  }

  function arrived(made) {
    const part = (kind) => made.querySelector(`.${kind}`)?.textContent;
    const bar = document.getElementById(asked.get(part("mark")));
    if (!asked.delete(part("mark"))) return;
    const name = part("name");
    if (name) {
      const bytes = Uint8Array.from(atob(part("body")), (c) => c.charCodeAt(0));
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([bytes], { type: part("type") }));
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    }
    if (bar) bar.querySelector(".saved").textContent = name ? `Saved: ${name}` : part("failed");
  }

  // deleting: the first press asks, the second deletes
  let armed = null;
  let words = null;

  function disarm() {
    if (!armed) return;
    if (armed.isConnected) armed.replaceChildren(...words);
    armed.classList.remove("armed");
    armed = null;
  }

  function erase(button) {
    if (armed !== button) {
      disarm();
      armed = button;
      words = [...button.childNodes];
      button.textContent = button.id === "erase-all" ? "Press again: all are deleted for good" : "Press again: deleted for good";
      button.classList.add("armed");
      return;
    }
    disarm();
    const id = button.id.slice("erase-".length);
    const here = /\bid-([\w-]+)/.exec(document.querySelector("#thread .thread")?.className)?.[1];
    if (here && (id === "all" || id === here)) document.getElementById("afresh")?.click();
    tell("erase-message", "erase-say", { erase: id });
    document.querySelector("#history-search :is(textarea, input)")?.focus();
  }

  document.addEventListener("click", (event) => {
    const saved = event.target.closest?.("button.save");
    if (saved) return save(saved);
    const button = event.target.closest?.("button.erase");
    if (button) return erase(button);
    disarm();
    // the address names this conversation already: nothing changes but the tab
    if (event.target.closest?.("a.reopen")) document.getElementById("tab-ask-button")?.click();
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") disarm(); });

  new MutationObserver(() => {
    document.querySelectorAll("#history-status:not([role]), .saved:not([role])").forEach((e) => e.setAttribute("role", "status"));
    const made = document.querySelector("#save-made .made");
    if (made) arrived(made);
  }).observe(document.documentElement, { childList: true, subtree: true, characterData: true });
})();
