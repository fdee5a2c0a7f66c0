// AMQP 0-9-1 over the relay of the server that served this page (app/gateway): a WebSocket that carries bytes both ways, to the one broker that the
// server was told. The relay logs in with its own name and password; what the page sends in their place is not used.
/** @import { AMQPChannel, AMQPMessage } from '../vendor/amqp.mjs' */
/** @import { IntakeLink, OutletLink, Told } from './broker-link.mjs' */
/** @import { Access, Arrived, OutgoingResult, Trouble } from './types/protocol.ts' */
import { Link, Window, carried, fault, queueOf, short } from './broker-link.mjs';
import { aboutError } from './errors.mjs';

const PATH = 'amqp';
const HEARTBEAT_S = 10;
const CONNECT_MS = 10_000;
const CONFIRM_MS = 15_000;
const WINDOW = 500; // messages without a confirmation
const FRAME = 131_072; // bytes; RabbitMQ's own default
const HEAD = 7; // bytes before a frame's payload: type, channel, size; one byte comes after it

// --- one connection ---

/**
 * What the broker gave as its reason: its codes stand in the client's messages.
 * @param {unknown} error
 * @returns {Trouble}
 */
export function said(error) {
  const detail = short(aboutError(error).message);
  const code = Number(/\((\d{3})\)$/.exec(detail)?.[1]);
  if (/login was refused/i.test(detail) || code === 530) return { code: 'bad_login', detail, final: true };
  if (code === 403) return { code: 'denied', detail };
  if (code === 404 || /cancelled by the server/i.test(detail)) return { code: 'missing', detail };
  if (code === 405 || code === 406) return { code: 'differs', detail };
  return { code: 'lost', detail };
}

/**
 * Hands whole frames on: a relay's pieces begin and end anywhere, and the client is lost where one ends within a frame's head.
 * @param {(event: { data: ArrayBuffer }) => void} handle
 * @param {() => void} heard is called for every piece
 * @returns {(event: { data: ArrayBuffer }) => void}
 */
