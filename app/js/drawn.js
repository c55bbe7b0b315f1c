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
