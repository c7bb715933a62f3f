// The same first steps in Firefox, with somebody in Chromium at the other end.
import assert from 'node:assert/strict';
import { passwordOf } from './support/sympa.mjs';
import { enterFromSympa, hears, say } from './support/room.mjs';
import { stories } from './support/story.mjs';

const list = 'open-talk@lists.example.org';
const story = stories();

story('a member with Firefox talks with one who has Chromium', async ({ sympa, symposium, person, firefox }) => {
  const bob = await person('bob@example.org');
  await enterFromSympa(sympa, bob, list);

  const browser = await firefox();
  const page = await browser.newPage();
  page.setDefaultTimeout(15_000);
  // On a narrow screen Sympa folds its menus away.
  await page.setViewport({ width: 1280, height: 800 });
  await page.goto(`${sympa.url}/login`);
  await page.locator('#email_login').fill('alice@example.org');
  await page.locator('#passwd').fill(passwordOf('alice@example.org'));
  await page.focus('#passwd');
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  await page.goto(sympa.pageOf(list));
  await Promise.all([page.waitForNavigation(), page.locator('::-p-text(Chat room)').click()]);
  assert.equal(page.url(), symposium.room(list));
  const writing = page.locator('::-p-aria([name="Message Open discussion"][role="textbox"])');
  await writing.wait();

  await say(bob.page, 'From Chromium');
  await page.locator('::-p-text(From Chromium)').wait();
  await writing.fill('From Firefox');
  await page.keyboard.press('Enter');
  await hears(bob.page, 'From Firefox');
});
