// What can be written at the cursor behind `cel:` in a query's field: names of what an event has, functions, and behind a
// dot what can be called. The page /expressions knows them. The bundle knows nothing of it.
const { ask } = window.weirCalls;
const FIELD = "#ev-q, #broker-q";
const MOST = 40;
let known = null;
/** What is open: {input, box, offers, from, at}. */
let open = null;

const names = () => known ??= ask("/api/access/page?address=%2Fexpressions").then((text) => {
  const page = new DOMParser().parseFromString(JSON.parse(text).html, "text/html");
  return [...page.querySelectorAll("[data-cel]")].map(({ dataset: { cel, name, what } }) => ({ kinds: cel.split(" "), name, what }));
}).catch(() => { known = null; return []; });

/** What is wanted at the cursor: {typed, kinds}; null: nothing that could be told. */
const wanted = (input) => {
  const at = input.selectionStart, mark = input.value.match(/^\s*cel:/)?.[0];
  if (mark == null || at < mark.length || at !== input.selectionEnd) return null;
  const text = input.value.slice(mark.length, at), typed = text.match(/[A-Za-z_]\w*$/)?.[0] ?? "";
  const before = text.slice(0, text.length - typed.length);
  // In quotes every letter stands for itself; behind a figure it belongs to the number.
  let quote = "";
  for (let n = 0; n < before.length; n += 1) {
    const c = before[n];
    if (quote && c === "\\") n += 1;
    else if (quote ? c === quote : c === '"' || c === "'") quote = quote ? "" : c;
  }
  if (quote || /\d$/.test(before)) return null;
  const dot = before.endsWith("."), whole = /\bevent\.$/.test(before);
  if (!typed && !dot && before.trim()) return null;
  return { typed, from: at - typed.length, kinds: whole ? ["field"] : dot ? ["behind"] : ["field", "before"], whole };
};

const close = () => {
  if (!open) return;
  open.box.remove();
  ["role", "aria-expanded", "aria-controls", "aria-autocomplete", "aria-activedescendant"].forEach((name) => open.input.removeAttribute(name));
  open = null;
};

const choose = (n) => {
  open.at = n;
  [...open.box.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === n)));
  const item = open.box.children[n];
  if (item) { item.scrollIntoView({ block: "nearest" }); open.input.setAttribute("aria-activedescendant", item.id); }
  else open.input.removeAttribute("aria-activedescendant");
};

const take = (n) => {
  const { input, offers, from } = open, { name, kinds } = offers[n], field = kinds.includes("field");
  close();
  input.setRangeText(field ? name : `${name}()`, from, input.selectionStart, "end");
  if (!field) input.setSelectionRange(input.selectionEnd - 1, input.selectionEnd - 1);
  input.focus();
  taken = input.value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
};
/** What was just taken is not offered again. */
let taken = null;

const offer = async (input) => {
  const asked = wanted(input);
  if (!asked || input.value === taken) { close(); return; }
  const all = await names(), now = wanted(input);
  // Meanwhile more may have been typed, or the field left.
  if (document.activeElement !== input || now?.typed !== asked.typed || now.from !== asked.from) return;
  const typed = asked.typed.toLowerCase();
  const offers = all.filter((of) => of.kinds.some((kind) => asked.kinds.includes(kind)) && of.name.toLowerCase().startsWith(typed)
    && !(asked.whole && of.name === "event")).slice(0, MOST);
  close();
  if (!offers.length || (offers.length === 1 && offers[0].name === asked.typed)) return;
  const box = document.createElement("ul"), { left, bottom, width } = input.getBoundingClientRect();
  [box.id, box.className, box.role, box.ariaLabel] = ["cel-offers", "offers", "listbox", "Names in expressions"];
  box.append(...offers.map(({ name, what }, n) => {
    const item = document.createElement("li"), code = document.createElement("code"), words = document.createElement("span");
    [item.id, item.role, code.textContent, words.textContent] = [`cel-offer-${n}`, "option", name, what];
    item.append(code, words);
    // Before the field would lose the focus.
    item.addEventListener("pointerdown", (e) => { e.preventDefault(); take(n); });
    return item;
  }));
  [box.style.left, box.style.top, box.style.maxWidth] = [`${left}px`, `${bottom + 4}px`, `${Math.max(width, 320)}px`];
  document.body.append(box);
  open = { input, box, offers, from: asked.from, at: -1 };
  for (const [name, value] of [["role", "combobox"], ["aria-expanded", "true"], ["aria-controls", box.id], ["aria-autocomplete", "list"]]) input.setAttribute(name, value);
  choose(-1);
};

document.addEventListener("input", (e) => { if (e.target.matches?.(FIELD)) offer(e.target); });
document.addEventListener("focusout", (e) => { if (open?.input === e.target) close(); });
addEventListener("resize", close);
addEventListener("scroll", (e) => { if (open && !open.box.contains(e.target)) close(); }, true);
// Before the field's own keys: what is open is closed or taken first.
document.addEventListener("keydown", (e) => {
  if (!open || e.target !== open.input || e.isComposing) return;
  const count = open.offers.length, step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
  if (step) choose(open.at < 0 && step < 0 ? count - 1 : (open.at + step + count) % count);
  else if (e.key === "Escape") close();
  else if ((e.key === "Enter" || e.key === "Tab") && open.at >= 0) take(open.at);
  else return;
  e.preventDefault();
  e.stopImmediatePropagation();
}, true);
document.addEventListener("submit", close, true);
