// Where no direct way is wanted or found, a call goes through the relay: the one that is built in, by UDP, TCP and TLS, and
// Debian's coturn by the same; and nobody sees the other's address.
import assert from 'node:assert/strict';
import { answer, call, callIs, hearsAndSees, keepPeers, turnTo, until } from './support/call.mjs';
import { coturnUrls, startCoturn, turnSecret } from './support/coturn.mjs';
import { enter, isIn } from './support/room.mjs';
import { stories } from './support/story.mjs';

const list = 'open-talk@lists.example.org';
/** Which of the relay's addresses each way is. */
const ways = { udp: '^turn:.*=udp$', tcp: '^turn:.*=tcp$', tls: '^turns:' };
let coturn;

const embedded = {
  change(config) {
    const turn = config.signal.turn;
    turn.listen_tls = ['127.0.0.1:25350'];
    [turn.certificate, turn.key] = [this.sympa.certificate, this.sympa.certificateKey];
  },
  prepare(sympa) {
    this.sympa = sympa;
  },
};
embedded.change = embedded.change.bind(embedded);
const external = {
  change: (config) => (config.signal.turn = { embedded: false, external: coturnUrls }),
  secrets: { TURN_SECRET: turnSecret },
  prepare: async (sympa) => (coturn = await startCoturn({ certificate: sympa.certificate, key: sympa.certificateKey })),
  restore: () => coturn.stop(),
};

for (const [name, settings] of [['the relay that is built in', embedded], ['coturn', external]]) {
  const story = stories(settings);
  for (const [way, addresses] of Object.entries(ways)) {
    story(`a call through ${name} by ${way}`, async ({ sympa, symposium, person }) => {
      const alice = await person('alice@example.org', { ignoreHTTPSErrors: true });
      const bob = await person('bob@example.org', { ignoreHTTPSErrors: true });
      for (const somebody of [alice, bob]) {
        await somebody.context.addInitScript(keepPeers, addresses);
        await enter(sympa, symposium, somebody, list);
      }
      for (const [{ page }, other] of [[alice, 'Bob Builder'], [bob, 'Alice Liddell']]) {
        await turnTo(page, other);
        await isIn(page);
      }
      await call(alice.page, { hidden: true });
      await answer(bob.page);
      for (const { page } of [alice, bob]) await callIs(page, 'talking');
      for (const [{ page }, who] of [[alice, 'Alice'], [bob, 'Bob']]) {
        await hearsAndSees(page, who);
        const { local, remote, relay } = await until(page, (now) => now.local !== null, 'a pair is in use');
        assert.deepEqual({ local, remote }, { local: 'relay', remote: 'relay' });
        assert.equal(relay, way);
      }
      const seen = await alice.traffic.find(/candidate:/, { kinds: ['received', 'sent'] });
      assert.ok(seen.length > 0, 'candidates were passed on');
      for (const { text } of seen) assert.ok(!/typ (host|srflx|prflx)/.test(text), text);
    });
  }
}
