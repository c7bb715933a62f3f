// Keeps what the socket says until the app that wants to hear it is there.
import type { Limits, RoomFrame } from './types';
import type { LinkState, Listener } from './socket';

export class Relay implements Listener {
  #to: Listener | null = null;
  #kept: ((to: Listener) => void)[] = [];

  listen(to: Listener): void {
    this.#to = to;
    for (const say of this.#kept.splice(0)) say(to);
  }

  frame(frame: RoomFrame): void {
    this.#say((to) => to.frame(frame));
  }
  renamed(person: string, name: string): void {
    this.#say((to) => to.renamed(person, name));
  }
  rooms(): void {
    this.#say((to) => to.rooms());
  }
  state(state: LinkState): void {
    this.#say((to) => to.state(state));
  }
  limits(limits: Limits): void {
    this.#say((to) => to.limits(limits));
  }
  signedOut(): void {
    this.#say((to) => to.signedOut());
  }

  #say(what: (to: Listener) => void): void {
    if (this.#to) what(this.#to);
    else this.#kept.push(what);
  }
}
