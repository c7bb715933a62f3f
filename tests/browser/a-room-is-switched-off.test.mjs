// An owner who switches a room off finds the switch again, also after a reload, and everyone finds the room as it was.
import assert from 'node:assert/strict';
import { composer, enter, hears, say, told, words } from './support/room.mjs';
import { stories } from './support/story.mjs';

const list = 'open-talk@lists.example.org';
const story = stories();

async function settingsOf(page) {
  await page.getByRole('button', { name: 'More about this room' }).click();
  await page.getByRole('menuitem', { name: 'Room settings' }).click();
  return page.getByRole('complementary', { name: 'Room settings' });
}

story('an owner who has switched a room off switches it on again', async ({ sympa, symposium, person, test }) => {
  const zoe = await person('zoe@example.org');
  const bob = await person('bob@example.org');
  test.after(() => sympa.demote(zoe.email, list));
  await sympa.makeOwner(zoe.email, list);
  await enter(sympa, symposium, zoe, list);
  await enter(sympa, symposium, bob, list);
  await say(zoe.page, 'Before the break');
  await hears(bob.page, 'Before the break');

  const panel = await settingsOf(zoe.page);
  await panel.getByRole('radio', { name: /^Nobody/ }).check();
  await Promise.all([zoe, bob].map(({ page }) => told(page, words.roomClosed)));
  assert.equal(await composer(bob.page).count(), 0);

  await zoe.page.reload();
  await told(zoe.page, words.roomClosed);
  // Nobody reads a room that is off, and nobody is told so.
  assert.equal(await zoe.page.getByText('Everyone on the list can read this room.').count(), 0);
  const again = await settingsOf(zoe.page);
  assert.ok(await again.getByRole('radio', { name: /^Nobody/ }).isChecked());
  await again.getByRole('group', { name: 'Who may write' }).getByRole('radio', { name: /^Everyone/ }).check();
  await composer(zoe.page).waitFor({ timeout: 5000 });
  await hears(zoe.page, 'Before the break');

  await bob.page.reload();
  await hears(bob.page, 'Before the break');
  await say(bob.page, 'Here we are again');
  await hears(zoe.page, 'Here we are again');
});
