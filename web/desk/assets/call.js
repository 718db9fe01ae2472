// The call screen: takes the task, keeps what is typed, tells news, and works by keyboard. The server decides everything.
import { close, listen } from "./keys.js";
import { Keeper } from "./keeper.js";

const heartbeat = 5 * 60 * 1000; // well within the server's claim

export function start(root) {
  const form = root.querySelector("form.callform");
  const id = root.dataset.task;
  const news = root.querySelector("[data-news]");
  const tell = (text, kind) => {
    const line = document.createElement("p");
    line.className = `note ${kind}`;
    line.textContent = text;
    news.append(line);
    return line;
  };
  let over = false;
  const ended = () => {
    if (!over) {
      const login = document.createElement("a");
      login.href = `/desk/login?next=${encodeURIComponent(location.pathname + location.search)}`;
      login.textContent = "Log in";
      tell("Your session has ended. What you typed is kept in this browser. ", "warn").append(login);
    }
    over = true;
  };
  hear(root, id, tell);
  listen({
    s: () => {
      const menu = root.querySelector("details.menu");
      if (menu?.open) {
        close(menu);
      } else if (menu) {
        menu.open = true;
        menu.querySelector("button, input:not([type=hidden])")?.focus();
      }
    },
    c: () => root.querySelector('a[href^="tel:"]')?.click(),
    n: () => root.querySelector("[data-notes]")?.focus(),
    "Ctrl+Enter": () => (form ? form.querySelector("[data-log]").click() : root.querySelector("[data-next] button")?.click()),
  });
  if (!form) {
    new Keeper(id, root.dataset.user).forget();
    return;
  }
  for (const choice of form.querySelectorAll("[data-key]")) {
    listen({ [choice.dataset.key]: () => choose(choice) });
  }
  const keeper = new Keeper(id, root.dataset.user, form, root.querySelector("[data-saved]"), ended);
  const claim = hold(root, form, id, tell, ended, keeper);
  form.addEventListener("submit", (event) => {
    if (event.submitter?.name === "then") {
      event.preventDefault();
      send(form, event.submitter, keeper, claim, tell, ended);
    }
  });
  root.querySelector("[data-first-problem], [aria-invalid=true], .problem")?.focus?.();
}

function choose(choice) {
  choice.checked = true;
  choice.focus();
  choice.dispatchEvent(new Event("input", { bubbles: true }));
}

// ask posts to the server as the desk's own module does.
function ask(path, body) {
  return fetch(path, { method: "POST", body: new URLSearchParams({ ...body, reader: document.body.dataset.reader }), headers: { "X-Desk": "1" }, redirect: "error" });
}

// hold takes the task while the page is open, and gives it back when it is left with nothing typed.
function hold(root, form, id, tell, ended, keeper) {
  const claim = { at: "", leaving: false };
  if (!("open" in root.dataset) || "refused" in root.dataset) {
    return claim;
  }
  let told = false;
  const take = async () => {
    if (document.visibilityState === "hidden" || claim.leaving) {
      return;
    }
    const answer = await ask(`/desk/tasks/${id}/claim`, {}).catch(() => null);
    if (!answer) {
      return; // no connection; the next heartbeat tries again
    }
    const text = await answer.text();
    if (answer.ok) {
      claim.at = text;
      root.querySelector("[data-claim]")?.replaceWith(badge("You have it"));
    } else if (answer.status === 401) {
      ended();
    } else if (!told) {
      told = true;
      tell(text, "warn");
    }
  };
  take();
  setInterval(take, heartbeat);
  document.addEventListener("visibilitychange", take);
  addEventListener("pagehide", () => {
    if (claim.at && !claim.leaving && !keeper.typed()) {
      navigator.sendBeacon(`/desk/tasks/${id}/release`, new URLSearchParams({ held: claim.at, quietly: "1", reader: document.body.dataset.reader }));
    }
  });
  return claim;
}

function badge(text) {
  const made = document.createElement("span");
  made.className = "badge strong";
  made.textContent = text;
  return made;
}

// send logs. Without a connection the page stays as it is; with mistakes it comes back with them; only when all is logged it moves on.
async function send(form, button, keeper, claim, tell, ended) {
  if (form.dataset.busy) {
    return;
  }
  form.dataset.busy = "1";
  try {
    const body = new FormData(form, button);
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(body), headers: { "X-Desk": "1" } });
    const text = await answer.text();
    if (answer.ok) {
      claim.leaving = true;
      keeper.forget();
      location.assign(text);
      return;
    }
    if (answer.headers.get("Content-Type")?.startsWith("text/html")) {
      showAgain(text);
      return;
    }
    if (answer.status === 401) {
      ended();
    } else {
      tell(text, "wrong");
    }
  } catch {
    keeper.save();
    tell("There is no connection. What you typed is kept in this browser; log it when the connection is back.", "wrong");
  } finally {
    delete form.dataset.busy;
  }
}

// showAgain puts the form with its mistakes in the place of the one on the page. Where the task is somebody else's by now, it says so above.
function showAgain(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const made = page.querySelector(".callform");
  const form = document.querySelector(".callform");
  if (!made || !form) {
    return;
  }
  const old = form.querySelector(".callmain").scrollTop;
  form.replaceChildren(...made.childNodes);
  form.querySelector(".callmain").scrollTop = old;
  const gone = page.querySelector("[data-first-problem]");
  document.querySelector("[data-first-problem]")?.remove();
  if (gone) {
    document.querySelector("[data-news]").after(gone);
    for (const part of document.querySelectorAll(".callactions > :not([data-saved])")) { // the task can be neither held nor put off
      part.remove();
    }
  }
  const problem = form.querySelector("[aria-invalid=true], .bad input, .bad textarea, [aria-describedby=kind-problem] input");
  (gone ?? problem ?? form.querySelector("[data-log]")).focus();
  for (const choice of form.querySelectorAll("[data-key]")) {
    listen({ [choice.dataset.key]: () => choose(choice) });
  }
}

// hear shows what happens meanwhile. A hidden page does not listen: browsers allow few connections, and it asks anew when it is looked at.
function hear(root, id, tell) {
  let source = null;
  const told = new Set();
  const open = () => {
    if (document.visibilityState === "hidden") {
      source?.close();
      source = null;
      return;
    }
    if (source) {
      return;
    }
    source = new EventSource(`/desk/tasks/${id}/news?seen=${root.dataset.seen}`);
    for (const [name, kind] of [["response", "warn"], ["task", "warn"], ["verdict", "info"]]) {
      source.addEventListener(name, (event) => {
        const { text } = JSON.parse(event.data);
        if (!told.has(text)) {
          told.add(text);
          tell(text, kind);
        }
      });
    }
  };
  open();
  document.addEventListener("visibilitychange", open);
  addEventListener("pagehide", () => source?.close());
}
