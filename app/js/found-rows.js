// The rows of a search's results (`found.js`): in their order, and of them those in sight drawn.
/** Rows in the page above and below those in sight. */
const SPARE = 16;
const query = () => new URLSearchParams(location.search);
/** What the bundle keeps of a person's choices. */
const kept = (name) => { try { return localStorage.getItem(name); } catch { return null; } };

/** The first answer is what all further rows are put into. */
const draw = (of, found) => {
  of.room.replaceChildren(found);
  of.show();
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
      // The end is near: more comes by itself.
      const left = of.scroll.scrollHeight - of.scroll.scrollTop - of.scroll.clientHeight;
      if (left < 40 * of.height) of.more();
    });
  }, { passive: true });
  new ResizeObserver(() => { of.painted = ""; paint(of); }).observe(of.scroll);
};

/** As `sorted.rs` has it: numbers, then texts, then what is not there, which stays last. */
const compare = (a, b, down) => {
  if (a === null || b === null) return (a === null) - (b === null);
  const rank = (typeof a === "string") - (typeof b === "string") || (a < b ? -1 : a > b ? 1 : 0);
  return down ? -rank : rank;
};

/** Rows by one of their values. Numbers alone are quick: a hundred thousand take no longer than a blink. */
const inOrder = (rows, at, down) => {
  const values = rows.map((row) => row.values[at]);
  const numbers = values.every((value) => typeof value === "number") ? Float64Array.from(values) : null;
  const by = numbers
    ? (down ? (a, b) => numbers[b] - numbers[a] || a - b : (a, b) => numbers[a] - numbers[b] || a - b)
    : (a, b) => compare(values[a], values[b], down) || a - b;
  return Array.from(Uint32Array.from(rows.keys()).sort(by), (n) => rows[n]);
};

const merged = (some, more, before) => {
  const all = [];
  if (!some.length) return more;
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
  of.sorted = at < 0 ? of.rows : merged(anew ? [] : of.sorted, inOrder(of.rows.slice(from), at, down), before);
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
const local = () => kept("weir.zone") === "local";
const inZone = (time) => {
  const at = new Date(time.dateTime), two = (n, width = 2) => String(n).padStart(width, "0");
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${two(at.getMilliseconds(), 3)}`;
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} `;
  time.textContent = time.textContent.length > 12 ? day + clock : clock;
};
const heads = (of) => of.table?.querySelectorAll("th[data-column=time] a, th[data-column=captured] a")
  .forEach((a) => { a.textContent = a.textContent.replace(/\((UTC|local)\)/, local() ? "(local)" : "(UTC)"); });

window.weirRows = { query, kept, draw, order, paint, heads };
