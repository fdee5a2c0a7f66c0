// Rows of a Parquet file as lines of JSON arrays, exactly: integers of 64 bits, decimals and times lose no digit, and nested values stay JSON.
// Runs in a worker of its own (parquet-worker.mjs), and in Node for the tests.
/** @import { AsyncBuffer, FileMetaData, SchemaElement } from 'hyparquet' */
import { parquetMetadataAsync, parquetRead } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

const MAX_GROUP = 1_000_000_000; // bytes of a row group when it is unpacked: it is held as a whole
const MAX_COLUMNS = 16_384; // app/core/datasets/limits.py

/**
 * An empty page is one byte of LZ4, which hyparquet-compressors 1.1.2 takes for damaged.
 * @param {import('hyparquet').Compressors['LZ4']} decompress
 * @returns {NonNullable<import('hyparquet').Compressors['LZ4']>}
 */
const unlessEmpty = (decompress) => (input, length) => (length && decompress ? decompress(input, length) : new Uint8Array());
const COMPRESSORS = { ...compressors, LZ4: unlessEmpty(compressors.LZ4), LZ4_RAW: unlessEmpty(compressors.LZ4_RAW) };

/** JSON as it is to be written. */
class Exact {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** @param {Uint8Array} bytes */
const base64 = (bytes) => {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
};

/** @param {Uint8Array} bytes */
const textOf = (bytes) => {
  try {
    return bytes && decoder.decode(bytes);
  } catch {
    return bytes; // no text: it is written in base64
  }
};

/**
 * A moment to its last digit, its zone not said.
 * @param {bigint | number} value
 * @param {bigint} unit parts of a second
 * @param {number} digits
 */
const moment = (value, unit, digits) => {
  const whole = BigInt(value);
  let seconds = whole / unit;
  let rest = whole % unit;
  if (rest < 0n) {
    rest += unit;
    seconds -= 1n;
  }
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return new Exact(`${whole}`);
  const text = date.toISOString().replace('T', ' ').replace('.000Z', '');
  return rest ? `${text}.${`${rest}`.padStart(digits, '0')}` : text;
};

const PARSERS = {
  timestampFromMilliseconds: (/** @type {bigint} */ value) => moment(value, 1_000n, 3),
  timestampFromMicroseconds: (/** @type {bigint} */ value) => moment(value, 1_000_000n, 6),
  timestampFromNanoseconds: (/** @type {bigint} */ value) => moment(value, 1_000_000_000n, 9),
  dateFromDays: (/** @type {number} */ days) => {
    const date = new Date(days * 86_400_000);
    return Number.isNaN(date.getTime()) ? days : date.toISOString().replace(/T.*/, '');
  },
  stringFromBytes: textOf,
  jsonFromBytes: (/** @type {Uint8Array} */ bytes) => bytes, // what stands in them says changeOfLeaf
};

/** @param {Uint8Array} bytes */
const jsonOf = (bytes) => {
  const text = textOf(bytes);
  if (typeof text !== 'string') return text;
  try {
    JSON.parse(text);
    return new Exact(text.replace(/[\r\n]+/g, ' ')); // between its tokens only: within a text they are escaped
  } catch {
    return text;
  }
};

/**
 * @param {any} value
 * @returns {string}
 */
const json = (value) => {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Number.isFinite(value) ? `${value}` : JSON.stringify(`${value}`);
    case 'bigint':
    case 'boolean':
      return `${value}`;
    case 'object':
      if (value === null) return 'null';
      if (value instanceof Exact) return value.text;
      if (value instanceof Uint8Array) return JSON.stringify(base64(value));
      if (value instanceof Date) return JSON.stringify(value);
      if (Array.isArray(value) || ArrayBuffer.isView(value)) return `[${Array.from(/** @type {any} */ (value), json).join()}]`;
      return `{${Object.entries(value)
        .map(([name, one]) => `${JSON.stringify(name)}:${json(one)}`)
        .join()}}`;
    default:
      return 'null';
  }
};

/**
 * A decimal with all of its digits.
 * @param {any} value the unscaled number: a number, a BigInt, or the bytes of one, big-endian
 * @param {number} scale
 */
const decimal = (value, scale) => {
  let whole = 0n;
  if (value instanceof Uint8Array) {
    for (const byte of value) whole = whole * 256n + BigInt(byte);
    whole = BigInt.asIntN(value.length * 8, whole);
  } else {
    whole = BigInt(value);
  }
  const sign = whole < 0n ? '-' : '';
  const digits = `${whole < 0n ? -whole : whole}`.padStart(scale + 1, '0');
  const at = digits.length - scale;
  return new Exact(scale ? `${sign}${digits.slice(0, at)}.${digits.slice(at)}` : `${sign}${digits}`);
};

