// Small habits of every page: fold the menu, choose columns, close menus, copy, confirm.
(function () {
  "use strict";
  const YEAR = 31536000;

  function remember(name, value) {
    document.cookie = name + "=" + encodeURIComponent(value) +
      ";path=/;max-age=" + YEAR + ";samesite=lax";
  }

  document.addEventListener("click", function (event) {
    const fold = event.target.closest("[data-fold]");
    if (fold) {
      const folded = document.body.classList.toggle("folded");
      remember("menu_folded", folded ? "1" : "");
      window.dispatchEvent(new Event("resize"));
    }
    document.querySelectorAll("details.user[open], details.chooser[open]").forEach((open) => {
      if (!open.contains(event.target)) open.removeAttribute("open");
    });
    const print = event.target.closest("[data-print]");
    if (print) window.print();
    const fill = event.target.closest("[data-fill-name]");
    if (fill) {
      document.getElementById("id_username").value = fill.dataset.fillName;
      document.getElementById("id_password").focus();
    }
  });

  // The choice of columns is a cookie, so that the server draws and exports the same columns.
  document.addEventListener("change", function (event) {
    const chooser = event.target.closest("[data-columns]");
    if (chooser) {
      const chosen = Array.from(chooser.querySelectorAll("input:checked")).map((i) => i.value);
      if (!chosen.length) { event.target.checked = true; return; }
      remember("columns_" + chooser.dataset.columns, chosen.join("."));
      window.htmx.trigger(document.getElementById("search"), "submit");
    }
    const goes = event.target.closest("[data-goes]");
    if (goes) goes.form.requestSubmit();
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.user[open], details.chooser[open]")
      .forEach((open) => open.removeAttribute("open"));
  });

  document.addEventListener("submit", function (event) {
    const question = event.target.dataset.confirm;
    if (question && !window.confirm(question)) event.preventDefault();
  });

  // A failed request is said, never swallowed.
  document.addEventListener("htmx:responseError", function () {
    const box = document.getElementById("trouble");
    if (box) box.hidden = false;
  });
  document.addEventListener("htmx:sendError", function () {
    const box = document.getElementById("trouble");
    if (box) box.hidden = false;
  });
})();
