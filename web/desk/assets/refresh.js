// Keeps a part of a page fresh: every data-every seconds the page is asked for again, and the part with the same id takes its place. Nothing moves
// while somebody is at work in it: with the focus inside, an open detail or dialog, or the page out of sight.
export function start(part) {
  const busy = () => document.hidden || part.contains(document.activeElement) || document.querySelector("dialog[open]") || part.querySelector("details[open]");
  const look = async () => {
    if (busy()) {
      return;
    }
    let fresh = null;
    try {
      const answer = await fetch(location.href, { headers: { "X-Desk": "refresh" } });
      if (answer.status === 401 || answer.status === 403) {
        clearInterval(timer);
      }
      fresh = answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id) : null;
    } catch {
      // The network is away: what stands says how old it is.
    }
    const stale = part.querySelector("[data-stale]");
    if (stale) {
      stale.hidden = fresh !== null;
    }
    if (fresh && !busy()) {
      part.replaceChildren(...fresh.childNodes);
    }
  };
  const timer = setInterval(look, Number(part.dataset.every) * 1000);
}
