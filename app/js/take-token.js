// The one-time token travels in the fragment, which no server and no log sees; once it is in the form
// it leaves the address bar and the history.
(() => {
  const token = location.hash.slice(1).replace(/^token=/, "");
  if (!token) return;
  document.getElementById("setup-token").value = token;
  history.replaceState(null, "", location.pathname + location.search);
})();
