// Web STOMP: straight from the page to the broker's own plugin (rabbitmq_web_stomp). Bodies are bytes both ways: as text, one body that is no UTF-8 would
// have the browser drop the connection for ever.
//
// stompjs's own reconnecting is not used: it begins anew after each CONNECTED, so that a missing queue would be asked for without a pause. Its `debug` is
// left alone: it is given the passcode.
/** @import { IFrame, IMessage, TickerStrategy } from '../vendor/stomp.mjs' */
/** @import { IntakeLink, OutletLink } from './broker-link.mjs' */
/** @import { Access, Arrived, Bytes, OutgoingResult, Trouble } from './types/protocol.ts' */
import { allows } from './allowed.mjs';
import { Link, Window, fault, queueOf, short } from './broker-link.mjs';
import { aboutError } from './errors.mjs';

const HEARTBEAT_MS = 10_000;
const CONNECT_MS = 5000;
const RECEIPT_MS = 15_000;
const WINDOW = 100; // SENDs without a receipt: RabbitMQ's connection process crashed at 1,000 with heartbeats on
const KNOWN_MS = 60_000; // for how long it is believed that a queue exists
const MESSAGE = 1 << 18; // bytes of frames in one message of the WebSocket, about
const SETTLE_MS = 30; // a refusal may come a moment after the receipt
const UNVERIFIED = 'The broker has taken it, but did not say whether the queue exists.';

/**
 * RabbitMQ un-escapes %2F in a destination, and nothing else (3.10 to 4.x).
 * @param {string} name
 */
const escaped = (name) => name.replaceAll('/', '%2F');

// --- one connection ---

/**
 * What an ERROR frame says.
 * @param {Pick<IFrame, 'headers' | 'body'>} frame
 * @returns {Trouble}
 */
export function said(frame) {
  const detail = short([frame.headers.message, frame.body].filter(Boolean).join(': '));
  if (/^Bad CONNECT/i.test(detail)) return { code: 'bad_login', detail, final: true };
  if (/ACCESS_REFUSED/i.test(detail)) return { code: 'denied', detail };
  if (/NOT_FOUND|cancelled subscription/i.test(detail)) return { code: 'missing', detail };
  if (/PRECONDITION_FAILED|RESOURCE_LOCKED|inequivalent/i.test(detail)) return { code: 'differs', detail };
  return { code: 'broker', detail };
}

/**
 * Why the socket closed. RabbitMQ up to 3.10.8 closes it before its ERROR frame is out: then all that can be said is that it refused.
 * @param {boolean} opened
 * @param {boolean} asking
 * @param {{ code: number, reason: string }} event
 * @returns {Trouble}
 */
export function closing(opened, asking, { code, reason }) {
  const detail = short([code, reason].filter(Boolean).join(' '));
  if (!opened) return { code: 'unreachable', detail };
  return { code: asking && code === 1000 ? 'unsaid' : 'lost', detail };
}

/**
 * A link, and the client with a session on it.
 * @param {Access} access
 */
async function connected(access) {
  const url = parsed(access.address);
  if (!allows(url.origin)) throw fault({ code: 'policy', detail: url.origin, final: true });
  const { Client, Versions } = await import('../vendor/stomp.mjs');
  const socket = opening(url, Versions.default.protocolVersions());
  let opened = false;
  socket.addEventListener('open', () => {
    opened = true;
  });
  const client = new Client({
    webSocketFactory: () => socket,
    connectHeaders: { login: access.user, passcode: access.password, host: access.vhost },
    reconnectDelay: 0,
    connectionTimeout: CONNECT_MS,
    heartbeatIncoming: HEARTBEAT_MS,
    heartbeatOutgoing: HEARTBEAT_MS,
    heartbeatStrategy: /** @type {TickerStrategy} */ ('worker'), // timers of a tab that nobody looks at may sleep for a minute
    discardWebsocketOnCommFailure: true,
    onStompError: (frame) => link.end(said(frame)), // «Bad CONNECT» leaves the socket open
    onWebSocketClose: (event) => link.end(closing(opened, link.asking, event)),
  });
  const link = new Link(() => {
    client.deactivate({ force: true }).catch(() => {});
  });
  /** @type {Promise<IFrame>} */
  const session = new Promise((resolve) => {
    client.onConnect = resolve;
  });
  client.activate();
  const { headers } = await link.during(session);
  link.server = (headers.server ?? '').replace('/', ' ');
  return { link, client };
}

