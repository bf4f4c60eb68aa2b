/* Keys for the inbox: j and k walk through the list, o opens, x ticks, a assigns, u goes back, / searches, ? shows them. */
(() => {
  const rows = [...document.querySelectorAll('.tray .first a')];
  const card = document.getElementById('keys');
  if (!card || !card.showModal) return;

  const button = document.getElementById('keys-open');
  const box = document.getElementById('keys-on');
  const tray = document.querySelector('.tray');
  document.querySelector('.way[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  const current = rows.find((row) => row.hasAttribute('aria-current'));
  const isSeen = (element) => element && element.getClientRects().length > 0;
  const wanted = () => { try { return localStorage.getItem('keys') !== 'off'; } catch { return true; } };
  const show = () => { box.checked = wanted(); card.showModal(); };
  const go = (address) => { if (address) location.assign(address); };
  const chosen = () => {
    const entry = document.activeElement.closest('.entry');
    return entry ? entry.querySelector('.first a') : null;
  };
  const step = (by) => {
    const at = rows.indexOf(chosen() || current);
    const next = rows[Math.min(Math.max(at + by, 0), rows.length - 1)];
    if (!next) return;
    if (isSeen(next)) next.focus();
    else if (next !== current) go(next.href); // a narrow page shows one case at a time
  };
  const tick = () => {
    const row = chosen();
    const mark = row && row.closest('.entry').querySelector('[name=case]');
    if (mark) mark.click();
    else pick(row);
  };
  const pick = (row, part = '') => {
    const start = document.getElementById('pick');
    if (!start) return;
    const address = new URL(start.href);
    if (row) address.searchParams.set('ticked', row.pathname.split('/').pop());
    address.hash = part;
    go(address);
  };
  const assign = () => {
    const control = document.getElementById('picking-handler') || document.getElementById('handler');
    if (!control) return pick(chosen(), 'picking-handler');
    control.focus();
    control.scrollIntoView({ block: 'nearest' });
  };
  const search = () => {
    const field = document.getElementById('filter-q');
    if (isSeen(field)) { field.focus(); field.select(); } else go(document.querySelector('.back a')?.href);
  };
  const acts = {
    j: () => step(1),
    k: () => step(-1),
    o: () => go((chosen() || {}).href),
    u: () => go(document.querySelector('.back a')?.href),
    x: tick,
    a: assign,
    '/': search,
    '?': show,
  };

  if (button) {
    button.hidden = false;
    button.addEventListener('click', show);
  }
  box.addEventListener('change', () => { try { localStorage.setItem('keys', box.checked ? 'on' : 'off'); } catch { /* private mode keeps nothing */ } });
  document.addEventListener('keydown', (event) => {
    const typing = event.target.closest('input:not([type=checkbox]), select, textarea, dialog');
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !(event.key in acts) || !wanted()) return;
    event.preventDefault();
    acts[event.key]();
  });
  if (location.hash === '#picking-handler') document.getElementById('picking-handler')?.focus();
  if (current && isSeen(tray)) {
    const row = current.closest('.entry').getBoundingClientRect();
    const shown = tray.getBoundingClientRect();
    if (row.bottom > Math.min(shown.bottom, window.innerHeight)) tray.scrollTop += row.top - shown.top - shown.height / 3;
  }
})();
