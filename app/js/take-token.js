// The token stays out of the address bar and the history once it is in the form. After a mistake
// the form comes back without it, so the tab remembers it until it has been used.
(() => {
  const field = document.getElementById("setup-token");
  const token = location.hash.slice(1).replace(/^token=/, "");
  try {
    if (token) sessionStorage.setItem("weir.setup", token);
    field.value = token || sessionStorage.getItem("weir.setup") || "";
  } catch { field.value = token; }
  if (token) history.replaceState(null, "", location.pathname + location.search);
})();
