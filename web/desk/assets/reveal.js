// What gets the focus by keyboard comes wholly into sight: browsers leave it where it is when a part of it is seen.

// reveal looks after a page. Nothing moves under a pointer: what is clicked would be gone when the button is let go.
export function reveal() {
  let byKey = true;
  addEventListener("pointerdown", () => (byKey = false), true);
  addEventListener("keydown", () => (byKey = true), true);
  addEventListener("focusin", (event) => {
    if (byKey && event.target !== document.getElementById("main")) {
      event.target.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  });
}
