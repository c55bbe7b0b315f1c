// The results of a search, step after step: each is drawn by the server (`/table`), and its rows stand in one list, of
// which only those in sight are in the page. It takes the place of the Events page's own list where that came to a bound,
// where one scrolls to its end, and where columns, an order or a density are asked for. The bundle knows nothing of it.
const { ask, go, inside } = window.weirCalls;
/** Of the page's address: how what is found is shown, and what changes nothing of what is found. */
const SHOWN = ["columns", "sort", "density"], BESIDE = ["sel", "tab", "page", "sort", "density"];
/** So many come by themselves, so many more each time; and held at all. */
const BY_ITSELF = 1_000, MOST = 100_000;
/** Rows in the page above and below those in sight. */
const SPARE = 40;
let run = null, again = false;

const exact = new Intl.NumberFormat("en-US"), count = (n, one, many) => `${exact.format(n)} ${n === 1 ? one : many}`;
const query = () => new URLSearchParams(location.search);
const here = () => inside(location.pathname) === "/events";
const questionOf = (asked) => {
  const kept = new URLSearchParams(asked);
  BESIDE.forEach((name) => kept.delete(name));
  return kept.toString();
};
/** This address with something changed. */
const changed = (change) => {
  const there = new URL(location.href);
  change(there.searchParams);
  return there.pathname + there.search;
};

// How it is shown stays while one filters, opens and closes: the bundle writes addresses without it.
let chosen = null;
for (const name of ["pushState", "replaceState"]) {
  const own = history[name];
  history[name] = function (state, title, to) {
    const there = to == null ? null : new URL(to, location.href), now = query();
    if (there && here() && there.pathname === location.pathname && there.searchParams.toString() !== chosen) {
      const lost = SHOWN.filter((part) => now.has(part) && !there.searchParams.has(part));
      lost.forEach((part) => there.searchParams.set(part, now.get(part)));
      if (lost.length) to = there.pathname + there.search + there.hash;
    }
    chosen = null;
    own.call(this, state, title, to);
    soon();
  };
}
/** Goes to this address with something changed; what was taken away does not come back by the way above. */
const move = (change, replace = false) => {
  const there = changed(change);
  chosen = new URL(there, location.href).searchParams.toString();
  go(there, replace);
};

// ---- asking ------------------------------------------------------------------------------------
const address = (of) => {
  const asked = new URLSearchParams(of.question), sort = query().get("sort");
  if (sort) asked.set("sort", sort);
  if (of.next) asked.set("before", of.next);
  asked.set("part", "1");
  return `/table?${asked}`;
};

const begin = (main, question, top) => {
  end();
  const room = document.createElement("div");
  room.className = "found-room";
  room.hidden = true;
  main.insertBefore(room, main.querySelector(".ev__list"));
  run = {
    main, room, question, top, rows: [], next: null, stop: null, upto: BY_ITSELF, took: 0, at: -1, painted: "",
    scanned: 0, indexed: 0, opened: 0, gaps: 0, stored: 0, sure: true, done: false, stopped: false, failed: "",
  };
  work(run);
};

const end = () => {
  if (!run) return;
  run.stop?.abort();
  run.room.remove();
  run.main.classList.remove("ev__main--found");
  run = null;
};

/** Step after step, until there is enough, or no more, or it is stopped. */
const work = async (of) => {
  if (of.stop) return;
  const { signal } = (of.stop = new AbortController());
  [of.stopped, of.failed] = [false, ""];
  tell(of);
  while (!signal.aborted && !of.done && of.rows.length < of.upto) {
    const began = performance.now();
    try {
      const page = JSON.parse(await ask(`/api/access/page?address=${encodeURIComponent(address(of))}`, null, signal));
      if (!signal.aborted) take(of, page.html);
    } catch {
      if (!signal.aborted) of.failed = "The search could not go on.";
    }
    of.took += performance.now() - began;
    if (of.failed || of.over) break;
    tell(of);
  }
  // Stopped and continued meanwhile, it is no longer this one that runs.
  if (of.stop?.signal === signal) of.stop = null;
  if (run === of) tell(of);
};