/**
 * A time of day, to its last digit.
 * @param {any} value
 * @param {number} digits of a second
 */
const timeOfDay = (value, digits) => {
  const unit = 10n ** BigInt(digits);
  const whole = BigInt(value);
  const seconds = whole / unit;
  if (whole < 0n || seconds > 86_400n) return new Exact(`${whole}`);
  const two = (/** @type {bigint} */ part) => `${part}`.padStart(2, '0');
  const text = `${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}`;
  const rest = whole % unit;
  return rest ? `${text}.${`${rest}`.padStart(digits, '0')}` : text;
};

const TIMES = new Map([
  ['TIME_MILLIS', 3],
  ['TIME_MICROS', 6],
  ['MILLIS', 3],
  ['MICROS', 6],
  ['NANOS', 9],
]);

/** @typedef {(value: any) => any} Change */

/**
 * What makes the value of one leaf exact, if its reader does not. Decimals are made plain, so that nothing turns them into floats; those of any
 * length are said to be JSON, since their bytes would be read as text otherwise.
 * @param {SchemaElement} element
 * @returns {Change | undefined}
 */
const changeOfLeaf = (element) => {
  const { converted_type: kind, logical_type: logical, scale = 0 } = element;
  if (kind === 'JSON') return jsonOf;
  if (logical?.type === 'TIMESTAMP' && logical.isAdjustedToUTC) return (value) => (typeof value === 'string' ? `${value}Z` : value);
  if (kind === 'DECIMAL') {
    if (element.type === 'BYTE_ARRAY') element.converted_type = 'JSON';
    else delete element.converted_type;
    delete element.logical_type;
    return (value) => decimal(value, scale);
  }
  const digits = TIMES.get(kind ?? '') ?? (logical?.type === 'TIME' ? TIMES.get(logical.unit) : undefined);
  return digits === undefined ? undefined : (value) => timeOfDay(value, digits);
};

/**
 * What makes an element's values exact, also within lists, maps and records, as hyparquet puts these together; undefined: they are exact.
 * @param {SchemaElement[]} elements
 * @param {number} at
 * @returns {Change | undefined}
 */
const changeOf = (elements, at) => {
  const element = elements[at];
  if (!element) return undefined;
  if (!element.num_children) return inLists(changeOfLeaf(element));
  const children = childrenOf(elements, at);
  const first = children[0] ?? at;
  if (element.converted_type === 'LIST' && children.length === 1) {
    const inner = childrenOf(elements, first);
    return inLists(changeOf(elements, inner.length === 1 ? (inner[0] ?? first) : first));
  }
  if (element.converted_type === 'MAP' && children.length === 1) {
    const value = childrenOf(elements, first)[1];
    const change = value === undefined ? undefined : changeOf(elements, value);
    return change && inLists((map) => Object.fromEntries(Object.entries(map).map(([key, one]) => [key, change(one)])));
  }
  /** @type {Map<string, Change>} */
  const changes = new Map();
  for (const child of children) {
    const change = changeOf(elements, child);
    if (change) changes.set(elements[child]?.name ?? '', change);
  }
  if (!changes.size) return undefined;
  return inLists((record) => Object.fromEntries(Object.entries(record).map(([name, one]) => [name, (changes.get(name) ?? same)(one)])));
};

/** @type {Change} */
const same = (value) => value;

/**
 * The same for a value that may be missing, or stand in lists.
 * @param {Change | undefined} change
 * @returns {Change | undefined}
 */
const inLists = (change) => {
  if (!change) return undefined;
  /** @type {Change} */
  const all = (value) => {
    if (value === null || value === undefined) return null;
    if (Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof Uint8Array)))
      return Array.from(/** @type {any} */ (value), all);
    return change(value);
  };
  return all;
};

/**
 * Where the children of an element stand.
 * @param {SchemaElement[]} elements
 * @param {number} at
 */
const childrenOf = (elements, at) => {
  const found = [];
  let next = at + 1;
  for (let left = elements[at]?.num_children ?? 0; left > 0 && next < elements.length; left -= 1) {
    found.push(next);
    next = behind(elements, next);
  }
  return found;
};

/**
 * Names of its own for each column: hyparquet finds a column's bytes by its name, so of two of one name the second would get the first's cells.
 * @param {FileMetaData} metadata
 */
