/* Puts new letters at the head of an open page: asks every second at first, less often where nobody stirs. */
(() => {
  const told = document.getElementById('arrived');
  if (!told || !window.fetch) return;
  const AWAY = 60e3, SOON = 1000, OFTEN = 5 * 60e3, LATER = 5000, HOUR = 60 * 60e3, SELDOM = 30e3;
  let stirred = Date.now(), timer = 0, failed = 0;

  const pause = () => {
    const still = Date.now() - stirred;
    return Math.max(still < OFTEN ? SOON : still < HOUR ? LATER : SELDOM, Math.min(failed * LATER, 60e3));
  };
  const next = () => {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(ask, pause());
  };
  const book = () => {
    const there = document.querySelector('.book');
    if (there) return there;
    const first = document.createElement('div'); // instead of what said that there is no letter yet
    first.className = 'book';
    document.querySelector('.empty').replaceWith(first);
    return first;
  };
  const show = (html) => {
    const piece = document.createRange().createContextualFragment(html);
    const line = piece.querySelector('p.off');
    if (!line) return;
    for (const letter of piece.querySelectorAll('article')) {
      const heading = letter.querySelector('h2');
      if (document.getElementById(heading.id)) letter.remove();
    }
    told.dataset.arrivals = line.dataset.arrivals;
    line.remove();
    if (!piece.querySelector('article')) return;
    told.textContent = line.textContent;
    book().prepend(piece);
  };
  const isHere = () => Date.now() - stirred < AWAY; // what nobody sees stays unread
  const ask = async () => {
    try {
      const answer = await fetch(told.dataset.arrivals + (isHere() ? '&here=1' : ''), { redirect: 'manual', credentials: 'same-origin' });
      if (answer.type === 'opaqueredirect' || answer.status === 404) return; // signed out: the next page says so
      if (answer.status === 200) show(await answer.text());
      failed = answer.ok ? 0 : failed + 1;
    } catch { failed += 1; }
    next();
  };
  const stir = () => {
    const wasHere = isHere(), was = pause();
    stirred = Date.now();
    if (!wasHere) { clearTimeout(timer); ask(); } else if (was > SOON) next();
  };
  document.addEventListener('visibilitychange', () => { if (!document.hidden) { stirred = Date.now(); ask(); } });
  for (const event of ['focusin', 'pointerdown', 'keydown']) document.addEventListener(event, stir, { passive: true });
  next();
})();
