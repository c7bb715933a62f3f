// What an accessibility checker can see: no screen of the app breaks a rule of WCAG 2.2 AA, in light and in dark, on a desk
// and on a phone, in the colours of the system. Nothing has to be scrolled sideways on the narrowest of screens, and whoever
// chose French reads French.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import { picture } from './support/browsers.mjs';
import { asks, composer, enter, hears, isIn, message, openMembers, roomOf, say, told, waiting, words } from './support/room.mjs';
import { passwordOf } from './support/sympa.mjs';
import { stories } from './support/story.mjs';

const list = 'open-talk@lists.example.org';
const story = stories();

/** Sees to it that what a page shows breaks no rule. */
async function keepsTheRules({ page }, screen) {
  await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished.catch(() => {}))));
  await picture(page, screen);
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
  assert.deepEqual(violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`)), [], screen);
}

for (const colorScheme of ['light', 'dark']) {
  const sound = (somebody, screen) => keepsTheRules(somebody, `${screen} ${colorScheme}`);

  story(`signing in, ${colorScheme}`, async ({ symposium, person }) => {
    const somebody = await person('dave@example.org', { colorScheme });
    const { page } = somebody;
    await page.goto(symposium.url);
    await page.getByRole('main').getByRole('link').first().waitFor();
    await sound(somebody, 'sign-in');
    await page.getByRole('button', { name: 'Send me a sign-in link by e-mail' }).click();
    await sound(somebody, 'sign-in by mail');
    await page.getByRole('textbox', { name: 'Your e-mail address' }).fill('stranger@example.com');
    await page.getByRole('button', { name: 'Send the link' }).click();
    await page.getByRole('main').getByText('a link is on its way').waitFor();
    await sound(somebody, 'a link is on its way');
    await page.getByRole('button', { name: 'Sign in with e-mail address and password' }).click();
    await page.getByRole('textbox', { name: 'Your e-mail address' }).fill(somebody.email);
    await page.getByLabel('Your Sympa password').fill('not this one');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('alert').getByText('do not match').waitFor();
    await sound(somebody, 'a wrong password');
    await page.goto(`${symposium.url}sign-in/link#t=x`);
    await page.getByRole('main').getByRole('alert').waitFor();
    await sound(somebody, 'a used link');
  });

  story(`a room, ${colorScheme}`, async ({ sympa, symposium, person }) => {
    const edith = await person('edith@example.org', { colorScheme });
    const bob = await person('bob@example.org');
    const { page } = edith;
    await enter(sympa, symposium, bob, list);
    await enter(sympa, symposium, edith, list);
    await say(bob.page, `Of *many* sorts in ${colorScheme}: \`code\`, https://example.org, > and\n> a quote`);
    await say(bob.page, `A question in ${colorScheme}?`);
    await hears(page, `A question in ${colorScheme}?`);
    const row = message(page, `A question in ${colorScheme}?`);
    await row.focus();
    await page.keyboard.press(':');
    await page.getByRole('dialog', { name: 'React' }).getByRole('button', { name: '👍' }).first().waitFor();
    await sound(edith, 'choosing a reaction');
    await page.getByRole('group', { name: 'Often used' }).getByRole('button').first().click();
    await row.getByRole('button', { name: /by Edith Editor/ }).waitFor();
    await row.press('r');
    await composer(page).fill('An answer, half');
    await sound(edith, 'a room');
    await row.hover();
    await row.getByRole('button', { name: 'Message actions' }).click();
    await page.getByRole('menuitem', { name: 'Delete message' }).waitFor();
    await sound(edith, 'a menu');
    await page.getByRole('menuitem', { name: 'Delete message' }).click();
    await page.getByRole('dialog', { name: 'Delete message' }).waitFor();
    await sound(edith, 'deleting');
    await page.keyboard.press('Escape');
    await composer(page).fill('@B');
    await page.getByRole('option').first().waitFor();
    await sound(edith, 'mentioning');
    await composer(page).fill('');
    const panel = await openMembers(page);
    await sound(edith, 'members');
    await panel.getByRole('button', { name: 'Actions for Bob Builder' }).click();
    await page.getByRole('menuitem', { name: 'Mute' }).click();
    await page.getByRole('dialog', { name: 'Mute Bob Builder' }).waitFor();
    await sound(edith, 'muting');
    await page.getByRole('dialog').getByRole('button', { name: 'Mute', exact: true }).click();
    await panel.getByRole('button', { name: 'Lift for Bob Builder' }).waitFor();
    await sound(edith, 'who is muted');
    await bob.page.getByText('A moderator has muted you here until').first().waitFor();
    await bob.page.emulateMedia({ colorScheme });
    await sound(bob, 'being muted');
    await panel.getByRole('button', { name: 'Lift for Bob Builder' }).click();
    await composer(bob.page).waitFor();
  });

  story(`all the rest, ${colorScheme}`, async ({ sympa, symposium, person }) => {
    const norman = await person('norman@example.org', { colorScheme });
    const { page } = norman;
    await enter(sympa, symposium, norman, list);
    await page.getByRole('button', { name: 'More about this room' }).click();
    await page.getByRole('menuitem', { name: 'Room settings' }).click();
    await page.getByRole('complementary', { name: 'Room settings' }).getByRole('radio').first().waitFor();
    await sound(norman, 'the settings of a room');
    await page.goto(symposium.url);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await sound(norman, 'no room chosen');
    await page.goto(`${symposium.url}settings`);
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    await sound(norman, 'settings');
    await page.keyboard.press('Control+/');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await sound(norman, 'keyboard shortcuts');
    await page.goto(symposium.room('team-private@lists.example.org'));
    await page.getByRole('alert').getByText('You are not on this list').waitFor();
    await sound(norman, 'not on this list');
    await page.goto(`${symposium.url}nowhere/at/all`);
    await page.getByRole('heading', { name: 'There is nothing at this address.' }).waitFor();
    await sound(norman, 'nowhere');
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(symposium.url);
    await page.getByRole('navigation', { name: 'Rooms' }).waitFor();
    await sound(norman, 'rooms on a phone');
    await page.goto(symposium.room(list));
    await isIn(page);
    await sound(norman, 'a room on a phone');
    await openMembers(page);
    await sound(norman, 'members on a phone');
  });
  story(`by a link, and when the line or the session ends, ${colorScheme}`, async ({ sympa, symposium, person }) => {
    const dora = await person('dora@example.org', { colorScheme });
    const { page, context } = dora;
    await sympa.logInAt(page, dora.email);
    await page.goto(sympa.actionFor(list));
    await page.getByRole('button', { name: 'Continue as Dora Was-Suspended' }).waitFor();
    await sound(dora, 'continue as');

    const lines = [];
    let cut = false;
    await page.routeWebSocket(/\/api\/chat\/socket/, (line) => (cut ? line.close() : (line.connectToServer(), lines.push(line))));
    await page.goto(symposium.room(list));
    await isIn(page);
    cut = true;
    await Promise.all(lines.map((line) => line.close()));
    await told(page, words.reconnecting, 10_000);
    await say(page, `Waits, in ${colorScheme}`);
    await waiting(page, `Waits, in ${colorScheme}`).waitFor();
    await sound(dora, 'reconnecting');
    await context.setOffline(true);
    await told(page, words.offline);
    await sound(dora, 'offline');
    cut = false;
    await context.setOffline(false);
    await hears(page, `Waits, in ${colorScheme}`, 30_000);
    await sympa.logOut(context);
    await told(page, words.sessionEnded, 10_000);
    await sound(dora, 'session ended');
  });

  story(`what one does in a room, ${colorScheme}`, async ({ sympa, symposium, person }) => {
    const edith = await person('edith@example.org', { colorScheme });
    const bob = await person('bob@example.org', { colorScheme });
    const { page } = edith;
    await enter(sympa, symposium, edith, list);
    await enter(sympa, symposium, bob, list);
    await say(page, `Before she goes, in ${colorScheme}`);
    await hears(page, `Before she goes, in ${colorScheme}`);
    await page.goto(`${symposium.url}settings`);
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    await say(bob.page, `To be deleted, in ${colorScheme}`);
    await hears(bob.page, `To be deleted, in ${colorScheme}`);
    await page.goto(symposium.room(list));
    await isIn(page);
    await page.getByRole('list', { name: 'Messages' }).getByRole('listitem').filter({ hasText: /^New$/ }).waitFor();
    await sound(edith, 'what is new');

    await composer(page).press('ArrowUp');
    await page.getByText('Editing your message').waitFor();
    await sound(edith, 'editing');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Emoji', exact: true }).click();
    const grid = page.getByRole('dialog', { name: 'Emoji' });
    await grid.getByRole('button', { name: 'thumbs up' }).first().waitFor();
    await sound(edith, 'emoji to write');
    await page.keyboard.press('Escape');
    await grid.waitFor({ state: 'detached' });

    const row = message(page, `To be deleted, in ${colorScheme}`);
    await row.focus();
    await page.keyboard.press('Delete');
    await page.getByRole('dialog', { name: 'Delete message' }).getByRole('button', { name: 'Delete', exact: true }).click();
    await message(bob.page, 'Message deleted by a moderator').first().waitFor();
    const panel = await openMembers(page);
    await panel.getByText('What moderators did').click();
    await panel.getByText('Edith Editor deleted a message by Bob Builder').first().waitFor();
    await sound(edith, 'what moderators did');

    await panel.getByRole('button', { name: 'Actions for Bob Builder' }).click();
    await page.getByRole('menuitem', { name: 'Ban' }).click();
    const dialog = page.getByRole('dialog', { name: 'Ban Bob Builder' });
    await dialog.waitFor();
    await sound(edith, 'banning');
    await dialog.getByRole('button', { name: 'Ban', exact: true }).click();
    await told(bob.page, words.banned);
    await sound(bob, 'being banned');
    await panel.getByRole('button', { name: 'Lift for Bob Builder' }).click();
    await panel.getByRole('button', { name: 'Lift for Bob Builder' }).waitFor({ state: 'detached' });
  });

  story(`rooms that are empty, private, closed or left, ${colorScheme}`, async ({ sympa, symposium, person, test }) => {
    const frank = await person('frank@example.org', { colorScheme });
    const bob = await person('bob@example.org', { colorScheme });
    const norman = await person('norman@example.org');
    await enter(sympa, symposium, bob, 'team-private@lists.example.org');
    await bob.page.getByText('Nothing has been said here yet').waitFor();
    await sound(bob, 'an empty room');
    await enter(sympa, symposium, frank, list);
    await openMembers(frank.page);
    await frank.page.getByRole('button', { name: 'Actions for Bob Builder' }).click();
    await frank.page.getByRole('menuitem', { name: 'Message' }).click();
    await frank.page.getByRole('heading', { name: 'Bob Builder', level: 1 }).waitFor();
    await say(frank.page, `Between us, in ${colorScheme}`);
    await hears(frank.page, `Between us, in ${colorScheme}`);
    await sound(frank, 'between two');

    await frank.page.goto(symposium.room(list));
    await isIn(frank.page);
    test.after(() => sympa.subscribe(frank.email, list));
    await sympa.unsubscribe(frank.email, list);
    await told(frank.page, words.noLongerOnList);
    await sound(frank, 'off the list');

    await enter(sympa, symposium, norman, list);
    const { id } = await roomOf(norman.page, list);
    await bob.page.goto(symposium.room(list));
    await isIn(bob.page);
    const set = (mode) => asks(norman.page, `api/bridge/rooms/${id}/settings`, { method: 'PUT', body: { mode, roster: 'members' } });
    assert.ok((await set('off')).status < 300);
    await told(bob.page, words.roomClosed);
    await sound(bob, 'a closed room');
    assert.ok((await set('open')).status < 300);
  });
}

