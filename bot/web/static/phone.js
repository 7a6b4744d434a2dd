// The practice phone, live: sends without reloading and shows what arrives.
(function () {
  "use strict";

  var number = document.getElementById("main").dataset.number;
  var here = "/phone?number=" + encodeURIComponent(number);
  var form = document.getElementById("write");
  var box = document.getElementById("box");
  var again = false;
  var looking = false;

  function toEnd() {
    var thread = document.getElementById("thread");
    thread.scrollTop = thread.scrollHeight;
  }

  // The page itself, asked for again, and the parts that change taken from it.
  function look() {
    if (looking) {
      again = true;
      return;
    }
    looking = true;
    fetch(here)
      .then(function (answer) {
        return answer.text();
      })
      .then(function (html) {
        var page = new DOMParser().parseFromString(html, "text/html");
        ["thread", "cost", "whose"].forEach(function (id) {
          document.getElementById(id).replaceChildren(...page.getElementById(id).childNodes);
        });
        toEnd();
      })
      .catch(function () {})
      .then(function () {
        looking = false;
        if (again) {
          again = false;
          look();
        }
      });
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    var fields = new URLSearchParams(new FormData(form, event.submitter));
    box.value = "";
    box.focus();
    fetch("/phone", { method: "POST", body: fields, redirect: "manual" }).then(look, look);
  });

  box.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });

  new EventSource("/phone/events?number=" + encodeURIComponent(number)).addEventListener("changed", look);
  toEnd();
})();
