// A form is sent once, however often its button is pressed before the answer is here: the answer to the second one would hide that to the first, such as a
// password that is shown once.
const long = 5000; // ms after which the button works again: the browser was stopped

// once looks after the forms of a page.
export function once() {
  addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") {
      return;
    }
    if ("sent" in form.dataset) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "";
    setTimeout(() => delete form.dataset.sent, long);
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
}