const halt = (of) => { of.stopped = true; of.stop?.abort(); of.stop = null; tell(of); };
const onward = (of) => {
  if (of.rows.length >= of.upto) of.upto = Math.min(MOST, of.upto + BY_ITSELF);
  work(of);
};

/** One step's answer. */
const take = (of, html) => {
  const drawn = document.createElement("template");
  drawn.innerHTML = html;
  const found = drawn.content.querySelector(".found");
  if (!found) {
    // The server said why; where there is nothing yet, in its place.
    of.over = !of.rows.length;
    of.failed = drawn.content.textContent.trim() || "The search could not go on.";
    if (of.over) { of.room.replaceChildren(drawn.content); show(of); }
    return;
  }
  const of_step = found.dataset, number = (name) => Number(of_step[name] ?? 0);
  of.next = of_step.next ?? null;
  of.done = !of.next;
  of.scanned += number("scanned");
  of.indexed = Math.max(of.indexed, number("indexed"));
  of.opened += number("opened");
  of.gaps += number("gaps");
  of.stored ||= number("stored");
  of.sure &&= of_step.passed !== "true" && !number("silent") && !number("unseen");
  const rows = [...found.querySelectorAll("tbody > tr")];
  for (const row of rows) {
    const values = [...row.cells].map(({ dataset, textContent }) =>
      "n" in dataset ? Number(dataset.n) : "none" in dataset ? null : textContent.trim().toLowerCase());
    of.rows.push({ id: row.dataset.event, html: row.outerHTML, values });
  }
  if (!of.table) draw(of, found, rows.length);
  order(of);
  paint(of);
};

// ---- showing -----------------------------------------------------------------------------------
const show = (of) => { of.room.hidden = false; of.main.classList.add("ev__main--found"); };

/** The first answer is what all further rows are put into. */
const draw = (of, found) => {
  of.room.replaceChildren(found);
  show(of);
  const spacer = () => Object.assign(document.createElement("tbody"), { ariaHidden: "true", className: "found__spacer" });
  of.table = found.querySelector("table");
  of.scroll = found.querySelector(".found__scroll");
  of.body = of.table.tBodies[0];
  of.height = of.body.rows[0]?.getBoundingClientRect().height || 28;
  [of.above, of.below] = [spacer(), spacer()];
  for (const space of [of.above, of.below]) space.insertRow().insertCell().colSpan = of.table.rows[0].cells.length;
  of.body.before(of.above);
  of.body.after(of.below);
  found.querySelector(".found__told a")?.remove();
  let waits = false;
  of.scroll.addEventListener("scroll", () => {
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => {
      waits = false;
      paint(of);
      // The end is near: more comes by itself, unless one stopped it.
      const left = of.scroll.scrollHeight - of.scroll.scrollTop - of.scroll.clientHeight;
      if (left < 40 * of.height && !of.done && !of.stop && !of.stopped && !of.failed && of.rows.length < MOST) onward(of);
    });
  }, { passive: true });
  new ResizeObserver(() => { of.painted = ""; paint(of); }).observe(of.scroll);
  if (of.top) requestAnimationFrame(() => { of.scroll.scrollTop = of.top; });
};

/** As `sorted.rs` has it: numbers, then texts, then what is not there, which stays last. */
const compare = (a, b, down) => {
  if (a === null || b === null) return (a === null) - (b === null);
  const rank = (typeof a === "string") - (typeof b === "string") || (a < b ? -1 : a > b ? 1 : 0);
  return down ? -rank : rank;
};

const merged = (some, more, before) => {
  const all = [];
  let [i, j] = [0, 0];
  while (i < some.length && j < more.length) all.push(before(more[j], some[i]) < 0 ? more[j++] : some[i++]);
  return all.concat(some.slice(i), more.slice(j));
};

