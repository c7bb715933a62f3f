// The way to the chat: one socket, its tokens, and somebody who listens once the app is there.
import type { Client } from './client';
import { Relay } from './relay';
import { ChatSocket } from './socket';
import { TokenKeeper } from './tokens';

export class Line {
  readonly relay = new Relay();
  readonly tokens: TokenKeeper;
  readonly socket: ChatSocket;

  constructor(client: Client, chat: URL) {
    this.tokens = new TokenKeeper((rooms) => client.tokens(rooms));
    this.socket = new ChatSocket(chat, this.tokens, this.relay);
  }
}
