// Sympa's side alone: the link in the list menu and the custom action, on a real Sympa. Symposium need not run.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { openContext, startChromium } from './support/browsers.mjs';
import { startSympa } from './support/sympa.mjs';

const list = 'open-talk@lists.example.org';
let sympa;
let chromium;

describe("Sympa's side", () => {
  before(async () => {
    sympa = await startSympa();
    chromium = await startChromium();
  });
  after(() => chromium?.close());

  test('a member finds the room in the menu of the list', async () => {
    const { context, page } = await visitor();
    await sympa.logInAt(page, 'alice@example.org');
    await page.goto(sympa.pageOf(list));
    await page.getByRole('link', { name: 'Chat room' }).click();
    assert.equal(page.url(), `${sympa.chatBeside}r/${list}`);
    await context.close();
  });

  test('an owner who is not subscribed finds it, too', async () => {
    const { context, page } = await visitor();
    await sympa.logInAt(page, 'norman@example.org');
    await page.goto(sympa.pageOf(list));
    await page.getByRole('link', { name: 'Chat room' }).waitFor();
    await context.close();
  });

  test('somebody who is not on the list, or not logged in, does not', async () => {
    const { context, page } = await visitor();
    await page.goto(sympa.pageOf(list));
    await page.getByRole('heading', { name: /Open discussion/ }).first().waitFor();
    assert.equal(await page.getByRole('link', { name: 'Chat room' }).count(), 0);
    await sympa.logInAt(page, 'mallory@example.org');
    await page.goto(sympa.pageOf(list));
    await page.getByRole('heading', { name: /Open discussion/ }).first().waitFor();
    assert.equal(await page.getByRole('link', { name: 'Chat room' }).count(), 0);
    await context.close();
  });

  test('the custom action sends a member on with a ticket', async () => {
    const { context, page } = await visitor();
    await sympa.logInAt(page, 'alice@example.org');
    await page.goto(sympa.actionFor(list));
    const claims = ticketIn(page.url());
    assert.equal(claims.v, 1);
    assert.equal(claims.email, 'alice@example.org');
    assert.equal(claims.list, list);
    assert.match(claims.nonce, /^[0-9a-f]{32}$/);
    const left = claims.exp - Date.now() / 1000;
    assert.ok(left > 50 && left <= 61, `${left} s left`);

    // Each visit is a ticket of its own; without a list there is none in it.
    await page.goto(`${sympa.url}/ca/chat`);
    const second = ticketIn(page.url());
    assert.notEqual(second.nonce, claims.nonce);
    assert.equal(second.list, '');
    await context.close();
  });

  test('the custom action asks for a log-in first and then goes on by itself', async () => {
    const { context, page } = await visitor();
    await page.goto(sympa.actionFor(list));
    await page.getByLabel('email address:').fill('bob@example.org');
    await page.getByLabel('password:').fill('pw-bob');
    await page.getByRole('button', { name: 'Go' }).click();
    await page.waitForURL(/sign-in\/action/);
    assert.equal(ticketIn(page.url()).email, 'bob@example.org');
    await context.close();
  });

  test('the custom action can lead to another host', async () => {
    const { context, page } = await visitor();
    await sympa.sendTo(sympa.chatApart);
    try {
      await sympa.logInAt(page, 'alice@example.org');
      await page.goto(sympa.actionFor(list));
      assert.ok(page.url().startsWith(`${sympa.chatApart}sign-in/action#t=`), page.url());
    } finally {
      await sympa.sendTo(sympa.chatBeside);
      await context.close();
    }
  });

  test('a listmaster who acts as somebody else gets no ticket', async () => {
    const { context, page, traffic } = await visitor();
    await sympa.logInAt(page, 'listmaster@example.org');
    await sympa.impersonate(page, 'alice@example.org');
    await page.goto(sympa.actionFor(list));
    await page.getByText('You are acting as somebody else.').waitFor();
    assert.equal((await traffic.find('sign-in/action')).length, 0);
    await context.close();
  });
});

async function visitor() {
  const opened = await openContext(chromium);
  // The chat itself is not part of this: whatever is asked of it gets an empty page.
  await opened.context.route((url) => url.pathname.startsWith('/chat/'), (route) => route.fulfill({ contentType: 'text/html', body: '<p>the chat</p>' }));
  return opened;
}

/** The claims of the ticket in an address, after its signature was checked. */
function ticketIn(url) {
  assert.ok(url.startsWith(`${sympa.chatBeside}sign-in/action#t=`), url);
  const [body, mac] = new URL(url).hash.slice('#t='.length).split('.');
  assert.match(body, /^[A-Za-z0-9_-]+$/);
  assert.equal(mac, createHmac('sha256', sympa.env.ACTION_SECRET).update(body).digest('hex'));
  return JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
}
