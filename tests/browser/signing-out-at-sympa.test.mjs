// Whoever logs out at Sympa is out of the chat as well, without touching it.
import assert from 'node:assert/strict';
import { composer, enterFromSympa, hears, isIn, say, told, words } from './support/room.mjs';
import { stories } from './support/story.mjs';
import { passwordOf } from './support/sympa.mjs';

const list = 'open-talk@lists.example.org';
const story = stories();

story('logging out at Sympa ends the chat in every tab of that browser', async ({ sympa, symposium, person }) => {
  const alice = await person('alice@example.org');
  const bob = await person('bob@example.org');
  await enterFromSympa(sympa, alice, list);
  await enterFromSympa(sympa, bob, list);
  const second = await alice.context.newPage();
  await second.goto(symposium.room('team-private@lists.example.org'));
  await composer(second).waitFor();

  await sympa.logOut(alice.context);
  await told(alice.page, words.sessionEnded, 5000);
  await told(second, words.sessionEnded, 5000);

  await say(bob.page, 'Alice has logged out');
  await hears(bob.page, 'Alice has logged out');
  const edith = await person('edith@example.org');
  await enterFromSympa(sympa, edith, list);
  await hears(edith.page, 'Alice has logged out');
  assert.equal((await alice.traffic.find('Alice has logged out')).length, 0);
});

story('what was being written outlasts the end of the session, and signing out', async ({ sympa, symposium, person }) => {
  const alice = await person('alice@example.org');
  const { page, context } = alice;
  await enterFromSympa(sympa, alice, list);
  await composer(page).fill('A thought over the end of the session');
  await sympa.logOut(context);
  await told(page, words.sessionEnded, 5000);
  assert.equal(await composer(page).inputValue(), 'A thought over the end of the session');
  await enterFromSympa(sympa, alice, list);
  assert.equal(await composer(page).inputValue(), 'A thought over the end of the session');

  await composer(page).fill('A thought over signing out');
  await page.goto(`${symposium.url}settings`);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Sign in with e-mail address and password' }).waitFor();
  // Somebody else at the same browser sees nothing of it.
  await page.goto(symposium.room(list));
  await signIn(page, 'bob@example.org');
  assert.equal(await composer(page).inputValue(), '');
  await page.goto(`${symposium.url}settings`);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Sign in with e-mail address and password' }).waitFor();
  await page.goto(symposium.room(list));
  await signIn(page, alice.email);
  assert.equal(await composer(page).inputValue(), 'A thought over signing out');
  await composer(page).press('Enter');
  await hears(page, 'A thought over signing out');
});

async function signIn(page, email) {
  await page.getByRole('button', { name: 'Sign in with e-mail address and password' }).click();
  await page.getByRole('textbox', { name: 'Your e-mail address' }).fill(email);
  await page.getByLabel('Your Sympa password').fill(passwordOf(email));
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await isIn(page);
}

story('the same person in another browser stays', async ({ sympa, person }) => {
  const atHome = await person('alice@example.org');
  const atWork = await person('alice@example.org');
  await enterFromSympa(sympa, atHome, list);
  await enterFromSympa(sympa, atWork, list);
  await sympa.logOut(atHome.context);
  await told(atHome.page, words.sessionEnded, 5000);
  await say(atWork.page, 'Still here at work');
  await hears(atWork.page, 'Still here at work');
});

story('a listmaster who acts as somebody else does not get in', async ({ sympa, symposium, person }) => {
  const listmaster = await person('listmaster@example.org');
  await sympa.logInAt(listmaster.page, listmaster.email);
  await sympa.impersonate(listmaster.page, 'alice@example.org');
  await listmaster.page.goto(symposium.room(list));
  await told(listmaster.page, words.impersonated);
  assert.equal(await composer(listmaster.page).count(), 0);
  assert.equal((await listmaster.traffic.find('Still here at work')).length, 0);
});
