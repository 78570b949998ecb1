// The passage page: the restored units on the map, coloured by how each came into the path; where
// the path is in review, a candidate that is taken over, or the units as they are written.
(function () {
  "use strict";
  const COLOURS = { 1: "#0a6b50", 2: "#1f5f99", 3: "#1f5f99", 4: "#d9822b", 5: "#d9822b" };

  function showWritten(field, fit) {
    const drawn = window.TollMap.drawn;
    const ids = field.value.toUpperCase().match(/\w+/g) || [];
    if (drawn) drawn.mark(ids, { color: COLOURS[1], weight: 5 }, fit);
  }

  document.addEventListener("click", function (event) {
    const taken = event.target.closest("[data-candidate]");
    if (!taken) return;
    const field = document.querySelector("[data-path-units]");
    field.value = taken.dataset.candidate.split(" ").join("\n");
    taken.closest("tbody").querySelectorAll("tr").forEach((row) =>
      row.classList.toggle("chosen", row.contains(taken)));
    showWritten(field, true);
  });
  document.addEventListener("input", function (event) {
    if (event.target.matches("[data-path-units]")) showWritten(event.target, false);
  });

  document.addEventListener("DOMContentLoaded", function () {
    const element = document.querySelector("[data-passage-map]");
    if (!element) return;
    const units = JSON.parse(document.getElementById("passage-units").textContent);
    const signs = new Map(units.map((unit) => [unit.unit, unit.sign]));
    fetch(element.dataset.passageMap, { credentials: "same-origin" })
      .then((answer) => { if (!answer.ok) throw new Error(answer.status); return answer.json(); })
      .then(function (network) {
        const drawn = window.TollMap.draw(element, network, { quiet: true });
        drawn.mark(units.map((unit) => unit.unit),
          (id) => ({ color: COLOURS[signs.get(id)] || "#55655f", weight: 5 }), true);
        element.dataset.ready = "1";
      })
      .catch(() => { document.getElementById("trouble").hidden = false; });
  });
})();
