// The call of a room as people make it: joining, leading, leaving; and what their browsers themselves say of what arrives from whom.
import { setTimeout as pause } from 'node:timers/promises';
import { arrivals, inPage, keepPeers } from './call.mjs';
import { enter } from './room.mjs';

/** Somebody in the room of a list, whose connections a story can look at. */
export async function inTheRoom({ sympa, symposium, person }, email, list, options) {
  const somebody = await person(email, options);
  await somebody.context.addInitScript(keepPeers);
  await enter(sympa, symposium, somebody, list);
  return somebody;
}

/** Begins the call of the room on screen, or joins the one that goes on there. */
export async function join(page, { video = true } = {}) {
  await page.getByRole('main').getByRole('button', { name: /^(Call: Call everyone|Join the call)/ }).click();
  const before = page.getByRole('dialog', { name: /^Before you join the call/ });
  await before.getByText(/We hear you|Say something/).waitFor();
  await before.getByRole('button', { name: video ? 'Join with video' : 'Join', exact: true }).click();
  await isInCall(page);
}

/** Waits until this person takes part. */
export function isInCall(page, timeout = 15_000) {
  return page.locator('[data-call-state="in"]').first().waitFor({ timeout });
}

export async function leave(page) {
  await page.getByRole('button', { name: 'Leave', exact: true }).first().click();
}

/** The tile of somebody. */
export function tile(page, name) {
  return page.getByRole('figure').filter({ hasText: name });
}

/** Opens the list of people in the call, or finds it open. */
export async function people(page) {
  const panel = page.getByRole('complementary', { name: 'People' });
  if (!(await panel.isVisible())) await page.getByRole('button', { name: 'People', exact: true }).click();
  await panel.waitFor();
  return panel;
}

/** What one can do about somebody, chosen from the list of people. */
export async function choose(page, name, what) {
  const panel = await people(page);
  await panel.getByRole('button', { name: `Actions for ${name}` }).click();
  await page.getByRole('menuitem', { name: what }).click();
}

/**
 * What arrives from others: for each picture on screen how many frames were shown, by whose it is; and how many voices were heard, by
 * the energy of each that plays.
 */
export function arrivesFrom(page) {
  return inPage(page, async () => {
    const frames = {};
    for (const video of document.querySelectorAll('[data-person] video:not([data-who="me"])')) {
      const { person, source } = video.closest('[data-person]').dataset;
      frames[`${person} ${source}`] = video.getVideoPlaybackQuality().totalVideoFrames;
    }
    const energy = new Map();
    for (const peer of window.peersOfThisPage.filter((one) => one.connectionState === 'connected')) {
      for (const one of (await peer.getStats()).values()) {
        if (one.type === 'inbound-rtp' && one.kind === 'audio') energy.set(one.trackIdentifier, one.totalAudioEnergy ?? 0);
      }
    }
    const voices = [...document.querySelectorAll('audio')].map(({ srcObject }) => energy.get(srcObject?.getAudioTracks()[0]?.id) ?? 0);
    return { frames, voices };
  });
}

/** Waits until so many others are seen and heard, and go on being so. */
export async function seesAndHears(page, others, who, ms = 20_000) {
  const enough = ({ frames, voices }, before = { frames: {}, voices: [] }) =>
    Object.entries(frames).filter(([key, count]) => count > (before.frames[key] ?? 0) + 5).length >= others &&
    voices.filter((energy) => energy > Math.min(...before.voices, 0)).length >= others;
  const first = await waitFor(page, (now) => enough(now), `${who} sees and hears ${others}`, ms);
  await waitFor(page, (now) => enough(now, { ...first, voices: [] }), `${who} goes on seeing ${others}`, ms);
  await waitFor(page, (now) => sum(now.voices) > sum(first.voices), `${who} goes on hearing`, ms);
}

/** Waits until nobody is heard any more, for longer than a fake microphone is silent between two sounds; gives the energy so far. */
export async function silence(page, ms = 20_000) {
  const deadline = Date.now() + ms;
  for (;;) {
    const before = sum((await arrivesFrom(page)).voices);
    await pause(2500);
    const after = sum((await arrivesFrom(page)).voices);
    if (after - before < 0.001) return (await arrivals(page)).energy;
    if (Date.now() > deadline) throw new Error(`somebody is heard: ${after - before}`);
  }
}

const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);

async function waitFor(page, isTrue, what, ms) {
  const deadline = Date.now() + ms;
  for (;;) {
    const now = await arrivesFrom(page);
    if (isTrue(now)) return now;
    if (Date.now() > deadline) throw new Error(`${what}: ${JSON.stringify(now)}`);
    await pause(100);
  }
}
