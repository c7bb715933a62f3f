// The bridge has died and comes back: what happened at Sympa meanwhile counts within five seconds. Only where it is a
// process of its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composer, enter, hears, roomOf, say, told, words } from './support/room.mjs';
import { stories } from './support/story.mjs';

const list = 'open-talk@lists.example.org';
const story = stories();

if ((process.env.FORM ?? 'one') === 'one') {
  test('whoever left the list while the bridge was away is out when it returns', { skip: 'in one process the bridge is never away alone' });
} else {
  story('whoever left the list while the bridge was away is out when it returns', async ({ sympa, symposium, person, test }) => {
    const alice = await person('alice@example.org');
    const bob = await person('bob@example.org');
    await enter(sympa, symposium, alice, list);
    await enter(sympa, symposium, bob, list);
    const { id } = await roomOf(alice.page, list);
    await say(bob.page, 'Before the bridge goes');
    await hears(alice.page, 'Before the bridge goes');

    const bridge = await symposium.kill('sympa-bridge');
    // Those who are in talk on.
    await say(bob.page, 'Without a bridge');
    await hears(alice.page, 'Without a bridge');
    assert.equal(await alice.page.getByText(words.sessionEnded).count(), 0);
    test.after(() => sympa.subscribe(alice.email, list));
    await sympa.unsubscribe(alice.email, list);

    await bridge.begin();
    await told(alice.page, words.noLongerOnList, 5000);
    assert.equal(await composer(alice.page).count(), 0);
    const mark = alice.traffic.mark();
    await say(bob.page, 'After she was gone');
    await hears(bob.page, 'After she was gone');
    const edith = await person('edith@example.org');
    await enter(sympa, symposium, edith, list);
    await hears(edith.page, 'After she was gone');
    assert.equal((await alice.traffic.find('After she was gone')).length, 0);
    const later = await alice.traffic.find(/"type":\s*"(event|presence|typing)"/, { since: mark, kinds: ['received'] });
    assert.deepEqual(later.filter(({ text }) => text.includes(id)), []);
  });

  story('whoever is still on the list notices nothing', async ({ sympa, symposium, person }) => {
    const bob = await person('bob@example.org');
    await enter(sympa, symposium, bob, list);
    const bridge = await symposium.kill('sympa-bridge');
    await bridge.begin();
    await say(bob.page, 'Nothing has happened');
    await hears(bob.page, 'Nothing has happened');
    await bob.page.reload();
    await hears(bob.page, 'Nothing has happened');
    assert.equal(await bob.page.getByText(words.sessionEnded).count(), 0);
  });
}
