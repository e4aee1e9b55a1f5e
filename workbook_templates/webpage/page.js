(function () {
  "use strict";
  var d = document, zh = d.documentElement.lang !== "en";
  var sections = [].slice.call(d.querySelectorAll("main > section"));
  d.addEventListener("keydown", function (e) {
    if (e.ctrlKey || e.metaKey || e.altKey || /INPUT|SELECT|TEXTAREA/.test(e.target.tagName)) return;
    if (/^[0-5]$/.test(e.key)) { go(e.key === "0" ? "first" : "s" + e.key); }
    if (e.key === "Escape" && /^#[cdpoi]-/.test(location.hash)) history.back();
    if (e.key === "p" && button) button.click();
  });
  function go(id) { var s = d.getElementById(id); if (s) { if (turning) show(sections.indexOf(s)); location.hash = id; } }
  // A card that opens takes the focus, so that a screen reader reads it.
  addEventListener("hashchange", function () {
    var to = d.getElementById(decodeURIComponent(location.hash.slice(1))), on = to && to.closest("main > section");
    if (to && /^#[cdpoi]-/.test(location.hash)) to.querySelector("h3").focus();
    // Who follows a link on the wall reads what it leads to: no turning until asked for.
    if (turning && location.hash === "#top") show(0);
    if (turning && on && on !== sections[at]) { set(false); to.scrollIntoView(); }
  });
  // Filter: rows of all tables whose owner is chosen.
  var names = {};
  [].forEach.call(d.querySelectorAll("td .who .full"), function (n) { names[n.textContent] = 1; });
  names = Object.keys(names).sort();
  if (names.length > 1) {
    var label = d.createElement("label"), pick = d.createElement("select");
    label.className = "filter";
    label.textContent = zh ? "负责人 " : "Owner ";
    [zh ? "全部" : "everybody"].concat(names).forEach(function (n, i) {
      var o = d.createElement("option"); o.value = i ? n : ""; o.textContent = n; pick.appendChild(o);
    });
    pick.onchange = function () {
      [].forEach.call(d.querySelectorAll("table.problems tbody tr, table.figures tbody tr, #tasks tbody tr"), function (r) {
        var w = r.querySelector(".who .full");
        r.hidden = !!pick.value && (!w || w.textContent !== pick.value);
      });
    };
    label.appendChild(pick);
    d.querySelector("header.top").appendChild(label);
  }
  // On a wall the screens take turns, unless the reader wants no motion; a key and a button stop them.
  var turning = false, at = 0, timer = 0, button = null;
  function show(n) { at = (n + sections.length) % sections.length; sections.forEach(function (s, i) { s.classList.toggle("now", i === at); }); }
  function set(on) {
    turning = on; clearInterval(timer);
    d.body.classList.toggle("turning", on);
    if (on) { show(at); timer = setInterval(function () { show(at + 1); }, 20000); }
    button.textContent = on ? (zh ? "暂停轮播" : "Pause") : (zh ? "轮播各屏" : "Rotate");
    button.setAttribute("aria-pressed", String(on));
  }
  if (matchMedia("(min-width: 1920px)").matches) {
    button = d.createElement("button");
    button.type = "button"; button.className = "turn";
    button.onclick = function () { set(!turning); };
    d.querySelector("header.top").appendChild(button);
    set(!matchMedia("(prefers-reduced-motion: reduce)").matches);
  }
})();
