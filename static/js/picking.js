/* Ticking several cases: all of the page at once without asking the server, how many, and who could take all of them. */
(() => {
  const form = document.getElementById('picking');
  if (!form) return;

  const boxes = [...form.querySelectorAll('[name=case]')];
  const all = document.getElementById('tick-all');
  const said = document.getElementById('ticked');
  const people = [...document.querySelectorAll('#picking-handler option[data-unable]')];
  const count = new Intl.NumberFormat(document.documentElement.lang);

  const look = () => {
    const places = boxes.filter((box) => box.checked).map((box) => box.dataset.place);
    said.textContent = places.length ? said.dataset.some.replace('0', count.format(places.length)) : '';
    for (const person of people) {
      const unable = person.dataset.unable.split(' ');
      person.hidden = person.disabled = places.some((place) => unable.includes(place));
      if (person.disabled && person.selected) person.parentElement.value = '';
    }
  };
  all.addEventListener('click', (event) => {
    event.preventDefault();
    const wanted = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = wanted;
    look();
  });
  form.addEventListener('change', look);
  look();
})();
