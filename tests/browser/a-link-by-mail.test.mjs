// Signing in without Sympa's login page: a link by mail that works once.
import assert from 'node:assert/strict';
import { composer, rooms, told, words } from './support/room.mjs';
import { linkIn } from './support/smtp.mjs';
import { stories } from './support/story.mjs';

const list = 'open-talk@lists.example.org';
const story = stories();

story('a member without a password gets a link and is in the room', async ({ sympa, symposium, mail, person }) => {
  const heidi = await person('heidi@example.org');
  await askForLink(heidi, symposium.room(list));
  const message = await mail.take(heidi.email);
  assert.equal(message.from, 'chat@lists.example.org');
  assert.ok(linkIn(message).startsWith(`${symposium.url}sign-in/link#t=`));

  // Programs that look at links in mail do not use it up: only the button does.
  const scanner = await person('nobody');
  await scanner.page.goto(linkIn(message));
  await scanner.page.getByRole('button', { name: 'Continue as Heidi Sso' }).waitFor();

  await heidi.page.goto(linkIn(message));
  await heidi.page.getByRole('button', { name: 'Continue as Heidi Sso' }).click();
  await composer(heidi.page).waitFor();
  assert.equal(heidi.page.url(), symposium.room(list));
  assert.deepEqual(await rooms(heidi.page), await sympa.listsOf(heidi.email));

  await scanner.page.getByRole('button', { name: 'Continue as Heidi Sso' }).click();
  await told(scanner.page, words.badTicket);
});

story('nobody learns whether an address is known, and strangers get no mail', async ({ symposium, mail, person }) => {
  const stranger = await person('stranger@example.com');
  const known = await person('bob@example.org');
  await askForLink(known, symposium.url);
  const answer = await known.page.getByRole('main').innerText();
  await askForLink(stranger, symposium.url);
  assert.equal((await stranger.page.getByRole('main').innerText()).replaceAll(stranger.email, '*'), answer.replaceAll(known.email, '*'));
  await mail.take(known.email);
  assert.deepEqual(mail.messages.map(({ to }) => to), []);
});

async function askForLink({ page, email }, url) {
  await page.goto(url);
  await page.getByRole('button', { name: 'Send me a sign-in link by e-mail' }).click();
  await page.getByRole('textbox', { name: 'Your e-mail address' }).fill(email);
  await page.getByRole('button', { name: 'Send the link' }).click();
  await told(page, `If ${email} is known here, a link is on its way.`);
}
