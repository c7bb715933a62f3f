// Everything by keyboard alone: signing in, going from room to room, writing, answering, reacting, moderating. And whatever
// others do meanwhile, the focus and the view stay where they are.
import assert from 'node:assert/strict';
import { composer, enter, hears, isIn, message, say } from './support/room.mjs';
import { passwordOf } from './support/sympa.mjs';
import { stories } from './support/story.mjs';

const list = 'open-talk@lists.example.org';
const story = stories();

/** Presses a key until what has the focus is called so. */
async function walkTo(page, role, name, key = 'Tab') {
  const wanted = page.getByRole(role, { name }).first();
  await wanted.waitFor();
  for (let steps = 0; steps < 60; steps++) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  assert.fail(`${role} ${name} cannot be reached with ${key}`);
}

/** The room that is open, by its heading. */
function isOpen(page, subject) {
  return page.getByRole('heading', { name: subject, level: 1 }).waitFor();
}

async function signIn({ page, email }, symposium) {
  await page.goto(symposium.room(list));
  await walkTo(page, 'button', 'Sign in with e-mail address and password');
  await page.keyboard.press('Enter');
  await walkTo(page, 'textbox', 'Your e-mail address');
  await page.keyboard.type(email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(passwordOf(email));
  await page.keyboard.press('Enter');
  await isIn(page);
}

story('signing in, and from room to room', async ({ symposium, person }) => {
  const alice = await person('alice@example.org');
  const { page } = alice;
  await signIn(alice, symposium);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('private');
  await page.keyboard.press('Enter');
  await isOpen(page, 'Private team');
  assert.ok(await page.getByRole('heading', { name: 'Private team', level: 1 }).evaluate((heading) => heading === document.activeElement), 'the new room has the focus');
  await page.keyboard.press('Alt+ArrowUp');
  await isOpen(page, 'Open discussion');
  await page.keyboard.press('Alt+ArrowUp');
  await isOpen(page, 'Announcements');
  await page.keyboard.press('Alt+ArrowDown');
  await isOpen(page, 'Open discussion');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('forum@lists.example.net');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await isOpen(page, 'Forum of robot 2');
  await page.keyboard.press('Control+/');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
});

story('writing, answering, reacting, changing', async ({ sympa, symposium, person }) => {
  const alice = await person('alice@example.org');
  const bob = await person('bob@example.org');
  await enter(sympa, symposium, bob, list);
  await signIn(alice, symposium);
  const { page } = alice;
  await walkTo(page, 'textbox', 'Message Open discussion', 'F6');
  await page.keyboard.type('Typed without a mouse');
  await page.keyboard.press('Enter');
  await hears(bob.page, 'Typed without a mouse');
  await say(bob.page, 'Shall we meet at noon?');
  await hears(page, 'Shall we meet at noon?');

  await walkTo(page, 'listitem', 'Shall we meet at noon?', 'F6');
  await page.keyboard.press('r');
  await page.getByText('Replying to Bob Builder').waitFor();
  await focused(composer(page));
  await page.keyboard.type('At noon, then');
  await page.keyboard.press('Enter');
  await message(bob.page, 'In reply to Bob Builder. At noon, then').waitFor();

  // Back among the messages one is where one was.
  const question = message(page, /^Bob Builder, .*Shall we meet at noon\?/);
  await walkTo(page, 'listitem', /^Bob Builder, .*Shall we meet at noon\?/, 'F6');
  await page.keyboard.press('ArrowDown');
  await focused(message(page, /^Alice Liddell, .*At noon, then/));
  await page.keyboard.press('ArrowUp');
  await focused(question);
  await page.keyboard.press(':');
  await page.getByRole('dialog', { name: 'React' }).waitFor();
  await page.keyboard.type('thumbs up');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await bob.page.getByRole('button', { name: /👍 by Alice Liddell/ }).waitFor();

  await walkTo(page, 'textbox', 'Message Open discussion', 'F6');
  await page.keyboard.press('ArrowUp');
  await page.getByText('Editing your message').waitFor();
  await page.keyboard.press('End');
  await page.keyboard.type(' at the usual place');
  await page.keyboard.press('Enter');
  await hears(bob.page, 'At noon, then at the usual place');
});

story('moderating', async ({ sympa, symposium, person }) => {
  const edith = await person('edith@example.org');
  const bob = await person('bob@example.org');
  await enter(sympa, symposium, bob, list);
  await signIn(edith, symposium);
  const { page } = edith;
  await say(bob.page, 'Nobody should read this');
  await hears(page, 'Nobody should read this');
  await walkTo(page, 'listitem', 'Nobody should read this', 'F6');
  await page.keyboard.press('Delete');
  await page.getByRole('dialog', { name: 'Delete message' }).waitFor();
  await walkTo(page, 'button', /^Delete$/);
  await page.keyboard.press('Enter');
  await message(bob.page, 'Message deleted by a moderator').first().waitFor();

  await walkTo(page, 'button', /^Members/);
  await page.keyboard.press('Enter');
  await walkTo(page, 'button', 'Actions for Bob Builder');
  await page.keyboard.press('Enter');
  await walkTo(page, 'menuitem', 'Mute', 'ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Mute Bob Builder' }).waitFor();
  await walkTo(page, 'textbox', 'Reason (optional)');
  await page.keyboard.type('A pause');
  await walkTo(page, 'button', /^Mute$/);
  await page.keyboard.press('Enter');
  await bob.page.getByText('A moderator has muted you here until').first().waitFor();
  await walkTo(page, 'button', 'Lift for Bob Builder');
  await page.keyboard.press('Enter');
  await composer(bob.page).waitFor();
});

