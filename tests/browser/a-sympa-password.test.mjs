// Signing in with the password people have at Sympa, whichever way Sympa stored it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
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

story('upper and lower case of the address and the password are as Sympa takes them', async ({ symposium, person }) => {
  const dora = await person('Dora@Example.ORG');
  await signIn(dora, symposium.room(list), 'PW-Dora');
  await composer(dora.page).waitFor();
});

story('a password with other letters than those of English', async ({ sympa, symposium, person, test }) => {
  const email = 'frank@example.org';
  const [[before]] = await sympa.read(`SELECT password_user FROM user_table WHERE email_user = '${email}'`);
  const password = 'Grüße 謝 – Straße';
  // Sympa lowers A to Z and nothing else.
  const hash = createHash('md5').update('grüße 謝 – straße').digest('hex');
  test.after(() => sympa.write(`UPDATE user_table SET password_user = '${before}' WHERE email_user = '${email}'`));
  await sympa.write(`UPDATE user_table SET password_user = '${hash}' WHERE email_user = '${email}'`);
  const frank = await person(email);
  await signIn(frank, symposium.room(list), 'grüssse');
  await told(frank.page, words.wrongPassword);
  await signIn(frank, symposium.room(list), password);
  await composer(frank.page).waitFor();
});

story('after five wrong passwords even the right one has to wait', async ({ symposium, person }) => {
  const bob = await person('bob@example.org');
  for (let n = 1; n <= 5; n++) {
    await signIn(bob, symposium.url, `wrong ${n}`);
    await told(bob.page, words.wrongPassword);
  }
  await signIn(bob, symposium.url, 'pw-bob');
  await told(bob.page, words.tooMany);
  assert.equal(await composer(bob.page).count(), 0);
  // It is his account that waits, not everybody else.
  const alice = await person('alice@example.org');
  await signIn(alice, symposium.room(list), 'pw-alice');
  await composer(alice.page).waitFor();
});

async function signIn({ page, email }, url, password) {
  await page.goto(url);
  await page.getByRole('button', { name: 'Sign in with e-mail address and password' }).click();
  await page.getByRole('textbox', { name: 'Your e-mail address' }).fill(email);
  await page.getByLabel('Your Sympa password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}
