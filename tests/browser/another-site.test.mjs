// Pages of other sites, opened by somebody who is signed in here: they can neither listen nor speak nor change anything.
import assert from 'node:assert/strict';
import { asks, composer, enter, hears, roomOf, say, tokenFor } from './support/room.mjs';
import { ask, askForSocket } from './support/http.mjs';
import { stories } from './support/story.mjs';

const list = 'open-talk@lists.example.org';
const story = stories();

story('a page of another site opens no socket and changes nothing', async ({ sympa, symposium, person }) => {
  const alice = await person('alice@example.org');
  await enter(sympa, symposium, alice, list);
  await say(alice.page, 'Only for our own pages');
  await hears(alice.page, 'Only for our own pages');
  const { id } = await roomOf(alice.page, list);
  const token = await tokenFor(alice.page, id);

  // The second robot's host is another site; the page has no rules of ours.
  const evil = await alice.context.newPage();
  await evil.goto(`${new URL(sympa.urls['lists.example.net']).origin}/css-sympa/nothing`);
  const seen = await evil.evaluate(
    async ([site, id, token]) => {
      const socketUrl = site.replace('http', 'ws');
      const socket = await new Promise((resolve) => {
        const socket = new WebSocket(`${socketUrl}api/chat/socket`);
        socket.onopen = () => resolve('open');
        socket.onclose = ({ code }) => resolve(`closed ${code}`);
      });
      const outcome = (promise) => promise.then((response) => response.type, () => 'no answer');
      const text = { 'content-type': 'text/plain' };
      return {
        socket,
        read: await outcome(fetch(`${site}api/bridge/rooms`, { credentials: 'include' })),
        history: await outcome(fetch(`${site}api/chat/rooms/${id}/history`, { headers: { authorization: `Bearer ${token}` } })),
        signOut: await outcome(fetch(`${site}api/bridge/session`, { method: 'DELETE', credentials: 'include' })),
        // What needs no question beforehand arrives, and is refused there.
        rename: await outcome(fetch(`${site}api/bridge/session/sympa`, { method: 'POST', mode: 'no-cors', credentials: 'include', headers: text, body: '{}' })),
      };
    },
    [symposium.url, id, token],
  );
  assert.deepEqual(seen, { socket: 'closed 1006', read: 'no answer', history: 'no answer', signOut: 'no answer', rename: 'opaque' });
  // A form that posts by itself.
  await evil.setContent(`<form method="post" enctype="text/plain" action="${symposium.url}api/bridge/session/sympa"><input name='{"x":"' value='"}'></form>`);
  const [answer] = await Promise.all([evil.waitForResponse(`${symposium.url}api/bridge/session/sympa`), evil.evaluate(() => document.forms[0].submit())]);
  assert.equal(answer.status(), 403);

  await alice.page.reload();
  await composer(alice.page).waitFor();
  assert.equal((await asks(alice.page, 'api/bridge/session')).json.name, 'Alice Liddell');
});

story('nor does anything that claims to come from elsewhere, or does not say from where', async ({ sympa, symposium, person }) => {
  const alice = await person('alice@example.org');
  await enter(sympa, symposium, alice, list);
  const Cookie = (await alice.context.cookies(symposium.url)).map(({ name, value }) => `${name}=${value}`).join('; ');
  const site = new URL(symposium.url);
  const foreign = ['http://evil.example', 'null', `${site.protocol}//${site.hostname}`, `https://${site.host}`, `${site.origin}.evil.example`, `${site.origin}/chat/`, null];
  const changing = [
    ['POST', 'session/sympa', {}],
    ['POST', 'session/password', { email: alice.email, password: 'pw-alice' }],
    ['POST', 'session/mail-link', { email: alice.email }],
    ['POST', 'session/ticket', { ticket: 'x' }],
    ['POST', 'tokens', { audience: 'chat', rooms: [] }],
    ['POST', 'direct', { person: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }],
    ['PUT', 'profile', { name: 'Changed' }],
    ['DELETE', 'session', undefined],
  ];
  for (const Origin of foreign) {
    for (const [method, path, body] of changing) {
      const { status, json } = await ask(`${symposium.url}api/bridge/${path}`, { method, body, headers: { Cookie, Origin } });
      assert.deepEqual([status, json.code], [403, 'wrong_origin'], `${method} ${path} from ${Origin}`);
    }
    const socket = await askForSocket(`${symposium.url}api/chat/socket`, { Cookie, Origin });
    assert.deepEqual([socket.status, socket.json.code], [403, 'wrong_origin'], `socket from ${Origin}`);
  }
  assert.equal((await askForSocket(`${symposium.url}api/chat/socket`, { Cookie })).status, 101);
  assert.equal((await asks(alice.page, 'api/bridge/session')).json.name, 'Alice Liddell');
  // And no page of ours may be shown inside a foreign one.
  const { headers } = await ask(symposium.url);
  assert.match(headers['content-security-policy'], /frame-ancestors 'none'/);
});