/** Goes to the main screens of somebody who may manage and moderate, and looks at each; the words are those of a catalogue. */
async function tour({ page, email }, symposium, m, look) {
  const own = symposium.room('team-private@lists.example.org');
  await page.goto(own);
  await page.getByRole('button', { name: m.sign_in_by_password }).waitFor();
  await look('sign-in');
  await page.getByRole('button', { name: m.sign_in_by_mail }).click();
  await look('sign-in by mail');
  await page.getByRole('button', { name: m.sign_in_by_password }).click();
  await look('sign-in by password');
  await page.getByRole('textbox', { name: m.your_email }).fill(email);
  await page.getByLabel(m.sympa_password).fill(passwordOf(email));
  await page.getByRole('button', { name: m.sign_in, exact: true }).click();
  const toWrite = (m) => page.getByRole('textbox', { name: m.message_to.split('{')[0].trim() });
  await toWrite(english).or(toWrite(french)).first().waitFor();
  // The account's language is Sympa's, until one chooses: here.
  await page.goto(`${symposium.url}settings`);
  await page.getByRole('radio', { name: m === french ? 'Français' : 'English' }).check();
  await page.getByRole('button', { name: m.sign_out }).waitFor();
  await look('settings');
  await page.goto(symposium.url);
  await page.getByRole('navigation', { name: m.rooms }).getByRole('listitem').first().waitFor();
  await look('rooms');
  await page.goto(own);
  await toWrite(m).fill('1 + 1 = 2');
  await toWrite(m).press('Enter');
  await page.getByRole('list', { name: m.messages }).getByRole('listitem', { name: '1 + 1 = 2' }).first().waitFor();
  await look('a room');
  await page.getByRole('button', { name: m.emoji, exact: true }).click();
  await page.getByRole('dialog', { name: m.emoji }).getByRole('button').nth(5).waitFor();
  await look('emoji');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: m.more_about_room }).click();
  await page.getByRole('menuitem', { name: m.room_settings }).waitFor();
  await look('a menu');
  await page.getByRole('menuitem', { name: m.room_settings }).click();
  const settings = page.getByRole('complementary', { name: m.room_settings });
  await settings.getByRole('radio').first().waitFor();
  await look('the settings of a room');
  await settings.getByRole('button', { name: m.close_panel }).click();
  await page.getByRole('button', { name: new RegExp(`^${m.members}`) }).click();
  const members = page.getByRole('complementary', { name: m.members });
  await members.getByRole('listitem').first().waitFor();
  await members.getByText(m.moderation_log).click();
  await members.getByText(m.moderation_log_empty).waitFor();
  await look('members');
  await members.getByRole('button', { name: m.actions_for.replace('{name}', 'Bob Builder') }).click();
  await page.getByRole('menuitem', { name: m.ban }).click();
  await page.getByRole('dialog').waitFor();
  await look('banning');
  await page.keyboard.press('Escape');
}

