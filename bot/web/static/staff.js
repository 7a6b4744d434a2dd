// The staff pages' own script: quicker for those who have it, needed by nobody.
import { initAll } from "./vendor/nhsuk-frontend.min.js";

document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
initAll();

// A choice that shows at once, without a button.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});

// Keys. Never while somebody types, and never with a modifier, which belongs to the browser. Who speaks to
// their machine, or whose hands slip, can turn them off, and it stays so in this browser (WCAG 2.1.4).
const keys = document.getElementById("keys");
const useKeys = document.getElementById("use-keys");

if (useKeys) {
  useKeys.checked = localStorage.getItem("no-keys") === null;
  useKeys.addEventListener("change", () =>
    useKeys.checked ? localStorage.removeItem("no-keys") : localStorage.setItem("no-keys", "yes"),
  );
}

function rows() {
  return [...document.querySelectorAll("[data-row]")];
}

function row() {
  return document.activeElement?.closest("[data-row]") ?? null;
}

function move(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(row());
  const to = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
  to.querySelector("[data-open]")?.focus();
  to.scrollIntoView({ block: "nearest" });
}

const does = {
  j: () => move(1),
  k: () => move(-1),
  p: () => (row() ?? (rows().length ? null : document))?.querySelector("[data-pick]")?.click(),
  r: () => document.querySelector("[data-reply]")?.focus(),
  "/": () => document.querySelector("[data-search]")?.focus(),
  g: () => document.querySelector(".nhsuk-header__service-name")?.click(),
  "?": () => keys?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.repeat) return;
  if (useKeys && !useKeys.checked) return;
  if (event.target.closest("input, textarea, select, [contenteditable], dialog[open]")) return;
  const act = does[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

for (const button of document.querySelectorAll("[data-shows-keys]")) {
  button.addEventListener("click", () => keys?.showModal());
}

// A page that changes by itself never takes away what somebody is writing.
function inUse(part) {
  if (part.querySelector("details[open]")) return true;
  return [...part.querySelectorAll("input:not([type=hidden]), textarea, select")].some((field) =>
    field.options
      ? [...field.options].some((option) => option.selected !== option.defaultSelected) && field.selectedIndex > 0
      : field.value !== field.defaultValue || field.checked !== field.defaultChecked,
  );
}

document.addEventListener("htmx:oobBeforeSwap", (event) => {
  if (event.detail.target.id === "about" && inUse(event.detail.target)) event.detail.shouldSwap = false;
});
