// Drives the real Sympa of tests/sympa/real-sympa: starts it, logs people in, and changes what its database says,
// always as Sympa itself or its account would do it.
import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../../sympa/real-sympa', import.meta.url));

/** Runs a command of real-sympa and returns what it prints. */
export async function realSympa(...args) {
  const { stdout } = await run(script, args, { maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim();
}

let started;

/** Sympa on the kind of database the environment asks for, mounted for the form of Symposium it asks for; one for all. */
export function startSympa() {
  return (started ??= start(process.env.SYMPA_KIND ?? 'sqlite', process.env.FORM ?? 'one'));
}

async function start(kind, form) {
  await realSympa('up', kind);
  await realSympa('chat', form);
  return new Sympa(Object.fromEntries((await realSympa('env')).split('\n').map((line) => line.split(/=(.*)/s, 2))));
}

/** The running Sympa. Lists are named by their address, people by their e-mail address. */
export class Sympa {
  constructor(env) {
    this.env = env;
    this.kind = env.DB;
    this.form = env.FORM;
    /** Sympa's web address per robot. */
    this.urls = { [env.R1]: `http://${env.HOST1}:${env.PORT}${env.WEB}`, [env.R2]: `http://${env.HOST2}:${env.PORT}${env.WEB}` };
    this.url = this.urls[env.R1];
    /** The chat beside Sympa, and on a host of its own. */
    this.chatBeside = `http://${env.HOST1}:${env.PORT}/chat/`;
    this.chatApart = `http://${env.HOST3}:${env.PORT}/chat/`;
    /** The same under TLS: Sympa's web addresses per robot, and the chat beside it. */
    this.secureUrls = { [env.R1]: `https://${env.HOST1}:${env.TLS}${env.WEB}`, [env.R2]: `https://${env.HOST2}:${env.TLS}${env.WEB}` };
    /** The certificate of these, for localhost as well, and its key. */
    this.certificate = `${env.DATA}/tls.crt`;
    this.certificateKey = `${env.DATA}/tls.key`;
    this.chatSecure = `https://${env.HOST1}:${env.TLS}/chat/`;
  }

  #sessions = new Map();

  /** The id of a session at Sympa for this person: real, made by a log-in, and used again when one was made before. */
  async session(email) {
    const known = this.#sessions.get(email);
    if (known && (await this.read(`SELECT id_session FROM session_table WHERE id_session = ${quote(known)} AND email_session = ${quote(email)}`)).length === 1) return known;
    const id = await this.logIn(email);
    this.#sessions.set(email, id);
    return id;
  }

  /** A query as the account that only reads; rows as arrays of strings. */
  async read(sql) {
    const out = await realSympa('sql', sql);
    return out === '' ? [] : out.split('\n').map((line) => line.split('|'));
  }

  /** A statement as Sympa's own account. */
  write(sql) {
    return realSympa('write', sql);
  }

  /** Logs in over HTTP, without a browser; returns the value of the cookie sympa_session. */
  logIn(email, host = this.env.HOST1) {
    return realSympa('login', email, passwordOf(email), host);
  }

  /** Logs in through Sympa's own page; the page then shows what Sympa shows. */
  async logInAt(page, email, url = this.url) {
    await page.goto(`${url}/login`);
    await page.getByLabel('email address:').fill(email);
    await page.getByLabel('password:').fill(passwordOf(email));
    await page.getByRole('button', { name: 'Go' }).click();
    await page.locator('[name=action_logout]').first().waitFor({ state: 'attached' });
  }

  /** Logs out as Sympa's logout button does, in a page of its own of the same browser context. */
  async logOut(context, url = this.url) {
    const page = await context.newPage();
    await page.goto(`${url}/logout`);
    await page.close();
  }

  /** Lets a listmaster who is logged in act as somebody else, by Sympa's own form. */
  async impersonate(page, email, url = this.url) {
    await page.goto(`${url}/serveradmin/users`);
    const form = page.locator('form').filter({ has: page.getByRole('button', { name: 'Switch User Context' }) });
    await form.getByRole('textbox').fill(email);
    await form.getByRole('button').click();
    await page.waitForLoadState();
  }

  /** The page of a list at Sympa. */
  pageOf(list) {
    const [name, robot] = list.split('@');
    return `${this.urls[robot]}/info/${name}`;
  }

  /** Where Sympa's custom action for a list is reached. */
  actionFor(list) {
    const [name, robot] = list.split('@');
    return `${this.urls[robot]}/lca/chat/${name}`;
  }

  /** Where the custom action sends people. */
  sendTo(site) {
    return realSympa('site', site);
  }

  /** The addresses of the open lists on which Sympa knows this person as member, owner or editor; sorted. */
  async listsOf(email) {
    const who = quote(email);
    const rows = await this.read(
      `SELECT DISTINCT name_list, robot_list FROM list_table l WHERE status_list = 'open' AND (
         EXISTS (SELECT 1 FROM subscriber_table WHERE user_subscriber = ${who} AND list_subscriber = name_list AND robot_subscriber = robot_list)
         OR EXISTS (SELECT 1 FROM admin_table WHERE user_admin = ${who} AND list_admin = name_list AND robot_admin = robot_list))`,
    );
    return rows.map(([name, robot]) => `${name}@${robot}`).sort();
  }

  /** Takes a person off a list: the row goes, as when they unsubscribe. */
  unsubscribe(email, list) {
    const [name, robot] = list.split('@');
    return this.write(
      `DELETE FROM subscriber_table WHERE user_subscriber = ${quote(email)} AND list_subscriber = ${quote(name)} AND robot_subscriber = ${quote(robot)}`,
    );
  }

  /** Puts a person on a list, whatever was before. */
  async subscribe(email, list, { name: comment = null, visibility = 'noconceal' } = {}) {
    const [name, robot] = list.split('@');
    await this.unsubscribe(email, list);
    const now = Math.floor(Date.now() / 1000);
    await this.write(
      `INSERT INTO subscriber_table (user_subscriber, list_subscriber, robot_subscriber, comment_subscriber, visibility_subscriber,
         reception_subscriber, subscribed_subscriber, date_epoch_subscriber, update_epoch_subscriber)
       VALUES (${[email, name, robot, comment, visibility, 'mail'].map(quote).join(', ')}, 1, ${now}, ${now})`,
    );
  }

  /** Writes a row into Sympa's table of web sessions, as Sympa's own account; what is not told is as after a log-in. */
  async writeSession({ id = randomId(), previous = id, email, used = 0, data = ';auth="classic"' }) {
    const then = Math.floor(Date.now() / 1000) - used;
    await this.write(
      `INSERT INTO session_table (id_session, prev_id_session, start_date_session, date_session, refresh_date_session, remote_addr_session,
         robot_session, email_session, hit_session, data_session)
       VALUES (${quote(id)}, ${quote(previous)}, ${then}, ${then}, ${then}, '127.0.0.1', ${quote(this.env.R1)}, ${quote(email)}, 1, ${quote(data)})`,
    );
    return id;
  }

  /** Makes a person an owner of a list. */
  async makeOwner(email, list) {
    const [name, robot] = list.split('@');
    const now = Math.floor(Date.now() / 1000);
    await this.write(
      `INSERT INTO admin_table (user_admin, list_admin, robot_admin, role_admin, profile_admin, reception_admin, visibility_admin,
         subscribed_admin, date_epoch_admin, update_epoch_admin)
       VALUES (${[email, name, robot, 'owner', 'normal', 'mail', 'noconceal'].map(quote).join(', ')}, 1, ${now}, ${now})`,
    );
  }

  /** Takes a person out of the owners of a list. */
  demote(email, list) {
    const [name, robot] = list.split('@');
    return this.write(
      `DELETE FROM admin_table WHERE user_admin = ${quote(email)} AND list_admin = ${quote(name)} AND robot_admin = ${quote(robot)} AND role_admin = 'owner'`,
    );
  }

  closeList(list) {
    return realSympa('sympa', 'close', list);
  }

  openList(list) {
    return realSympa('sympa', 'open', list);
  }

  /** Makes Sympa give the browser a new session id at once, as it otherwise does within a minute. Returns the new id. */
  async rotateSession(context, url = this.url) {
    const before = await sympaCookie(context);
    await this.write(`UPDATE session_table SET refresh_date_session = 1 WHERE id_session = ${quote(before)}`);
    const page = await context.newPage();
    await page.goto(url);
    await page.close();
    const after = await sympaCookie(context);
    if (after === before) throw new Error('Sympa did not give a new session id');
    return after;
  }

  stopDatabase() {
    return realSympa('db', 'stop');
  }

  startDatabase() {
    return realSympa('db', 'start');
  }

  /** What the account that only reads has sent to the database since it was made; not with SQLite. */
  async statements() {
    return (await realSympa('statements')).split('\n').filter(Boolean);
  }
}

export function passwordOf(email) {
  return `pw-${email.split('@')[0]}`;
}

/** The value of Sympa's cookie in a browser context. */
export async function sympaCookie(context) {
  return (await context.cookies()).find((cookie) => cookie.name === 'sympa_session')?.value;
}

/** A session id as Sympa makes them: 14 digits. */
export function randomId() {
  return Array.from({ length: 14 }, () => randomInt(10)).join('');
}

export function quote(value) {
  return value === null ? 'NULL' : `'${String(value).replaceAll("'", "''")}'`;
}
