// Parts of a page that the server draws alone: an element with `data-part` shows what is drawn at that address. One that
// ends with `?` takes the page's own query, and is drawn anew when that changes; one that can be opened is asked for when
// it is. The bundle knows nothing of what is in them.
const { ask } = window.weirCalls;
/** Of the page's query: what changes nothing of what is found. */
const BESIDE = ["sel", "tab", "before", "page", "tail"];
/** And how it is shown (`found.js`): nothing for what is counted, unless a part says that it shows that. */
const SHOWN = ["columns", "sort", "density"];
/** Element -> what it shows: {address, stop}. */
const shown = new Map();

const addressOf = (part) => {
  const address = part.dataset.part;
  if (!address.endsWith("?")) return `${address}?part=1`;
  const query = new URLSearchParams(location.search);
  [...BESIDE, ...("shown" in part.dataset ? [] : SHOWN)].forEach((name) => query.delete(name));
  query.set("part", "1");
  return address + query;
};

const fill = async (part) => {
  const address = addressOf(part), before = shown.get(part), room = part.querySelector(":scope > div") ?? part;
  const closed = part.matches("details") && !part.open;
  if (closed || before?.address === address) return;
  // What nobody waits for any more ends on the server as well.
  before?.stop.abort();
  const stop = new AbortController();
  shown.set(part, { address, stop });
  part.setAttribute("aria-busy", "true");
  try {
    const page = JSON.parse(await ask(`/api/access/page?address=${encodeURIComponent(address)}`, null, stop.signal));
    if (!stop.signal.aborted) { room.innerHTML = page.html; room.querySelectorAll("details[data-keep]").forEach(open); beside(room); }
  } catch {
    if (!stop.signal.aborted) { shown.delete(part); room.replaceChildren(again()); beside(room); }
  }
  if (!stop.signal.aborted) part.removeAttribute("aria-busy");
};

/** On wide screens the most frequent values stand in the column beside the list, where channels stand already. */
const beside = (room) => {
  const there = document.getElementById("ev-found"), values = room.querySelector(".spread__values");
  const lists = values ? [...values.querySelectorAll("[data-of=Type],[data-of=Key]")] : [];
  if (room.closest(".ev__main")) there?.replaceChildren(...lists.map((list) => list.cloneNode(true)));
};

/** Instead of what could not be had. */
const again = () => {
  const line = document.createElement("p"), button = document.createElement("button");
  [line.className, button.className, button.type, button.textContent] = ["small muted", "btn btn--sm", "button", "Try again"];
  button.addEventListener("click", soon);
  line.append("This could not be loaded. ", button);
  return line;
};

/** A source's page ends with how far it was compared with its broker, and what lies before capture. */
const beyond = (head) => {
  const of = location.pathname.match(/\/sources\/\d+$/)?.[0], page = head.parentElement, there = page.querySelectorAll(":scope > .beside-taps");
  if (of && there[0]?.dataset.part === `${of}/verified`) return;
  there.forEach((part) => part.remove());
  for (const what of of ? ["verified", "backfill"] : []) {
    const part = document.createElement("div");
    [part.className, part.dataset.part] = ["beside-taps", `${of}/${what}`];
    page.append(part);
  }
};

/** A part beside what the bundle shows, of which it knows nothing; not before it has taken the page over. */
const put = (before, name, ...address) => {
  const part = document.createElement("div"), there = before.previousElementSibling;
  [part.className, part.dataset.part] = [name, ["", ...address].join("/")];
  if (there?.matches(`.${name}`)) { if (there.dataset.part === part.dataset.part) return; there.remove(); }
  before.before(part);
};
/** Where an event's values lead, and what became of one that is not there. */
const besideEvents = () => {
  if (!("hydrated" in document.documentElement.dataset)) { setTimeout(soon, 300); return; }
  document.querySelectorAll(".ev-links").forEach((part) => { if (!part.nextElementSibling?.matches(".ev-around")) part.remove(); });
  document.querySelectorAll(".ev-around[data-part]").forEach((around) => put(around, "ev-links", "event-links", around.dataset.part.split("/").pop()));
  const id = location.pathname.match(/\/events\/(\d+-\d+)$/)?.[1], nothing = id && document.querySelector(".ev-alone > .panel > p.ev-center");
  if (nothing) put(nothing, "ev-gone", "gone", id);
};

let waits = 0;
const look = () => {
  waits = 0;
  document.querySelectorAll(".page > .page__head").forEach(beyond);
  besideEvents();
  for (const [part, { stop }] of shown) if (!part.isConnected) { stop.abort(); shown.delete(part); }
  document.querySelectorAll("details[data-part][data-keep]:not([open])").forEach((part) => { if (!shown.has(part)) open(part); });
  document.querySelectorAll("[data-part]").forEach(fill);
};
const soon = () => { waits ||= setTimeout(look, 30); };

