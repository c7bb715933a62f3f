// Sympa's session ids can be guessed by whoever may try often enough. So nobody may.
import assert from 'node:assert/strict';
import { ask } from './support/http.mjs';
import { stories } from './support/story.mjs';
import { randomId } from './support/sympa.mjs';

const GUESSES = 1000;
const throughNginx = stories();
const withoutProxy = stories({ change: (config) => (config.service.trusted_proxies = []) });

/** Tries ids, a few at a time; counts the answers by their code. `header`: what the n-th try claims about its address. */
async function guess(symposium, { port, claims = () => ({}) } = {}) {
  const codes = {};
  let next = 0;
  const one = async () => {
    while (next < GUESSES) {
      const n = next++;
      const headers = { Cookie: `sympa_session=${randomId()}`, ...claims(n) };
      const { status, json } = await ask(`${symposium.url}api/bridge/session/sympa`, { method: 'POST', body: {}, headers, port });
      const code = `${status} ${json.code}`;
      codes[code] = (codes[code] ?? 0) + 1;
      if (status === 429) assert.ok(json.retry_after_ms > 500_000, 'it says when trying again would help');
    }
  };
  await Promise.all(Array.from({ length: 8 }, one));
  return codes;
}

const address = (n) => `203.0.${n >> 8}.${n & 255}`;

throughNginx('a thousand guesses are stopped, whatever address they claim to come from', async ({ sympa, symposium }) => {
  const claims = (n) => ({ 'X-Forwarded-For': address(n), 'X-Real-IP': address(n), Forwarded: `for=${address(n)}` });
  assert.deepEqual(await guess(symposium, { claims }), { '401 no_sympa_session': 20, '429 too_many': GUESSES - 20 });
  // A good id is not tried any more, either: the limit tells nothing about it.
  const headers = { Cookie: `sympa_session=${await sympa.session('alice@example.org')}` };
  assert.equal((await ask(`${symposium.url}api/bridge/session/sympa`, { method: 'POST', body: {}, headers })).json.code, 'too_many');
});

throughNginx('those who are in stay in, and other ways of signing in stay open', async ({ symposium }) => {
  const body = { email: 'bob@example.org', password: 'pw-bob' };
  assert.equal((await ask(`${symposium.url}api/bridge/session/password`, { method: 'POST', body })).json.name, 'Bob Builder');
});

withoutProxy('a service without a web server before it believes no such claim at all', async ({ sympa, symposium }) => {
  const port = (sympa.form === 'three' ? symposium.config.bridge : symposium.config.symposium).listen.split(':')[1];
  const claims = (n) => ({ 'X-Forwarded-For': address(n) });
  assert.deepEqual(await guess(symposium, { port, claims }), { '401 no_sympa_session': 20, '429 too_many': GUESSES - 20 });
});

stories()('even a thousand real addresses get no more than the site allows', async ({ sympa, symposium }) => {
  // The tests stand where the trusted web server stands, so the addresses they name count as real.
  const port = (sympa.form === 'three' ? symposium.config.bridge : symposium.config.symposium).listen.split(':')[1];
  const claims = (n) => ({ 'X-Forwarded-For': address(n) });
  assert.deepEqual(await guess(symposium, { port, claims }), { '401 no_sympa_session': 300, '429 too_many': GUESSES - 300 });
});
