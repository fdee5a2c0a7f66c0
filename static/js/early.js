// What is typed into the shell before Python runs; index.html has this script right behind the field. The text is kept in this tab from key to key,
// so that a reload in these moments loses nothing; page.mjs hands it over (`early`, `heir`) and forgets the copy once the program has stored it
// (`earlyKept`). And files and links that are dropped do not take the page's place.
(() => {
  'use strict';
  const KEPT = 'nightshift:early';
  const field = /** @type {HTMLTextAreaElement} */ (document.querySelector('#early'));
  const keep = () => {
    try {
      sessionStorage.setItem(KEPT, field.value);
    } catch {
      // no storage, or more than it takes: the field has the text
    }
  };
  try {
    field.value ||= sessionStorage.getItem(KEPT) ?? '';
  } catch {
    // no storage: nothing was kept
  }
  if (field.value) keep(); // typed before this ran: the parser may pause between the field and this script
  field.addEventListener('input', keep);
  // A file or a link that is dropped where nothing takes it, or before anything does, would be opened in place of the page.
  for (const type of ['dragover', 'drop']) {
    addEventListener(type, (event) => {
      const { dataTransfer, target } = /** @type {DragEvent} */ (event);
      const types = dataTransfer?.types ?? [];
      const written = /** @type {Element | null} */ (target)?.closest?.('input, textarea, [contenteditable]'); // a link is a text there
      if (types.includes('Files') || (types.includes('text/uri-list') && !written)) event.preventDefault();
    });
  }
})();
