// A person's own plan: leaves at once, and prints. Everything on the page also works without this.
(function () {
  "use strict";

  var form = document.getElementById("leave");

  function leave() {
    document.title = " ";
    document.body.hidden = true;
    if (!(navigator.sendBeacon && navigator.sendBeacon(form.action, new FormData()))) {
      fetch(form.action, { method: "POST", keepalive: true, redirect: "manual" });
    }
    document.body.textContent = "";
    window.location.replace(form.dataset.elsewhere);
  }

  if (form) {
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      leave();
    });

    var escaped = -Infinity;
    document.addEventListener("keydown", function (event) {
      if (event.key !== "Escape") return;
      if (event.timeStamp - escaped < 1000) leave();
      escaped = event.timeStamp;
    });
  }

  // A page brought back from the browser's memory may be of someone who has left.
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) window.location.reload();
  });

  var print = document.getElementById("print");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", function () {
      window.print();
    });
  }

  // What was just said about the page is read before the rest of it.
  var first = document.getElementById("card") || document.getElementById("wrong");
  if (first) {
    first.tabIndex = -1;
    first.focus();
  }
})();
