// Rows of Parquet files: exact whatever they hold, the same in every compression; and whatever bytes there are, rows or a sentence.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Rows } from '../../static/js/parquet-rows.mjs';

const bytesOf = (/** @type {string} */ name) => new Uint8Array(readFileSync(new URL(`../data/parquet/${name}.parquet`, import.meta.url)));

/** @param {Uint8Array<ArrayBuffer>} bytes */
const open = (bytes) => Rows.open({ byteLength: bytes.length, slice: (from, to) => bytes.slice(from, to).buffer });

/**
 * @param {Rows} file
 * @param {number} [start]
 * @param {number} [stop]
 */
const lines = async (file, start = 0, stop = file.rows) => new TextDecoder().decode(await file.read(start, stop));

const COLUMNS = ['id', 'unsigned', 'price', 'small', 'name', 'at', 'nanos', 'day', 'yes', 'ratio', 'tags', 'nested', 'raw'];
const FIRST =
  '[1,0,12345678901234567890.10,1.10,"00123","2026-03-01 12:30:00.123456","2026-01-01 00:00:00.123456789","2026-03-01",true,0.1,["a","b"],{"x":1152921504606846976,"y":["q"]},"/wA="]\n';
const SECOND =
  '[9007199254740993,18446744073709551615,-0.05,0.00,"ä\\nb","1969-12-31 23:59:59.999999","1970-01-01 00:00:00","1900-01-01",false,"NaN",[],{"x":null,"y":null},"text"]\n';
const THIRD = '[-9223372036854775808,null,null,-2.50,null,null,null,null,null,"Infinity",null,null,null]\n';

for (const name of ['none', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4']) {
  test(`every value is exact: ${name}`, async () => {
    const file = await open(bytesOf(name));
    assert.deepEqual(file.columns, COLUMNS);
    assert.equal(file.rows, 3);
    assert.equal(await lines(file), FIRST + SECOND + THIRD);
  });
}

test('nothing is rounded within lists, maps and records, and times of day are texts', async () => {
  const file = await open(bytesOf('nested'));
  const big = '12345678901234567890.10';
  assert.equal(
    await lines(file),
    `[1,9007199254740993,[${big},null],{"x":${big},"list":[{"y":0.1,"name":"a"},null]},{"k":${big}},[[-0.05],null],"01:02:03","01:02:03.000001",["23:59:59.999999999"]]\n` +
      '[2,5,[],null,{},[[]],"23:59:59.999","00:00:00",[]]\n' +
      '[3,null,null,{"x":null,"list":null},null,null,null,null,null]\n',
  );
});

test('of two columns of one name each has its own cells', async () => {
  const file = await open(bytesOf('nested'));
  assert.deepEqual(file.columns.slice(0, 3), ['a', 'a', 'decimals']);
  assert.deepEqual(
    (await lines(file)).split('\n').map((line) => line.slice(0, 4)),
    ['[1,9', '[2,5', '[3,n', ''],
  );
});

test('decimals of any length keep every digit, and a moment that is told in UTC says so', async () => {
  const bytes = bytesOf('none');
  const file = { byteLength: bytes.length, slice: (/** @type {number} */ from, /** @type {number} */ to) => bytes.slice(from, to).buffer };
  const { parquetMetadataAsync } = await import(new URL('../../static/node_modules/hyparquet/src/index.js', import.meta.url).href);
  const metadata = await parquetMetadataAsync(file, { geoparquet: false });
  for (const element of metadata.schema) {
    if (element.name === 'raw') Object.assign(element, { converted_type: 'DECIMAL', scale: 2, precision: 30 });
    if (element.name === 'at') element.logical_type = { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' };
    if (element.name === 'name') element.converted_type = 'JSON';
  }
  const rows = (await lines(new Rows(file, metadata))).trimEnd().split('\n');
  assert.deepEqual(
    rows.map((line) => line.split(',').at(-1)),
    ['-2.56]', '19528070.28]', 'null]'],
  );
  assert.deepEqual(
    rows.map((line) => line.split(',').slice(4, 6)),
    [
      ['"00123"', '"2026-03-01 12:30:00.123456Z"'],
      ['"ä\\nb"', '"1969-12-31 23:59:59.999999Z"'],
      ['null', 'null'],
    ],
  );
});

test('rows are given in any portion, also over groups of rows', async () => {
  const file = await open(bytesOf('none'));
  assert.equal(await lines(file, 1, 3), SECOND + THIRD);
  assert.equal(await lines(file, 0, 1), FIRST);
  assert.equal(await lines(file, 2, 99), THIRD);
  assert.equal(await lines(file, 3, 9), '');
});

test('what is none is told in a sentence', async () => {
  const whole = bytesOf('snappy');
  for (const bytes of [new Uint8Array(), whole.slice(0, 100), whole.slice(500), new TextEncoder().encode('PAR1xxxxxxxxxxxxPAR1')]) {
    const read = async () => lines(await open(bytes));
    await assert.rejects(read(), (/** @type {Error} */ error) => /^This Parquet file can't be read: .*\.$/.test(error.message));
  }
});

/**
 * hyparquet reads columns side by side, and when a second one fails it is nobody's; the worker passes over that as well.
 * @param {() => Promise<void>} work
 */
const passingOver = async (work) => {
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', () => {});
  try {
    await work();
    await new Promise((resolve) => setTimeout(resolve, 50));
  } finally {
    process.removeAllListeners('unhandledRejection');
    for (const listener of listeners) process.on('unhandledRejection', listener);
  }
};

test('any damage is rows or a sentence', { timeout: 60_000 }, () =>
  passingOver(async () => {
    let seed = 7;
    const dice = (/** @type {number} */ most) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed % most;
    };
    let told = 0;
    for (let round = 0; round < 400; round += 1) {
      const bytes = bytesOf(['none', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4', 'nested'][round % 7] ?? 'none');
      for (let hit = 0; hit <= dice(3); hit += 1) bytes[dice(bytes.length)] = dice(256);
      try {
        const file = await open(bytes);
        await file.read(0, Math.min(file.rows, 100));
      } catch (error) {
        assert.ok(error instanceof Error);
        assert.match(error.message, /^This Parquet file can't be read: .*\.$/s);
        told += 1;
      }
    }
    assert.ok(told > 50);
  }),
);
