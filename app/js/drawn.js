// Buttons of the pages that the server draws: the bundle knows nothing of what is in them.
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  const text = button?.parentElement?.querySelector("pre, input");
  if (!text) return;
  const word = button.querySelector("span");
  try {
    await navigator.clipboard.writeText(text.value ?? text.textContent);
    word.textContent = "Copied";
  } catch {
    // Not allowed, or not over https: it is selected, so that one key copies it.
    if (text.select) text.select();
    else getSelection().selectAllChildren(text);
    word.textContent = "Press Ctrl C";
  }
  setTimeout(() => { word.textContent = "Copy"; }, 3000);
});

// A link to a part of such a page: the part is there only once the page is.
new MutationObserver((changes) => {
  const part = location.hash && document.getElementById(location.hash.slice(1));
  const came = (change) => [...change.addedNodes].some((node) => node.contains(part));
  if (part && part.closest(".drawn") && changes.some(came)) part.scrollIntoView();
}).observe(document.documentElement, { childList: true, subtree: true });

// A file's text goes into the field beside it: it is read here, so that the form stays one of text.
document.addEventListener("change", async (event) => {
  const input = event.target.closest?.("input[data-into]");
  const field = input && document.getElementById(input.dataset.into);
  const file = input?.files?.[0];
  if (!field || !file) return;
  const fits = file.size <= Number(field.dataset.most);
  input.setCustomValidity(fits ? "" : "This file is larger than one question may be: take it apart.");
  if (!input.reportValidity()) return;
  field.value = await file.text();
  field.setCustomValidity("");
  // Chosen once more it is read once more.
  input.value = "";
  field.focus();
});

// What the server would refuse for its length is not sent at all, so that nothing of it is lost.
document.addEventListener("submit", (event) => {
  const field = event.target.querySelector?.("textarea[data-most]");
  if (!field) return;
  const sent = new URLSearchParams([["", field.value]]).toString().length + 3 * field.value.split("\n").length;
  if (sent <= Number(field.dataset.most)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  field.setCustomValidity("This is more than one question may hold: send it in parts.");
  field.reportValidity();
}, true);
document.addEventListener("input", (event) => {
  if (event.target.matches?.("textarea[data-most]")) event.target.setCustomValidity("");
});
