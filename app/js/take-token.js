// The one-time token travels in the fragment, which no server and no log sees; once it is in the form
// it leaves the address bar and the history. A form that needs nothing else is sent at once.
(() => {
  const take = () => {
    const field = document.getElementById("one-time-token");
    const token = location.hash.slice(1).replace(/^token=/, "");
    if (!token || !field) return;
    field.value = token;
    history.replaceState(null, "", location.pathname + location.search);
    if ("send" in field.form.dataset) {
      document.getElementById("one-time-missing").hidden = true;
      field.form.submit();
    }
  };
  take();
  // The whole link pasted over the cut one changes the fragment and loads nothing.
  addEventListener("hashchange", take);
})();
