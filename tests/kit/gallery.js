// What a page of the gallery (tests/gallery.py) needs of the page's own script: custom properties, open dialogs and their focus; and the theme that its
// address names.
for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('*'))) {
  for (const { name, value } of element.attributes) {
    if (name.startsWith('data-var-')) element.style.setProperty(`--${name.slice('data-var-'.length)}`, value);
  }
}
for (const dialog of /** @type {NodeListOf<HTMLDialogElement>} */ (document.querySelectorAll('dialog[data-open]'))) dialog.showModal();
/** @type {HTMLElement | null} */ (document.querySelector('dialog [data-autofocus]'))?.focus();
const theme = () => {
  document.documentElement.dataset.theme = location.hash.slice(1) || 'light';
};
addEventListener('hashchange', theme);
theme();
