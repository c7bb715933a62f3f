// Two pages, whatever their browsers, that reach each other through relays alone: a data channel, and what it took.

/** Connects two pages by relays and sends `count` messages of `size` bytes there and back; tells how it went. */
export async function relayed(one, other, servers, { count = 40, size = 1001, within = 20_000 } = {}) {
  for (const page of [one, other]) await page.evaluate(begin, { servers, within });
  await one.evaluate(() => window.turn.offer());
  const offer = await one.evaluate(describe);
  await other.evaluate((sdp) => window.turn.answer(sdp), offer);
  const answer = await other.evaluate(describe);
  await one.evaluate((sdp) => window.turn.take(sdp), answer);
  const told = await one.evaluate((what) => window.turn.measure(what), { count, size });
  const path = await one.evaluate(() => window.turn.path());
  for (const page of [one, other]) await page.evaluate(() => window.turn.close());
  return { ...told, ...path, candidates: offer.split('\n').filter((line) => line.startsWith('a=candidate')).length };
}

/** The description with all its candidates. */
const describe = () => window.turn.described();

/** What a page knows; runs inside the page. */
function begin({ servers, within }) {
  const line = new RTCPeerConnection({ iceServers: servers, iceTransportPolicy: 'relay' });
  const errors = [];
  line.onicecandidateerror = (event) => errors.push(`${event.errorCode} ${event.errorText}`);
  const late = (what) => new Promise((_, fail) => setTimeout(() => fail(new Error(`${what}: nothing within ${within} ms; ${line.iceConnectionState}; ${errors.join(', ')}`)), within));
  let channel;
  line.ondatachannel = (event) => {
    event.channel.binaryType = 'arraybuffer';
    event.channel.onmessage = ({ data }) => event.channel.send(data);
  };
  const described = new Promise((resolve) => {
    line.onicegatheringstatechange = () => line.iceGatheringState === 'complete' && resolve();
  });
  window.turn = {
    async offer() {
      channel = line.createDataChannel('data');
      channel.binaryType = 'arraybuffer';
      await line.setLocalDescription();
    },
    async answer(sdp) {
      await line.setRemoteDescription({ type: 'offer', sdp });
      await line.setLocalDescription();
    },
    take: (sdp) => line.setRemoteDescription({ type: 'answer', sdp }),
    async described() {
      await Promise.race([described, late('gathering')]);
      return line.localDescription.sdp;
    },
    async measure({ count, size }) {
      const began = performance.now();
      if (channel.readyState !== 'open') await Promise.race([new Promise((resolve) => (channel.onopen = resolve)), late('opening')]);
      const opened = performance.now();
      let bytes = 0;
      const all = new Promise((resolve) => {
        channel.onmessage = ({ data }) => (bytes += data.byteLength) >= count * size && resolve();
      });
      for (let sent = 0; sent < count; sent += 1) {
        while (channel.bufferedAmount > 1_000_000) await new Promise((resolve) => setTimeout(resolve, 5));
        channel.send(new Uint8Array(size).fill(sent));
      }
      await Promise.race([all, late('echo')]);
      const seconds = (performance.now() - opened) / 1000;
      return { openMs: Math.round(opened - began), bytes, megabytesPerSecond: Number(((2 * bytes) / 1e6 / seconds).toFixed(2)) };
    },
    async path() {
      // The figures lag a little behind the line.
      for (let tries = 0; tries < 40; tries += 1) {
        const stats = [...(await line.getStats()).values()];
        const pair = stats.find((entry) => entry.type === 'candidate-pair' && entry.nominated && entry.state === 'succeeded');
        const kind = (id) => stats.find((entry) => entry.id === id);
        if (pair) return { local: kind(pair.localCandidateId)?.candidateType, remote: kind(pair.remoteCandidateId)?.candidateType, protocol: kind(pair.localCandidateId)?.relayProtocol };
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return {};
    },
    close: () => line.close(),
  };
}