/** Puts the rows that came, or all of them, into the order that is asked for. */
const order = (of) => {
  if (!of.table) return;
  const sort = query().get("sort") ?? "", down = sort.startsWith("-"), name = down ? sort.slice(1) : sort;
  const heads = [...of.table.tHead.rows[0].cells], at = sort ? heads.findIndex((th) => th.dataset.column === name) : -1;
  const anew = of.sort !== sort, from = anew ? 0 : of.ordered;
  if (!anew && from === of.rows.length) return;
  const id = of.sorted?.[of.at]?.id, before = (a, b) => compare(a.values[at], b.values[at], down);
  of.sorted = at < 0 ? of.rows : merged(anew ? [] : of.sorted, of.rows.slice(from).sort(before), before);
  [of.sort, of.ordered, of.painted] = [sort, of.rows.length, ""];
  of.at = id ? of.sorted.findIndex((row) => row.id === id) : -1;
  heads.forEach((th, n) => {
    const way = n === at ? (down ? "descending" : "ascending") : at < 0 && th.dataset.column === "time" ? "descending" : null;
    if (way) th.setAttribute("aria-sort", way); else th.removeAttribute("aria-sort");
  });
  of.by = at < 0 ? "" : name;
  of.room.querySelector(".found__sorted")?.remove();
};

/** Rows in sight, and some around them. */
const paint = (of) => {
  if (!of.table) return;
  const { scroll, body, sorted, height } = of, sel = query().get("sel") ?? "";
  const first = Math.max(0, Math.floor(scroll.scrollTop / height) - SPARE);
  const last = Math.min(sorted.length, first + Math.ceil(scroll.clientHeight / height) + 2 * SPARE);
  const painted = `${first} ${last} ${sel}`;
  if (painted === of.painted) return;
  const focused = body.contains(document.activeElement) ? document.activeElement.closest("tr").dataset.event : "";
  const rows = sorted.slice(first, last);
  body.innerHTML = rows.map((row) => row.html).join("");
  of.above.rows[0].style.height = `${first * height}px`;
  of.below.rows[0].style.height = `${(sorted.length - last) * height}px`;
  [of.above.hidden, of.below.hidden] = [first === 0, last === sorted.length];
  of.table.setAttribute("aria-rowcount", of.done ? sorted.length + 1 : -1);
  [...body.rows].forEach((row, n) => {
    row.setAttribute("aria-rowindex", first + n + 2);
    row.setAttribute("aria-selected", row.dataset.event === sel);
    if (row.dataset.event === focused) row.querySelector("a")?.focus({ preventScroll: true });
  });
  if (local()) body.querySelectorAll("time").forEach(inZone);
  of.painted = painted;
};

/** The zone that the person chose, as the bundle keeps it. */
const kept = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
const local = () => kept("weir.zone") === "local";
const inZone = (time) => {
  const at = new Date(time.dateTime), two = (n, width = 2) => String(n).padStart(width, "0");
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${two(at.getMilliseconds(), 3)}`;
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} `;
  time.textContent = time.textContent.length > 12 ? day + clock : clock;
};
const heads = (of) => of.table?.querySelectorAll("th[data-column=time] a, th[data-column=captured] a")
  .forEach((a) => { a.textContent = a.textContent.replace(/\((UTC|local)\)/, local() ? "(local)" : "(UTC)"); });

