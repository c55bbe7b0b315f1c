// Calls of the bundle. Each says which build the page is of; a server of another build answers 409, and the page says
// so in one bar (decision 24). It never reloads by itself: somebody may be typing.
const build = document.querySelector('meta[name="weir-build"]')?.content ?? "";

const outdated = () => {
  const bar = document.getElementById("weir-updated");
  if (!bar?.hidden) return;
  bar.hidden = false;
  bar.querySelector("button")?.addEventListener("click", () => location.reload());
};

/** The answer's text; throws it where the server refused. With `form` a command, without a question. */
const ask = async (url, form) => {
  const headers = build ? { "x-weir-build": build } : {};
  const answer = await fetch(url, form == null ? { headers } : { method: "POST", headers, body: new URLSearchParams(form) });
  const text = await answer.text();
  if (answer.ok) return text;
  if (answer.status === 409 && text.includes('"outdated"')) outdated();
  throw text;
};

window.weirCalls = { ask, build, outdated };
