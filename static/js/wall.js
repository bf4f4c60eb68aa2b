/* The wall's only script, in the JavaScript of ten years ago: asks for what is new, and turns from letter to letter.
   It runs for months: one timer for each of the two, the same few elements all along, and nothing kept but the list. */
(function () {
  'use strict';
  var body = document.getElementById('wall'), main = document.getElementsByTagName('main')[0];
  var words = document.getElementById('words'), to = document.getElementById('to').firstChild;
  var place = document.getElementById('place'), on = document.getElementById('on'), said = document.getElementById('said');
  var poll = Number(body.getAttribute('data-poll')), stay = Number(body.getAttribute('data-stay'));
  var DAY = 24 * 60 * 60 * 1000, MOST_PAUSE = 60000, PATIENCE = 15000;
  var letters = [], at = -1, etag = '', failed = 0, turning = 0, asking = 0, drawn = new Date().getTime();

  function put(element, text) { if (element.textContent !== text) element.textContent = text; }

  function show(letter, isFresh) {
    var length = letter ? letter.words.length : 0;
    put(words, letter ? letter.words : '');
    words.lang = letter ? letter.lang : '';
    words.className = length > 900 ? 'longest' : length > 420 ? 'longer' : length > 180 ? 'long' : '';
    put(to, letter ? letter.to : '');
    put(place, letter ? letter.place : '');
    put(on, letter ? letter.on : '');
    main.className = isFresh ? 'fresh' : '';
    body.setAttribute('data-shown', String(Number(body.getAttribute('data-shown') || 0) + 1));
  }

  function turn(isFresh) {
    clearTimeout(turning);
    if (!letters.length) { at = -1; show(null, false); return; }
    at = (at + 1) % letters.length;
    var letter = letters[at];
    main.className = 'turning';
    turning = setTimeout(function () {
      show(letter, isFresh);
      turning = setTimeout(turn, Math.max(stay, Math.min(stay * 3, letter.words.length * stay / 180)), false);
    }, Math.min(600, stay / 4));
  }

  function take(told) {
    var i, before = {}, fresh = -1, current = letters[at] && letters[at].id, wasEmpty = !letters.length;
    for (i = 0; i < letters.length; i += 1) before[letters[i].id] = true;
    letters = told.letters;
    put(said, told.said);
    at = -1;
    for (i = 0; i < letters.length; i += 1) {
      if (letters[i].id === current) at = i;
      if (fresh < 0 && !before[letters[i].id]) fresh = i;
    }
    if (wasEmpty || at < 0) { at = -1; turn(false); }
    else if (fresh >= 0) { at = fresh - 1; turn(true); } // what is new comes next, and is marked
  }

  // What a router or proxy puts in the house's place can come with 200 too; then what there is stays on the screen.
  function read(text) {
    try { var told = JSON.parse(text); return told && told.letters ? told : null; } catch (error) { return null; }
  }

  function gone(text) { letters = []; at = -1; clearTimeout(turning); show(null, false); put(said, text); etag = ''; }

  function next() {
    var pause = Math.min(MOST_PAUSE, poll * Math.pow(2, Math.min(failed, 5)));
    asking = setTimeout(ask, pause * (0.85 + Math.random() * 0.3)); // so that all screens do not come at once
  }

  function ask() {
    var request = new XMLHttpRequest();
    clearTimeout(asking);
    request.open('GET', body.getAttribute('data-feed'));
    request.timeout = PATIENCE;
    if (etag) request.setRequestHeader('If-None-Match', etag);
    request.onload = function () {
      var told = request.status === 200 ? read(request.responseText) : null, age = new Date().getTime() - drawn;
      var isAway = request.status >= 500 || request.status === 429 || (request.status === 200 && !told);
      failed = isAway ? failed + 1 : 0;
      if (told) {
        etag = request.getResponseHeader('ETag') || '';
        if (told.version !== body.getAttribute('data-version') || age > DAY) { location.reload(); return; }
        take(told);
      } else if (request.status === 304) {
        if (age > DAY) { location.reload(); return; }
      } else if (request.status === 404 || request.status === 410) { gone(body.getAttribute('data-gone')); failed = 3; }
      next();
    };
    request.onerror = request.ontimeout = function () { failed += 1; next(); };
    request.send();
  }

  ask();
})();
