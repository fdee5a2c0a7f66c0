// The icon in the browser's tab: the page's own, or its drawing with a sign that something runs, or needs the person. A sign has a form of its own, so
// that colour is never alone. The drawing is that of static/icons/nightshift.svg; as a data: address it is there without a request, also in the one file.
/** @import { TabMark } from './types/protocol.ts' */

export const DRAWING =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="5" fill="#141a29"/><path d="M3 17h18" stroke="#e7eaf3" stroke-width="2" stroke-linecap="round"/><path d="M6.5 17a5.5 5.5 0 0 1 11 0" fill="#f2b45a"/><path d="M14.5 4.2a4.6 4.6 0 1 0 4.2 6 3.7 3.7 0 0 1-4.2-6z" fill="#e7eaf3"/></svg>';
const SIGNS = {
  runs: '<circle cx="17.5" cy="17.5" r="6.5" fill="#141a29"/><circle cx="17.5" cy="17.5" r="3.75" fill="none" stroke="#8fb8f2" stroke-width="2.5"/>',
  needs:
    '<circle cx="17.5" cy="17.5" r="6.5" fill="#f0bd5d"/><path d="M17.5 13.5v4.5M17.5 21v.01" stroke="#141a29" stroke-width="2.5" stroke-linecap="round"/>',
};

let own = ''; // the address of the page's own icon

/**
 * The icon with a sign, as an address.
 * @param {Exclude<TabMark, ''>} mark
 */
export const marked = (mark) => `data:image/svg+xml,${encodeURIComponent(DRAWING.replace('</svg>', `${SIGNS[mark]}</svg>`))}`;

/** @param {TabMark} mark "": the page's own icon */
export function markTab(mark) {
  const link = /** @type {HTMLLinkElement | null} */ (document.querySelector('link[rel~=icon]'));
  if (!link) return;
  own ||= link.href;
  link.href = mark ? marked(mark) : own;
}
