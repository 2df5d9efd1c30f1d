// The Compare tab: one passage followed through all lists, judgements by a click, and the Ask tab's question.
(() => {
  const given = (element, name) =>
    [...element.classList].find((c) => c.startsWith(`${name}-`))?.slice(name.length + 1) ?? "";
  const SAYS = { relevant: "✓ judged relevant", not: "✕ judged not relevant" };
  const row = (event) => event.target.closest?.("#comparison .row");
  let held = ""; // the passage that was opened last

  function put(field, value) {
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, value);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // following
  function follow(n) {
    document.querySelectorAll("#comparison .followed").forEach((r) => r.classList.remove("followed"));
    document.querySelector("#comparison .lines")?.remove();
    if (!n) return;
    const rows = [...document.querySelectorAll(`#comparison .row.p-${n}`)];
    rows.forEach((r) => r.classList.add("followed"));
    draw(rows);
  }

  function draw(rows) {
    const sides = document.querySelector("#comparison .sides");
    if (!sides) return;
    const host = sides.getBoundingClientRect();
    const at = rows.map((r) => r.querySelector("summary").getBoundingClientRect());
    const pieces = [];
    for (let i = 1; i < at.length; i += 1) {
      const [a, b] = [at[i - 1], at[i]];
      if (b.left < a.right) continue; // stacked
      pieces.push(`M${a.right - host.left} ${a.top + a.height / 2 - host.top}L${b.left - host.left} ${b.top + b.height / 2 - host.top}`);
    }
    if (!pieces.length) return;
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("class", "lines");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", pieces.join(""));
    svg.append(path);
    sides.append(svg);
  }

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const over = row(event);
    if (over) follow(given(over, "p"));
    else if (document.querySelector("#comparison .followed")) follow(held);
  });
  document.addEventListener("focusin", (event) => {
    if (row(event)) follow(held = given(row(event), "p"));
  });
  document.addEventListener("toggle", (event) => {
    const opened = row(event);
    if (!opened) return;
    if (event.target.open) held = given(opened, "p");
    follow(held);
  }, true);
  addEventListener("resize", () => follow(held));

  // judging
  function judged() {
    const marks = new Map();
    document.querySelectorAll("#verdicts .v").forEach((v) => marks.set(given(v, "n"), given(v, "is")));
    document.querySelectorAll("#comparison .row").forEach((r) => {
      const mark = marks.get(given(r, "p")) ?? "";
      if (given(r, "judged") === mark) return;
      r.classList.remove("judged-relevant", "judged-not");
      if (mark) r.classList.add(`judged-${mark}`);
      r.querySelector(".says").textContent = SAYS[mark] ?? "";
      r.querySelectorAll(".judging").forEach((b) => b.setAttribute("aria-pressed", String(given(b, "do") === mark)));
    });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("#comparison .judging");
    if (button) {
      put(document.querySelector("#compare-message :is(textarea, input)"), `${given(button, "do")} ${given(button, "n")}`);
      setTimeout(() => document.getElementById("compare-say").click(), 60); // after Gradio took the message over
    }
    if (event.target.closest?.("button.report")) save();
  });

  // the report of an evaluation
  function save() {
    const report = document.querySelector("#evaluation-report :is(textarea, input)").value;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([report], { type: "text/html" }));
    link.download = "evaluation.html";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  // the question at hand: what the Ask tab asked last, until another one is typed
  let taken = "";
  function take() {
    const box = document.querySelector("#compare-box textarea");
    const asked = [...(document.querySelector("#current .question")?.childNodes ?? [])].at(-1)?.textContent.trim();
    if (!box || !asked || asked === taken || (box.value && box.value !== taken)) return;
    put(box, taken = asked);
  }
  document.addEventListener("click", (event) => {
    if (event.target.closest?.('[role="tab"]')) setTimeout(take, 200);
  });

  new MutationObserver(() => {
    judged();
    for (const id of ["compare-status", "evaluate-status"]) {
      const status = document.getElementById(id);
      if (status && !status.hasAttribute("role")) status.setAttribute("role", "status");
    }
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
