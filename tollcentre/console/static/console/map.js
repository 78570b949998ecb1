// The network on a map without tiles: units as lines in their owner's colour, gantries, stations.
// window.TollMap.draw(element, network, options) is shared by the network, passage and tariff pages.
(function () {
  "use strict";
  const PALETTE = ["#0a6b50", "#1f5f99", "#b5651d", "#7a3e9d", "#b3261e", "#2a8c9e", "#6b7a1e",
    "#a83279", "#44518f", "#c28a00", "#4f8a3c", "#8a5a44"];

  function colour(index) {
    if (index < 0) return "#9aa5a0";
    if (index < PALETTE.length) return PALETTE[index];
    return "hsl(" + Math.round((index * 137.508) % 360) + ",45%,42%)";
  }

  function facts(rows) {
    const table = document.createElement("table");
    rows.forEach(function (pair) {
      const line = table.insertRow();
      line.insertCell().textContent = pair[0];
      line.insertCell().textContent = pair[1];
      line.cells[0].className = "muted nowrap";
    });
    return table;
  }

  function heading(text) {
    const head = document.createElement("h3");
    head.textContent = text;
    return head;
  }

  function popup(map, at, title, rows, actions) {
    const box = document.createElement("div");
    box.append(heading(title), facts(rows));
    if (actions) box.append(actions);
    return L.popup({ maxWidth: 380 }).setLatLng(at).setContent(box).openOn(map);
  }

  function draw(element, network, options) {
    const chosen = options || {};
    const words = element.dataset;
    const map = L.map(element, { preferCanvas: true, zoomControl: true, attributionControl: false,
      zoomSnap: 0.25 });
    L.control.scale({ imperial: false }).addTo(map);
    const canvas = L.canvas({ tolerance: 5, padding: 0.4 });
    const owners = new Map(network.owners.map((owner, index) => [owner.id, { ...owner, index }]));
    const groups = new Map();
    const byUnit = new Map();
    const bounds = L.latLngBounds([]);

    if (network.links.length) {
      L.polyline(network.links, { renderer: canvas, color: "#b9c6c0", weight: 1, interactive: false })
        .addTo(map);
    }
    network.units.forEach(function (unit) {
      const owner = owners.get(unit.owner);
      const line = L.polyline(unit.lines, { renderer: canvas, weight: chosen.quiet ? 2 : 3,
        color: chosen.quiet ? "#b9c6c0" : colour(owner ? owner.index : -1),
        opacity: chosen.quiet ? 0.9 : 0.85 });
      unit.lines.forEach((part) => part.forEach((point) => bounds.extend(point)));
      line.on("click", function (event) {
        popup(map, event.latlng, unit.name || unit.id, [
          [words.wordUnit, unit.id],
          [words.wordLength, unit.length],
          [words.wordOwner, owner ? owner.name : words.wordNone],
          [words.wordSection, unit.section],
          [words.wordReadable, unit.readable ? words.wordYes : words.wordNo],
          [words.wordOpposite, unit.opposite || words.wordNone],
        ]);
      });
      byUnit.set(unit.id, { unit, line });
      if (!groups.has(unit.owner)) groups.set(unit.owner, L.layerGroup().addTo(map));
      groups.get(unit.owner).addLayer(line);
    });

    const gantries = L.layerGroup();
    network.gantries.forEach(function (gantry) {
      const dot = L.circleMarker(gantry.at, { renderer: canvas, radius: 2.5, weight: 1,
        color: "#1d2b28", fillColor: "#fff", fillOpacity: 1 });
      dot.on("click", function (event) {
        popup(map, event.latlng, words.wordGantry, [
          [words.wordCode, gantry.id], ["HEX", gantry.hex], [words.wordUnit, gantry.unit],
        ]);
      });
      gantries.addLayer(dot);
    });
    const stations = L.layerGroup();
    network.stations.forEach(function (station) {
      const dot = L.circleMarker(station.at, { renderer: canvas, radius: chosen.onStation ? 5 : 4,
        weight: 1.5, color: "#fff", fillColor: "#1d2b28", fillOpacity: 0.9 });
      dot.bindTooltip(station.name);
      dot.on("click", function (event) {
        L.DomEvent.stopPropagation(event);
        if (chosen.onStation) { chosen.onStation(station); return; }
        popup(map, event.latlng, station.name, [
          [words.wordStation, station.id], ["HEX", station.hex],
        ]);
      });
      stations.addLayer(dot);
      bounds.extend(station.at);
    });
    stations.addTo(map);
    if (bounds.isValid()) map.fitBounds(bounds.pad(0.03)); else map.setView([36, 103.8], 6);

    function sizeStations() {
      const zoom = map.getZoom();
      const usual = zoom < 8 ? 2.2 : zoom < 10 ? 3.2 : 4.5;
      const radius = chosen.onStation ? usual + 1.3 : usual;
      stations.eachLayer((dot) => dot.setStyle({ radius: radius, weight: radius > 3 ? 1.5 : 0.7 }));
    }
    map.on("zoomend", sizeStations);
    sizeStations();

    function showGantries() {
      const wanted = chosen.gantries !== false && map.getZoom() >= 10;
      if (wanted && !map.hasLayer(gantries)) gantries.addTo(map);
      if (!wanted && map.hasLayer(gantries)) gantries.remove();
    }
    map.on("zoomend", showGantries);
    showGantries();
    const layers = {};
    layers[words.wordStation] = stations;
    L.control.layers(null, layers, { collapsed: false }).addTo(map);

    const marked = L.layerGroup().addTo(map);
    function mark(unitIds, style, fit) {
      marked.clearLayers();
      const around = L.latLngBounds([]);
      unitIds.forEach(function (id, place) {
        const known = byUnit.get(id);
        if (!known) return;
        const look = typeof style === "function" ? style(id, place) : style;
        // One canvas for all: a second one on top would swallow the clicks on stations.
        L.polyline(known.unit.lines, { renderer: canvas, weight: 5, color: "#0a6b50", ...look,
          interactive: false }).addTo(marked);
        known.unit.lines.forEach((part) => part.forEach((point) => around.extend(point)));
      });
      stations.eachLayer((dot) => { if (map.hasLayer(dot)) dot.bringToFront(); });
      if (fit && around.isValid()) map.fitBounds(around.pad(0.15));
    }
    // The page's map by name, so that a browser test can find a station's place on the screen.
    window.TollMap.drawn = { map, network, owners, groups, byUnit, marked, mark, colour, popup };
    return window.TollMap.drawn;
  }

  function legend(box, drawn) {
    drawn.owners.forEach(function (owner) {
      const item = document.createElement("label");
      item.className = "item";
      const tick = document.createElement("input");
      tick.type = "checkbox";
      tick.checked = true;
      const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      rect.setAttribute("width", "18");
      rect.setAttribute("height", "6");
      rect.setAttribute("fill", drawn.colour(owner.index));
      svg.append(rect);
      item.append(tick, svg, owner.name);
      tick.addEventListener("change", function () {
        const group = drawn.groups.get(owner.id);
        if (!group) return;
        if (tick.checked) group.addTo(drawn.map); else group.remove();
      });
      box.append(item);
    });
  }

  window.TollMap = { draw, legend, colour };

  document.addEventListener("DOMContentLoaded", function () {
    const element = document.querySelector("[data-network-map]");
    if (!element) return;
    fetch(element.dataset.networkMap, { credentials: "same-origin" })
      .then((answer) => { if (!answer.ok) throw new Error(answer.status); return answer.json(); })
      .then(function (network) {
        const drawn = draw(element, network);
        legend(document.querySelector("[data-map-legend]"), drawn);
        element.dataset.ready = "1";
      })
      .catch(() => { document.getElementById("trouble").hidden = false; });
  });
})();
