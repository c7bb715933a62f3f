// How a connection to the server of conferences is made: where it may go is learnt first, and nothing is offered or answered before.
import type { Ways } from '../api/signal';

export type Make = (configuration: RTCConfiguration) => RTCPeerConnection;

/** `ready` comes once the ways are known; without an answer it is tried without servers. */
export function configured(
  ways: Promise<Ways>,
  relayOnly: boolean,
  closed: () => boolean,
  make: Make = (configuration) => new RTCPeerConnection(configuration),
): { connection: RTCPeerConnection; ready: Promise<void> } {
  const how = (given: Ways): RTCConfiguration => ({
    iceServers: given.servers,
    iceTransportPolicy: relayOnly || given.relayOnly ? 'relay' : 'all',
    bundlePolicy: 'max-bundle',
  });
  const connection = make(how({ servers: [], relayOnly }));
  const ready = ways.then(
    (given) => {
      if (!closed()) connection.setConfiguration(how(given));
    },
    () => undefined,
  );
  return { connection, ready };
}
