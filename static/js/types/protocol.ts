// What Python (app/adapters) and the page's JavaScript say to each other: errors by name, notices, changes of the store, heads of HTTP calls,
// connections to a broker. Types only: nothing of this reaches the browser. tests/unit/tools/test_protocol.py holds the names to Python's.

/** Bytes as Python takes and gives them. */
export type Bytes = Uint8Array<ArrayBuffer>;

// --- errors by name: whatever a promise that Python awaits rejects with is a native Error ---

/** app/core/openai/wire.py, NetworkKind. */
export type NetworkKind = 'offline' | 'blocked' | 'policy' | 'unreachable' | 'broken' | 'timeout' | 'redirected';

/** app/adapters/store.py. Conflict and IllegalMove carry JSON in the message, the others text. */
export type StoreErrorName = 'Conflict' | 'IllegalMove' | 'StorageFull' | 'StorageLost' | 'MissingBytes';

/** app/adapters/page.py: a file that was picked cannot be read, is no gzip data, or breaks off. */
export type FileErrorName = 'FileUnreadable' | 'FileUnwritten' | 'FileStrange' | 'FileDamaged';

/** app/adapters/page.py: a drawing cannot be made a picture. */
export type DrawingErrorName = 'Undrawable';

/** app/adapters/compute.py: no worker can be started here, or one broke down while it carried out a job. */
export type ComputeErrorName = 'NoWorker' | 'JobDied';

export type ErrorName = StoreErrorName | FileErrorName | DrawingErrorName | ComputeErrorName | `NetworkError:${NetworkKind}` | 'AbortError';

/** The message of a Conflict, as JSON. */
export type ConflictText = { table: string; id: string; expected: number; found: number };

/** The message of an IllegalMove, as JSON. */
export type IllegalMoveText = { table: string; id: string; old: string; new: string };

// --- notices: what happened that is no element's event (app/ui/shell/loop.py) ---

/** app/ports/platform.py: what the tab's icon says; "": nothing. */
export type TabMark = '' | 'runs' | 'needs';

export type NoticesAllowed = NotificationPermission | 'missing';

export type Notices = {
  route: string;
  online: null;
  offline: null;
  visible: null;
  hidden: null;
  toolong: { length: number; name: string };
  notices: NoticesAllowed;
  uncopied: null;
  undone: { clicks: number; texts: string[] };
  kept: { bytes: number; why: string };
  update: 'ready' | 'elsewhere' | '';
};

/** A file as an element's event hands it over: with its content, with a token for it (files.mjs), or with why it has neither. */
export type GivenFile = {
  name: string;
  type: string;
  size: number;
  path?: string;
  data?: string;
  token?: string;
  error?: 'too_big' | 'unreadable';
};

/** A file that was dropped or chosen; `path`: in its folder, empty where it came by itself. */
export type DroppedFile = { file: File; path: string; error?: 'unreadable' };

/** What the browser says of a dropped file or folder (File and Directory Entries API), as far as it is used here. */
export type DroppedEntry = {
  name: string;
  fullPath: string;
  isDirectory: boolean;
  createReader(): { readEntries(found: (some: DroppedEntry[]) => void, failed: () => void): void };
  file(found: (file: File) => void, failed: () => void): void;
};

// --- the last view (lastview.js, lastview.mjs) ---

/** A view as it is kept: of which build, file, address and revision of the data it is, when it was drawn, and how far what was scrolled. */
export type KeptView = {
  build: string;
  path: string;
  route: string;
  written: string;
  language: string; // of the browser: figures are written in it
  at: number;
  scrolled: [id: string, top: number, left: number][];
  html: string;
};

/** How figures and times are written (app/core/base/locale.py). */
export type FoundLocale = {
  tag: string;
  group: string;
  decimal: string;
  last: number;
  others: number;
  least: number;
  dollars: [before: string, behind: string];
  percent: [before: string, behind: string];
  date: string;
  time: string;
  both: string;
  cycle: 'h11' | 'h12' | 'h23' | 'h24';
  periods: [morning: string, evening: string];
};

export type Modifiers = { ctrlKey: boolean; altKey: boolean; shiftKey: boolean; metaKey: boolean };

/** What a person did in a kept view before the program ran. */
export type DoneEarly =
  | { kind: 'click'; action: string; label: string; modifiers: Modifiers }
  | {
      kind: 'input' | 'change';
      name: string;
      value: string;
      checked: boolean;
      values?: string[] | undefined; // of a list
      before?: string | undefined; // what a text was
      caret: number | null;
    };

/** `written`: at which revision of the data the view is. */
export type LastView = { done: DoneEarly[]; stale: boolean; written: string; end: () => void };

// --- the store ---

/** A record as it lies in a table. What really lies there may be anything (Found). */
export type StoredRecord = { id: string; rev: number; doc: string; owner: string; state: string; order: number };

/** What may lie where a record should. */
export type Found = { [field in keyof StoredRecord]?: unknown };

/** A run of bytes as it lies in the table «bytes». */
export type Run = { id: string; data: Bytes };

type Written = { table: string; id: string; rev: number; doc: string; owner: string; state: string; order: number | null };
export type Put = Written & { type: 'put'; quiet: boolean };
export type Restore = Written & { type: 'restore' };
export type Remove = { type: 'remove'; table: string; id: string; rev: number };
export type PutBytes = { type: 'put_bytes'; id: string };
export type DropBytes = { type: 'drop_bytes'; id: string };
export type MoveBytes = { type: 'move_bytes'; id: string; to: string };