/** How far it came, in words and as a bar. */
const tell = (of) => {
  const told = of.room.querySelector(".found__told");
  if (!told) return;
  const running = Boolean(of.stop), full = !of.done && of.rows.length >= of.upto;
  const most = of.rows.length >= MOST, spent = (of.took / 1000).toFixed(1);
  const scanned = of.indexed && of.done
    ? `Searched the keys of ${count(of.indexed, "event", "events")}`
    : `Read ${exact.format(of.scanned)}${of.stored > of.scanned && !of.done ? ` of up to ${exact.format(of.stored)}` : ""} ${of.scanned === 1 && of.stored <= 1 ? "event" : "events"}`;
  const facts = [scanned, `${exact.format(of.rows.length)} found`, of.gaps ? count(of.gaps, "gap", "gaps") : "", `${spent} s`];
  const state = of.failed ? `${of.failed} What was found until then is below.`
    : running ? "searching on …"
    : of.stopped ? "stopped: older ones were not looked at yet."
    : of.done ? (of.gaps || !of.sure ? "all that is stored was looked at." : "complete.")
    : most ? `${exact.format(MOST)} is as much as a page holds: narrow the search, or export it.`
    : full ? "the newest are shown; older ones follow." : "older ones follow.";
  const by = of.by ? ` Sorted by ${of.by}: the ${exact.format(of.rows.length)} found, and no other.` : "";
  told.textContent = `${facts.filter(Boolean).join(" · ")} · ${state}${by}`;
  const bar = of.room.querySelector(".found__bar"), [stop, on] = ["stop", "go-on"].map((name) => of.room.querySelector(`[data-found=${name}]`));
  bar.hidden = !running;
  bar.value = of.stored ? Math.min(1, of.scanned / of.stored) : 0;
  stop.hidden = !running;
  on.hidden = running || of.done || most;
  on.textContent = of.failed ? "Try again" : "Continue";
  const mark = of.room.querySelector(".found__mark"), sure = of.done && of.sure && !of.gaps && !of.failed;
  mark.className = `found__mark ${sure ? "ok-t" : "warn-t"}`;
  mark.querySelector("use")?.setAttribute("href", sure ? "#i-check" : "#i-warn");
  // Told to who listens at the ends, not with every step.
  if (!running) of.room.querySelector(".found__said").textContent = told.textContent;
  heads(of);
};

// ---- when it is there --------------------------------------------------------------------------
let waits = 0;
const soon = () => { waits ||= setTimeout(look, 30); };
/** The list came to a bound, and can be gone on from. */
const bounded = (main) => main.querySelector('.ev__list:not(.ev-busy) .complete__line a[href*="before="]');
const look = () => {
  waits = 0;
  const main = here() && document.documentElement.hasAttribute("data-hydrated") ? document.querySelector(".ev__main") : null;
  const asked = query(), question = questionOf(asked);
  if (!main || asked.get("tail") === "1") return end();
  const same = run?.main === main && run.question === question && !again;
  again = false;
  if (same) {
    order(run);
    run.room.querySelector(".found")?.classList.toggle("found--compact", asked.get("density") === "compact");
    run.room.querySelector("[data-found=density]")?.setAttribute("aria-pressed", asked.get("density") === "compact");
    if (run.body) {
      // Measured anew: another density has another height.
      run.height = run.body.rows[0]?.getBoundingClientRect().height || run.height;
      paint(run);
      tell(run);
    }
  } else if (SHOWN.some((name) => asked.get(name)) || bounded(main)) begin(main, question, 0);
  else end();
};
addEventListener("popstate", soon);
new MutationObserver((changes) => {
  if (changes.some(({ target }) => target === document.documentElement || !target.closest?.(".found-room"))) soon();
}).observe(document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-hydrated"] });
soon();

// The list's own end: it goes on here, at the same row.
document.addEventListener("scroll", ({ target }) => {
  if (run || !target.classList?.contains("ev-scroll") || query().get("tail") === "1") return;
  const left = target.scrollHeight - target.scrollTop - target.clientHeight, main = target.closest(".ev__main");
  const more = main?.querySelector('.ev-foot a[href*="before="]');
  if (more && target.scrollTop > 0 && left < 200) begin(main, questionOf(query()), target.scrollTop);
}, { capture: true, passive: true });
// The same asked again is asked anew.
document.addEventListener("submit", ({ target }) => { if (target.matches?.(".ev-filter")) { again = true; soon(); } }, true);

window.weirFound = {
  SHOWN, move, query, here, kept, halt, onward, paint,
  /** The search whose results are shown, if there is one. */
  present: () => run,
  /** Draws the rows in sight once more. */
  anew: () => { if (run?.table) { run.painted = ""; paint(run); heads(run); } },
};
