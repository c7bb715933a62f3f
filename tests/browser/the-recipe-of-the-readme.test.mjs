// The recipe of README for an existing Sympa, as it stands there: its configuration, with the administrator's own names, lets a
// plain subscriber walk from Sympa into the room and speak.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { enterFromSympa, hears, say } from './support/room.mjs';
import { stories } from './support/story.mjs';
import { toml } from './support/symposium.mjs';

const list = 'open-talk@lists.example.org';
const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
const [, indent, recipe] = readme.match(/^( *)```toml\n(.*?)^ *```$/ms);

/** The recipe with what is different here, and the place where this test runs it. */
function followed({ site, symposium, bridge: { sympa } }) {
  const [{ robot, url }] = sympa.robots;
  const own = {
    'url = "https://lists.example.org/chat/"': `url = "${site.url}"`,
    'database = "mysql://sympa_bridge@127.0.0.1/sympa"': `database = "${sympa.database}"`,
    'list_data = "/var/lib/sympa/list_data"': `list_data = "${sympa.list_data}"`,
    'robot = "lists.example.org"': `robot = "${robot}"`,
    'url = "https://lists.example.org/sympa"': `url = "${url}"`,
  };
  let text = recipe.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
  for (const [theirs, ours] of Object.entries(own)) {
    assert.equal(text.split(theirs).length, 2, `${theirs} is in the recipe, once`);
    text = text.replace(theirs, ours);
  }
  return `${text}\n${toml({ symposium })}\n`;
}

const name = 'by the recipe, a subscriber who signs in at Sympa finds the room and speaks in it';
if ((process.env.FORM ?? 'one') !== 'one') {
  test(name, { skip: 'the recipe is for one process' });
} else {
  const story = stories({ written: followed });
  story(name, async ({ sympa, symposium, person }) => {
    const bob = await person('bob@example.org');
    const zoe = await person('zoe@example.org');
    await enterFromSympa(sympa, bob, list);
    assert.equal(bob.page.url(), symposium.room(list));
    await enterFromSympa(sympa, zoe, list);
    await say(bob.page, 'I followed the recipe');
    await hears(zoe.page, 'I followed the recipe');
    await say(zoe.page, 'So did I');
    await hears(bob.page, 'So did I');
    assert.deepEqual(bob.traffic.problems, []);
  });
}
