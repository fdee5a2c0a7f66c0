// What is typed into the shell before Python runs. It is kept in this tab from key to key, so that a reload in these moments loses nothing;
// page.mjs hands it over (`early`, `heir`) and forgets the copy once the program has stored it (`earlyKept`).
(() => {
  'use strict';
  const KEPT = 'nightshift:early';
  const field = document.querySelector('#early');
  try {
    field.value ||= sessionStorage.getItem(KEPT) ?? '';
  } catch {
    return; // no storage: the text lives in the field alone
  }
  field.addEventListener('input', () => {
    try {
      sessionStorage.setItem(KEPT, field.value);
    } catch {
      // more than the browser keeps: the field has it
    }
  });
})();
