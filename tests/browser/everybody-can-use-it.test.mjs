// What an accessibility checker can see: no screen of the app breaks a rule of WCAG 2.2 AA, in light and in dark, on a desk
// and on a phone.
import assert from 'node:assert/strict';
import { AxeBuilder } from '@axe-core/playwright';
import { picture } from './support/browsers.mjs';
import { composer, enter, hears, isIn, message, openMembers, say } from './support/room.mjs';
import { stories } from './support/story.mjs';

const list = 'open-talk@lists.example.org';
const story = stories();

for (const colorScheme of ['light', 'dark']) {
  const sound = async ({ page }, screen) => {
    await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished.catch(() => {}))));
    await picture(page, `${screen} ${colorScheme}`);
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
    assert.deepEqual(violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`)), [], screen);
  };

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
    await say(bob.page, `Of *all* sorts in ${colorScheme}: \`code\`, https://example.org, > and\n> a quote`);
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
}
