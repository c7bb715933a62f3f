// A story: one test with a real Sympa, a running Symposium, a mail sink and people in browsers, all of which one file's
// stories share. When a story fails, it prints what the services said and takes a picture of every page.
import { after, test } from 'node:test';
import { closeFirefox, openContext, picture, startChromium, startFirefox } from './browsers.mjs';
import { startMailSink } from './smtp.mjs';
import { startSympa } from './sympa.mjs';
import { startSymposium } from './symposium.mjs';

let settings = {};
let world;

/** What this file's stories need to differ from the usual; call it before the first story. See `startSymposium`. */
export function configure(changes) {
  settings = changes;
}

/** Tells a story. `tell` gets the world: sympa, symposium, mail, person(name), firefox(). */
export function story(name, tell) {
  test(name, { timeout: 180_000 }, async (context) => {
    world ??= startWorld();
    const { sympa, symposium, mail, chromium } = await world;
    const people = [];
    const firefoxes = [];
    const person = async (email, options) => {
      const opened = { email, ...(await openContext(chromium, options)) };
      people.push(opened);
      return opened;
    };
    const firefox = async (prefs) => {
      const browser = await startFirefox(prefs);
      firefoxes.push(browser);
      return browser;
    };
    try {
      await tell({ sympa, symposium, mail, person, firefox, test: context });
    } catch (error) {
      await explain(name, symposium, people);
      throw error;
    } finally {
      await Promise.all([...people.map(({ context }) => context.close()), ...firefoxes.map(closeFirefox)]);
    }
  });
}

after(async () => {
  if (!world) return;
  const { sympa, symposium, mail, chromium } = await world.catch(() => ({}));
  await chromium?.close();
  await symposium?.stop();
  await mail?.stop();
  await settings.restore?.(sympa);
});

async function startWorld() {
  const sympa = await startSympa();
  const mail = await startMailSink();
  const { site, prepare, change } = settings;
  await prepare?.(sympa);
  let symposium;
  try {
    symposium = await startSymposium(sympa, { site: site?.(sympa), smtp: mail.port, change });
    return { sympa, mail, symposium, chromium: await startChromium() };
  } catch (error) {
    await symposium?.stop();
    await mail.stop();
    throw error;
  }
}

async function explain(name, symposium, people) {
  for (const { email, page, traffic } of people) {
    await picture(page, `failed ${name} ${email}`);
    console.error(`--- ${email} at ${page.url()}`);
    console.error(await page.locator('body').ariaSnapshot({ timeout: 2000 }).catch(() => '(no page)'));
    for (const problem of traffic.problems) console.error(problem);
  }
  console.error(`--- services\n${symposium.logs()}`);
}
