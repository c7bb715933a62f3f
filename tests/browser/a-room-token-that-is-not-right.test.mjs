// Room tokens that were stolen, altered or made by somebody else: the socket and the history refuse each with its code.
import assert from 'node:assert/strict';
import { asks, atTheSocket, enter, hears, roomOf, say, told, tokenFor, words } from './support/room.mjs';
import { stories } from './support/story.mjs';
import { OTHER_SEED, SEED, altered, claimsOf, keyOf, signed, signedWithPublicKey, unsigned } from './support/tokens.mjs';

const list = 'open-talk@lists.example.org';
const story = stories({ secrets: { BRIDGE_KEY_SEED: SEED } });

story('only a token of the bridge, for this room, for this service and for now lets in', async ({ sympa, symposium, person }) => {
  const alice = await person('alice@example.org');
  await enter(sympa, symposium, alice, list);
  await say(alice.page, 'Only for those with a token');
  await hears(alice.page, 'Only for those with a token');
  const { id: room } = await roomOf(alice.page, list);
  const { id: other } = await roomOf(alice.page, 'team-private@lists.example.org');
  const good = await tokenFor(alice.page, room);
  const claims = claimsOf(good);
  const bridge = keyOf(SEED);
  const now = Math.floor(Date.now() / 1000);
  assert.equal(signed(claims, SEED).split('.')[2], good.split('.')[2], 'the story makes tokens as the bridge does');

  const cases = {
    'for another room': [await tokenFor(alice.page, other), 'bad_token'],
    'altered: more grants': [altered(good, { grants: ['read', 'post', 'moderate', 'manage'] }), 'bad_token'],
    'altered: another person': [altered(good, { sub: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }), 'bad_token'],
    'altered: another room': [altered(await tokenFor(alice.page, other), { room }), 'bad_token'],
    'altered: a longer life': [altered(signed({ ...claims, exp: now - 60 }, SEED), { exp: now + 300 }), 'bad_token'],
    'signed by another key': [signed(claims, OTHER_SEED), 'bad_token'],
    'signed by another key in the name of the right one': [signed(claims, OTHER_SEED, bridge.kid), 'bad_token'],
    'not signed, alg none': [unsigned(claims, bridge.kid), 'bad_token'],
    'not signed, alg EdDSA': [unsigned(claims, bridge.kid, 'EdDSA'), 'bad_token'],
    'signed with the public key': [signedWithPublicKey(claims, bridge), 'bad_token'],
    'for another service': [signed({ ...claims, aud: 'signal' }, SEED), 'bad_token'],
    'too old': [signed({ ...claims, iat: now - 400, nbf: now - 400, exp: now - 100 }, SEED), 'token_expired'],
    'from the future': [signed({ ...claims, iat: now + 600, nbf: now + 600, exp: now + 900 }, SEED), 'token_not_yet_valid'],
    'no token at all': ['garbage', 'bad_token'],
    'far too long': ['a'.repeat(5000), 'bad_token'],
    genuine: [good, 'entered'],
  };
  const tokens = Object.fromEntries(Object.entries(cases).map(([name, [token]]) => [name, token]));
  const expected = Object.fromEntries(Object.entries(cases).map(([name, [, code]]) => [name, code]));
  assert.deepEqual(await atTheSocket(alice.page, room, tokens), expected);

  const read = {};
  for (const [name, token] of Object.entries(tokens)) {
    const { status, json } = await asks(alice.page, `api/chat/rooms/${room}/history`, { headers: { authorization: `Bearer ${token}` } });
    read[name] = status === 200 ? 'entered' : json.code;
    if (status !== 200) assert.equal(status, 401);
    assert.equal(JSON.stringify(json).includes('Only for those'), status === 200);
  }
  assert.deepEqual(read, expected);
});

story('a token that somebody kept is worth nothing once they are off the list', async ({ sympa, symposium, person, test }) => {
  const alice = await person('alice@example.org');
  const zoe = await person('zoe@example.org');
  await enter(sympa, symposium, zoe, list);
  await enter(sympa, symposium, alice, list);
  const { id: room } = await roomOf(zoe.page, list);
  const kept = await tokenFor(zoe.page, room);
  assert.deepEqual(await atTheSocket(zoe.page, room, { kept }), { kept: 'entered' });
  test.after(() => sympa.subscribe(zoe.email, list, { name: 'Zoë Ångström 謝' }));
  await sympa.unsubscribe(zoe.email, list);
  await told(zoe.page, words.noLongerOnList);
  await say(alice.page, 'Now that she is gone');
  await hears(alice.page, 'Now that she is gone');

  const { status, json } = await asks(zoe.page, `api/chat/rooms/${room}/history`, { headers: { authorization: `Bearer ${kept}` } });
  const again = await atTheSocket(zoe.page, room, { kept });
  assert.equal((await zoe.traffic.find('Now that she is gone')).length, 0, `history answers ${status}, the socket ${JSON.stringify(again)}`);
  assert.ok(status === 401 || status === 403, `${status} ${JSON.stringify(json)}`);
  assert.notEqual(again.kept, 'entered');
});

story('a token read in an address lets nobody in', async ({ sympa, symposium, person }) => {
  const alice = await person('alice@example.org');
  await enter(sympa, symposium, alice, list);
  const { id: room } = await roomOf(alice.page, list);
  const token = await tokenFor(alice.page, room);
  const { status } = await asks(alice.page, `api/chat/rooms/${room}/history?token=${token}&access_token=${token}`);
  assert.ok(status === 400 || status === 401, String(status));
});
