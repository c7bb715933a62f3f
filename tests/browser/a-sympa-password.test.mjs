// Signing in with the password people have at Sympa, whichever way Sympa stored it.
import assert from 'node:assert/strict';
import { composer, rooms, told, words } from './support/room.mjs';
import { stories } from './support/story.mjs';

const list = 'open-talk@lists.example.org';
const story = stories();

for (const [email, kind] of [['zoe@example.org', 'bcrypt'], ['carol@example.org', 'md5']]) {
  story(`a password that Sympa keeps as ${kind} opens the room`, async ({ sympa, symposium, person }) => {
    const somebody = await person(email);
    await signIn(somebody, symposium.room(list), `pw-${email.split('@')[0]}`);
    await composer(somebody.page).waitFor();
    assert.deepEqual(await rooms(somebody.page), await sympa.listsOf(email));
  });
}

story('a wrong password, an unknown person, nobody to check and a locked account all get the same answer', async ({ symposium, person }) => {
  for (const [email, password] of [
    ['dave@example.org', 'tulips-in-november'],
    ['stranger@example.com', 'pw-stranger'],
    ['heidi@example.org', 'pw-heidi'],
    ['locked@example.org', 'pw-locked'],
  ]) {
    const somebody = await person(email);
    await signIn(somebody, symposium.url, password);
    await told(somebody.page, words.wrongPassword);
    assert.equal((await somebody.traffic.find(password, { kinds: ['response', 'received'] })).length, 0);
  }
});

async function signIn({ page, email }, url, password) {
  await page.goto(url);
  await page.getByRole('button', { name: 'Sign in with e-mail address and password' }).click();
  await page.getByRole('textbox', { name: 'Your e-mail address' }).fill(email);
  await page.getByLabel('Your Sympa password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}
