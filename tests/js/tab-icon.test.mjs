// The icon in the browser's tab, with and without a sign.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import './page.mjs';
import { DRAWING, marked } from '../../static/js/tab-icon.mjs';

test('the drawing is that of the icon', () => {
  assert.equal(DRAWING, readFileSync(new URL('../../static/icons/nightshift.svg', import.meta.url), 'utf8').trim());
});

test('each sign is one whole drawing over the icon, and they differ', () => {
  const drawn = /** @type {const} */ (['runs', 'needs']).map((mark) => decodeURIComponent(marked(mark)));
  for (const one of drawn) {
    assert.ok(one.startsWith(`data:image/svg+xml,${DRAWING.replace('</svg>', '')}<circle`));
    assert.ok(one.endsWith('</svg>'));
  }
  assert.notEqual(drawn[0], drawn[1]);
});
