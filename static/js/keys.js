/* j and k walk through the list of cases, Enter opens (the link has the focus), ? shows the keys; all can be switched off. */
(() => {
  const rows = [...document.querySelectorAll('.first a')];
  const card = document.getElementById('keys');
  if (!rows.length || !card || !card.showModal) return;

  const button = document.getElementById('keys-open');
  const box = document.getElementById('keys-on');
  const wanted = () => { try { return localStorage.getItem('keys') !== 'off'; } catch { return true; } };
  const show = () => { box.checked = wanted(); card.showModal(); };
  const step = (by) => {
    const at = rows.indexOf(document.activeElement);
    rows[Math.min(Math.max(at + by, 0), rows.length - 1)].focus();
  };
  const acts = { j: () => step(1), k: () => step(-1), '?': show };

  button.hidden = false;
  button.addEventListener('click', show);
  box.addEventListener('change', () => { try { localStorage.setItem('keys', box.checked ? 'on' : 'off'); } catch { /* private mode keeps nothing */ } });
  document.addEventListener('keydown', (event) => {
    const typing = event.target.closest('input, select, textarea, dialog');
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !(event.key in acts) || !wanted()) return;
    event.preventDefault();
    acts[event.key]();
  });
})();
