// Desktop notices. A browser asks the person once; what was refused can be changed only in the browser itself.
/** @import { NoticesAllowed } from './types/protocol.ts' */
import { notice } from './events.mjs';

/**
 * "missing": this browser, or a file opened from the disk, has none.
 * @returns {NoticesAllowed}
 */
export function allowed() {
  if (!('Notification' in globalThis) || !globalThis.isSecureContext) return 'missing';
  return Notification.permission;
}

// Must be called while the person's click is being handled. The page hears the answer as the notice «notices».
export async function ask() {
  try {
    await Notification.requestPermission();
  } catch {
    // then it stays as it is
  }
  notice('notices', allowed());
}

/**
 * One notice; another of the same tag takes its place. Clicking it comes back to the page, at `route`. Where the browser refuses (Chromium on
 * Android takes them from service workers only) there is none.
 * @param {string} title
 * @param {string} body
 * @param {string} tag
 * @param {string} route
 */
export function notify(title, body, tag, route) {
  try {
    const icon = /** @type {HTMLLinkElement | null} */ (document.querySelector('link[rel~=icon]'))?.href;
    const shown = new Notification(title, { body, tag, icon });
    shown.onclick = () => {
      globalThis.focus();
      location.hash = route;
      shown.close();
    };
  } catch {
    notice('notices', 'missing');
  }
}
