// Globals of the service worker: what tools/serviceworker.py writes before its text, and what the standard declarations give to no worker or not yet.
declare var NIGHTSHIFT_FILES: { build: string; files: [path: string, bytes: number, hash: string][] };
declare var NIGHTSHIFT_PAGE: string;

declare var clients: Clients;
declare var registration: ServiceWorkerRegistration;
declare function skipWaiting(): Promise<void>;

/** Chromium's static routing. */
type Installing = ExtendableEvent & { addRoutes?: (routes: object[]) => Promise<void> };
declare function addEventListener(type: 'install', listener: (event: Installing) => void): void;
declare function addEventListener(type: 'activate', listener: (event: ExtendableEvent) => void): void;
declare function addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
declare function addEventListener(type: 'message', listener: (event: ExtendableMessageEvent) => void): void;

interface Request {
  readonly isReloadNavigation?: boolean;
}