/** @param {string} address */
function parsed(address) {
  try {
    return new URL(address);
  } catch {
    throw fault({ code: 'bad_address', final: true });
  }
}

/**
 * The constructor throws for an address that a page of this kind may never call (mixed content).
 * @param {URL} url
 * @param {string[]} protocols
 */
function opening(url, protocols) {
  try {
    return grouped(new WebSocket(url, protocols));
  } catch (error) {
    throw fault({ code: 'bad_address', detail: aboutError(error).name, final: true });
  }
}

/**
 * Frames that are sent in one turn go out as one message, in their order: a message costs page and broker more than a small frame does. RabbitMQ reads
 * as many frames as a message holds (rabbit_web_stomp_handler). What waits goes out before a close: it may acknowledge what is stored.
 * @template {{ send: (data: Bytes) => void, close: () => void }} S
 * @param {S} socket
 * @returns {S & { send: (data: string | ArrayBuffer) => void }}
 */
export function grouped(socket) {
  const send = socket.send.bind(socket);
  const close = socket.close.bind(socket);
  const encoder = new TextEncoder();
  /** @type {Uint8Array[]} */
  let frames = [];
  let size = 0;
  const flush = () => {
    if (!frames.length) return;
    const message = new Uint8Array(size);
    let at = 0;
    for (const frame of frames) {
      message.set(frame, at);
      at += frame.length;
    }
    frames = [];
    size = 0;
    send(message);
  };
  return Object.assign(socket, {
    /** @param {string | ArrayBuffer} data what stompjs makes of a frame: text, or a buffer where the body is bytes */
    send: (data) => {
      const frame = typeof data === 'string' ? encoder.encode(data) : new Uint8Array(data);
      if (!frames.length) queueMicrotask(flush);
      frames.push(frame);
      size += frame.length;
      if (size >= MESSAGE) flush();
    },
    close: () => {
      flush();
      close();
    },
  });
}

// --- intake ---

/**
 * A link over which messages come; resolves when the broker has confirmed the subscription.
 * @param {Access} access
 * @param {(message: Arrived<{ frame: IMessage }>) => void} message
 * @returns {Promise<IntakeLink<Arrived<{ frame: IMessage }>>>}
 */
export async function intake(access, message) {
  const { link, client } = await connected(access);
  const { exchange, routing_key: key, queue } = access;
  const destination = exchange ? `/exchange/${escaped(exchange)}${key ? `/${escaped(key)}` : ''}` : `/amq/queue/${escaped(queue)}`;
  /** @type {Record<string, string>} */
  const made = exchange ? { 'x-queue-name': queue, durable: 'true', 'auto-delete': 'false', exclusive: 'false' } : {};
  const asked = { id: 'in', ack: 'client', 'prefetch-count': String(access.prefetch), receipt: 'in', ...made };
  link.asking = true;
  const subscribed = new Promise((resolve) => client.watchForReceipt('in', () => setTimeout(resolve, SETTLE_MS)));
  client.subscribe(destination, (frame) => message(arrived(frame)), asked);
  await link.during(subscribed);
  link.asking = false;
  return Object.assign(link, {
    /** @type {IntakeLink<Arrived<{ frame: IMessage }>>['settle']} */
    settle: (messages, rejected) => settle(link, messages, rejected),
  });
}

/** @param {IMessage} frame */
const arrived = (frame) => ({
  frame,
  body: frame.binaryBody,
  id: frame.headers['amqp-message-id'] ?? '',
  correlation: frame.headers['correlation-id'] ?? '',
  replyTo: frame.headers['reply-to'] ?? '',
});

/**
 * A word on one message is one on all before it that have none yet (ack: client), and portions are settled in the order in which they came: so the last of
 * each run of messages that are all taken, or all rejected, speaks for its run. By the message's own functions: they know the connection that it came over.
 * @param {{ over: boolean }} link
 * @param {{ frame: Pick<IMessage, 'ack' | 'nack'> }[]} messages
 * @param {Set<number>} rejected
 */
export function settle(link, messages, rejected) {
  if (link.over) return;
  messages.forEach(({ frame }, place) => {
    if (place + 1 < messages.length && rejected.has(place) === rejected.has(place + 1)) return;
    if (rejected.has(place)) frame.nack({ requeue: 'false' });
    else frame.ack();
  });
}

