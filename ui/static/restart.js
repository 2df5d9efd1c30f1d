// A question that the assistant loses by stopping comes back: the page waits for the new process, loads it,
// and puts the question into the box again. Each process has its own id.
(() => {
  const KEPT = "assistant-question";
  const EVERY = 2000; // ms, while a question is under way
  let here = null;    // the id of the process that made this page
  let asked = "";
  let lost = false;

  const box = () => document.querySelector("#box textarea");
  const busy = () => { const halt = document.getElementById("halt"); return !!halt && halt.offsetParent !== null; };

  async function id() {
    const reply = await fetch("gradio_api/app_id", { cache: "no-store" });
    if (!reply.ok) throw new Error("no answer");
    return (await reply.json()).app_id;
  }

  function say(line) {
    let told = document.getElementById("restarted");
    if (!told) {
      const ask = document.getElementById("ask");
      if (!ask) return false;
      told = document.createElement("div");
      told.id = "restarted";
      told.className = "outcome quiet";
      told.setAttribute("role", "status");
      ask.before(told);
    }
    told.textContent = line;
    return true;
  }

  // the box is emptied as soon as its question is under way, so what stands in it is kept before
  document.addEventListener("input", (e) => { if (e.target === box()) asked = e.target.value; }, true);
  document.addEventListener("click", (e) => {
    const example = e.target.closest && e.target.closest("#examples button");
    if (example) asked = example.textContent.trim();
  }, true);

  async function look() {
    if (busy() && !lost) document.getElementById("restarted")?.remove();
    if (here === null || lost || busy()) {
      try {
        const now = await id();
        if (here === null) here = window.assistantProcess = now;
        if (now !== here) {
          if (asked) sessionStorage.setItem(KEPT, asked);
          location.reload();
          return;
        }
        if (lost) { lost = false; document.getElementById("restarted")?.remove(); }
      } catch {
        if (here !== null) {
          lost = true;
          say("The connection to the assistant is lost. Your question is kept; this page goes on by itself.");
        }
      }
    }
    setTimeout(look, EVERY);
  }

  function giveBack() {
    const kept = sessionStorage.getItem(KEPT);
    if (!kept) return;
    const area = box();
    if (!area || area.disabled) { setTimeout(giveBack, 200); return; }
    sessionStorage.removeItem(KEPT);
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(area, kept);
    area.dispatchEvent(new Event("input", { bubbles: true }));
    say("The assistant was restarted; ask again. The question is back in the box.");
    area.focus();
  }

  look();
  giveBack();
})();
