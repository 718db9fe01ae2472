// A accepts and R rejects: on a handoff's page its forms, in the list the page of the row that has the focus.
import { listen } from "./keys.js";

export function start(part) {
  if (part.matches(".list")) {
    const open = (what) => {
      const link = part.querySelector("a.lead:focus");
      if (link) location.assign(`${link.href}#${what}`);
    };
    listen({ a: () => open("accept"), r: () => open("reason") });
    return;
  }
  const accept = part.querySelector("#accept");
  const reason = part.querySelector("#reason");
  listen({ a: () => accept?.click(), r: () => reason?.focus() });
  const wanted = location.hash && part.querySelector(`#${CSS.escape(location.hash.slice(1))}`);
  if (wanted) wanted.focus();
}
