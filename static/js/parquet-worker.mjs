// A worker that reads one Parquet file. The page makes it of the bundle's text (parquet.mjs): a worker from an address would not have the page's policy.
import { Rows } from './parquet-rows.mjs';

// hyparquet reads columns side by side: when one is damaged, what becomes of the others is nobody's.
addEventListener('unhandledrejection', (event) => event.preventDefault());

/** @type {Rows | undefined} */
let open;

addEventListener('message', async ({ data: { id, blob, start, stop } }) => {
  try {
    if (blob) {
      open = await Rows.open({ byteLength: blob.size, slice: (from, to) => blob.slice(from, to).arrayBuffer() });
      postMessage({ id, value: [open.columns, open.rows] });
      return;
    }
    const bytes = await open?.read(start, stop);
    postMessage({ id, value: bytes }, { transfer: bytes ? [bytes.buffer] : [] });
  } catch (error) {
    postMessage({ id, error: error instanceof Error ? error.message : `${error}` });
  }
});
