/* The builder: keeps what is typed as it is typed, shows it on the phone beside it, and lets questions be dragged. */
(() => {
  const phone = document.querySelector('.phone iframe');
  const parts = document.querySelector('.parts');
  const waiting = new Map(); // forms with something typed that is not kept yet, and their timers
  let busy = null; // the keeping that is under way
  let isSent = false;

  const seen = (number) => { for (const field of document.querySelectorAll('[name=seen]')) field.value = number; };
  const look = () => { if (phone && phone.getClientRects().length) phone.contentWindow.location.reload(); };
  const keep = async (form) => {
    const said = form.querySelector('.kept-now');
    const fresh = [...form.querySelectorAll('[name*="-new"], [name$="-more"]')];
    if (fresh.some((field) => field.value.trim())) return; // a new answer gets its code with the button, and only once
    try {
      const answer = await fetch(form.action, {
        method: 'POST', body: new URLSearchParams(new FormData(form)), headers: { Accept: 'application/json' },
      });
      if (answer.ok) {
        seen((await answer.json()).seen);
        look();
        document.getElementById('draft-begun')?.removeAttribute('hidden');
      }
      if (said) said.textContent = answer.ok ? said.dataset.kept : said.dataset.failed;
    } catch { if (said) said.textContent = said.dataset.failed; }
  };
  const flush = async (but) => {
    await busy;
    for (const [form, timer] of [...waiting]) {
      clearTimeout(timer);
      waiting.delete(form);
      if (form !== but) { busy = keep(form); await busy; }
    }
    busy = null;
  };
  for (const form of document.querySelectorAll('.kept-as-typed')) {
    form.addEventListener('input', () => {
      clearTimeout(waiting.get(form));
      const said = form.querySelector('.kept-now');
      if (said) said.textContent = '';
      waiting.set(form, setTimeout(() => flush(null), 700));
    });
  }
  // What is under way or typed elsewhere on the page comes first, as every form says which revision it saw.
  document.addEventListener('submit', async (event) => {
    if (isSent || !(busy || waiting.size)) return;
    event.preventDefault();
    await flush(event.target);
    isSent = true;
    setTimeout(() => event.target.requestSubmit(event.submitter)); // not while the first submission is still being told of
  });

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
      form.requestSubmit();
    });
  }
})();
