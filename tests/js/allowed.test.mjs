// Which origins the page's policy lets it call.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listed } from '../../static/js/allowed.mjs';

const OWN = 'https://page.example';
const POLICY = "default-src 'none'; connect-src 'self' https://api.openai.com wss:; img-src https://images.example";

test('an origin is allowed when connect-src lists it, its scheme, or the page itself', () => {
  for (const origin of ['https://api.openai.com', OWN, 'wss://broker.example:15674'])
    assert.equal(listed(POLICY, origin, OWN), true, origin);
});

test('an origin of another directive, port, scheme or host is not', () => {
  const others = ['https://images.example', 'https://api.openai.com:8443', 'http://api.openai.com', 'https://api.openai.com.evil.example'];
  for (const origin of others) assert.equal(listed(POLICY, origin, OWN), false, origin);
});

test('«self» means the page and nobody else', () => {
  assert.equal(listed("connect-src 'self'", 'https://other.example', OWN), false);
});

test('without a policy, or one that names no connect-src, everything may be called', () => {
  for (const policy of ['', "default-src 'none'", "script-src 'self'"])
    assert.equal(listed(policy, 'https://any.example', OWN), true, policy);
});

test('an empty connect-src allows nothing', () => {
  assert.equal(listed('connect-src', OWN, OWN), false);
});
