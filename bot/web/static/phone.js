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

  function take(page, ids) {
    ids.forEach(function (id) {
      document.getElementById(id).replaceChildren(...page.getElementById(id).childNodes);
    });
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
        take(page, ["thread", "cost", "whose"]);
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
    var fields = new FormData(form, event.submitter);
    form.reset();
    box.value = "";
    box.focus();
    fetch(form.action, { method: "POST", body: fields, redirect: "manual" })
      .then(function (answer) {
        return answer.type === "opaqueredirect" ? "" : answer.text();
      })
      .then(function (html) {
        // Not taken: the page that came says why.
        var said = html && new DOMParser().parseFromString(html, "text/html").getElementById("sorry");
        document.getElementById("sorry").textContent = said ? said.textContent : "";
      })
      .then(look, look);
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
