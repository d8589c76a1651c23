// Runs before the first paint: the theme kept in localStorage, so that nothing flashes. "auto" keeps nothing.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  try {
    const kept = localStorage.getItem("evalhub-theme");
    if (kept === "light" || kept === "dark") root.dataset.theme = kept;
  } catch {
    // storage is barred (private window): the system's preference holds
  }
})();