/** app/ports/store.py, Change. The n-th put_bytes takes the n-th buffer. */
export type Change = Put | Restore | Remove | PutBytes | DropBytes | MoveBytes;

/** The tables whose states are checked: state -> states that may follow; "" is the state of a record that is not there yet. */
export type Moves = { [table: string]: { [state: string]: string[] } };

/** Many records at once: [id, rev, owner, state, order, end, id, …], and their documents as UTF-8 one after another, each ending before byte `end`. */
export type Listed = { index: (string | number)[]; docs: Bytes };

/** The same with the tables' names: the index is the UTF-8 JSON of [table, id, rev, owner, state, order, end] for each record. */
export type Packed = { index: Bytes; docs: Bytes };

// --- HTTP ---

/** A request without its bytes (app/adapters/http.py). `timeout` in seconds; `follows`: origins to which it may be redirected, or null for none at all.
 * `live`: pieces of a stream are handed over as they come. */
export type Head = {
  method: string;
  url: string;
  headers: Record<string, string>;
  timeout: number;
  follows: string[] | null;
  live: boolean;
  fields: [string, string][];
  file: { name: string; filename: string; type: string } | null;
};

export type Answer = { status: number; headers: string; body: Bytes };

/** `done` rejects with «NetworkError:<kind>» or, after `abort`, with «AbortError». */
export type Call<T> = { done: Promise<T>; abort: () => void };

/** One of many calls: its name, the bytes of its body, its head. */
export type CallToMake = [name: string, size: number, head: Head];

/** Calls that ended: JSON of [name, seconds, status, headers, kind, detail, size] each, and their bodies one after another. `kind` is the name of the error that
 * a call ended with («NetworkError:<kind>»), or nothing; `headers` is JSON text. */
export type EndedCalls = { index: string; bytes: Bytes };

// --- jobs: the page's Python and a worker's, through compute.mjs and compute-worker.mjs. The texts are app/core/compute/messages.py ---

/** A file or bytes of a job, or the file that it writes; bytes are transferred. */
export type JobInput = Blob | Bytes | FileSystemFileHandle;

/** What a worker that computes needs of the page. A module without bytes is imported by its address, which only a site allows. */
export type WorkerParts = {
  modules: { worker: Source; boot: Source; nightshift: Source | undefined };
  compiled: WebAssembly.Module;
  library: Bytes;
  archive: Bytes | undefined;
  files: [path: string, data: Uint8Array][];
  packages: string[];
  table: string;
  /** People's own Python runs in it: the fence (fence.mjs) closes before it is ready. */
  fenced: boolean;
  /** In the one file, whose page alone has the build's files: Asked goes out, Given comes back. */
  asks: MessagePort | undefined;
};
export type Asked = { n: number; address: string };
export type Given = { n: number; data: Bytes | undefined };
export type Source = [address: string, data: Bytes | undefined];

/** Page to worker, after its WorkerParts: ToWorker, and the files of a StartJob. */
export type ToWorker = { text: string; inputs?: JobInput[] };

/** Worker to page: that it is ready, why it cannot be, a JobMoved, the end of a job (its JSON, bytes, and Python's memory in bytes), or its own end. */
export type FromWorker =
  | { type: 'ready' }
  | { type: 'refused'; reason: string }
  | { type: 'moved'; text: string }
  | { type: 'ended'; text: string; blob: Blob | undefined; memory: number }
  | { type: 'died'; reason: string };

/** A job on its way. `stop` resolves when nothing of it runs any more; its text is a CancelJob. */
export type RunningJob = { done: Promise<{ text: string; blob: Blob | undefined }>; stop: (text: string) => Promise<void> };

// --- RabbitMQ ---

/** app/core/programs/rabbit.py, Access, flattened. */
export type Access = {
  transport: 'stomp' | 'amqp';
  address: string;
  vhost: string;
  user: string;
  password: string;
  queue: string;
  exchange: string;
  routing_key: string;
  prefetch: number;
};

/** Why a connection ended: a code of `explain` in app/core/programs/rabbit.py ('' for one that was closed on purpose); final: only a person can mend it. */
export type Trouble = { code: string; detail?: string; final?: boolean };

/** app/core/programs/rabbit.py, ConnectionStatus, without its host. */
export type ConnectionStatus = {
  state: ConnectionState;
  trouble: string;
  detail: string;
  reconnects: number;
  server: string;
  pause: number;
};
export type ConnectionState = 'connecting' | 'on' | 'waiting' | 'stopped';

/** A message that has come. What settles it is the transport's own: STOMP's frame, or AMQP's delivery tag. */
export type Arrived<Handle> = Handle & { body: Uint8Array; id: string; correlation: string; replyTo: string };

/** A result on its way. `result` is what became of it, as Python takes it. */
export type OutgoingResult = {
  body: Bytes;
  id: string;
  queue: string;
  replyTo: string;
  correlation: string;
  headers: Record<string, string>;
  result: [Outcome, string] | null;
};
export type Outcome = 'delivered' | 'not_found' | 'denied' | 'unverified' | 'unknown';

// --- the end of Python ---

/** What is kept of a death (app/core/model/trail.py, Stop). `at` in seconds since 1970. */
export type Stop = { at: number; task: string; item: string; error: string; route: string };
