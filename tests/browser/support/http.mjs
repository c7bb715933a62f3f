// Requests without a browser, with every header as a story wants it: what a program, a thief or another site could send.
import { once } from 'node:events';
import { request } from 'node:http';

/**
 * Sends a request to an address on this machine; returns status, headers, text and, when it is JSON, what it says. `body` is
 * sent as JSON. Host and Origin are those of the address unless `headers` tells otherwise; null leaves a header out.
 * `port`: another port than the address names, to get past the web server.
 */
export async function ask(url, { method = 'GET', headers = {}, body, port } = {}) {
  const to = new URL(url);
  const text = body === undefined ? undefined : JSON.stringify(body);
  const sent = { Host: to.host, ...(method === 'GET' ? {} : { Origin: to.origin }), ...(text ? { 'Content-Type': 'application/json' } : {}), ...headers };
  for (const [name, value] of Object.entries(sent)) if (value === null) delete sent[name];
  const outgoing = request({ host: '127.0.0.1', port: port ?? to.port, method, path: to.pathname + to.search, headers: sent });
  const answered = Promise.race([once(outgoing, 'response'), once(outgoing, 'upgrade')]);
  outgoing.end(text);
  const [response, socket] = await answered;
  if (socket) {
    socket.destroy();
    return { status: response.statusCode, headers: response.headers };
  }
  let said = '';
  for await (const chunk of response.setEncoding('utf8')) said += chunk;
  return { status: response.statusCode, headers: response.headers, text: said, json: parsed(said) };
}

/** Asks for a WebSocket; 101 means that the server would speak. */
export function askForSocket(url, headers = {}) {
  const handshake = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==' };
  return ask(url, { headers: { ...handshake, Origin: new URL(url).origin, ...headers } });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
