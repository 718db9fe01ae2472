// J and K walk through the links of a list; Enter is the browser's own.
import { listen } from "./keys.js";

// walk binds J and K to the first link of each row.
export function walk(list) {
  const links = () => [...list.querySelectorAll(":scope > * a.lead")];
  const step = (by) => {
    const all = links();
    const at = all.findIndex((link) => link === document.activeElement || link.hasAttribute("aria-current"));
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };
  listen({ j: () => step(1), k: () => step(-1) });
}
