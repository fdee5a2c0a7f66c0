// Desktop notices. A browser asks the person once; what was refused can be changed only in the browser itself.
import { notice } from './events.mjs';

// "granted" | "denied" | "default" (not asked yet) | "missing" (this browser, or a file opened from the disk, has none).
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

// One notice; another of the same tag takes its place. Clicking it comes back to the page, at `route`. Where the browser refuses (Chromium on Android takes
// them from service workers only) there is none.
export function notify(title, body, tag, route) {
  try {
    const shown = new Notification(title, { body, tag, icon: document.querySelector('link[rel~=icon]')?.href });
    shown.onclick = () => {
      globalThis.focus();
      location.hash = route;
      shown.close();
    };
  } catch {
    notice('notices', 'missing');
  }
}
