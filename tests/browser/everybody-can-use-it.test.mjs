// What an accessibility checker can see: no page of the app breaks a rule of WCAG 2.2 AA, in light and in dark.
import assert from 'node:assert/strict';
import { AxeBuilder } from '@axe-core/playwright';
import { picture } from './support/browsers.mjs';
import { enterFromSympa, hears, say } from './support/room.mjs';
import { stories } from './support/story.mjs';

const list = 'open-talk@lists.example.org';
const story = stories();

for (const colorScheme of ['light', 'dark']) {
  story(`signing in and a room, ${colorScheme}`, async ({ sympa, symposium, person }) => {
    const alice = await person('alice@example.org', { colorScheme });
    await alice.page.goto(symposium.url);
    await alice.page.getByRole('main').getByRole('link').first().waitFor();
    await picture(alice.page, `sign-in ${colorScheme}`);
    assert.deepEqual(await violations(alice.page), []);

    await enterFromSympa(sympa, alice, list);
    await say(alice.page, `A room in ${colorScheme} colours`);
    await hears(alice.page, `A room in ${colorScheme} colours`);
    await picture(alice.page, `room ${colorScheme}`);
    assert.deepEqual(await violations(alice.page), []);
  });
}

async function violations(page) {
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
