/* The page of the organisation: the browser's time zone as a guess, and the colour as text on it will look (accent.py). */
(() => {
  const form = document.querySelector('[data-guess-zone]');
  const zone = form && form.querySelector('[name=timezone]');
  const found = zone && Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (found && zone.value === zone.defaultValue && [...document.querySelectorAll('#zones option')].some((o) => o.value === found)) zone.value = found;

  const part = document.querySelector('[data-accent]');
  if (!part) return;
  const parsed = (text) => [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16) / 255);
  const written = (colour) => '#' + colour.map((c) => Math.round(c * 255).toString(16).padStart(2, '0')).join('');
  const luminance = (colour) => {
    const [red, green, blue] = colour.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const readable = (accent, towards, text) => {
    let colour = accent;
    for (let share = 0.04; contrast(colour, text) < 4.5 && share <= 1.04; share += 0.04) {
      colour = accent.map((c) => c + (towards - c) * Math.min(share, 1));
    }
    return written(colour);
  };
  const ways = { light: [0, '#ffffff'], dark: [1, '#14120e'] };
  const input = part.querySelector('input');
  input.addEventListener('input', () => {
    if (!/^#[0-9a-f]{6}$/i.test(input.value)) return;
    for (const [name, [towards, text]] of Object.entries(ways)) {
      const [, button, words] = part.querySelector(`[data-sample=${name}]`).children;
      button.setAttribute('fill', readable(parsed(input.value), towards, parsed(text)));
      words.setAttribute('fill', text);
    }
  });
})();
