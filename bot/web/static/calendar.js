// The calendar's own keys, beside those of every page (staff.js): quicker for those who like them, needed
// by nobody. Each is also a link on the page.

const links = {
  n: "[data-key-n]",
  t: "[data-key-t]",
  d: "[data-key-d]",
  w: "[data-key-w]",
};

const calendar = () => document.querySelector("[data-calendar]");
const columns = () => [...calendar().querySelectorAll("[data-column]")];
const places = (column) => [...column.querySelectorAll("[data-open]")];

function here() {
  return document.activeElement?.closest("[data-calendar] [data-row]")?.querySelector("[data-open]") ?? null;
}

function go(place) {
  if (!place) return false;
  place.focus();
  place.scrollIntoView({ block: "nearest" });
  return true;
}

// The next one in this column, or the one before; from outside, the first of the day, or the last.
function upOrDown(by) {
  const at = here();
  const column = at?.closest("[data-column]") ?? columns().find((one) => places(one).length);
  const all = column ? places(column) : [];
  const to = at ? all.indexOf(at) + by : by > 0 ? 0 : all.length - 1;
  go(all[Math.min(Math.max(to, 0), all.length - 1)]);
}

// In a week the day beside it, at about the same time; at its edge, and in a day, another page.
function across(by) {
  const at = here();
  const all = columns();
  const beside = (from) => {
    for (let n = from + by; n >= 0 && n < all.length; n += by) if (places(all[n]).length) return all[n];
    return null;
  };
  const column = at && all.length > 1 ? beside(all.indexOf(at.closest("[data-column]"))) : null;
  if (column) {
    const top = at.getBoundingClientRect().top;
    const far = (place) => Math.abs(place.getBoundingClientRect().top - top);
    go(places(column).reduce((best, place) => (far(place) < far(best) ? place : best)));
  } else {
    document.querySelector(by > 0 ? "[data-key-right]" : "[data-key-left]")?.click();
  }
}

const arrows = {
  ArrowDown: () => upOrDown(1),
  ArrowUp: () => upOrDown(-1),
  ArrowRight: () => across(1),
  ArrowLeft: () => across(-1),
};

document.addEventListener("keydown", (event) => {
  if (document.getElementById("use-keys")?.checked === false) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.defaultPrevented) return;
  if (event.target.closest("input, textarea, select, [contenteditable], dialog[open]")) return;
  if (event.key in arrows && (!document.activeElement || document.activeElement === document.body || here())) {
    event.preventDefault();
    arrows[event.key]();
  } else if (event.key in links && !event.repeat) {
    event.preventDefault();
    const free = event.key === "n" ? here()?.closest("[data-open][data-free]") : null;
    (free ?? document.querySelector(links[event.key]))?.click();
  }
});
