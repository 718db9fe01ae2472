// The entry of every page. All of it is comfort: without it the pages are links and forms. A page's own module is named by data-module.
import { listen } from "./keys.js";
import { walk } from "./list.js";

const help = document.getElementById("keys");
if (help) {
  listen({ "?": () => help.showModal(), "/": () => document.querySelector("input[type=search]")?.focus() });
}
for (const list of document.querySelectorAll("[data-list]")) {
  walk(list);
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
