// Runs before the first paint: the chosen theme, so that nothing flashes.
try {
  const theme = localStorage.getItem("weir.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch { /* storage is switched off: follow the system */ }
