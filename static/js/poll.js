/* The screen of a poll: asks how it stands and moves the bars; goes on by itself when the house is away for a while. */
(() => {
  const body = document.getElementById('poll');
  const pause = Number(body.dataset.poll);
  const isTurned = document.documentElement.dir === 'rtl';
  let etag = '';
  let failed = 0;

  const show = (told) => {
    document.getElementById('total').textContent = told.total;
    for (const bar of told.bars) {
      const row = document.querySelector(`[data-value="${CSS.escape(bar.value)}"]`);
      if (!row) { location.reload(); return; }
      row.querySelector('.share').textContent = bar.share;
      const part = row.querySelector('.part');
      part.setAttribute('width', bar.width);
      if (isTurned) part.setAttribute('x', 100 - bar.width);
    }
  };
  const ask = async () => {
    try {
      const answer = await fetch(body.dataset.feed, { headers: etag ? { 'If-None-Match': etag } : {} });
      if (answer.status === 200) {
        const told = await answer.json();
        const isOver = told.is_open !== (body.dataset.open === 'yes');
        if (isOver || told.version !== body.dataset.version) { location.reload(); return; }
        etag = answer.headers.get('ETag') || '';
        show(told);
      }
      failed = answer.ok || answer.status === 304 ? 0 : failed + 1;
    } catch { failed += 1; }
    setTimeout(ask, Math.min(60000, pause * 2 ** Math.min(failed, 5)));
  };
  setTimeout(ask, pause);
})();
