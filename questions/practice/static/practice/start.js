// Enter starts today's sitting from anywhere on the page.
(() => {
  const button = document.querySelector("[data-start]");
  if (!button) return;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.target.closest("a, button, input, select, textarea, summary")) return;
    event.preventDefault();
    button.click();
  });
})();
