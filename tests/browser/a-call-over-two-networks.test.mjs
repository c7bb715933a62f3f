// Two people in two networks with no route between them but the site's relay: the call finds it by UDP, by TCP or by TLS where a
// firewall lets nothing through but the site and that.
import assert from 'node:assert/strict';
import { answer, call, callIs, hangUp, hearsAndSees, until } from './support/call.mjs';
import { ports, storiesOverNetworks } from './support/network.mjs';

const story = storiesOverNetworks();

/** What the firewalls of both let in, per way that is left. */
const firewalls = {
  udp: (site) => [`tcp sport ${site}`, 'meta l4proto udp'],
  tcp: (site) => [`tcp sport { ${site}, ${ports.turn} }`],
  tls: (site) => [`tcp sport { ${site}, ${ports.turnTls} }`],
};

for (const [way, firewall] of Object.entries(firewalls)) {
  story(`a video call between two networks by ${way}`, async ({ sympa, left, right, alice, bob }) => {
    for (const network of [left, right]) network.onlyLets(...firewall(sympa.env.TLS));
    await call(alice.page);
    await answer(bob.page);
    // A firewall that says nothing costs time before the next way is tried.
    for (const { page } of [alice, bob]) await callIs(page, 'talking', 40_000);
    for (const [{ page }, who] of [[alice, 'Alice'], [bob, 'Bob']]) {
      await hearsAndSees(page, who);
      await until(page, ({ local, remote, relay }) => local === 'relay' && remote === 'relay' && relay === way, `${who} is connected by ${way}`);
    }
    const direct = await alice.traffic.find(/ 203\.0\.113\.2 \d+ typ host/, { kinds: ['received'] });
    assert.notDeepEqual(direct, [], 'the direct way was known, and led nowhere');
    await hangUp(alice.page);
    for (const { page } of [alice, bob]) await page.getByText(/The call is over/).first().waitFor();
  });
}
