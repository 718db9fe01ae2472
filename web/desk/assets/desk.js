// The entry of every page. All of it is comfort: without it the pages are links and forms. A page's own module is named by data-module.
import { listen } from "./keys.js";
import { walk } from "./list.js";
import { once } from "./once.js";
import { reveal } from "./reveal.js";
import { keepTyped } from "./typed.js";

once();
keepTyped();
reveal();
const help = document.getElementById("keys");
if (help) {
  listen({ "?": () => help.showModal(), "/": () => document.querySelector("input[type=search]")?.focus() });
}
for (const list of document.querySelectorAll("[data-list]")) {
  walk(list);
}
for (const here of document.querySelectorAll("nav [aria-current]")) { // on a phone a row of links goes on beyond the edge
  const row = here.closest("nav");
  row.scrollLeft = here.getBoundingClientRect().left - row.getBoundingClientRect().left - (row.clientWidth - here.offsetWidth) / 2;
}
const next = document.querySelector("[data-next] button");
if (next) {
  listen({ "Ctrl+Enter": () => next.click() });
}
for (const part of document.querySelectorAll("[data-module]")) {
  const module = await import(`./${part.dataset.module}.js`);
  module.start(part);
}
document.documentElement.dataset.ready = ""; // shortcuts work from now on
