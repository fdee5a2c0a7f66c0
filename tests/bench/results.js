// What plain JavaScript takes for the same answers in the same page: all of them read, searched, written as CSV; a million rows sorted and
// counted in memory. Milliseconds by name.
async (/** @type {[string, string, number]} */ [batch, word, many]) => {
  /** @type {Record<string, number>} */
  const spent = {};
  let began = performance.now();
  /** @param {string} name */
  const told = (name) => {
    spent[name] = performance.now() - began;
    began = performance.now();
  };
  /** @type {IDBDatabase} */
  const db = await new Promise((resolve, reject) => {
    const request = indexedDB.open('nightshift');
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const range = IDBKeyRange.bound(`answer:${batch}:output:`, `answer:${batch}:output;`);
  /** @type {{ data: BufferSource }[]} */
  const runs = await new Promise((resolve, reject) => {
    const request = db.transaction('bytes').objectStore('bytes').getAll(range);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  db.close();
  const decoder = new TextDecoder();
  const lines = runs
    .flatMap((run) => decoder.decode(run.data).split('\n'))
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  told('read');
  /** @type {string[]} */
  const texts = lines.map((line) => line.response.body.choices[0].message.content);
  const found = texts.filter((text) => text.toLowerCase().includes(word));
  if (found.length !== 1) throw new Error(`${found.length} texts with the word, of ${texts.length}`);
  told('search');
  const quoted = lines.map((line, n) => `${line.custom_id},"${texts[n]?.replaceAll('"', '""')}",answered,,stop`);
  const file = new Blob([quoted.join('\r\n')]);
  if (file.size < 100 * lines.length) throw new Error(`only ${file.size} bytes`);
  told('csv');
  const rows = Array.from({ length: many }, (_, n) => ({ id: `r-${n}`, tokens: 1 + ((n * 7919) % 97), word: `word ${n % 5}` }));
  told('made');
  const sorted = rows.toSorted((one, other) => one.tokens - other.tokens);
  if (sorted[0]?.tokens !== 1) throw new Error('not sorted');
  told('sort');
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const row of rows) counts.set(row.word, (counts.get(row.word) ?? 0) + 1);
  if (counts.size !== 5) throw new Error('not counted');
  told('facet');
  return spent;
};
