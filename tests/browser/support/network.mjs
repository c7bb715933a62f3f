// Networks for stories: a site that two people reach from a network each, and no way between the two but through the site.
// A network is a namespace of this machine with documentation addresses (RFC 5737); its firewall and its cable are the story's.
// Nothing leaves the machine: a namespace knows the way to the site and no other.
import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openContext, picture, startChromium } from './browsers.mjs';
import { keepPeers, turnTo } from './call.mjs';
import { enter, isIn } from './room.mjs';
import { stories } from './story.mjs';

const list = 'open-talk@lists.example.org';
/** Where both find the site and its relay. */
const SITE = '198.51.100.129';
export const ports = { turn: 23478, turnTls: 25349 };

/**
 * Stories of Alice in the network on the left and Bob in the one on the right, each in the direct room with the other: `tell` gets
 * `left`, `right`, `alice` and `bob` beside the world. The relay is the one that is built in, under the site's own name.
 * `scripts`: what the pages of both run before their own, each with what it is given.
 */
export function storiesOverNetworks(scripts = []) {
  const networks = new Networks();
  const story = stories({
    site: (sympa) => sympa.chatSecure,
    prepare: (sympa) => networks.open(sympa),
    restore: () => networks.close(),
    change: (config) => {
      const { certificate, certificateKey: key } = networks.sympa;
      config.signal.turn = { listen: [`${SITE}:${ports.turn}`], listen_tls: [`${SITE}:${ports.turnTls}`], certificate, key };
    },
  });
  return (name, tell) =>
    story(name, async (world) => {
      const { left, right } = networks;
      try {
        const [alice, bob] = [await left.person('alice@example.org'), await right.person('bob@example.org')];
        for (const [somebody, other] of [[alice, 'Bob Builder'], [bob, 'Alice Liddell']]) {
          for (const [script, given] of [[keepPeers], ...scripts]) await somebody.context.addInitScript(script, given);
          await enter(world.sympa, world.symposium, somebody, list);
          await turnTo(somebody.page, other);
          await isIn(somebody.page);
        }
        await tell({ ...world, left, right, alice, bob });
      } catch (error) {
        for (const network of [left, right]) await network.explain(name);
        throw error;
      } finally {
        for (const network of [left, right]) await network.settle();
      }
    });
}

class Networks {
  #server;

  async open(sympa) {
    this.sympa = sympa;
    remove();
    process.once('exit', remove);
    run('ip', 'address', 'add', `${SITE}/32`, 'dev', 'lo');
    this.left = new Network('left', '198.51.100');
    this.right = new Network('right', '203.0.113');
    // The web server stays on loopback; this is its door for the two networks.
    const port = Number(sympa.env.TLS);
    this.#server = createServer({ allowHalfOpen: true }, (from) => {
      const to = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
      for (const [one, other] of [[from, to], [to, from]]) {
        one.unref().on('error', () => other.destroy()).on('close', () => other.destroy()).pipe(other);
      }
    });
    await new Promise((resolve, reject) => this.#server.once('error', reject).listen(port, SITE, resolve));
    for (const network of [this.left, this.right]) await network.begin(sympa);
  }

  async close() {
    for (const network of [this.left, this.right]) await network?.end();
    this.#server?.close();
    remove();
    process.off('exit', remove);
  }
}

/** One of the two networks, and the people in it. */
class Network {
  #people = [];
  #chromium;
  #directory;

  constructor(side, prefix) {
    [this.side, this.space, this.cable] = [side, `story-${side}`, `story-${side}`];
    this.gateway = `${prefix}.1`;
    run('ip', 'netns', 'add', this.space);
    run('ip', 'link', 'add', this.cable, 'type', 'veth', 'peer', 'name', 'uplink', 'netns', this.space);
    // Whatever this machine does otherwise, it passes nothing on from here.
    run('sh', '-c', `echo 0 >/proc/sys/net/ipv4/conf/${this.cable}/forwarding`);
    run('ip', 'address', 'add', `${this.gateway}/30`, 'dev', this.cable);
    run('ip', 'link', 'set', this.cable, 'up');
    this.#inside('ip', 'address', 'add', `${prefix}.2/30`, 'dev', 'uplink');
    this.#inside('ip', 'link', 'set', 'lo', 'up');
    // An address that IPv6 makes by itself comes a moment later, and a browser breaks off what it loads when its network changes.
    this.#inside('sh', '-c', 'echo 1 >/proc/sys/net/ipv6/conf/uplink/disable_ipv6');
    this.plugIn();
  }