story('what others say moves neither the focus nor the view', async ({ sympa, symposium, person }) => {
  const alice = await person('alice@example.org', { viewport: { width: 1000, height: 500 } });
  const bob = await person('bob@example.org');
  await enter(sympa, symposium, alice, list);
  await enter(sympa, symposium, bob, list);
  for (let n = 1; n <= 25; n++) await say(bob.page, `Line ${n} of a long talk`);
  await hears(alice.page, 'Line 25 of a long talk', 15_000);

  // While she writes.
  await composer(alice.page).pressSequentially('I am just wri');
  await say(bob.page, 'In the middle of it');
  await hears(alice.page, 'In the middle of it');
  await focused(composer(alice.page));
  await alice.page.keyboard.type('ting this');
  assert.equal(await composer(alice.page).inputValue(), 'I am just writing this');

  // While she reads further up.
  const row = message(alice.page, 'Line 8 of a long talk');
  await row.focus();
  await row.evaluate((element) => element.scrollIntoView({ block: 'center' }));
  await settled(row);
  const where = await row.boundingBox();
  await say(bob.page, 'Far below');
  await hears(bob.page, 'Far below');
  await alice.page.getByText('Far below').first().waitFor({ state: 'attached' });
  await alice.page.getByRole('button', { name: /new messages?$/ }).waitFor();
  await focused(row);
  assert.deepEqual(await row.boundingBox(), where);

  // While a dialog is open.
  await alice.page.keyboard.press(':');
  const search = alice.page.getByRole('searchbox', { name: 'Search emoji' });
  await focused(search);
  await say(bob.page, 'Under the dialog');
  await alice.page.getByText('Under the dialog').first().waitFor({ state: 'attached' });
  await focused(search);
});

/** Waits until something has the focus. */
function focused(locator) {
  return locator.evaluate((element) => new Promise((resolve, reject) => {
    const deadline = performance.now() + 3000;
    const look = () => {
      if (element === document.activeElement) resolve();
      else if (performance.now() > deadline) reject(new Error(`the focus is at ${document.activeElement.outerHTML.slice(0, 120)}`));
      else requestAnimationFrame(look);
    };
    look();
  }));
}

/** Waits until something has stood still for five frames. */
function settled(locator) {
  return locator.evaluate((element) => new Promise((resolve) => {
    let still = 0;
    let last;
    const look = () => {
      const { top } = element.getBoundingClientRect();
      still = top === last ? still + 1 : 0;
      last = top;
      if (still >= 5) resolve();
      else requestAnimationFrame(look);
    };
    look();
  }));
}
