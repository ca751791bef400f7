"use strict";
// Only what is there already becomes handier: without this script everything can be read, one part below the other.

const NEXT_TAB = { ArrowRight: 1, ArrowLeft: -1 };

function panelOf(tab) {
  return document.getElementById(tab.hash.slice(1));
}

/** Makes the list of links to the parts of a report a list of tabs. */
function makeTabs(article) {
  const tabs = [...article.querySelectorAll(":scope > .tabs a")];
  const list = article.querySelector(":scope > .tabs ul");
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", list.parentElement.getAttribute("aria-label"));
  const select = (chosen) => {
    for (const tab of tabs) {
      const isChosen = tab === chosen;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      panelOf(tab).classList.toggle("closed", !isChosen);
    }
  };
  for (const [index, tab] of tabs.entries()) {
    const panel = panelOf(tab);
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panel.id);
    tab.id = `${panel.id}-tab`;
    tab.parentElement.setAttribute("role", "presentation");
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    tab.addEventListener("click", (event) => {
      event.preventDefault();
      select(tab);
    });
    tab.addEventListener("keydown", (event) => {
      const to =
        event.key === "Home" ? 0 : event.key === "End" ? tabs.length - 1 : index + (NEXT_TAB[event.key] ?? Number.NaN);
      const next = tabs.at(to % tabs.length);
      if (Number.isNaN(to)) return;
      event.preventDefault();
      select(next);
      next.focus();
    });
    panel.addEventListener("reveal", () => select(tab));
  }
  select(tabs[0]);
}

/** Lays open whatever hides an element, and goes there. */
function reveal(element) {
  for (let around = element; around !== null; around = around.parentElement) {
    if (around instanceof HTMLDetailsElement) around.open = true;
    if (around.hidden) around.hidden = false;
    if (around.getAttribute("role") === "tabpanel") around.dispatchEvent(new Event("reveal"));
  }
  element.scrollIntoView({ block: "start" });
  element.focus({ preventScroll: true });
}

function followHash() {
  const target = location.hash === "" ? null : document.getElementById(location.hash.slice(1));
  if (target !== null) reveal(target);
}

const DIRECTIONS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

/** One stop for Tab; the arrow keys go from area to area. */
function makeMap(figure) {
  const links = [...figure.querySelectorAll(".groups a")];
  const readout = figure.querySelector(".readout");
  const tell = (link) => (readout.textContent = link.dataset.told);
  const enter = (link) => {
    for (const other of links) other.tabIndex = other === link ? 0 : -1;
    tell(link);
  };
  for (const [index, link] of links.entries()) {
    link.tabIndex = index === 0 ? 0 : -1;
    link.addEventListener("focus", () => enter(link));
    link.addEventListener("pointerenter", () => tell(link));
    link.addEventListener("keydown", (event) => {
      const next =
        event.key === "Home"
          ? links[0]
          : event.key === "End"
            ? links.at(-1)
            : event.key in DIRECTIONS && nearest(link, links, DIRECTIONS[event.key]);
      if (!next) return;
      event.preventDefault();
      next.focus();
    });
  }
}

function centre(link) {
  const { left, top, width, height } = link.getBoundingClientRect();
  return [left + width / 2, top + height / 2];
}

/** The nearest of `links` in a direction; undefined at the edge. */
function nearest(from, links, [dx, dy]) {
  const [x, y] = centre(from);
  let best;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const link of links) {
    const [toX, toY] = centre(link);
    const ahead = (toX - x) * dx + (toY - y) * dy;
    const aside = Math.abs((toX - x) * dy) + Math.abs((toY - y) * dx);
    const distance = ahead + 2 * aside;
    if (link === from || ahead < 2 || distance >= bestDistance) continue;
    best = link;
    bestDistance = distance;
  }
  return best;
}

/** Shows only the rows that have the text in them. */
function makeSearch(search) {
  const decisions = [...search.parentElement.querySelectorAll(".decision")];
  const output = search.querySelector("output");
  search.hidden = false;
  search.querySelector("input").addEventListener("input", ({ target }) => {
    const text = target.value.trim().toLowerCase();
    let found = 0;
    for (const decision of decisions) {
      const rows = [...decision.querySelectorAll("[data-search]")];
      for (const row of rows) row.hidden = !row.dataset.search.includes(text);
      const shown = rows.filter((row) => !row.hidden).length;
      found += shown;
      decision.hidden = text !== "" && shown === 0;
      for (const details of decision.querySelectorAll("details")) details.open = text !== "" && shown > 0;
    }
    const noun = search.dataset.noun ?? "path";
    output.textContent = text === "" ? "" : found === 1 ? `1 ${noun}` : `${found} ${noun}s`;
  });
}

/** A button that copies a block; where nothing may be copied it selects the block. */
function makeCopyable(block) {
  const button = document.createElement("button");
  const label = button.appendChild(document.createElement("span"));
  const what = block.getAttribute("aria-label");
  const told = (text) => {
    label.textContent = text;
    button.setAttribute("aria-label", `${text} ${what}`);
  };
  button.type = "button";
  told("Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(block.textContent);
      told("Copied");
    } catch {
      getSelection().selectAllChildren(block);
      told("Selected");
    }
  });
  block.before(button);
}

/** On paper nothing can be opened. */
function openForPrint() {
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
  });
}

document.documentElement.classList.add("js");
for (const article of document.querySelectorAll(".workload")) makeTabs(article);
for (const figure of document.querySelectorAll(".map")) makeMap(figure);
for (const search of document.querySelectorAll(".search")) makeSearch(search);
for (const block of document.querySelectorAll(".copyable")) makeCopyable(block);
openForPrint();
addEventListener("hashchange", followHash);
// A second visit to the same place changes no hash.
addEventListener("click", ({ target }) => {
  const link = target instanceof Element ? target.closest('a[href^="#"]') : null;
  if (link !== null && link.hash === location.hash) followHash();
});
followHash();
