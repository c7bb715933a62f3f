// Browsers for the stories: Debian's Chromium by playwright-core, Debian's Firefox by puppeteer-core; one context per
// person; everything that goes over the wire is kept so that a story can search it; pictures on demand.
import { createHash, X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import puppeteer from 'puppeteer-core';

/** Starts Chromium. It can reach the machine it runs on and nothing else; `trusted`: the file of a certificate it takes from anybody. */
export async function startChromium(trusted) {
  const known = trusted ? [`--ignore-certificate-errors-spki-list=${await fingerprint(trusted)}`] : [];
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: [
      ...known,
      '--no-sandbox',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-domain-reliability',
      '--disable-sync',
      '--no-first-run',
      '--no-pings',
      '--disable-features=WebRtcHideLocalIpsWithMdns,OptimizationHints,MediaRouter,Translate',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1',
    ],
  });
}

/** What Chromium calls a certificate's key by. */
async function fingerprint(file) {
  const key = new X509Certificate(await readFile(file)).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(key).digest('base64');
}

/** A browser context for one person, with a page, and a record of its traffic. */
export async function openContext(browser, options = {}) {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 800 }, ...options });
  const traffic = new Traffic(context);
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  return { context, page, traffic };
}

/** Everything a context has sent and received: addresses, headers and bodies of HTTP, frames of WebSockets. */
export class Traffic {
  entries = [];
  problems = [];
  #pending = new Set();

  constructor(context) {
    context.on('request', (request) => this.#keep('request', request.url(), `${JSON.stringify(request.headers())}\n${request.postData() ?? ''}`));
    context.on('response', (response) => this.#keepResponse(response));
    context.on('page', (page) => {
      page.on('websocket', (socket) => {
        socket.on('framesent', ({ payload }) => this.#keep('sent', socket.url(), String(payload)));
        socket.on('framereceived', ({ payload }) => this.#keep('received', socket.url(), String(payload)));
      });
      page.on('pageerror', (error) => this.problems.push(`page error: ${error.message}`));
      page.on('console', (message) => message.type() === 'error' && this.problems.push(`console: ${message.text()}`));
    });
  }

  /** A mark for `since`: what comes later has a higher number. */
  mark() {
    return this.entries.length;
  }

  /** The entries that contain a text or match a pattern, after a mark, once every body that was under way is here. */
  async find(what, { since = 0, kinds } = {}) {
    await Promise.allSettled([...this.#pending]);
    const hit = (text) => (typeof what === 'string' ? text.includes(what) : what.test(text));
    return this.entries.slice(since).filter(({ kind, url, text }) => (!kinds || kinds.includes(kind)) && (hit(url) || hit(text)));
  }

  #keep(kind, url, text) {
    this.entries.push({ kind, url, text });
  }

  #keepResponse(response) {
    const body = response
      .text()
      .catch(() => '')
      .then((text) => this.#keep('response', response.url(), `${JSON.stringify(response.headers())}\n${text}`));
    this.#pending.add(body);
    body.finally(() => this.#pending.delete(body));
  }
}

/** Starts Firefox; `prefs` are added to those every story needs. */
export function startFirefox(prefs = {}) {
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
    headless: true,
    extraPrefsFirefox: {
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
      'media.peerconnection.ice.loopback': true,
      'media.peerconnection.ice.obfuscate_host_addresses': false,
      'intl.accept_languages': 'en-GB, en',
      ...prefs,
    },
  });
}

/** Firefox is slow to close now and then: it is given four seconds, then its process is ended. */
export async function closeFirefox(browser) {
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(() => resolve(browser.process()?.kill('SIGKILL')), 4000)));
  await Promise.race([browser.close(), late]);
  clearTimeout(timer);
}

/** Takes a picture into the folder SCREENSHOTS names; without it, none is taken. */
export async function picture(page, name) {
  const folder = process.env.SCREENSHOTS;
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name.replace(/[^\w-]+/g, '-')}.png`) }).catch(() => {});
}
