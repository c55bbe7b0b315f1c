// The results of a search, step after step: each is drawn by the server (the page table), and its rows stand in one list, of
// which only those in sight are in the page. It takes the place of the Events page's own list where that came to a bound,
// where one scrolls to its end, and where columns, an order or a density are asked for. The bundle knows nothing of it.
const { ask, go, inside } = window.weirCalls, { query, kept, draw, order, paint, heads } = window.weirRows;
/** Of the page's address: how what is found is shown, and what changes nothing of what is found. */
const SHOWN = ["columns", "sort", "density", "order"], BESIDE = ["sel", "tab", "page", "sort", "density"];
/** So many come by themselves, so many more each time; and held at all. */
const BY_ITSELF = 1_000, MOST = 100_000;
let run = null, again = false;

const exact = new Intl.NumberFormat("en-US"), count = (n, one, many) => `${exact.format(n)} ${n === 1 ? one : many}`;
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
  return asked.toString();
};

const show = (of) => { of.room.hidden = false; of.main.classList.add("ev__main--found"); };
/** Scrolled to the end, more comes by itself, unless one stopped it. */
const more = (of) => {
  if (!of.done && !of.stop && !of.stopped && !of.failed && of.rows.length < MOST) onward(of);
};

const begin = (main, question, anchor) => {
  end();
  const room = document.createElement("div");
  room.className = "found-room";
  room.hidden = true;
  main.insertBefore(room, main.querySelector(".ev__list"));
  run = {
    main, room, question, anchor, rows: [], next: null, stop: null, upto: BY_ITSELF, took: 0, at: -1, painted: "",
    scanned: 0, indexed: 0, opened: 0, gaps: 0, unjudged: 0, stored: 0, sure: true, done: false, stopped: false, failed: "",
    others: "older",
  };
  const of = run;
  of.show = () => show(of);
  of.more = () => more(of);
  work(of);
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
      const page = JSON.parse(await ask(`/api/access/page?address=${encodeURIComponent(`/table?${address(of)}`)}`, null, signal));
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
  of.others = of_step.oldest === "true" ? "newer" : "older";
  of.scanned += number("scanned");
  of.indexed = Math.max(of.indexed, number("indexed"));
  of.opened += number("opened");
  of.gaps += number("gaps");
  of.unjudged += number("unjudged");
  of.stored ||= number("stored");
  of.sure &&= of_step.passed !== "true" && !number("silent") && !number("unseen");
  const rows = [...found.querySelectorAll("tbody > tr")];
  for (const row of rows) {
    const values = [...row.cells].map(({ dataset, textContent }) =>
      "n" in dataset ? Number(dataset.n) : "none" in dataset ? null : textContent.trim().toLowerCase());
    of.rows.push({ id: row.dataset.event, html: row.outerHTML, values });
  }
  if (!of.table) draw(of, found);
  order(of);
  paint(of);
  // Where the list was left, it goes on: at the same event, whatever came since.
  const at = of.anchor ? of.sorted.findIndex((row) => row.id === of.anchor.id) : -1;
  if (at < 0) return;
  of.scroll.scrollTop = of.table.tHead.offsetHeight + at * of.height - of.anchor.top;
  of.anchor = null;
  paint(of);
};

// ---- telling -----------------------------------------------------------------------------------
/** How far it came, in words and as a bar. */
const tell = (of) => {
  const told = of.room.querySelector(".found__told");
  if (!told) return;
  const running = Boolean(of.stop), full = !of.done && of.rows.length >= of.upto;
  const most = of.rows.length >= MOST, spent = (of.took / 1000).toFixed(1);
  const scanned = of.indexed && of.done
    ? `Searched the index of ${count(of.indexed, "event", "events")}`
    : `Read ${exact.format(of.scanned)}${of.stored > of.scanned && !of.done ? ` of up to ${exact.format(of.stored)}` : ""} ${of.scanned === 1 && of.stored <= 1 ? "event" : "events"}`;
  const facts = [scanned, `${exact.format(of.rows.length)} found`, of.gaps ? count(of.gaps, "gap", "gaps") : "", of.unjudged ? `${exact.format(of.unjudged)} left out: they could not be judged` : "", `${spent} s`];
  const state = of.failed ? `${of.failed} What was found until then is below.`
    : running ? "searching on …"
    : of.stopped ? `stopped: ${of.others} ones were not looked at yet.`
    : of.done ? (of.gaps || of.unjudged || !of.sure ? "all that is stored was looked at." : "complete.")
    : most ? `${exact.format(MOST)} is as much as a page holds: narrow the search, or export it.`
    : full ? `the ${of.others === "newer" ? "oldest" : "newest"} are shown; ${of.others} ones follow.` : `${of.others} ones follow.`;
  const by = of.by ? ` Sorted by ${of.by}: the ${exact.format(of.rows.length)} found, and no other.` : "";
  told.textContent = `${facts.filter(Boolean).join(" · ")} · ${state}${by}`;
  const bar = of.room.querySelector(".found__bar"), [stop, on] = ["stop", "go-on"].map((name) => of.room.querySelector(`[data-found=${name}]`));
  bar.hidden = !running;
  bar.value = of.stored ? Math.min(1, of.scanned / of.stored) : 0;
  stop.hidden = !running;
  on.hidden = running || of.done || most;
  on.textContent = of.failed ? "Try again" : "Continue";
  const mark = of.room.querySelector(".found__mark"), sure = of.done && of.sure && !of.gaps && !of.unjudged && !of.failed;
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
  } else if (SHOWN.some((name) => asked.get(name)) || bounded(main)) begin(main, question, null);
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
  if (!more || !target.scrollTop || left > 200) return;
  const edge = target.getBoundingClientRect().top, top = (row) => row.getBoundingClientRect().top - edge;
  const first = [...target.querySelectorAll("tr[data-event]")].find((row) => top(row) >= 0);
  begin(main, questionOf(query()), first ? { id: first.dataset.event, top: top(first) } : null);
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
