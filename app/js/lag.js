// Pages of lag keep up by themselves: what stands in `data-live` is asked for anew while somebody looks, and what is typed
// into a filter is looked for at once. The bundle knows nothing of what is in them.
{
  const { ask } = window.weirCalls;
  /** Longest time between what is typed and what is asked, and between two looks where the page does not say. */
  const TYPED_MS = 150, LEAST_MS = 2_000;
  let asked = null, timer = 0, typed = 0;

  const page = () => document.querySelector(".drawn > [data-live]");
  const busy = (part) => {
    const at = document.activeElement;
    // A form that somebody fills in is left alone, and what was typed, chosen or opened stays.
    const changed = (c) => c.matches("[type=checkbox], [type=radio]") ? c.checked !== c.defaultChecked
      : c.matches("select") ? c.selectedIndex !== Math.max(0, [...c.options].findIndex((o) => o.defaultSelected))
      : c.value !== c.defaultValue;
    return part.contains(at) && at.matches("input:not([data-slash]), textarea, select") || !!document.getSelection()?.toString()
      || [...part.querySelectorAll("input:not([data-slash], [type=hidden]), textarea, select")].some(changed)
      || !!part.querySelector("details[open]:not([data-open])");
  };

  const fresh = async (address) => {
    const part = page();
    if (!part) return;
    asked?.abort();
    const stop = (asked = new AbortController());
    try {
      const drawn = JSON.parse(await ask(`/api/access/page?address=${encodeURIComponent(address)}`, null, stop.signal));
      if (stop.signal.aborted || page() !== part) return;
      const room = document.createElement("template");
      room.innerHTML = drawn.html;
      const now = room.content.querySelector("[data-live]");
      if (now) swap(part, now);
      part.removeAttribute("data-stale");
    } catch {
      if (!stop.signal.aborted) part.setAttribute("data-stale", "");
    }
  };

  /** Puts the new page in place of the old one, without taking the hand off what is held. */
  const swap = (part, now) => {
    const at = document.activeElement, filter = part.querySelector("[data-slash]");
    const row = at?.closest?.("[data-rows] tbody a") && at.getAttribute("href");
    // What was asked for beside the page stays, and is not asked for with every look.
    now.querySelectorAll("[data-part]").forEach((next) => {
      const there = part.querySelector(`[data-part="${CSS.escape(next.dataset.part)}"]`);
      if (there) next.replaceWith(there);
    });
    const scrolled = [...part.querySelectorAll(".tablewrap")].map((wrap) => wrap.scrollLeft);
    if (filter && at === filter) {
      // The field stays, with its cursor; everything around it is new.
      const place = now.querySelector("[data-slash]");
      const [from, to] = [filter.selectionStart, filter.selectionEnd];
      place?.replaceWith(filter);
      part.replaceChildren(...now.childNodes);
      filter.focus({ preventScroll: true });
      filter.setSelectionRange(from, to);
    } else {
      part.replaceChildren(...now.childNodes);
      if (row) part.querySelector(`[data-rows] tbody a[href="${CSS.escape(row)}"]`)?.focus({ preventScroll: true });
    }
    part.querySelectorAll(".tablewrap").forEach((wrap, i) => { wrap.scrollLeft = scrolled[i] ?? 0; });
  };

  const here = () => window.weirCalls.inside(location.pathname) + location.search;
  const wait = () => {
    clearTimeout(timer);
    const part = page();
    const every = Math.max(LEAST_MS, 1_000 * Number(part?.dataset.live || 10));
    timer = setTimeout(async () => {
      const part = page();
      if (part && !document.hidden && !busy(part)) await fresh(here());
      wait();
    }, every);
  };
  wait();
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && page()) void fresh(here());
  });

  document.addEventListener("input", (event) => {
    const field = event.target.closest?.("form[data-typed] input");
    if (!field) return;
    clearTimeout(typed);
    typed = setTimeout(() => {
      const query = new URLSearchParams([...new FormData(field.form)].filter(([, value]) => value));
      const path = window.weirCalls.inside(location.pathname), address = query.size ? `${path}?${query}` : path;
      history.replaceState(history.state, "", window.weirCalls.outside(address));
      void fresh(address);
    }, TYPED_MS);
  });

  // Rows are walked with the arrow keys, `/` leads to the filter.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const filter = document.querySelector(".drawn [data-slash]");
    const writing = event.target.matches?.("input, textarea, select, [contenteditable]");
    if (event.key === "/" && filter && !writing) {
      event.preventDefault();
      filter.focus();
      filter.select();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
    if (!step || (writing && event.target !== filter) || (event.target === filter && event.key.length === 1)) return;
    const rows = [...document.querySelectorAll(".drawn [data-rows] tbody tr a:first-of-type")].filter((a, i, all) => all.findIndex((b) => b.closest("tr") === a.closest("tr")) === i);
    if (!rows.length) return;
    const at = rows.findIndex((a) => a.closest("tr").contains(document.activeElement));
    const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}
