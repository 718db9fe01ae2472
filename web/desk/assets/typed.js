// What was typed into a form is there again when the form's answer was the login, for the session had ended, or a problem: nothing of it was taken, and its page
// is made anew. It is kept in the tab, for who typed it alone. The form of a call has a keeper of its own.
const key = "desk typed";
const user = document.body.dataset.user;
const again = document.querySelector("[data-again]") !== null; // such an answer

const typable = (form) => [...form.elements].filter((field) => field.name && !["hidden", "password", "submit", "button"].includes(field.type));
const chosen = (field) => ["radio", "checkbox"].includes(field.type);
const hidden = (form) => [...form.querySelectorAll("input[type=hidden]")].map((field) => `${field.name}=${field.value}`);
const nameOf = (form) => [form.getAttribute("action"), ...hidden(form)].join("\n");

function load() {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
}

function store(kept) {
  try {
    sessionStorage.removeItem(key);
    if (kept) {
      sessionStorage.setItem(key, JSON.stringify(kept));
    }
  } catch {
    // full or forbidden: the form is sent all the same
  }
}

const formOf = (kept) => [...document.querySelectorAll("form[method=post]")].find((one) => nameOf(one) === kept.form);

function putBack(kept, form) {
  const fields = typable(form);
  if (fields.map((field) => field.name).join() !== kept.fields.map(([name]) => name).join()) {
    return;
  }
  for (const [i, field] of fields.entries()) {
    const value = kept.fields[i][1];
    if (chosen(field)) {
      field.checked = value;
    } else {
      field.value = value;
    }
  }
  form.closest("details")?.setAttribute("open", "");
  const line = document.createElement("p");
  line.className = "toast";
  line.textContent = "What you typed is here again: it was not taken yet.";
  document.querySelector(".notices")?.append(line);
}

// keepTyped looks after the forms of a page.
export function keepTyped() {
  const kept = load();
  if (again) {
    store(kept && { ...kept, refused: true });
    return;
  }
  const due = kept?.refused && kept.user === user;
  const form = due ? formOf(kept) : null;
  store(due && !form ? kept : null); // it waits until the form's page is opened
  if (form && !document.querySelector("[data-back]")) { // the server has not done it
    putBack(kept, form);
  }
  addEventListener("pageshow", (event) => event.persisted && store(null)); // the browser kept the page, and all that is in it
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.matches(".callform") || typable(form).length === 0) {
      return;
    }
    store({ user, form: nameOf(form), fields: typable(form).map((field) => [field.name, chosen(field) ? field.checked : field.value]) });
  });
}
