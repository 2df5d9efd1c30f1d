// The Library tab's own: files go to the assistant one by one, then Python is told to read them; removing asks first.
(() => {
  const given = (element, name) =>
    [...element.classList].find((c) => c.startsWith(`${name}-`))?.slice(name.length + 1) ?? "";
  let sending = null; // stops the files that are on their way

  function say(message) {
    const area = document.querySelector("#shelf-message textarea, #shelf-message input");
    const button = document.getElementById("shelf-say");
    if (!area || !button) return;
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(area), "value").set.call(area, JSON.stringify(message));
    area.dispatchEvent(new Event("input", { bubbles: true }));
    setTimeout(() => button.click(), 60); // after Gradio took the message over
  }

  function choose(folder) {
    const input = document.createElement("input");
    input.type = "file";
    input.multiple = true;
    if (folder) input.webkitdirectory = true;
    input.addEventListener("change", () => send([...input.files].map((f) => [f, f.webkitRelativePath || f.name])));
    input.click();
  }

  function box() {
    let shown = document.getElementById("shelf-sending");
    if (!shown) {
      shown = document.createElement("div");
      shown.id = "shelf-sending";
      shown.append(document.createElement("span"), document.createElement("button"));
      shown.firstChild.setAttribute("role", "status");
      shown.lastChild.type = "button";
      shown.lastChild.textContent = "Stop sending";
      shown.lastChild.addEventListener("click", () => sending?.abort());
      document.getElementById("shelf-now").before(shown);
    }
    return shown;
  }

  const megabytes = (bytes) => (bytes / 1048576).toFixed(bytes < 10485760 ? 1 : 0);

  async function send(files) {
    if (!files.length || sending) return;
    const batch = [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
    const drop = document.querySelector(".drop");
    const [largest, most] = [Number(given(drop, "largest")), Number(given(drop, "most"))];
    const fits = (file, n) => n < most && file.size <= largest; // what is refused in any case is not sent
    const all = files.reduce((sum, [file], n) => sum + (fits(file, n) ? file.size : 0), 0);
    const refused = [];
    const shown = box();
    const begun = performance.now();
    let done = 0;
    let number = 0;
    sending = new AbortController();
    shown.hidden = false;
    for (const [file, name] of files) {
      number += 1;
      const rate = done / Math.max(1, performance.now() - begun) * 1000;
      const left = rate ? `, about ${Math.ceil((all - done) / rate)} s left` : "";
      shown.firstChild.textContent =
        `Sending file ${number} of ${files.length}: ${megabytes(done)} of ${megabytes(all)} MiB${left}`;
      if (!fits(file, number - 1)) {
        refused.push({ name, reason: file.size > largest ? "too large" : "too many at once; send the rest after" });
        continue;
      }
      try {
        const where = `library/upload?batch=${batch}&name=${encodeURIComponent(name)}`;
        const reply = await fetch(where, { method: "POST", body: file, signal: sending.signal });
        if (!reply.ok) refused.push({ name, reason: (await reply.text()).slice(0, 300) });
      } catch {
        if (sending.signal.aborted) break;
        refused.push({ name, reason: "the connection broke, or the file cannot be read any more" });
      }
      done += file.size;
    }
    const stopped = sending.signal.aborted;
    sending = null;
    shown.hidden = true;
    if (stopped) refused.push({ name: `${files.length - number + 1} files`, reason: "not sent: stopped by you" });
    say({ do: "take", batch, refused });
  }

  // a second click on the same button means it; anything else takes it back
  function remove(button) {
    if (button.classList.contains("sure")) {
      say({ do: "remove", key: given(button, "k") });
      return;
    }
    calm();
    button.classList.add("sure");
    button.firstChild.textContent = "Remove for good? Click again";
  }

  function calm() {
    document.querySelectorAll(".lib.sure").forEach((b) => {
      b.classList.remove("sure");
      b.firstChild.textContent = "Remove";
    });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button.lib");
    if (!button) return calm();
    const what = given(button, "do");
    if (what === "remove") return remove(button);
    calm();
    if (what === "files" || what === "folder") choose(what === "folder");
    if (what === "page") say({ do: "page", n: Number(given(button, "n")) });
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") calm(); });

  // dropping a file elsewhere on the page must not leave the page
  const over = (event) => event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!over(event)) return;
    event.preventDefault();
    document.querySelector(".drop")?.classList.toggle("over", !!event.target.closest?.(".drop"));
  });
  document.addEventListener("drop", async (event) => {
    if (!over(event)) return;
    event.preventDefault();
    document.querySelector(".drop")?.classList.remove("over");
    if (!event.target.closest?.(".drop")) return;
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    send((await Promise.all(entries.map(walked))).flat());
  });

  async function walked(entry) {
    if (entry.isFile) {
      const file = await new Promise((done) => entry.file(done, () => done(null)));
      return file ? [[file, entry.fullPath.replace(/^\//, "")]] : [];
    }
    const reader = entry.createReader();
    const found = [];
    for (;;) {
      const some = await new Promise((done) => reader.readEntries(done, () => done([])));
      if (!some.length) break;
      found.push(...some);
    }
    return (await Promise.all(found.map(walked))).flat();
  }

  new MutationObserver(() => {
    const now = document.getElementById("shelf-now");
    if (now && !now.hasAttribute("role")) now.setAttribute("role", "status");
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