  /** A browser of this network for somebody. */
  async person(email) {
    const somebody = { email, ...(await openContext(this.#chromium, { ignoreHTTPSErrors: true })) };
    this.#people.push(somebody);
    return somebody;
  }

  /** Pulls the cable; `plugIn` mends it. */
  unplug() {
    this.#inside('ip', 'link', 'set', 'uplink', 'down');
  }

  plugIn() {
    this.#inside('ip', 'link', 'set', 'uplink', 'up');
    this.#inside('ip', 'route', 'replace', `${SITE}/32`, 'via', this.gateway);
  }

  /** A firewall that lets nothing in but what these say, in the words of nft; like most of them it drops the rest without a word. */
  onlyLets(...these) {
    const rules = ['table inet firewall', 'delete table inet firewall', 'table inet firewall {', 'chain inward {', 'type filter hook prerouting priority 0; policy drop;'];
    this.#inside('nft', [...rules, 'iif lo accept', ...these.map((what) => `${what} accept`), '}', '}'].join('\n'));
  }

  letsAll() {
    this.#inside('nft', 'table inet firewall\ndelete table inet firewall');
  }

  /** Starts the browser in the network. Here, and only here, the site's name is the address of these networks. */
  async begin(sympa) {
    this.#directory = await mkdtemp(join(tmpdir(), 'network-'));
    const program = join(this.#directory, 'chromium');
    // For a relay by UDP it is looked up with a full stop at its end.
    const known = `MAP ${sympa.env.HOST1} ${SITE}, MAP ${sympa.env.HOST1}. ${SITE}, MAP * ~NOTFOUND`;
    const chromium = process.env.CHROMIUM;
    await writeFile(program, `#!/bin/sh\nexec nsenter --net=/run/netns/${this.space} ${chromium ?? '/usr/bin/chromium'} "$@" --host-resolver-rules='${known}'\n`);
    await chmod(program, 0o755);
    try {
      process.env.CHROMIUM = program;
      this.#chromium = await startChromium(sympa.certificate);
    } finally {
      if (chromium === undefined) delete process.env.CHROMIUM;
      else process.env.CHROMIUM = chromium;
    }
  }

  /** What each page showed. */
  async explain(name) {
    for (const { email, page, traffic } of this.#people) {
      await picture(page, `failed ${name} ${email}`);
      console.error(`--- ${email} in the network on the ${this.side}, at ${page.url()}`);
      console.error(await page.locator('body').ariaSnapshot({ timeout: 2000 }).catch(() => '(no page)'));
      for (const problem of traffic.problems) console.error(problem);
    }
  }

  /** As it was before the story. */
  async settle() {
    this.plugIn();
    this.letsAll();
    for (const { context } of this.#people.splice(0)) await context.close();
  }

  async end() {
    await this.#chromium?.close();
    if (this.#directory) await rm(this.#directory, { recursive: true, force: true });
  }

  #inside(program, ...args) {
    run('nsenter', `--net=/run/netns/${this.space}`, program, ...args);
  }
}

function run(program, ...args) {
  try {
    execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    const said = String(error.stderr ?? error.message).trim();
    throw new Error(`these stories make networks of their own, as root on a Linux that allows network namespaces; "${[program, ...args].join(' ')}" failed: ${said}`, { cause: error });
  }
}

/** Takes away what these stories, or earlier ones that were interrupted, have made. */
function remove() {
  for (const side of ['left', 'right']) {
    for (const args of [['link', 'delete', `story-${side}`], ['netns', 'delete', `story-${side}`]]) quietly(args);
  }
  quietly(['address', 'delete', `${SITE}/32`, 'dev', 'lo']);
}

function quietly(args) {
  try {
    execFileSync('ip', args, { stdio: 'ignore' });
  } catch {
    // It was not there.
  }
}
