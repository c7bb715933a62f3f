// What a cookie of Sympa is worth: rows of the real session table, written as Sympa's own account writes them, and what
// the bridge answers when a browser brings their ids. Nobody gets in by an id that Sympa itself would not take.
import assert from 'node:assert/strict';
import { ask } from './support/http.mjs';
import { stories } from './support/story.mjs';
import { quote, randomId } from './support/sympa.mjs';

const alice = 'alice@example.org';
// These stories fail on purpose more often than one address may.
const story = stories({ change: (config) => (config.bridge.limits = { exchange_address: { times: 1000, per_s: 600 } }) });

/** What the bridge makes of a Cookie header: the person, or the code of the refusal. */
async function exchanged(symposium, cookie) {
  const { status, json, headers } = await ask(`${symposium.url}api/bridge/session/sympa`, { method: 'POST', body: {}, headers: { Cookie: cookie } });
  if (status === 200) return json.name;
  assert.equal(headers['set-cookie'], undefined, 'a refusal gives no session');
  return `${status} ${json.code}`;
}

const of = (id) => `sympa_session=${id}`;

story('the id of a session that is in use is a person', async ({ sympa, symposium }) => {
  assert.equal(await exchanged(symposium, of(await sympa.session(alice))), 'Alice Liddell');
});

story('the prefix of old versions is read over', async ({ sympa, symposium }) => {
  assert.equal(await exchanged(symposium, of(`5e55${await sympa.writeSession({ email: alice })}`)), 'Alice Liddell');
});

story('the id before the newest still counts, the one before that does not', async ({ sympa, symposium }) => {
  const superseded = randomId();
  const former = randomId();
  await sympa.writeSession({ id: superseded, previous: null, email: alice });
  const newest = await sympa.writeSession({ previous: former, email: alice });
  assert.equal(await exchanged(symposium, of(newest)), 'Alice Liddell');
  assert.equal(await exchanged(symposium, of(former)), 'Alice Liddell');
  // Its row is still there and still says alice, even after she has logged out.
  assert.equal(await exchanged(symposium, of(superseded)), '401 no_sympa_session');
});

story("a session that is older than Sympa's own limit has expired", async ({ sympa, symposium }) => {
  assert.equal(await exchanged(symposium, of(await sympa.writeSession({ email: alice, used: 172_800 - 60 }))), 'Alice Liddell');
  assert.equal(await exchanged(symposium, of(await sympa.writeSession({ email: alice, used: 172_800 + 60 }))), '401 sympa_session_expired');
});

story('an id that several rows claim is nobody', async ({ sympa, symposium }) => {
  const id = await sympa.writeSession({ email: alice });
  await sympa.writeSession({ previous: id, email: 'bob@example.org' });
  assert.equal(await exchanged(symposium, of(id)), '401 no_sympa_session');
});

story('a session that nobody has logged in to, or that was logged out, is nobody', async ({ sympa, symposium }) => {
  for (const email of ['nobody', '', null]) assert.equal(await exchanged(symposium, of(await sympa.writeSession({ email }))), '401 no_sympa_session', String(email));
});

story('a listmaster who acts as somebody else is refused, as what he is', async ({ sympa, symposium }) => {
  const data = ';auth="classic";restore_email="listmaster@example.org"';
  assert.equal(await exchanged(symposium, of(await sympa.writeSession({ email: alice, data }))), '403 impersonated');
});

story('forged and garbled cookies, and two at once, are nobody', async ({ sympa, symposium }) => {
  const good = await sympa.writeSession({ email: alice });
  const garbled = ['', 'nobody', '1', good.slice(0, 13), `${good}00000`, `5e55${good}x`, `5e555e55${good}`, `${good} `.replace(' ', '%20'), "' OR '1'='1", '%', '٠١٢٣٤٥٦٧٨٩٠١٢٣', '-1234567890123'];
  for (const value of [randomId(), ...garbled]) {
    assert.equal(await exchanged(symposium, of(Buffer.from(value).toString('latin1'))), '401 no_sympa_session', value);
  }
  assert.equal(await exchanged(symposium, `${of(good)}; ${of(randomId())}`), '401 no_sympa_session');
  assert.equal(await exchanged(symposium, `${of(good)}; ${of(good)}`), '401 no_sympa_session');
  assert.equal(await exchanged(symposium, `other=1; ${of(good)}`), 'Alice Liddell');
});

story('an address that differs by an accent is another person', async ({ sympa, symposium }) => {
  // MariaDB finds the rows of alice when it is asked for álice; the bridge must not.
  const id = await sympa.writeSession({ email: 'álice@example.org' });
  const { status, json, headers } = await ask(`${symposium.url}api/bridge/session/sympa`, { method: 'POST', body: {}, headers: { Cookie: of(id) } });
  if (status !== 200) return assert.equal(json.code, 'no_sympa_session');
  const session = headers['set-cookie'][0].split(';')[0];
  assert.notEqual(json.name, 'Alice Liddell');
  const { json: found } = await ask(`${symposium.url}api/bridge/rooms`, { headers: { Cookie: session } });
  assert.deepEqual(found.rooms, []);
  const { status: refused } = await ask(`${symposium.url}api/bridge/rooms/at/open-talk@lists.example.org`, { headers: { Cookie: session } });
  assert.equal(refused, 404);
});

story('a session that is logged out at Sympa ends here, too', async ({ sympa, symposium }) => {
  const id = await sympa.writeSession({ email: alice });
  const { headers } = await ask(`${symposium.url}api/bridge/session/sympa`, { method: 'POST', body: {}, headers: { Cookie: of(id) } });
  const Cookie = `${headers['set-cookie'][0].split(';')[0]}; ${of(id)}`;
  const signedIn = async () => (await ask(`${symposium.url}api/bridge/session`, { headers: { Cookie } })).json.signed_in;
  assert.equal(await signedIn(), true);
  await sympa.write(`UPDATE session_table SET email_session = 'nobody' WHERE id_session = ${quote(id)}`);
  assert.equal(await signedIn(), false);
});
