// API keys, sealed with AES-GCM under a key that the browser made, keeps and never shows (non-extractable). What lies in the database is of no use
// outside this browser. On file:// every local page shares one database and could ask for the unsealing: there a key is kept only if the person chose so.
/** @import { Vault } from './vault.mjs' */
const MASTER = 'master';
export const GUARD = 'guard'; // the record of the passphrase (guard.mjs)
/** @param {string} profile */
export const sealedId = (profile) => `key:${profile}`;
const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

// Whether keys can be kept sealed here; where not, they stay in the memory of the tab.
export const available = () => Boolean(globalThis.crypto?.subtle);

/**
 * A native Error without the operation's details: nothing about a key may leave in a message.
 * @template T
 * @param {() => Promise<T>} work
 */
export async function guarded(work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && error.name.startsWith('Storage')) throw error;
    const plain = new Error('The browser could not seal or open the API key.');
    plain.name = 'StorageLost';
    throw plain;
  }
}

/**
 * @param {Vault} vault
 * @returns {Promise<CryptoKey>}
 */
export async function master(vault) {
  const found = await vault.get(MASTER);
  if (found?.key instanceof CryptoKey) return found.key;
  if (found) await vault.remove(MASTER); // it opens nothing: what was sealed with it must be entered again
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  return (await vault.getOrAdd({ id: MASTER, key })).key;
}

/**
 * The profile's id is bound in, so that a sealed key cannot be moved to another profile.
 * @param {string} profile
 * @param {BufferSource} iv
 */
export const algorithm = (profile, iv) => ({ name: 'AES-GCM', iv, additionalData: utf8.encode(profile) });

/**
 * Tells a sealed key from any other, since every sealing draws its own vector.
 * @param {any} sealed
 */
export const markOf = (sealed) => (sealed ? `iv:${sealed.iv}` : '');

/**
 * @param {Vault} vault
 * @param {string} profile
 */
export const mark = (vault, profile) => guarded(async () => markOf(await vault.get(sealedId(profile))));

/**
 * The record that holds a secret.
 * @param {CryptoKey} key
 * @param {string} profile
 * @param {string} secret
 * @param {string} [guard] says under which passphrase it is (guard.mjs); nothing: under the browser's key
 */
export async function sealed(key, profile, secret, guard) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = new Uint8Array(await crypto.subtle.encrypt(algorithm(profile, iv), key, utf8.encode(secret)));
  return { id: sealedId(profile), iv, data, ...(guard ? { guard } : {}) };
}

/**
 * Whether it was sealed: with `over`, only while the key of this mark (or none, for an empty one) is the one that is there.
 * @param {Vault} vault
 * @param {string} profile
 * @param {string} secret
 * @param {string | null} [over]
 */
export const put = (vault, profile, secret, over) =>
  guarded(async () => {
    const record = await sealed(await master(vault), profile, secret);
    return vault.change(record.id, record, (found) => (over ?? markOf(found)) === markOf(found));
  });

/**
 * The key, or nothing: also when what is there cannot be opened (a damaged or foreign record).
 * @param {Vault} vault
 * @param {string} profile
 */
export const get = (vault, profile) =>
  guarded(async () => {
    const sealed = await vault.get(sealedId(profile));
    return sealed ? opened(await master(vault), profile, sealed) : undefined;
  });

/**
 * @param {CryptoKey} key
 * @param {string} profile
 * @param {any} sealed
 */
export async function opened(key, profile, sealed) {
  try {
    return text.decode(await crypto.subtle.decrypt(algorithm(profile, sealed.iv), key, sealed.data));
  } catch {
    return undefined;
  }
}

/**
 * The profiles, as JSON text, whose sealed key cannot be opened; those that are under the passphrase are not lost.
 * @param {Vault} vault
 */
export const unopened = (vault) =>
  guarded(async () => {
    const found = [];
    const guard = (await vault.get(GUARD))?.salt;
    for (const id of await vault.ids(sealedId(''))) {
      const profile = id.slice(sealedId('').length);
      const sealed = await vault.get(id);
      const waits = sealed?.guard && sealed.guard === guard;
      if (sealed && !waits && (await opened(await master(vault), profile, sealed)) === undefined) found.push(profile);
    }
    return JSON.stringify(found);
  });

/**
 * @param {Vault} vault
 * @param {string} profile
 */
export const has = (vault, profile) => guarded(async () => Boolean(await vault.get(sealedId(profile))));

/**
 * Whether there is none any more: with `over` as in `put`.
 * @param {Vault} vault
 * @param {string} profile
 * @param {string | null} [over]
 */
export const remove = (vault, profile, over) =>
  guarded(() => vault.change(sealedId(profile), undefined, (found) => (over ?? markOf(found)) === markOf(found)));

// --- under a passphrase, to go with an exported workspace ---

export const ROUNDS = 600_000; // PBKDF2 with SHA-256: OWASP's advice (Password Storage Cheat Sheet, 2023)
export const MOST_ROUNDS = 10_000_000; // a foreign file, or a damaged record, must not keep the page busy for ever

/** @param {Uint8Array} bytes */
export const toBase64 = (bytes) => btoa(String.fromCharCode(...bytes));
/** @param {string} base64 */
export const fromBase64 = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

/**
 * @param {string} passphrase
 * @param {BufferSource} salt
 * @param {number} iterations
 */
export async function passKey(passphrase, salt, iterations) {
  const secret = await crypto.subtle.importKey('raw', utf8.encode(passphrase.normalize('NFC')), 'PBKDF2', false, ['deriveKey']);
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations };
  return crypto.subtle.deriveKey(how, secret, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

/**
 * JSON text that says how it was made; binary values in base64.
 * @param {string} passphrase
 * @param {string} content
 */
export const seal = (passphrase, content) =>
  guarded(async () => {
    const salt = crypto.getRandomValues(new Uint8Array(16));
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const key = await passKey(passphrase, salt, ROUNDS);
    const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, utf8.encode(content));
    const bytes = new Uint8Array(data);
    let base64 = '';
    for (let at = 0; at < bytes.length; at += 3 * 8192) base64 += toBase64(bytes.subarray(at, at + 3 * 8192));
    return JSON.stringify({
      kdf: 'PBKDF2-SHA-256',
      rounds: ROUNDS,
      cipher: 'AES-256-GCM',
      salt: toBase64(salt),
      iv: toBase64(iv),
      data: base64,
    });
  });

/**
 * The content, or nothing: another passphrase, or a damaged or strange seal.
 * @param {string} passphrase
 * @param {string} sealed
 */
export const unseal = (passphrase, sealed) =>
  guarded(async () => {
    try {
      const { rounds, salt, iv, data } = JSON.parse(sealed);
      if (!(rounds >= 1 && rounds <= MOST_ROUNDS)) return undefined;
      const key = await passKey(passphrase, fromBase64(salt), rounds);
      return text.decode(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: fromBase64(iv) }, key, fromBase64(data)));
    } catch {
      return undefined;
    }
  });
