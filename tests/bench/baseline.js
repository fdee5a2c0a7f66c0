// What the same work takes in plain JavaScript with one record a request: the way that Nightshift does not go. Milliseconds.
async (/** @type {[string, number]} */ [name, count]) => {
  /**
   * @template T
   * @param {IDBRequest<T>} request
   * @returns {Promise<T>}
   */
  const done = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  /**
   * @param {IDBTransaction} tx
   * @returns {Promise<unknown>}
   */
  const finished = (tx) =>
    new Promise((resolve, reject) => {
      tx.oncomplete = resolve;
      tx.onabort = () => reject(tx.error);
    });
  /** @param {Record<string, string[]>} tables */
  const opened = async (tables) => {
    await done(indexedDB.deleteDatabase(name));
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      for (const [table, indexes] of Object.entries(tables)) {
        const store = request.result.createObjectStore(table, { keyPath: 'id' });
        for (const index of indexes) store.createIndex(index, index);
      }
    };
    return done(request);
  };
  const text = 'Letters of customers, one at a time, of the length that such letters have. '.repeat(12).slice(0, 880);

  const db = await opened({ requests: ['lane', 'order'] });
  const began = performance.now();
  const tx = db.transaction('requests', 'readwrite', { durability: 'relaxed' });
  const store = tx.objectStore('requests');
  for (let n = 0; n < count; n++) {
    store.put({
      id: `r-${n}`,
      lane: 'practice|/v1/chat/completions|gpt-5-nano',
      order: n,
      line: {
        custom_id: `r-${n}`,
        method: 'POST',
        url: '/v1/chat/completions',
        body: {
          model: 'gpt-5-nano',
          messages: [
            {
              role: 'system',
              content: 'You read one customer letter at a time. Say in one sentence what the customer wants, and name the product.',
            },
            { role: 'user', content: `Letter ${n}: ${text}` },
          ],
          max_completion_tokens: 256,
          temperature: 0.2,
        },
      },
    });
  }
  await finished(tx);
  const spent = performance.now() - began;

  const reading = performance.now();
  const records = await done(db.transaction('requests').objectStore('requests').getAll());
  const blob = new Blob(records.map((record) => `${JSON.stringify(record.line)}\n`));
  const blobSpent = performance.now() - reading;
  if (blob.size < 1000 * count) throw new Error(`only ${blob.size} bytes`);

  db.close();
  await done(indexedDB.deleteDatabase(name));
  return { store: spent, blob: blobSpent };
};
