// The line between a browser and the chat is cut and comes back: what was being written stays, what was sent waits where
// one sees it, and goes out once and in order, without anybody doing anything.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composer, enter, hears, isIn, message, say, told, waiting, words } from './support/room.mjs';
import { stories } from './support/story.mjs';

const list = 'open-talk@lists.example.org';
const story = stories();

story('what is sent without a network waits, and goes out once and in order when it is back', async ({ sympa, symposium, person }) => {
  const alice = await person('alice@example.org');
  const bob = await person('bob@example.org');
  await enter(sympa, symposium, alice, list);
  await enter(sympa, symposium, bob, list);
  await composer(alice.page).fill('One, without a net');
  await alice.context.setOffline(true);
  await told(alice.page, words.offline);
  await composer(alice.page).press('Enter');
  const said = ['One, without a net', 'Two, without a net', 'Three, without a net'];
  for (const text of said.slice(1)) await say(alice.page, text);
  for (const text of said) await waiting(alice.page, text).waitFor();
  await composer(alice.page).fill('Not finished');
  await say(bob.page, 'Bob hears nothing of it');
  await hears(bob.page, 'Bob hears nothing of it');
  assert.deepEqual(await bob.traffic.find('without a net'), []);

  await alice.context.setOffline(false);
  await once(alice, bob, said);
  await hears(alice.page, 'Bob hears nothing of it');
  await alice.page.getByText(words.offline).first().waitFor({ state: 'hidden' });
  assert.equal(await composer(alice.page).inputValue(), 'Not finished');
});

story('a draft, and what was not sent yet, outlast the page', async ({ sympa, symposium, person }) => {
  const alice = await person('alice@example.org');
  const bob = await person('bob@example.org');
  await enter(sympa, symposium, alice, list);
  await enter(sympa, symposium, bob, list);
  await composer(alice.page).fill('A draft over a reload');
  await alice.page.reload();
  await isIn(alice.page);
  assert.equal(await composer(alice.page).inputValue(), 'A draft over a reload');

  const said = ['Sent before the tab was closed', 'And one more before the tab was closed'];
  await alice.context.setOffline(true);
  await told(alice.page, words.offline);
  for (const text of said) await say(alice.page, text);
  for (const text of said) await waiting(alice.page, text).waitFor();
  await composer(alice.page).fill('A draft over two pages');
  await alice.page.close();
  await alice.context.setOffline(false);
  alice.page = await alice.context.newPage();
  await alice.page.goto(symposium.room(list));
  await isIn(alice.page);
  await once(alice, bob, said);
  assert.equal(await composer(alice.page).inputValue(), 'A draft over two pages');
});

const name = 'the chat dies and comes back, and everybody goes on where they were';
if ((process.env.FORM ?? 'one') === 'one') {
  test(name, { skip: 'in one process the chat is never away alone' });
} else {
  story(name, async ({ sympa, symposium, person }) => {
    const alice = await person('alice@example.org');
    const bob = await person('bob@example.org');
    await enter(sympa, symposium, alice, list);
    await enter(sympa, symposium, bob, list);
    await say(bob.page, 'Before the chat dies');
    await hears(alice.page, 'Before the chat dies');

    // One message is under way in that very moment: nobody knows whether it was heard.
    const [chat] = await Promise.all([symposium.kill('chat-server'), say(alice.page, 'In the moment the chat dies')]);
    for (const { page } of [alice, bob]) await told(page, words.reconnecting, 10_000);
    await say(alice.page, 'Later while the chat is dead');
    await waiting(alice.page, 'Later while the chat is dead').waitFor();
    await composer(bob.page).fill('Half a thought');

    await chat.begin();
    await once(alice, bob, ['In the moment the chat dies', 'Later while the chat is dead'], 40_000);
    for (const { page } of [alice, bob]) await page.getByText(words.reconnecting).first().waitFor({ state: 'hidden', timeout: 40_000 });
    assert.equal(await composer(bob.page).inputValue(), 'Half a thought');
    await composer(bob.page).press('Enter');
    await hears(alice.page, 'Half a thought');
    for (const { page } of [alice, bob]) {
      await page.getByRole('button', { name: /^Members\s*2 here/ }).waitFor();
      assert.equal(await page.getByText(words.sessionEnded).count(), 0);
    }
  });
}

/** Waits until a listener has heard these, and sees to it that each is there once, in this order, for both and for good. */
async function once(speaker, listener, texts, timeout = 20_000) {
  await hears(listener.page, texts.at(-1), timeout);
  for (const { page } of [listener, speaker]) {
    for (const text of texts) await hears(page, text);
    assert.deepEqual(await these(page, texts), texts);
  }
  for (const text of texts) await waiting(speaker.page, text).waitFor({ state: 'detached' });
  await listener.page.reload();
  await hears(listener.page, texts.at(-1));
  await isIn(listener.page);
  assert.deepEqual(await these(listener.page, texts), texts);
}

/** Those of some texts that are in the conversation, in its order, as often as they are there. */
async function these(page, texts) {
  const sentences = await message(page, /\S/).evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label')).filter(Boolean));
  return sentences.flatMap((sentence) => texts.filter((text) => sentence.includes(text)));
}
