// The three services behind nginx under TLS: the same walk from Sympa into the room, with cookies that never leave it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composer, hears, isIn, rooms, say } from './support/room.mjs';
import { stories } from './support/story.mjs';

const list = 'open-talk@lists.example.org';
const story = stories({ site: (sympa) => sympa.chatSecure });
// The certificate of the tests is nobody's but theirs.
const trusting = { ignoreHTTPSErrors: true };

if ((process.env.FORM ?? 'one') === 'one') {
  test('a member walks from Sympa into the room under TLS', { skip: 'told with the three services behind nginx' });
} else {
  story('a member walks from Sympa into the room under TLS', async ({ sympa, symposium, person }) => {
    const alice = await person('alice@example.org', trusting);
    const bob = await person('bob@example.org', trusting);
    for (const { page, email } of [alice, bob]) {
      await sympa.logInAt(page, email, sympa.secureUrls['lists.example.org']);
      await page.goto(`${sympa.secureUrls['lists.example.org']}/info/open-talk`);
      await page.getByRole('link', { name: 'Chat room' }).click();
      await isIn(page);
      assert.equal(page.url(), symposium.room(list));
      assert.deepEqual(await rooms(page), await sympa.listsOf(email));
    }
    await say(alice.page, 'Nobody can listen in');
    await hears(bob.page, 'Nobody can listen in');

    const cookies = await alice.context.cookies();
    const { secure, httpOnly, sameSite, path } = cookies.find(({ name }) => name === 'symposium_session');
    assert.deepEqual({ secure, httpOnly, sameSite, path }, { secure: true, httpOnly: true, sameSite: 'Lax', path: '/chat/' });
    assert.ok(cookies.find(({ name }) => name === 'sympa_session').secure, "Sympa's own cookie, too");
    const ours = alice.traffic.entries.filter(({ url }) => new URL(url).pathname.startsWith('/chat/'));
    assert.deepEqual([...new Set(ours.map(({ url }) => new URL(url).protocol))].sort(), ['https:', 'wss:']);
    assert.deepEqual(alice.traffic.problems, []);
  });

  story('pages that came without TLS have no part in it', async ({ sympa, symposium, person }) => {
    const alice = await person('alice@example.org', trusting);
    await alice.context.addCookies([{ name: 'sympa_session', value: await sympa.session(alice.email), url: new URL(symposium.url).origin }]);
    await alice.page.goto(symposium.room(list));
    await composer(alice.page).waitFor();
    const plain = await alice.context.newPage();
    await plain.goto(sympa.chatBeside);
    await plain.getByRole('main').first().waitFor();
    assert.equal(await composer(plain).count(), 0);
    const status = await plain.evaluate(() => fetch('api/bridge/session/sympa', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }).then((answer) => answer.status));
    assert.equal(status, 403);
  });
}
