// A story: one test with a real Sympa, a running Symposium, a mail sink and people in browsers. One file's stories share a
// Symposium of their own; Sympa, the mail sink and Chromium serve all files of a run. When a story fails, it prints what
// the services said and what every page showed.
import { after, test } from 'node:test';
import { closeFirefox, openContext, picture, startChromium, startFirefox } from './browsers.mjs';
import { startMailSink } from './smtp.mjs';
import { startSympa } from './sympa.mjs';
import { startSymposium } from './symposium.mjs';

let shared;
let running;

/**
 * The teller of a file's stories: `story(name, tell)`. `tell` gets the world: sympa, symposium, mail, person(email),
 * firefox(). `settings` is what this file needs to differ from the usual: `site`, `prepare`, `restore`, and what
 * `startSymposium` takes.
 */
export function stories(settings = {}) {
  return (name, tell) =>
    test(name, { timeout: 240_000 }, async (context) => {
      const { sympa, mail, chromium } = await (shared ??= startShared());
      const symposium = await symposiumOf(settings);
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

/** Ends the Symposium of the stories before, for tests that need its place. */
export async function rest() {
  const before = running;
  running = undefined;
  if (!before) return;
  await before.symposium?.stop();
  await before.settings.restore?.((await shared).sympa);
}

after(async () => {
  await rest();
  if (!shared) return;
  const { mail, chromium } = await shared.catch(() => ({}));
  await chromium?.close();
  await mail?.stop();
});

async function startShared() {
  const sympa = await startSympa();
  return { sympa, mail: await startMailSink(), chromium: await startChromium(sympa.certificate) };
}

/** The Symposium of the file with these settings; the one of the file before ends. */
async function symposiumOf(settings) {
  if (running?.settings === settings && running.symposium) return running.symposium;
  await rest();
  const { sympa, mail } = await shared;
  running = { settings };
  await settings.prepare?.(sympa);
  running.symposium = await startSymposium(sympa, { ...settings, site: settings.site?.(sympa), smtp: mail.port });
  return running.symposium;
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
