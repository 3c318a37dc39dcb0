// What the pages do without this file, too: this only saves steps.
"use strict";

// "/" moves to the search field, as in other archives.
document.addEventListener("keydown", (event) => {
  const field = event.target;
  const isTyping = field.isContentEditable || /^(input|select|textarea)$/i.test(field.nodeName);
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  document.querySelector("#q").select();
});

// A click copies a command or an address.
for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    const label = button.textContent;
    button.textContent = button.dataset.copied;
    setTimeout(() => { button.textContent = label; }, 1500);
  });
}

// Where there is no room for all days, the last ones are shown.
for (const part of document.querySelectorAll("[data-end]")) part.scrollLeft = part.scrollWidth;
