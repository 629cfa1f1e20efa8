// Signing in by the client's kit, with nothing to be tapped; where that fails, by its sign-in page.
const form = document.getElementById("inside");
const PATIENCE = 5000;
let done = false;

function otherwise() {
  if (done) return;
  done = true;
  location.replace(document.getElementById("otherwise").href);
}

function enter({ code }) {
  if (done || !code) return otherwise();
  done = true;
  form.elements.code.value = code;
  form.submit();
}

setTimeout(otherwise, PATIENCE);
try {
  dd.requestAuthCode({ corpId: form.dataset.corp, clientId: form.dataset.client, success: enter, fail: otherwise });
} catch {
  otherwise();
}
