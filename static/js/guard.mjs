// Keys, and what else is sealed, under a passphrase of the person's: what lies in the database opens only after it was entered. The key that the passphrase gives is in the memory of
// this page alone, never stored and not extractable; other tabs of a site are handed it (structured clone keeps it so), so that one of them is asked. Files have
// no such channel: every local page could listen.
/** @import { Vault } from './vault.mjs' */
import {
  algorithm,
  fromBase64,
  GUARD,
  guarded,
  MOST_ROUNDS,
  markOf,
  master,
  opened,
  passKey,
  ROUNDS,
  sealed,
  sealedId,
  toBase64,
} from './keys.mjs';

const CHECK = 'nightshift'; // what the passphrase's key opens to show that it is the one
const CHANNEL = 'nightshift-guard';
const DAMAGED =
  'What this browser keeps of the passphrase is damaged, so it unlocks nothing. Remove passphrase and keys, and enter the keys again; all else stays.';

/** @typedef {{ id: string, salt: string, rounds: number, iv: Uint8Array<ArrayBuffer>, check: Uint8Array<ArrayBuffer> }} Record_ */

/**
 * Nothing where no passphrase can be tried against the record.
 * @param {Record_} found
 */
const saltOf = ({ salt, rounds, iv, check }) => {
  if (!(rounds >= 1 && rounds <= MOST_ROUNDS && iv instanceof Uint8Array && check instanceof Uint8Array)) return undefined;
  try {
    return fromBase64(salt);
  } catch {
    return undefined;
  }
};

class Guard {
  /** @type {Vault} */
  #vault;
  /** @type {{ salt: string, key: CryptoKey } | undefined} */
  #open;
  /** @type {BroadcastChannel | undefined} */
  #channel;

  /** @param {Vault} vault */
  constructor(vault) {
    this.#vault = vault;
  }

  /** Whether there is a passphrase, and whether it was entered: `none`, `locked`, `open`. */
  state = () =>
    guarded(async () => {
      const found = await this.#vault.get(GUARD);
      if (!found) return 'none';
      return this.#open && this.#open.salt === found.salt ? 'open' : 'locked';
    });

