// Keyboard first: a letter picks its choice, Enter submits (Ctrl+Enter from a text area). Works without: it is a plain form.
(() => {
  const form = document.querySelector("[data-answer]");
  if (!form) return;
  const boxes = new Map([...form.querySelectorAll('input[name="response"][value]')].map((box) => [box.value, box]));
  const isTyping = (target) => target.matches('textarea, select, input:not([type="radio"], [type="checkbox"])');
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey ? true : !isTyping(event.target) && !event.target.closest("a, button"))) {
      event.preventDefault();
      form.requestSubmit();
      return;
    }
    const box = boxes.get(event.key.toUpperCase());
    if (!box || event.ctrlKey || isTyping(event.target)) return;
    box.checked = box.type === "radio" || !box.checked;
    box.focus();
    box.dispatchEvent(new Event("change", { bubbles: true }));
  });
})();
