// What every page does: the theme button, the phone's menu, forms that ask before they act, and live status.
(() => {
  const root = document.documentElement;
  const themes = ["auto", "light", "dark"];

  function keep(theme) {
    try {
      if (theme === "auto") localStorage.removeItem("evalhub-theme");
      else localStorage.setItem("evalhub-theme", theme);
    } catch {
      // storage is barred: the choice lasts for this page
    }
  }

  function showTheme(button) {
    const theme = root.dataset.theme || "auto";
    const words = button.dataset[theme];
    button.setAttribute("aria-label", words);
    button.title = words;
    for (const icon of button.querySelectorAll("[data-icon]")) icon.toggleAttribute("hidden", icon.dataset.icon !== theme);
  }

  for (const button of document.querySelectorAll("[data-theme-button]")) {
    button.hidden = false;
    showTheme(button);
    button.addEventListener("click", () => {
      const next = themes[(themes.indexOf(root.dataset.theme || "auto") + 1) % themes.length];
      if (next === "auto") delete root.dataset.theme;
      else root.dataset.theme = next;
      keep(next);
      showTheme(button);
      document.dispatchEvent(new CustomEvent("evalhub:theme"));
    });
  }

  for (const button of document.querySelectorAll("[data-menu-button]")) {
    button.addEventListener("click", () => {
      button.setAttribute("aria-expanded", String(button.getAttribute("aria-expanded") !== "true"));
    });
  }

  document.addEventListener("submit", (event) => {
    const question = event.target.dataset.confirm;
    if (question && !window.confirm(question)) event.preventDefault();
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit-on-change] *")) event.target.form.requestSubmit();
  });

  // A polite region speaks only when its words change, so a poll every 2 s does not chatter.
  document.addEventListener("htmx:afterSwap", (event) => {
    const source = event.target.querySelector?.("[data-announce]");
    const region = document.getElementById("status");
    if (source && region && region.textContent !== source.dataset.announce) region.textContent = source.dataset.announce;
  });
})();
