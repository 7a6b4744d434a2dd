// The web chat, made quick: sends without reloading, hears of new messages, and leaves at once.
// Everything here also works without it, by the forms on the page.
(function () {
  "use strict";

  var main = document.getElementById("main");
  var form = document.getElementById("chat");
  var box = document.getElementById("box");
  var list = document.getElementById("list");
  var scroll = document.getElementById("scroll");
  var status = document.getElementById("status");
  var words = main.dataset;
  var last = words.after;
  var waiting = []; // what we have not been told is stored, in the order it was written
  var sending = false;

  // Leaving

  function leave() {
    document.title = " ";
    document.body.hidden = true;
    var data = new FormData();
    if (!(navigator.sendBeacon && navigator.sendBeacon("/chat/leave", data))) {
      fetch("/chat/leave", { method: "POST", keepalive: true, redirect: "manual" });
    }
    document.body.textContent = "";
    window.location.replace(words.elsewhere);
  }

  document.getElementById("leave").addEventListener("submit", function (event) {
    event.preventDefault();
    leave();
  });

  var escaped = -Infinity;
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    if (event.timeStamp - escaped < 1000) leave();
    escaped = event.timeStamp;
  });

  // A page brought back from the browser's memory may be of someone who has left.
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) window.location.reload();
  });

  // Showing

  function nearEnd() {
    return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 120;
  }

  function toEnd() {
    scroll.scrollTop = scroll.scrollHeight;
  }

  function element(name, kind, text) {
    var made = document.createElement(name);
    made.className = kind;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function bubble(from, text) {
    var worker = from === "link worker"; // their words begin with who they are
    var item = element("li", "said said--" + (from === "you" ? "you" : worker ? "worker" : "us"));
    if (!worker) item.append(element("p", "nhsuk-u-visually-hidden", from === "you" ? words.you : words.us));
    var said = element("p", "said__text", text);
    said.dir = "auto";
    item.append(said);
    return item;
  }

  function noMoreChoices() {
    var focused = document.activeElement && document.activeElement.closest(".choices");
    list.querySelectorAll(".choices").forEach(function (choices) {
      choices.remove();
    });
    if (focused) scroll.focus({ preventScroll: true });
  }

  function show(message) {
    if (message.from === "you") {
      waiting.forEach(function (one) {
        if (one.message.id === message.id) stored(one); // the answer to our sending is late or lost
      });
    }
    if (list.querySelector('[data-id="' + CSS.escape(message.id) + '"]')) return;
    var follow = nearEnd();
    var item = bubble(message.from, message.text);
    item.dataset.id = message.id;
    if (message.file) {
      var file = element("p", "said__file");
      var link = element("a", "", words.file);
      link.href = message.file.url;
      link.download = message.file.name;
      file.append(link);
      item.append(file);
    }
    if (message.from === "you") noMoreChoices();
    if (message.choices.length) {
      var choices = element("div", "choices");
      message.choices.forEach(function (choice) {
        var button = element("button", "nhsuk-button nhsuk-button--secondary choice", choice.label);
        button.name = "choice";
        button.value = choice.id;
        choices.append(button);
      });
      item.append(choices);
    }
    // What is not stored yet comes after it.
    list.insertBefore(item, waiting.length ? waiting[0].item : null);
    last = message.id;
    begun();
    if (follow) toEnd();
  }

  function begun() {
    var start = document.getElementById("start");
    if (start) start.remove();
  }

  // Sending

  function newId() {
    var bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, function (b) {
      return ("0" + b.toString(16)).slice(-2);
    }).join("");
  }

  function say(message, shown) {
    var remember = document.getElementById("remember");
    message.id = newId();
    message.language = form.elements.language.value;
    message.source = form.elements.source.value;
    if (remember && remember.checked) message.remember = true;
    noMoreChoices();
    var item = bubble("you", shown);
    item.dataset.id = message.id;
    list.append(item);
    var one = { message: message, item: item, failed: false };
    waiting.push(one);
    begun();
    toEnd();
    next();
  }

  function state(one, text, retry) {
    var old = one.item.querySelector(".said__state");
    if (old) old.remove();
    one.item.classList.toggle("said--failed", !!retry);
    if (!text) return;
    var line = element("p", "said__state", text + (retry ? " " : ""));
    if (retry) {
      var button = element("button", "said__retry", words.retry);
      button.type = "button";
      button.addEventListener("click", function () {
        one.failed = false;
        next();
      });
      line.append(button);
    }
    one.item.append(line);
  }

  // One at a time and in order: the second waits for the first, also when that one failed.
  function next() {
    var one = waiting[0];
    if (sending || !one || one.failed) return;
    sending = true;
    state(one, words.sending);
    fetch("/chat/messages", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(one.message),
    })
      .then(function (answer) {
        return answer.json().then(function (body) {
          if (answer.status === 202) stored(one);
          else refused(one, body.message);
        });
      })
      .catch(function () {
        refused(one, "");
      })
      .then(function () {
        sending = false;
        next();
      });
  }

  function stored(one) {
    var place = waiting.indexOf(one);
    if (place < 0) return;
    waiting.splice(place, 1);
    state(one, "");
    status.textContent = "";
  }

  function refused(one, why) {
    if (waiting.indexOf(one) < 0) return;
    one.failed = true;
    state(one, words.notSent, true);
    status.textContent = why || (navigator.onLine ? "" : words.offline);
    toEnd();
  }

  function tryAgain() {
    if (waiting.length && waiting[0].failed) {
      waiting[0].failed = false;
      next();
    }
    catchUp();
  }

  function send() {
    var text = box.value.trim();
    if (!text) {
      status.textContent = words.nothing;
      box.focus();
      return;
    }
    status.textContent = "";
    box.value = "";
    fit();
    say({ text: text }, text);
    box.focus();
  }

  form.addEventListener("submit", function (event) {
    var pressed = event.submitter;
    if (pressed && pressed.name === "start") return; // this one opens the page anew
    event.preventDefault();
    if (pressed && pressed.name === "choice") {
      say({ choice: pressed.value }, pressed.textContent.trim());
    } else {
      send();
    }
  });

  box.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      send();
    }
  });

  function fit() {
    if (CSS.supports && CSS.supports("field-sizing", "content")) return;
    box.style.height = "auto";
    box.style.height = box.scrollHeight + 4 + "px";
  }
  box.addEventListener("input", fit);

  // Pictures cannot be read here; say so rather than do nothing.
  function pictures(event) {
    var carried = event.clipboardData || event.dataTransfer;
    if (!carried || !carried.files || !carried.files.length) return;
    event.preventDefault();
    status.textContent = words.pictures;
  }
  document.addEventListener("paste", pictures);
  document.addEventListener("drop", pictures);
  document.addEventListener("dragover", function (event) {
    if (event.dataTransfer && event.dataTransfer.types.indexOf("Files") >= 0) event.preventDefault();
  });

  // Hearing

  var events;
  function listen() {
    events = new EventSource("/chat/events?after=" + encodeURIComponent(last));
    events.addEventListener("message", function (event) {
      show(JSON.parse(event.data));
    });
  }

  function catchUp() {
    if (!list.children.length) return;
    fetch("/chat/messages")
      .then(function (answer) {
        return answer.ok ? answer.json() : { messages: [] };
      })
      .then(function (body) {
        body.messages.forEach(show);
      })
      .catch(function () {});
  }

  window.addEventListener("online", tryAgain);
  window.addEventListener("offline", function () {
    status.textContent = words.offline;
  });
  document.addEventListener("visibilitychange", function () {
    if (!document.hidden) catchUp();
  });
  // Also keeps the browser from forgetting someone whose page is open.
  setInterval(catchUp, 5 * 60 * 1000);
  // Closed for good: too many pages are open, or something between us said no. Look now and then.
  setInterval(function () {
    if (events.readyState !== EventSource.CLOSED || document.hidden) return;
    catchUp();
    listen();
  }, 10 * 1000);

  if (list.children.length) toEnd();
  listen();
})();
