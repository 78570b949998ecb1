// The tariff page: a click on a station fills entry, the next one exit; the answer's path is marked.
(function () {
  "use strict";
  document.addEventListener("DOMContentLoaded", function () {
    const element = document.querySelector("[data-tariff-map]");
    const form = document.getElementById("price");
    if (!element || !form) return;
    const entry = form.elements.entry;
    const exit = form.elements.exit;
    let drawn = null;

    function ask() { window.htmx.trigger(form, "submit"); }

    function pick(station) {
      const text = station.name + " " + station.id;
      if (!entry.value || (entry.value && exit.value)) {
        entry.value = text;
        exit.value = "";
        if (drawn) drawn.mark([]);
        exit.focus();
      } else {
        exit.value = text;
      }
      if (entry.value && exit.value) ask();
    }

    function showPath() {
      const answer = document.querySelector("#answer [data-units]");
      if (!drawn) return;
      drawn.mark(answer ? answer.dataset.units.split(",").filter(Boolean) : [],
        { color: "#0a6b50", weight: 6, opacity: 0.9 }, true);
    }

    form.querySelector("[data-swap]").addEventListener("click", function () {
      const held = entry.value;
      entry.value = exit.value;
      exit.value = held;
      ask();
    });
    form.addEventListener("reset", function () {
      window.setTimeout(function () {
        entry.value = "";
        exit.value = "";
        ask();
      }, 0);
    });
    document.body.addEventListener("htmx:afterSettle", showPath);

    fetch(element.dataset.tariffMap, { credentials: "same-origin" })
      .then((answer) => { if (!answer.ok) throw new Error(answer.status); return answer.json(); })
      .then(function (network) {
        drawn = window.TollMap.draw(element, network,
          { quiet: true, gantries: false, onStation: pick });
        element.dataset.ready = "1";
        showPath();
      })
      .catch(() => { document.getElementById("trouble").hidden = false; });
  });
})();
