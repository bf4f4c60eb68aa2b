/* Puts the chosen template into the reply without asking the server: after what was typed, and nothing is sent. */
(() => {
  const part = document.querySelector('[data-templates]');
  if (!part) return;
  const form = part.closest('form');
  const { text, template } = form.elements;
  part.querySelector('button').addEventListener('click', (event) => {
    const told = template.selectedOptions[0].dataset;
    if (!told.text) return;
    event.preventDefault();
    const typed = text.value.trimEnd();
    text.value = typed ? typed + '\n\n' + told.text : told.text;
    if (!typed) form.elements.says.value = told.says;
    form.querySelector('[data-hint]').textContent = told.hint;
    template.value = '';
    text.focus();
    text.setSelectionRange(typed.length, typed.length);
    text.scrollTop = 0;
  });
})();