// --- results ---

/** @typedef {'exists' | 'missing' | 'unverified'} QueueState */

/** @type {Map<string, { state: QueueState, at: number }>} */
const known = new Map(); // broker and queue -> {state, at}

/**
 * Whether a queue exists, as it was found within the last minute.
 * @param {Access} access
 * @param {string} queue
 * @returns {Promise<QueueState>}
 */
async function lookFor(access, queue) {
  const key = JSON.stringify([access.address, access.vhost, access.user, queue]);
  const found = known.get(key);
  if (found && performance.now() - found.at < KNOWN_MS) return found.state;
  const state = await looked(access, queue);
  if (state === 'missing')
    known.delete(key); // somebody may make it any moment
  else known.set(key, { state, at: performance.now() });
  return state;
}

/**
 * Asks to declare the queue with an argument that is never valid, so that nothing is made and nothing taken; by a connection of its own, because the
 * answer ends it.
 * @param {Access} access
 * @param {string} queue
 * @returns {Promise<QueueState>}
 */
async function looked(access, queue) {
  const { link, client } = await connected(access);
  link.asking = true;
  const asked = {
    id: 'look',
    ack: 'client-individual',
    'prefetch-count': '1',
    durable: 'true',
    'auto-delete': 'false',
    exclusive: 'false',
  };
  client.subscribe(`/queue/${escaped(queue)}`, () => {}, { ...asked, 'x-expires': '0' });
  const timer = setTimeout(() => link.end({ code: 'lost' }), CONNECT_MS);
  const { detail = '' } = await link.ended;
  clearTimeout(timer);
  if (/inequivalent arg|RESOURCE_LOCKED/.test(detail)) return 'exists';
  return /invalid arg 'x-expires'/.test(detail) ? 'missing' : 'unverified';
}

/**
 * The queue to look for before a message goes out: none for RabbitMQ's direct reply-to, which cannot be declared, or for what is no queue.
 * @param {{ queue: string, replyTo: string }} message
 */
export const wanted = (message) => (!message.queue && message.replyTo.includes('amq.rabbitmq.reply-to') ? '' : queueOf(message));

/** @param {{ queue: string, replyTo: string }} message */
export function destination({ queue, replyTo }) {
  if (queue) return `/amq/queue/${escaped(queue)}`; // «/queue/» would make it
  return replyTo.startsWith('/') ? replyTo : `/reply-queue/${replyTo}`;
}

/**
 * A link over which results go; stays for the next ones.
 * @param {Access} access
 * @returns {Promise<OutletLink>}
 */
export async function outlet(access) {
  const { link, client } = await connected(access);
  const flow = new Window(link, WINDOW, RECEIPT_MS);
  let number = 0;
  link.asking = true;
  client.onUnhandledReceipt = ({ headers }) => flow.leave(headers['receipt-id'] ?? '');

  /** @type {OutletLink['send']} */
  const send = async (messages, done) => {
    /** @type {Map<string, QueueState>} */
    const states = new Map();
    for (const queue of new Set(messages.map(wanted).filter(Boolean))) states.set(queue, await lookFor(access, queue));
    let open = 0;
    for (const message of messages) {
      const state = states.get(wanted(message));
      if (state === 'missing') {
        done(message, 'not_found', `There is no queue “${wanted(message)}”.`);
        continue;
      }
      if (!flow.free && !(await flow.room())) return;
      number += 1;
      const receipt = `r${number}`;
      open += 1;
      flow.enter(receipt, () => {
        open -= 1;
        if (state === 'exists') done(message, 'delivered');
        else done(message, 'unverified', UNVERIFIED);
      });
      client.publish({ destination: destination(message), binaryBody: message.body, headers: headersOf(message, receipt) });
    }
    await flow.until(() => !open);
  };
  return Object.assign(link, { send });
}

/**
 * @param {OutgoingResult} message
 * @param {string} receipt
 */
const headersOf = ({ id, correlation, headers }, receipt) => ({
  ...headers,
  persistent: 'true',
  'content-type': 'application/json',
  'amqp-message-id': id,
  ...(correlation ? { 'correlation-id': correlation } : {}),
  receipt,
});