const catalogue = async (language) => JSON.parse(await readFile(new URL(`../../web/messages/${language}.json`, import.meta.url), 'utf8'));
const [english, french] = await Promise.all(['en', 'fr'].map(catalogue));

story('nothing is scrolled sideways on a screen of 320 pixels', async ({ symposium, person }) => {
  const olive = await person('olive@example.org', { viewport: { width: 320, height: 640 } });
  await tour(olive, symposium, english, async (screen) => {
    await picture(olive.page, `${screen} narrow`);
    const { scroll, width, outside } = await olive.page.evaluate(() => {
      const { scrollWidth: scroll, clientWidth: width } = document.documentElement;
      const pressed = [...document.querySelectorAll('a, button, input, select, textarea, summary')].filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }));
      const outside = pressed.filter((one) => {
        const { left, right, bottom } = one.getBoundingClientRect();
        return bottom > 0 && (left < -1 || right > width + 1);
      });
      return { scroll, width, outside: outside.map(({ outerHTML }) => outerHTML.slice(0, 160)) };
    });
    assert.ok(scroll <= width, `${screen}: ${scroll} > ${width}`);
    assert.deepEqual(outside, [], screen);
  });
});

story('in the colours of the system', async ({ symposium, person }) => {
  const olive = await person('olive@example.org', { forcedColors: 'active' });
  await tour(olive, symposium, english, async (screen) => {
    assert.ok(await olive.page.evaluate(() => matchMedia('(forced-colors: active)').matches));
    await keepsTheRules(olive, `${screen} forced`);
  });
});

