// What people do with the results of a search (`found.js`): pointer and keys, and the form that chooses columns.
const { SHOWN, present, move, query, here, kept, halt, onward, paint, anew } = window.weirFound;

const open = (run, id) => {
  const row = run.sorted.findIndex((r) => r.id === id);
  if (row >= 0) run.at = row;
  // Moving on from an open one leaves no trace, opening the first does.
  move((p) => p.set("sel", id), query().has("sel"));
};
/** A link of this page that is opened elsewhere, and one that saves or exports what is found, keep how it is shown. */
const carry = (target) => {
  const link = here() ? target.closest?.("a[href]") : null;
  // Bars are links of another kind, and are followed by the script that has them.
  if (!(link instanceof HTMLAnchorElement) || link.closest("[data-found]")) return;
  const there = new URL(link.href), now = query();
  if (there.pathname !== location.pathname && !link.closest(".spread__acts")) return;
  for (const part of SHOWN) now.has(part) ? there.searchParams.set(part, now.get(part)) : there.searchParams.delete(part);
  const href = there.pathname + there.search;
  if (there.origin === location.origin && href !== link.getAttribute("href")) link.setAttribute("href", href);
};
const plain = (e) => !e.ctrlKey && !e.metaKey && !e.shiftKey && !e.altKey && (e.button ?? 0) === 0;
document.addEventListener("click", (e) => {
  if (e.target.closest?.(".spread__acts")) carry(e.target);
  if (!plain(e)) return;
  const run = present();
  const act = e.target.closest?.("[data-found]"), acts = act?.dataset.found;
  if (act && acts !== "columns" && !(acts === "order" && here()) && !run) return;
  const done = () => { e.preventDefault(); e.stopImmediatePropagation(); };
  if (acts === "stop") { done(); halt(run); }
  else if (acts === "go-on") { done(); onward(run); }
  else if (acts === "density") { done(); move((p) => p.get("density") === "compact" ? p.delete("density") : p.set("density", "compact")); }
  else if (acts === "order") { done(); move((p) => p.get("order") === "oldest" ? p.delete("order") : p.set("order", "oldest")); }
  else if (acts === "list") { done(); move((p) => SHOWN.forEach((name) => p.delete(name))); }
  else if (acts === "columns" && here()) {
    done();
    const menu = document.querySelector(".found__columns");
    if (menu) { menu.open = true; menu.querySelector("summary").focus(); }
    else move((p) => p.set("columns", act.dataset.columns));
  }
  else if (run) {
    const sort = e.target.closest?.(".found-room a.found__sort"), row = e.target.closest?.(".found-room tr[data-event]");
    if (sort) {
      done();
      const name = sort.closest("th").dataset.column, now = query().get("sort");
      move((p) => now === name ? p.set("sort", `-${name}`) : now === `-${name}` ? p.delete("sort") : p.set("sort", name));
    } else if (row && getSelection().isCollapsed && !e.target.closest("button")) { done(); open(run, row.dataset.event); }
  }
}, true);

// The chooser: its buttons write into its field, and it leads to this page.
const listed = (field) => field.value.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g)?.map((name) => name.trim()).filter(Boolean) ?? [];
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.(".found__chooser [data-column]"), field = button?.form.elements.columns;
  if (!button) return;
  const names = listed(field), name = button.dataset.column, on = names.includes(name);
  field.value = (on ? names.filter((other) => other !== name) : [...names, name]).join(",");
  button.setAttribute("aria-pressed", !on);
});
document.addEventListener("submit", (e) => {
  if (!e.target.matches?.(".found__chooser") || !here()) return;
  e.preventDefault();
  const columns = listed(e.target.elements.columns).join(",");
  e.target.closest("details")?.removeAttribute("open");
  move((p) => columns ? p.set("columns", columns) : p.delete("columns"));
}, true);
document.addEventListener("pointerdown", ({ target }) => {
  for (const menu of document.querySelectorAll(".found__columns[open]")) if (!menu.contains(target)) menu.open = false;
  carry(target);
}, true);

// ---- keys --------------------------------------------------------------------------------------
const goTo = (of, at) => {
  const { scroll, height } = of, top = at * height, head = of.table.tHead.offsetHeight;
  of.at = at;
  if (top < scroll.scrollTop) scroll.scrollTop = top;
  else if (top + height + head > scroll.scrollTop + scroll.clientHeight) scroll.scrollTop = top + height + head - scroll.clientHeight;
  paint(of);
  const id = of.sorted[at].id;
  [...of.body.rows].find((tr) => tr.dataset.event === id)?.querySelector("a")?.focus({ preventScroll: true });
  const sel = query().get("sel");
  if (sel && sel !== id) open(of, id);
};
document.addEventListener("keydown", (e) => {
  const menu = e.key === "Escape" ? document.querySelector(".found__columns[open]") : null;
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); e.stopImmediatePropagation(); return; }
  const run = present();
  if (!run?.table || !plain(e) || e.defaultPrevented || kept("weir.keys") === "off") return;
  if (e.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable=true], dialog")) return;
  const focused = e.target.closest?.(".found-room tr[data-event]")?.dataset.event;
  const at = focused ? run.sorted.findIndex((row) => row.id === focused) : run.at, row = run.sorted[at];
  const key = () => [...run.body.rows].find((tr) => tr.dataset.event === row.id)?.dataset.key;
  const acts = {
    j: () => { if (at + 1 < run.sorted.length) goTo(run, at + 1); },
    k: () => { if (at > 0) goTo(run, at - 1); },
    Enter: row && !e.target.closest("a, button, summary") && (() => open(run, row.id)),
    f: row && key() && (() => move((p) => { p.set("key", key()); p.delete("sel"); p.delete("before"); p.delete("page"); })),
    c: row && (() => navigator.clipboard.writeText(key() ?? row.id).catch(() => {})),
    Escape: run.stop && (() => halt(run)),
  };
  // What is not for the rows is the page's own.
  if (!acts[e.key]) return;
  e.preventDefault();
  e.stopImmediatePropagation();
  acts[e.key]();
}, true);
addEventListener("keyup", (e) => { if (e.key === "u") anew(); });
