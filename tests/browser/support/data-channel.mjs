// What goes over the data channel of files: counted, slowed down, or bent by a browser that does not keep to its language.

/**
 * A browser whose disk is slow: it tells of no more than one block in so many milliseconds that it is written. With `null` it
 * reads nothing any more. To be run before the page's own scripts.
 */
export function writesSlowly(ms) {
  const { send } = RTCDataChannel.prototype;
  let last = Promise.resolve();
  RTCDataChannel.prototype.send = function (data) {
    const waits = this.label === 'files' && typeof data === 'string' && /"type":"(written|done)"/.test(data);
    if (!waits) return send.call(this, data);
    last = last.then(() => new Promise((go) => ms === null || setTimeout(go, ms))).then(() => this.readyState === 'open' && send.call(this, data));
  };
}

/** Counts the bytes of files that leave a page, by channel; read them with `poured`. To be run before the page's own scripts. */
export function countsFiles() {
  const { send } = RTCDataChannel.prototype;
  window.pouredHere = [];
  const channels = [];
  RTCDataChannel.prototype.send = function (data) {
    if (this.label === 'files' && typeof data !== 'string') {
      if (!channels.includes(this)) channels.push(this);
      const n = channels.indexOf(this);
      window.pouredHere[n] = (window.pouredHere[n] ?? 0) + data.byteLength;
    }
    return send.call(this, data);
  };
}

/** The bytes that have left a page, by channel. */
export const poured = (page) => page.evaluate(() => window.pouredHere);

/**
 * A browser that does not send what it has offered: another `size`, other `bytes`, or `more` of them than it has said. To be run
 * before the page's own scripts.
 */
export function lies(how) {
  const { send } = RTCDataChannel.prototype;
  RTCDataChannel.prototype.send = function (data) {
    if (this.label !== 'files') return send.call(this, data);
    if (typeof data !== 'string') {
      if (how === 'more') send.call(this, data);
      if (how === 'bytes') data[0] ^= 1;
    } else if (how === 'size') {
      const word = JSON.parse(data);
      if (word.type === 'files') word.files[0].size += 1;
      return send.call(this, JSON.stringify(word));
    }
    return send.call(this, data);
  };
}
