// What people do in the web app, by the roles and names they see: the one place that knows the app's words.

/** From Sympa's login page to the room, as a member goes: log in, open the list's page, follow "Chat room". */
export async function enterFromSympa(sympa, { page, email }, list) {
  await sympa.logInAt(page, email);
  await page.goto(sympa.pageOf(list));
  await page.getByRole('link', { name: 'Chat room' }).click();
  await isIn(page);
}

/** Straight to a room, with a session at Sympa in the browser: nothing is clicked, nothing typed. */
export async function enter(sympa, symposium, somebody, list) {
  await turnUp(sympa, symposium, somebody, list);
  await isIn(somebody.page);
}

/** The same, without waiting for what was said there. */
export async function turnUp(sympa, symposium, { context, page, email }, list) {
  await context.addCookies([{ name: 'sympa_session', value: await sympa.session(email), url: new URL(symposium.url).origin }]);
  await page.goto(symposium.room(list));
}

/** Waits until the room is there with what was said in it; one can write before that. */
export async function isIn(page) {
  await composer(page).waitFor();
  await page.getByRole('main').getByText('Loading…').waitFor({ state: 'detached' });
}

/** Opens the list of members beside the conversation. */
export async function openMembers(page) {
  await page.getByRole('button', { name: /^Members/ }).click();
  const panel = page.getByRole('complementary', { name: 'Members' });
  await panel.getByRole('listitem').first().waitFor();
  return panel;
}

/** Mutes or bans a member, through the list of members; returns that list. */
export async function sanction(page, kind, name, reason) {
  const panel = await openMembers(page);
  await panel.getByRole('button', { name: `Actions for ${name}` }).click();
  await page.getByRole('menuitem', { name: kind }).click();
  const dialog = page.getByRole('dialog', { name: `${kind} ${name}` });
  if (reason) await dialog.getByRole('textbox', { name: 'Reason (optional)' }).fill(reason);
  await dialog.getByRole('button', { name: kind, exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
  return panel;
}

/** What the services answer this page to a request, below the base path; `body` is sent as JSON. */
export function asks(page, path, { method = 'GET', body, headers = {} } = {}) {
  return page.evaluate(
    async ([path, method, body, headers]) => {
      const response = await fetch(new URL(path, document.baseURI), {
        method,
        headers: { ...(body === null ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === null ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, json: text ? JSON.parse(text) : null };
    },
    [path, method, body ?? null, headers],
  );
}

/** The room of a list as this person has it. */
export async function roomOf(page, list) {
  const { json } = await asks(page, 'api/bridge/rooms');
  return json.rooms.find(({ address }) => address === list);
}

/** A room token for chat-server. */
export async function tokenFor(page, room) {
  const { json } = await asks(page, 'api/bridge/tokens', { method: 'POST', body: { audience: 'chat', rooms: [room] } });
  return json.tokens[0].token;
}

/** What the socket answers to `enter` with each of these tokens, by name: "entered", or the code of the refusal. */
export async function atTheSocket(page, room, tokens) {
  const names = Object.keys(tokens);
  const answers = await onASocket(page, names.map((name) => ({ type: 'enter', room, token: tokens[name], lines: 1 })));
  return Object.fromEntries(names.map((name, n) => [name, answers[n].code ?? answers[n].type]));
}

/** Sends frames through a socket of this page's own; the answer to each. Codes close no socket. */
export function onASocket(page, frames) {
  return page.evaluate(
    (frames) =>
      new Promise((resolve, reject) => {
        const url = new URL('api/chat/socket', document.baseURI);
        url.protocol = url.protocol.replace('http', 'ws');
        const socket = new WebSocket(url);
        const answers = new Map();
        socket.onclose = ({ code }) => reject(new Error(`the socket closed with ${code} after ${JSON.stringify([...answers])}`));
        socket.onmessage = ({ data }) => {
          const frame = JSON.parse(data);
          if (frame.type === 'welcome') socket.send(JSON.stringify({ ...frames[0], ref: '0' }));
          if (frame.ref === undefined) return;
          if (answers.size === 0) frames.forEach((one, n) => n > 0 && socket.send(JSON.stringify({ ...one, ref: String(n) })));
          answers.set(frame.ref, frame);
          if (answers.size < frames.length) return;
          socket.onclose = null;
          socket.close();
          resolve(frames.map((_, n) => answers.get(String(n))));
        };
      }),
    frames,
  );
}

/** Where one writes. */
export function composer(page) {
  return page.getByRole('textbox', { name: /^Message / });
}

/** Writes a message and sends it. */
export async function say(page, text) {
  await composer(page).fill(text);
  await composer(page).press('Enter');
}

/** The message with this text in the conversation, once the server has it; what still waits to be sent has no name yet. */
export function message(page, text) {
  return page.getByRole('list', { name: 'Messages' }).getByRole('listitem', { name: text });
}

/** Waits until a message is to be read. */
export async function hears(page, text, timeout = 5000) {
  await message(page, text).first().waitFor({ timeout });
}

/** The frames of a room that reached this person since a mark and tell what happens in it. */
export async function heardOf({ traffic }, room, since) {
  const frames = await traffic.find(/"type":\s*"(event|presence|typing)"/, { since, kinds: ['received'] });
  return frames.map(({ text }) => text).filter((text) => text.includes(room));
}

/** The message that waits to be sent, with this text. */
export function waiting(page, text) {
  return page.getByRole('list', { name: 'Messages' }).getByRole('listitem').filter({ hasText: 'waits to be sent' }).filter({ hasText: text });
}

/** Waits until the app says a sentence, in the words of its English catalogue. */
export async function told(page, sentence, timeout = 5000) {
  await page.getByRole('main').getByText(sentence).first().waitFor({ timeout });
}

/** The addresses of the rooms in the list of rooms, sorted. */
export async function rooms(page) {
  const links = page.getByRole('navigation', { name: 'Rooms' }).getByRole('listitem').getByRole('link');
  await links.first().waitFor();
  const paths = await links.evaluateAll((all) => all.map((link) => decodeURIComponent(new URL(link.href).pathname)));
  return paths.filter((path) => path.includes('/r/')).map((path) => path.split('/r/')[1]).sort();
}

/** What the app says. */
export const words = {
  offline: 'No connection. Messages wait here and go out by themselves.',
  reconnecting: 'Reconnecting…',
  notOnList: 'You are not on this list',
  noLongerOnList: 'You are no longer on',
  sessionEnded: 'Your session has ended.',
  impersonated: 'You are acting as somebody else in Sympa.',
  badTicket: 'This sign-in link has been used or is too old.',
  tooMany: 'That was a little fast.',
  sympaAway: 'The list server does not answer right now.',
  banned: 'A moderator has shut you out of this room',
  onlyEditors: 'Only editors and owners post in this room.',
  youMayPost: 'Only editors and owners post in this room. You are one of them.',
  roomClosed: 'This list is closed, or its room is switched off.',
  muted: 'A moderator has muted you here until',
  wrongPassword: 'Address and password do not match.',
};
