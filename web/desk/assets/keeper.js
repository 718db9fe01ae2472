// Keeper keeps what is typed into a form: in the browser at once, on the server soon after. What is kept in the browser only is put back when the page is
// opened again.
const wait = 500; // ms without typing before the server is told

export class Keeper {
  #key;
  #path;
  #form;
  #status;
  #ended; // tells that the session has ended
  #timer = 0;
  #version = 0;
  #leaving = false; // the next page may have been made before what is being saved arrived: it needs the browser's copy

  constructor(id, user, form, status, ended) {
    this.#key = `desk draft ${id} ${user}`;
    this.#path = `/desk/tasks/${id}/draft`;
    this.#form = form;
    this.#status = status;
    this.#ended = ended;
    if (form) {
      this.#putBack();
      form.addEventListener("input", () => this.#typed());
      addEventListener("beforeunload", () => (this.#leaving = true));
      addEventListener("pageshow", () => (this.#leaving = false));
      addEventListener("online", () => localStorage.getItem(this.#key) && this.save());
    }
  }

  // typed says whether the form holds anything.
  typed() {
    return this.#fields().size > 0;
  }

  forget() {
    clearTimeout(this.#timer);
    this.#version++;
    localStorage.removeItem(this.#key);
  }

  #fields() {
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(this.#form)) {
      if (value !== "" && !["who", "held", "reader"].includes(name)) {
        fields.append(name, value);
      }
    }
    return fields;
  }

  #putBack() {
    const kept = localStorage.getItem(this.#key);
    if (kept === null) {
      return;
    }
    const fields = new URLSearchParams(kept);
    for (const field of this.#form.elements) {
      if (!field.name || field.type === "hidden" || field.type === "submit") {
        continue;
      }
      if (field.type === "radio") {
        field.checked = (fields.get(field.name) ?? "") === field.value;
      } else {
        field.value = fields.get(field.name) ?? "";
      }
    }
    this.save();
  }

  #typed() {
    this.#version++;
    try {
      localStorage.setItem(this.#key, this.#fields().toString());
    } catch {
      // full or forbidden: the server is told all the same
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.save(), wait);
  }

  // save tells the server, and lets go of the browser's copy when nothing was typed since.
  async save() {
    clearTimeout(this.#timer);
    const version = ++this.#version;
    try {
      const fields = this.#fields();
      fields.set("reader", document.body.dataset.reader);
      const answer = await fetch(this.#path, { method: "POST", body: fields, headers: { "X-Desk": "1" }, keepalive: true });
      if (answer.status === 401) {
        this.#ended();
      }
      if (answer.status >= 400 && answer.status < 500) { // it will not be taken another time either
        this.#say("Kept in this browser only.");
        return;
      }
      if (!answer.ok) {
        throw new Error(await answer.text());
      }
      if (version === this.#version) {
        if (!this.#leaving) {
          localStorage.removeItem(this.#key);
        }
        this.#say(`Saved ${new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}; nothing is logged yet.`);
      }
    } catch {
      if (version === this.#version) {
        this.#say("Kept in this browser only: the server does not answer.");
        this.#timer = setTimeout(() => this.save(), 10_000);
      }
    }
  }

  #say(text) {
    if (this.#status) {
      this.#status.textContent = text;
    }
  }
}
