// Keyboard shortcuts: one listener for the page. A key is named as KeyboardEvent.key does, with "Ctrl+" before it where Ctrl or Cmd is held.
const bound = new Map();

// listen binds keys to functions. Keys without Ctrl do nothing while somebody types, nor with a dialog open.
export function listen(keys) {
  for (const [key, act] of Object.entries(keys)) {
    bound.set(key, act);
  }
}

// close folds a menu; the focus goes back to what opens it.
export function close(menu) {
  menu.open = false;
  menu.querySelector("summary").focus();
}

function typing(target) {
  return target.isContentEditable || target.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=button])");
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.isComposing || document.querySelector("dialog[open]")) {
    return;
  }
  const menu = event.key === "Escape" && event.target.closest("details.menu[open]");
  if (menu) {
    close(menu);
    return;
  }
  const held = event.ctrlKey || event.metaKey;
  if (event.key === "Escape" && typing(event.target)) {
    event.target.blur();
    return;
  }
  const act = bound.get(held ? `Ctrl+${event.key}` : event.key) ?? bound.get(held ? "" : event.key.toLowerCase());
  if (!act || (!held && typing(event.target))) {
    return;
  }
  event.preventDefault();
  act(event);
});