  /**
   * Seal everything under a passphrase from now on, in place of the browser's key or of another passphrase; false, with nothing changed, where that other one
   * was not entered, or another tab was faster.
   * @param {string} passphrase
   */
  set = (passphrase) =>
    guarded(async () => {
      if ((await this.state()) === 'locked') return false;
      const salt = crypto.getRandomValues(new Uint8Array(16));
      const key = await passKey(passphrase, salt, ROUNDS);
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const check = new Uint8Array(await crypto.subtle.encrypt(algorithm(GUARD, iv), key, new TextEncoder().encode(CHECK)));
      const record = { id: GUARD, salt: toBase64(salt), rounds: ROUNDS, iv, check };
      const open = { salt: record.salt, key };
      if (!(await this.#resealed(open, record))) return false;
      this.#open = open;
      this.#tell({ kind: 'open', ...open });
      return true;
    });

  /** Back under the browser's key; false where the passphrase was not entered, or another tab was faster. */
  drop = () =>
    guarded(async () => {
      if ((await this.state()) === 'locked') return false;
      if (!(await this.#resealed(undefined, undefined))) return false;
      this.#open = undefined;
      this.#tell({ kind: 'changed' });
      return true;
    });

  /** The passphrase is not known any more: it goes, and with it what only it opens. */
  forget = () =>
    guarded(async () => {
      for (const id of await this.#vault.ids(sealedId(''))) {
        if ((await this.#vault.get(id))?.guard) await this.#vault.remove(id);
      }
      await this.#vault.remove(GUARD);
      this.#open = undefined;
      this.#tell({ kind: 'changed' });
    });

  /**
   * All that can be opened, sealed anew in one transaction.
   * @param {{ salt: string, key: CryptoKey } | undefined} under undefined: under the browser's key
   * @param {Record_ | undefined} record undefined: there is no passphrase any more
   */
  async #resealed(under, record) {
    const before = await this.#vault.get(GUARD);
    const key = under?.key ?? (await master(this.#vault));
    const from = new Map([[GUARD, before?.salt]]);
    /** @type {{ id: string, [field: string]: unknown }[]} */
    const records = record ? [record] : [];
    for (const id of await this.#vault.ids(sealedId(''))) {
      const profile = id.slice(sealedId('').length);
      const found = await this.#vault.get(id);
      const secret = found && (await this.#opened(profile, found));
      if (secret === undefined) continue;
      from.set(found.id, markOf(found));
      records.push(await sealed(key, profile, secret, under?.salt));
    }
    /** @param {any} found */
    const mark = (found) => (found?.id === GUARD ? found.salt : markOf(found) || undefined);
    return this.#vault.changeAll([...from.keys()], records, (found) => found.every((one, n) => mark(one) === [...from.values()][n]));
  }

  /**
   * @param {string} profile
   * @param {any} found
   */
  async #opened(profile, found) {
    if (!found.guard) return opened(await master(this.#vault), profile, found);
    return this.#open && this.#open.salt === found.guard ? opened(this.#open.key, profile, found) : undefined;
  }

  /**
   * Whether it is the passphrase. An error that says so where what tells it is damaged.
   * @param {string} passphrase
   */
  unlock = (passphrase) =>
    guarded(async () => {
      /** @type {Record_ | undefined} */
      const found = await this.#vault.get(GUARD);
      if (!found) return false;
      const salt = saltOf(found);
      if (!salt) throw Object.assign(new Error(DAMAGED), { name: 'StorageLost' });
      const key = await passKey(passphrase, salt, found.rounds);
      if ((await opened(key, GUARD, { iv: found.iv, data: found.check })) !== CHECK) return false;
      this.#open = { salt: found.salt, key };
      this.#tell({ kind: 'open', ...this.#open });
      return true;
    });

  /** Here and in all tabs. */
  lock = () => {
    this.#open = undefined;
    this.#tell({ kind: 'lock' });
  };

  /**
   * A key that is under the passphrase; nothing where it is not, or not to be opened.
   * @param {string} profile
   */
  get = (profile) =>
    guarded(async () => {
      const found = await this.#vault.get(sealedId(profile));
      return found?.guard ? this.#opened(profile, found) : undefined;
    });

  /**
   * As `put` of keys.mjs, under the passphrase, which was entered.
   * @param {string} profile
   * @param {string} secret
   * @param {string | null} [over]
   */
  put = (profile, secret, over) =>
    guarded(async () => {
      const [open, before] = [this.#open, await this.#vault.get(GUARD)];
      if (!open || before?.salt !== open.salt) throw new Error('locked');
      const record = await sealed(open.key, profile, secret, open.salt);
      /** @param {any[]} found under another passphrase by now, it would be lost */
      const fits = ([guard, there]) => guard?.salt === open.salt && (over ?? markOf(there)) === markOf(there);
      return this.#vault.changeAll([GUARD, record.id], [before, record], fits);
    });

  /** The profiles, as JSON text, whose key is under the passphrase and not to be opened now. */
  locked = () =>
    guarded(async () => {
      const found = [];
      const guard = (await this.#vault.get(GUARD))?.salt;
      if (guard === undefined || guard === this.#open?.salt) return '[]';
      for (const id of await this.#vault.ids(sealedId(''))) {
        if ((await this.#vault.get(id))?.guard === guard) found.push(id.slice(sealedId('').length));
      }
      return JSON.stringify(found);
    });

  /**
   * Be told what other tabs do: `guard` (locked, unlocked, another passphrase) or `stir` (the person is there). What they have open is open here.
   * @param {(what: string) => void} heard
   */
  share = (heard) => {
    if (globalThis.location?.protocol === 'file:' || typeof BroadcastChannel === 'undefined') return;
    this.#channel = new BroadcastChannel(CHANNEL);
    this.#channel.onmessage = ({ data }) => {
      if (data.kind === 'ask') {
        if (this.#open) this.#tell({ kind: 'open', ...this.#open });
        return;
      }
      if (data.kind === 'open') {
        if (this.#open?.salt === data.salt) return;
        this.#open = { salt: data.salt, key: data.key };
      } else if (data.kind === 'lock') {
        if (!this.#open) return;
        this.#open = undefined;
      }
      heard(data.kind === 'stir' ? 'stir' : 'guard');
    };
    this.#tell({ kind: 'ask' });
  };

  /** The person is there: other tabs need not lock. */
  stir = () => this.#tell({ kind: 'stir' });

  /** @param {{ kind: string, salt?: string, key?: CryptoKey }} word */
  #tell(word) {
    this.#channel?.postMessage(word);
  }

  /** No other tab is heard any more. */
  close = () => this.#channel?.close();
}

/** @param {Vault} vault */
export const guardOf = (vault) => new Guard(vault);
