// A member with Chromium and one with Firefox call each other, either way: sound and picture arrive at both.
import { answer, arrivals, call, callIs, hangUp, hearsAndSees, keepPeers, turnTo } from './support/call.mjs';
import { enter, isIn } from './support/room.mjs';
import { stories } from './support/story.mjs';

const list = 'open-talk@lists.example.org';
const story = stories();

story('a member with Chromium and one with Firefox call each other', async ({ sympa, symposium, person, firefox }) => {
  const alice = await person('alice@example.org');
  await alice.context.addInitScript(keepPeers);
  await enter(sympa, symposium, alice, list);
  await turnTo(alice.page, 'Bob Builder');
  await isIn(alice.page);

  const browser = await firefox();
  const bob = await browser.newPage();
  bob.setDefaultTimeout(15_000);
  await bob.setViewport({ width: 1280, height: 800 });
  await bob.evaluateOnNewDocument(keepPeers);
  const { hostname, origin } = new URL(symposium.url);
  await browser.setCookie({ name: 'sympa_session', value: await sympa.session('bob@example.org'), domain: hostname, path: '/' });
  await bob.goto(symposium.room(list));
  await bob.locator('::-p-aria([name="Message Open discussion"][role="textbox"])').wait();
  // The room of two has one address for both.
  await bob.goto(new URL(new URL(alice.page.url()).pathname, origin).href);
  const press = (name) => bob.locator(`::-p-aria([name="${name}"][role="button"])`).click();
  await bob.locator('::-p-aria([name="Call Alice Liddell"][role="button"])').wait();
  const bobIs = (state) => bob.locator(`[data-call-state="${state}"]`).wait();

  await call(alice.page);
  await press('Answer with video');
  await talkAndEnd('Alice calls');
  await press('Call Alice Liddell');
  await press('Call with video');
  await answer(alice.page);
  await talkAndEnd('Bob calls');

  async function talkAndEnd(when) {
    await Promise.all([callIs(alice.page, 'talking'), bobIs('talking')]);
    await Promise.all([hearsAndSees(alice.page, `Alice, when ${when},`), hearsAndSees(bob, `Bob, when ${when},`)]);
    await hangUp(alice.page);
    await Promise.all([callIs(alice.page, 'ended'), bobIs('ended')]);
  }
});
