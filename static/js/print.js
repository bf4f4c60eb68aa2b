// The first page follows what is chosen, a moment after the last change.
"use strict";
const form = document.querySelector(".press");
const proof = document.querySelector(".proof");
if (form && proof) {
  const picture = proof.querySelector("img");
  let waiting = 0;
  const look = () => {
    const chosen = new URLSearchParams(new FormData(form));
    const none = !chosen.has("link") && !chosen.has("all");
    if (none) { proof.hidden = true; return; }
    picture.src = proof.dataset.preview + "?" + chosen;
  };
  picture.addEventListener("load", () => { proof.hidden = false; });
  picture.addEventListener("error", () => { proof.hidden = true; });
  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(look, 250); });
}
