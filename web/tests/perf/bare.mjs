// The least that could be done: a data channel between two pages and nothing on it but bytes, which the receiver counts. Nothing is
// read, checked or written.

/**
 * The bytes of a second by which `total` of them go from one page to another, in messages of `size`; `configurations`: of the
 * two connections. From the first message to the last, as they arrive.
 */
export async function bare([from, to], configurations, { total, size }) {
  for (const [n, page] of [from, to].entries()) await page.evaluate(begin, { configuration: configurations[n], total });
  const offer = await from.evaluate(() => window.bare.describe());
  const answer = await to.evaluate((sdp) => window.bare.describe({ type: 'offer', sdp }), offer);
  await from.evaluate((sdp) => window.bare.take({ type: 'answer', sdp }), answer);
  const [rate] = await Promise.all([
    to.evaluate(() => window.bare.counted),
    from.evaluate((size) => window.bare.pour(size), size),
  ]);
  for (const page of [from, to]) await page.evaluate(() => window.bare.close());
  return rate;
}

/** What a page knows; runs inside the page. */
function begin({ configuration, total }) {
  const [high, low] = [4 * 1024 * 1024, 1024 * 1024];
  const line = new RTCPeerConnection(configuration);
  const channel = line.createDataChannel('bare', { negotiated: true, id: 0 });
  channel.binaryType = 'arraybuffer';
  channel.bufferedAmountLowThreshold = low;
  const once = (target, event) => new Promise((go) => target.addEventListener(event, go, { once: true }));
  const gathered = new Promise((go) => {
    line.onicegatheringstatechange = () => line.iceGatheringState === 'complete' && go();
  });
  const opened = once(channel, 'open');
  const counted = new Promise((go) => {
    let [bytes, began] = [0, 0];
    channel.onmessage = ({ data }) => {
      began ||= performance.now();
      bytes += data.byteLength;
      if (bytes === total) go((bytes * 1000) / (performance.now() - began));
    };
  });
  window.bare = {
    counted,
    async describe(offer) {
      if (offer) await line.setRemoteDescription(offer);
      await line.setLocalDescription();
      await gathered;
      return line.localDescription.sdp;
    },
    take: (answer) => line.setRemoteDescription(answer),
    async pour(size) {
      await opened;
      const block = crypto.getRandomValues(new Uint8Array(65_536));
      const message = new Uint8Array(size).map((_, n) => block[n % block.length]);
      for (let sent = 0; sent < total; sent += size) {
        if (channel.bufferedAmount >= high) await once(channel, 'bufferedamountlow');
        channel.send(message);
      }
    },
    close: () => line.close(),
  };
}
