/* The builder: keeps what is typed as it is typed, shows it on the phone beside it, and lets questions be dragged. */
(() => {
  const phone = document.querySelector('.phone iframe');
  const parts = document.querySelector('.parts');
  let chain = Promise.resolve();

  const seen = (number) => { for (const field of document.querySelectorAll('[name=seen]')) field.value = number; };
  const look = () => { if (phone && phone.getClientRects().length) phone.contentWindow.location.reload(); };
  const keep = async (form) => {
    const said = form.querySelector('.kept-now');
    const hasNew = [...form.querySelectorAll('[name*="-new"], [name$="-more"]')].some((field) => field.value.trim());
    if (hasNew) return; // a new answer gets its code with the button, so that it is not added twice
    try {
      const answer = await fetch(form.action, {
        method: 'POST', body: new URLSearchParams(new FormData(form)), headers: { Accept: 'application/json' },
      });
      if (answer.ok) { seen((await answer.json()).seen); look(); }
      if (said) said.textContent = answer.ok ? said.dataset.kept : said.dataset.failed;
    } catch { if (said) said.textContent = said.dataset.failed; }
  };
  for (const form of document.querySelectorAll('.kept-as-typed')) {
    let waiting = 0;
    form.addEventListener('input', () => {
      clearTimeout(waiting);
      const said = form.querySelector('.kept-now');
      if (said) said.textContent = '';
      waiting = setTimeout(() => { chain = chain.then(() => keep(form)); }, 700);
    });
    form.addEventListener('submit', () => clearTimeout(waiting));
  }

  if (!parts) return;
  let dragged = null;
  for (const row of parts.children) {
    row.querySelector('summary').addEventListener('pointerdown', () => { row.draggable = !row.querySelector('details').open; });
    row.addEventListener('dragstart', () => { dragged = row; });
    row.addEventListener('dragover', (event) => { event.preventDefault(); row.classList.add('over'); });
    row.addEventListener('dragleave', () => row.classList.remove('over'));
    row.addEventListener('drop', (event) => {
      event.preventDefault();
      row.classList.remove('over');
      if (!dragged || dragged === row) return;
      const form = dragged.querySelector('.moving');
      const to = document.createElement('input');
      to.type = 'hidden';
      to.name = 'to';
      to.value = [...parts.children].indexOf(row);
      form.append(to);
      form.submit();
    });
  }
})();