export function framed(handle, heard) {
  let rest = new Uint8Array();
  return ({ data }) => {
    heard();
    const came = new Uint8Array(data);
    let bytes = came;
    if (rest.length) {
      bytes = new Uint8Array(rest.length + came.length);
      bytes.set(rest);
      bytes.set(came, rest.length);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let end = 0;
    while (end + HEAD <= bytes.length && end + HEAD + view.getUint32(end + 3) + 1 <= bytes.length)
      end += HEAD + view.getUint32(end + 3) + 1;
    rest = bytes.slice(end);
    if (end) handle({ data: bytes.slice(0, end).buffer });
  };
}

/**
 * The client answers the broker's heartbeats, but does not miss them. Ends the link when nothing was heard for three of them.
 * @param {Link} link
 */
function silence(link) {
  let last = performance.now();
  const watch = setInterval(() => {
    if (performance.now() - last > 3 * HEARTBEAT_S * 1000) link.end({ code: 'lost', detail: `Nothing heard for ${3 * HEARTBEAT_S} s.` });
  }, HEARTBEAT_S * 1000);
  link.ended.then(() => clearInterval(watch));
  return () => {
    last = performance.now();
  };
}

/**
 * A link, and the client with a session on it.
 * @param {Access} access
 */
async function connected(access) {
  const { AMQPWebSocketClient } = await import('../vendor/amqp.mjs');
  const url = new URL(access.address || PATH, document.baseURI);
  url.protocol = url.protocol.replace('http', 'ws');
  const client = new AMQPWebSocketClient({
    url: url.href,
    vhost: access.vhost,
    username: access.user || 'guest',
    password: access.password || 'guest',
    name: 'Nightshift',
    frameMax: FRAME,
    heartbeat: HEARTBEAT_S,
    logger: null,
  });
  const inner = /** @type {Inner} */ (/** @type {unknown} */ (client));
  const link = new Link(() => {
    client.onerror = () => {};
    client.ondisconnect = () => {};
    inner.closeSocket();
  });
  inner.handleMessage = framed(inner.handleMessage.bind(client), silence(link));
  client.onerror = (error) => link.end(said(error));
  client.ondisconnect = (error) => link.end(said(error));
  const timer = setTimeout(() => link.end({ code: 'relay', detail: 'No answer.' }), CONNECT_MS);
  try {
    await link.during(client.connect());
  } catch (error) {
    const closed = /** @type {{ code?: number }} */ (error); // a WebSocket's event
    const trouble = carried(error) ?? (error instanceof Error ? said(error) : { code: 'relay', detail: short(closed.code ?? '') });
    link.end(trouble);
    throw fault(trouble.code === 'lost' ? { ...trouble, code: 'relay' } : trouble);
  } finally {
    clearTimeout(timer);
  }
  link.server = 'RabbitMQ';
  return { link, client };
}

/**
 * What of the client is its own affair: nothing else lets its frames be looked at before it, or its socket be closed without a word.
 * @typedef {{ handleMessage: (event: { data: ArrayBuffer }) => void, closeSocket: () => void }} Inner
 */

/**
 * What a call comes to; where the broker refuses it, the link is over for the reason that it gave.
 * @template T
 * @param {Link} link
 * @param {Promise<T>} call
 */
async function asked(link, call) {
  try {
    return await link.during(call);
  } catch (error) {
    const trouble = carried(error) ?? said(error);
    link.end(trouble);
    throw fault(trouble);
  }
}

// --- intake ---

/**
 * A link over which messages come; resolves when the broker has confirmed the consumer.
 * @param {Access} access
 * @param {(message: Arrived<{ tag: number }>) => void} message
 * @returns {Promise<IntakeLink<Arrived<{ tag: number }>>>}
 */
export async function intake(access, message) {
  const { link, client } = await connected(access);
  const { exchange, routing_key: key, queue, prefetch } = access;
  const channel = await asked(link, client.channel());
  channel.onerror = (error) => link.end(said(error));
  await asked(link, channel.basicQos(prefetch));
  if (exchange) {
    await asked(link, channel.queueDeclare(queue, { durable: true, autoDelete: false, exclusive: false }));
    await asked(link, channel.queueBind(queue, exchange, key));
  }
  const consumer = await asked(
    link,
    channel.basicConsume(queue, { noAck: false }, (one) => message(arrived(one))),
  );
  consumer.wait().then(
    () => link.end({ code: 'lost' }),
    (error) => link.end(said(error)),
  );
  return Object.assign(link, {
    /** @type {IntakeLink<Arrived<{ tag: number }>>['settle']} */
    settle: (messages, rejected) => settle(link, channel, messages, rejected),
  });
}

/** @param {AMQPMessage} one */
const arrived = (one) => ({
  tag: one.deliveryTag,
  body: /** @type {Uint8Array | null} */ (one.body) ?? new Uint8Array(),
  id: one.properties.messageId ?? '',
  correlation: one.properties.correlationId ?? '',
  replyTo: one.properties.replyTo ?? '',
});

/**
 * Rejected ones by themselves, then all others at once: portions are settled in the order in which their messages came.
 * @param {Link} link
 * @param {AMQPChannel} channel
 * @param {{ tag: number }[]} messages
 * @param {Set<number>} rejected
 */
function settle(link, channel, messages, rejected) {
  if (link.over) return;
  /** @param {unknown} error */
  const lost = (error) => link.end(said(error));
  messages.forEach(({ tag }, place) => {
    if (rejected.has(place)) channel.basicNack(tag, false, false).catch(lost);
  });
  const last = messages.filter((_, place) => !rejected.has(place)).at(-1);
  if (last) channel.basicAck(last.tag, true).catch(lost);
}

// --- results ---

/**
 * A link over which results go; stays for the next ones.
 * @param {Access} access
 * @returns {Promise<OutletLink>}
 */
export async function outlet(access) {
  const { link, client } = await connected(access);
  const channel = await asked(link, client.channel());
  channel.onerror = (error) => link.end(said(error));
  await asked(link, channel.confirmSelect());
  const flow = new Window(link, WINDOW, CONFIRM_MS);
  /** @type {Map<string | undefined, string>} */
  const returned = new Map(); // message id -> the broker's words (basic.return comes before the confirmation)
  channel.onReturn = (one) => {
    returned.set(one.properties.messageId, short(one.replyText ?? `${one.replyCode ?? 'NO_ROUTE'}`));
  };
  let number = 0;

  /** @type {OutletLink['send']} */
  const send = async (messages, done) => {
    let open = 0;
    for (const message of messages) {
      const queue = queueOf(message); // the default exchange's routing key
      if (!queue) {
        done(message, 'not_found', `“${message.replyTo}” names no queue.`);
        continue;
      }
      if (!(await flow.room())) return;
      number += 1;
      const key = number;
      open += 1;
      flow.enter(key, (word) => {
        open -= 1;
        word?.();
      });
      const properties = {
        deliveryMode: 2,
        contentType: 'application/json',
        messageId: message.id,
        headers: message.headers,
        ...(message.correlation ? { correlationId: message.correlation } : {}),
      };
      channel.basicPublish('', queue, message.body, properties, true).then(
        () => flow.leave(key, () => confirmed(message, queue, returned, done)),
        (error) => {
          const trouble = said(error);
          if (trouble.code === 'lost')
            flow.leave(key, () => {}); // stays without a word, and goes again
          else link.end(trouble);
        },
      );
    }
    await flow.until(() => !open);
  };
  return Object.assign(link, { send });
}

/**
 * @param {OutgoingResult} message
 * @param {string} queue
 * @param {Map<string | undefined, string>} returned
 * @param {Told} done
 */
function confirmed(message, queue, returned, done) {
  const words = returned.get(message.id);
  returned.delete(message.id);
  if (words === undefined) done(message, 'delivered');
  else done(message, 'not_found', `There is no queue “${queue}” (${words}).`);
}