for (const name of ["pushState", "replaceState"]) {
  const own = history[name];
  history[name] = function (...how) { own.apply(this, how); soon(); };
}
addEventListener("popstate", soon);
const TOLD = "[data-part], .page__head";
new MutationObserver((changes) => {
  const parts = (node) => node instanceof Element && (node.matches(TOLD) || node.querySelector(TOLD));
  if (changes.some((c) => [...c.addedNodes, ...c.removedNodes].some(parts))) soon();
}).observe(document.documentElement, { childList: true, subtree: true });
soon();

// What was opened stays open, on this browser.
const keep = (details) => `weir-open-${details.dataset.keep}`;
const open = (details) => { try { details.open = localStorage.getItem(keep(details)) === "1"; } catch { /* not to be had */ } };
document.addEventListener("toggle", ({ target }) => {
  if (target.open && target.dataset?.part) soon();
  if (!target.dataset?.keep) return;
  try { localStorage.setItem(keep(target), target.open ? "1" : "0"); } catch { /* not to be had */ }
}, true);

/** Goes there within the page: the router follows links of HTML only. With `replace` no way back is left. */
const go = (href, replace = false) => {
  const link = document.createElement("a");
  link.href = href;
  link.replace = replace;
  document.body.append(link);
  link.click();
  link.remove();
};

window.weirCalls.go = go;

// An event beside the list it is found in stays beside it.
document.addEventListener("click", (e) => {
  const link = e.target.closest?.("aside [data-part] a[data-event]");
  if (!link || e.ctrlKey || e.metaKey || e.shiftKey) return;
  e.preventDefault();
  const there = new URL(location.href);
  there.searchParams.set("sel", link.dataset.event);
  go(there.pathname + there.search);
}, true);

// Bars over time: one is a link to its stretch, and several are dragged over.
let from = null;
const barAt = (svg, x) => {
  const { left, width } = svg.getBoundingClientRect(), bars = svg.querySelectorAll("a");
  return [bars, Math.max(0, Math.min(bars.length - 1, Math.floor(((x - left) / width) * bars.length)))];
};
const marked = (svg, x) => {
  const [bars, here] = barAt(svg, x), [, there] = barAt(svg, from.x);
  const [first, last] = here < there ? [here, there] : [there, here];
  return [bars, first, last];
};
document.addEventListener("pointerdown", (e) => {
  const svg = e.button === 0 ? e.target.closest?.("[data-brush]") : null;
  from = svg ? { svg, x: e.clientX, moved: false } : null;
  dragged = false;
  if (svg) e.preventDefault();
});
document.addEventListener("pointermove", (e) => {
  if (!from || (!from.moved && Math.abs(e.clientX - from.x) < 4)) return;
  from.moved = true;
  const [bars, first, last] = marked(from.svg, e.clientX);
  bars.forEach((bar, n) => bar.classList.toggle("spread__marked", n >= first && n <= last));
});
const end = () => {
  from?.svg.querySelectorAll(".spread__marked").forEach((bar) => bar.classList.remove("spread__marked"));
  from = null;
};
document.addEventListener("pointerup", (e) => {
  const brush = from;
  if (!brush) return;
  const [bars, first, last] = marked(brush.svg, e.clientX);
  end();
  // Let go elsewhere, it was not meant; one bar is a link, which is followed as one.
  if (!brush.moved || !brush.svg.isConnected || !e.target.closest?.("[data-brush]")) return;
  dragged = true;
  const there = new URL(bars[first].href.baseVal, location.href);
  there.searchParams.set("to", bars[last].dataset.to);
  go(there.pathname + there.search);
});
document.addEventListener("pointercancel", end);
// One stop of the tabulator for all of them; arrows move between them.
document.addEventListener("keydown", (e) => {
  const bar = e.target.closest?.("[data-brush] a");
  if (!bar) return;
  const bars = [...bar.parentNode.querySelectorAll("a")], at = bars.indexOf(bar);
  const to = bars[{ ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: bars.length - 1 }[e.key]];
  if (to) { e.preventDefault(); to.focus(); }
});
document.addEventListener("keydown", (e) => { if (e.key === "Escape") end(); });
/** The click that follows a drag is none. */
let dragged = false;
document.addEventListener("click", (e) => {
  const bar = e.target.closest?.("[data-brush] a");
  if (!bar || e.ctrlKey || e.metaKey || e.shiftKey) return;
  e.preventDefault();
  if (!dragged) go(bar.href.baseVal);
  dragged = false;
}, true);
