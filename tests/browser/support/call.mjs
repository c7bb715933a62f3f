// Calls as people make them: ringing, answering, hanging up; and what their browsers themselves say of what arrives.
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Keeps every RTCPeerConnection of a page where a story finds it. To be run before the page's own scripts. `only`: a pattern of
 * the addresses of servers that this browser's network lets through.
 */
export function keepPeers(only) {
  const Real = window.RTCPeerConnection;
  const reached = (configuration) => {
    const servers = (configuration?.iceServers ?? []).map((server) => ({ ...server, urls: [server.urls].flat().filter((url) => !only || new RegExp(only).test(url)) }));
    return { ...configuration, iceServers: servers.filter(({ urls }) => urls.length > 0) };
  };
  window.peersOfThisPage = [];
  window.RTCPeerConnection = class extends Real {
    constructor(configuration, ...rest) {
      super(reached(configuration), ...rest);
      window.peersOfThisPage.push(this);
    }
    setConfiguration(configuration) {
      super.setConfiguration(reached(configuration));
    }
  };
}

/** Runs a function in a page of either browser: Chromium (playwright) or Firefox (puppeteer). */
export function inPage(page, what, ...args) {
  return page.evaluate(new Function('args', `return (${what})(...args)`), args);
}

/**
 * What arrives on the live connections of a page: decoded frames, audio energy and received bytes, and the kinds of the two
 * candidates in use.
 */
export function arrivals(page) {
  return inPage(page, async () => {
    const sums = { frames: 0, energy: 0, bytes: 0, local: null, remote: null, protocol: null, relay: null, live: 0 };
    for (const peer of window.peersOfThisPage.filter((one) => one.connectionState === 'connected')) {
      const stats = [...(await peer.getStats()).values()];
      const by = new Map(stats.map((one) => [one.id, one]));
      sums.live += 1;
      for (const one of stats) {
        if (one.type === 'inbound-rtp' && one.kind === 'video') sums.frames += one.framesDecoded ?? 0;
        if (one.type === 'inbound-rtp' && one.kind === 'audio') sums.energy += one.totalAudioEnergy ?? 0;
        if (one.type === 'inbound-rtp') sums.bytes += one.bytesReceived ?? 0;
        if (one.type === 'candidate-pair' && one.state === 'succeeded' && (one.nominated || one.selected)) {
          sums.local = by.get(one.localCandidateId)?.candidateType;
          sums.remote = by.get(one.remoteCandidateId)?.candidateType;
          sums.protocol = by.get(one.localCandidateId)?.protocol;
          sums.relay = by.get(one.localCandidateId)?.relayProtocol ?? null;
        }
      }
    }
    return sums;
  });
}

/** Waits until something is true of what arrives, and gives it. */
export async function until(page, isTrue, what, ms = 20_000) {
  const deadline = Date.now() + ms;
  for (;;) {
    const now = await arrivals(page);
    if (isTrue(now)) return now;
    if (Date.now() > deadline) throw new Error(`${what}: ${JSON.stringify(now)}`);
    await pause(100);
  }
}

/** Sound and picture arrive, and go on arriving. */
export async function hearsAndSees(page, who) {
  const first = await until(page, ({ frames, energy }) => frames > 0 && energy > 0, `${who} hears and sees the other`);
  return until(page, ({ frames, energy }) => frames > first.frames + 5 && energy > first.energy, `${who} goes on hearing and seeing`);
}

/** Sound arrives, and goes on arriving. */
export async function onlyHears(page, who) {
  const first = await until(page, ({ energy }) => energy > 0, `${who} hears the other`);
  return until(page, ({ energy }) => energy > first.energy, `${who} goes on hearing`);
}

/** Opens the direct room with a member of the list on screen. */
export async function turnTo(page, name) {
  await page.getByRole('button', { name: /^Members/ }).click();
  await page.getByRole('button', { name: `Actions for ${name}` }).click();
  await page.getByRole('menuitem', { name: 'Message' }).click();
  await page.getByRole('heading', { name, level: 1 }).waitFor();
}

/** Calls whom the room on screen is with: `video` or voice. */
export async function call(page, { video = true, hidden = false } = {}) {
  await page.getByRole('main').getByRole('button', { name: /^Call / }).click();
  const before = page.getByRole('dialog', { name: /^Before you call/ });
  if (hidden) await before.getByRole('checkbox', { name: /Hide my network address/ }).check();
  await before.getByText(/We hear you|Say something/).waitFor();
  await before.getByRole('button', { name: video ? 'Call with video' : 'Call', exact: true }).click();
}

/** Answers what rings. */
export async function answer(page, { video = true } = {}) {
  await page.getByRole('button', { name: video ? 'Answer with video' : 'Answer', exact: true }).click();
}

/** Waits until the call on a page is in a state. */
export function callIs(page, state, ms = 15_000) {
  return page.locator(`[data-call-state="${state}"]`).first().waitFor({ timeout: ms });
}

/** Hangs up. */
export async function hangUp(page) {
  await page.getByRole('button', { name: 'Hang up' }).first().click();
}
