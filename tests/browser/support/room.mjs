// What people do in the web app, by the roles and names they see: the one place that knows the app's words.

/** From Sympa's login page to the room, as a member goes: log in, open the list's page, follow "Chat room". */
export async function enterFromSympa(sympa, { page, email }, list) {
  await sympa.logInAt(page, email);
  await page.goto(sympa.pageOf(list));
  await page.getByRole('link', { name: 'Chat room' }).click();
  await composer(page).waitFor();
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
  notOnList: 'You are not on this list.',
  noLongerOnList: 'You are no longer on',
  sessionEnded: 'Your session has ended.',
  impersonated: 'You are acting as somebody else in Sympa.',
  badTicket: 'This sign-in link has been used or is too old.',
  wrongPassword: 'Address and password do not match.',
};