story('whoever chose French reads no English', async ({ symposium, person }) => {
  const olive = await person('olive@example.org', { locale: 'fr-FR' });
  const flat = (message) => (typeof message === 'string' ? [message] : message.flatMap(({ match }) => Object.values(match)));
  const pattern = (message) => new RegExp(`^${message.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.+')}$`, 'u');
  // A message that is nearly all placeholder ("{done} of {all}") looks like any name; one that is the same in both languages is no mistake.
  const inWords = (message) => message.replace(/\{\w+\}/g, '').replace(/\P{L}/gu, '').length >= (message.includes('{') ? 4 : 2);
  const known = new Set(Object.values(french).flatMap(flat));
  const wrong = Object.values(english).flatMap(flat).filter((message) => inWords(message) && !known.has(message)).map(pattern);
  assert.ok(wrong.length > 200);
  let read = 0;
  await tour(olive, symposium, french, async (screen) => {
    const texts = await visibleTexts(olive.page);
    read += texts.length;
    assert.deepEqual(texts.filter((text) => !known.has(text) && wrong.some((english) => english.test(text))), [], screen);
    assert.equal(await olive.page.locator('html').getAttribute('lang'), 'fr', screen);
  });
  assert.ok(read > 200, `${read} texts`);
});

/** What can be read on a page or is read aloud: texts, names, hints. What is said to be in another language is left out. */
function visibleTexts(page) {
  return page.evaluate(() => {
    const texts = [];
    for (const element of document.body.querySelectorAll('*')) {
      if (element.closest('script, style, [lang="en"], [lang="fr"]:not(html)') || !element.checkVisibility({ visibilityProperty: true })) continue;
      for (const node of element.childNodes) if (node.nodeType === Node.TEXT_NODE) texts.push(node.data);
      for (const name of ['aria-label', 'placeholder', 'title', 'alt']) texts.push(element.getAttribute(name) ?? '');
    }
    return texts.map((text) => text.replace(/\s+/g, ' ').trim()).filter(Boolean);
  });
}
