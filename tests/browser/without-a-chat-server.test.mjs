// The bridge with signal-server and no chat-server: calls work, the lines of the room are absent, and nothing else fails.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answer, call, callIs, hangUp, hearsAndSees, keepPeers, turnTo } from './support/call.mjs';
import { turnUp } from './support/room.mjs';
import { stories } from './support/story.mjs';

const list = 'open-talk@lists.example.org';

if ((process.env.FORM ?? 'one') === 'one') {
  test('two members call each other where there is no chat-server', { skip: 'told with the three services apart' });
} else {
  const story = stories();
  story('two members call each other where there is no chat-server', async ({ sympa, symposium, person }) => {
    await symposium.kill('chat-server');
    const alice = await person('alice@example.org');
    const bob = await person('bob@example.org');
    for (const somebody of [alice, bob]) {
      await somebody.context.addInitScript(keepPeers);
      await turnUp(sympa, symposium, somebody, list);
    }
    await turnTo(alice.page, 'Bob Builder');
    await turnTo(bob.page, 'Alice Liddell');
    await call(alice.page);
    await answer(bob.page);
    for (const { page } of [alice, bob]) await callIs(page, 'talking');
    await Promise.all([hearsAndSees(alice.page, 'Alice'), hearsAndSees(bob.page, 'Bob')]);
    await hangUp(alice.page);
    for (const { page } of [alice, bob]) await page.getByText(/The call is over/).first().waitFor();
    assert.equal(await alice.page.getByText(/Video call with/).count(), 0, 'nobody keeps a line of it');
    assert.deepEqual(alice.traffic.problems.filter((problem) => problem.startsWith('page error')), []);
  });
}