const toldApart = ({ schema, row_groups: groups }) => {
  const used = new Set();
  let leaf = 0;
  for (const [n, at] of childrenOf(schema, 0).entries()) {
    const element = schema[at];
    const leaves = schema.slice(at, behind(schema, at)).filter((one) => !one.num_children).length;
    if (element && used.has(element.name)) {
      element.name = `${element.name}\0${n}`;
      for (const { columns } of groups)
        for (const { meta_data: chunk } of columns.slice(leaf, leaf + leaves)) if (chunk) chunk.path_in_schema[0] = element.name;
    }
    used.add(element?.name);
    leaf += leaves;
  }
};

/**
 * The element behind one and all that is in it.
 * @param {SchemaElement[]} elements
 * @param {number} at
 */
const behind = (elements, at) => {
  let left = 1;
  let next = at;
  while (left > 0 && next < elements.length) {
    left += (elements[next]?.num_children ?? 0) - 1;
    next += 1;
  }
  return next;
};

/** @param {unknown} error */
const told = (error) => {
  const said = error instanceof Error ? error.message : `${error}`;
  return new Error(
    `This Parquet file can't be read: ${said
      .slice(0, 200)
      .replace(/^parquet /, '')
      .replace(/\.$/, '')}.`,
  );
};

/** An open file: its columns, how many rows it has, and the rows themselves. */
export class Rows {
  /** @type {{ group: number, rows: any[][] } | undefined} */
  #held;
  #file;
  #metadata;
  #changes;
  /** @type {number[]} */
  #starts = [0];

  /**
   * @param {AsyncBuffer} file
   * @param {FileMetaData} metadata
   */
  constructor(file, metadata) {
    this.#file = file;
    this.#metadata = metadata;
    const columns = childrenOf(metadata.schema, 0);
    this.columns = columns.map((at) => metadata.schema[at]?.name ?? '');
    this.#changes = columns.map((at) => changeOf(metadata.schema, at));
    toldApart(metadata);
    for (const { num_rows } of metadata.row_groups) this.#starts.push((this.#starts.at(-1) ?? 0) + Number(num_rows));
    this.rows = this.#starts.at(-1) ?? 0;
  }

  /**
   * Rejects with a sentence: damaged, encrypted, too large.
   * @param {AsyncBuffer} file
   */
  static async open(file) {
    let metadata;
    try {
      metadata = await parquetMetadataAsync(file, { geoparquet: false });
    } catch (error) {
      throw told(error);
    }
    const found = new Rows(file, metadata);
    if (found.columns.length > MAX_COLUMNS) throw told(`it has ${found.columns.length} columns; ${MAX_COLUMNS} are the most`);
    const largest = metadata.row_groups.reduce((most, group) => Math.max(most, Number(group.total_byte_size)), 0);
    if (largest > MAX_GROUP)
      throw told(`a group of its rows takes ${largest} bytes, which can't be held in memory; write it with smaller row groups`);
    if (!(found.rows >= 0)) throw told('its number of rows is none');
    return found;
  }

  /**
   * The rows from `start` to `stop` (exclusive) as lines, UTF-8. A group of rows is read once, as long as rows are asked for in their order.
   * @param {number} start
   * @param {number} stop
   */
  async read(start, stop) {
    try {
      const lines = [];
      for (let row = start; row < Math.min(stop, this.rows); row += 1) {
        const cells = (await this.#rowsAt(row))[row - (this.#starts[this.#held?.group ?? 0] ?? 0)] ?? [];
        lines.push(`[${this.columns.map((_name, i) => this.#cell(i, cells[i])).join()}]\n`);
      }
      return encoder.encode(lines.join(''));
    } catch (error) {
      throw told(error);
    }
  }

  /**
   * @param {number} column
   * @param {any} value
   */
  #cell(column, value) {
    return json((this.#changes[column] ?? same)(value));
  }

  /** @param {number} row */
  async #rowsAt(row) {
    const held = this.#held;
    if (held && row >= (this.#starts[held.group] ?? 0) && row < (this.#starts[held.group + 1] ?? 0)) return held.rows;
    this.#held = undefined; // its memory is needed for the next
    const group = this.#starts.findIndex((start, n) => row >= start && row < (this.#starts[n + 1] ?? 0));
    /** @type {any[][]} */
    let rows = [];
    await parquetRead({
      file: this.#file,
      metadata: this.#metadata,
      compressors: COMPRESSORS,
      parsers: PARSERS,
      geoparquet: false,
      rowStart: this.#starts[group] ?? 0,
      rowEnd: this.#starts[group + 1] ?? 0,
      onComplete: (found) => {
        rows = found;
      },
    });
    this.#held = { group, rows };
    return rows;
  }
}
