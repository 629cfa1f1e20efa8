// The answer was tapped in the chat already: it stands behind the #, which never left this browser.
const given = location.hash.slice(1);
const button = [...document.querySelectorAll('button[name="answer"]')].find((one) => one.value === given);
if (button) {
  history.replaceState(null, "", location.pathname);
  button.form.requestSubmit(button);
}
