// How long this turn has been open here. It only counts up: nothing happens at any time, and it can be put away.
(() => {
  const clock = document.querySelector("[data-clock]");
  if (!clock) return;
  const time = clock.querySelector("[data-time]");
  const button = clock.querySelector("button");
  const begun = Date.now();
  const KEY = "evalhub-clock";

  function isHidden() {
    try {
      return sessionStorage.getItem(KEY) === "hidden";
    } catch {
      return false; // storage is barred: the choice lasts for this page
    }
  }

  function show(hidden) {
    time.hidden = hidden;
    button.textContent = hidden ? button.dataset.show : button.dataset.hide;
  }

  button.addEventListener("click", () => {
    const hidden = !time.hidden;
    try {
      sessionStorage.setItem(KEY, hidden ? "hidden" : "shown");
    } catch {
      // as above
    }
    show(hidden);
  });
  show(isHidden());
  clock.hidden = false;
  setInterval(() => {
    const seconds = Math.floor((Date.now() - begun) / 1000);
    time.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }, 1000);
})();
