// Calls of the bundle. Each says which build the page is of; a server of another build answers 409, and the page says
// so in one bar (decision 24). It never reloads by itself: somebody may be typing.
const said = (name) => document.querySelector(`meta[name="weir-${name}"]`)?.content ?? "";
const build = said("build");

// The path that Weir stands under, "" at the top of its host. The console is written as if it stood at the top; the
// server puts the path in front of every address of a page, and here it comes before those that are drawn later.
const root = said("root");
const has = (path) => path.startsWith(root) && /^([/?#]|$)/.test(path.slice(root.length));
const outside = (path) => (path.startsWith("/") && !path.startsWith("//") && !has(path) ? root + path : path);
const inside = (path) => (has(path) ? path.slice(root.length) || "/" : path);
if (root) {
  const names = ["href", "src", "action", "formaction"], any = names.map((name) => `[${name}^="/"]`).join();
  const put = (element) => {
    for (const name of names) {
      const address = element.getAttribute(name), whole = outside(address ?? "");
      if (address && whole !== address) element.setAttribute(name, whole);
    }
  };
  new MutationObserver((changes) => {
    for (const { target, type, addedNodes } of changes) {
      if (type === "attributes") put(target);
      for (const node of addedNodes) if (node instanceof Element) [node, ...node.querySelectorAll(any)].forEach(put);
    }
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: names });
}

// The cookie is the browser's: in another tab somebody else may have signed in since. So calls and forms say whose page
// it is, and nothing is done as another person.
const person = said("person");
addEventListener("formdata", (e) => { if (person && e.target.method === "post") e.formData.set("weir_person", person); });

/** Shows the bar, in the words of a refusal if there is one. */
const outdated = (refusal) => {
  const bar = document.getElementById("weir-updated");
  if (!bar?.hidden) return;
  try {
    const { message, what_to_do } = JSON.parse(refusal);
    bar.querySelector("b").textContent = message;
    bar.querySelector("span").textContent = what_to_do;
  } catch { /* the document's own words */ }
  bar.hidden = false;
  bar.querySelector("button")?.addEventListener("click", () => location.reload());
};

/** The answer's text; throws it where the server refused. With `form` a command, without a question. */
const ask = async (url, form, signal) => {
  const headers = build ? { "x-weir-build": build, "x-weir-person": person } : {};
  const answer = await fetch(outside(url), form == null ? { headers, signal } : { method: "POST", headers, body: new URLSearchParams(form) });
  const text = await answer.text();
  if (answer.ok) return text;
  if (answer.status === 409 && text.includes('"outdated"')) outdated(text);
  throw text;
};

window.weirCalls = { ask, build, root, person, outdated, outside, inside };
