// What a person is writing in one room: the draft (kept in this browser), the message it answers or edits, and why it was refused.
import type { Message, PersonId } from '../api/types';
import type { Draft } from './outbox.svelte';
import type { Store } from './store';

interface Kept {
  text: string;
  replyTo?: Message;
  picked?: Picked[];
}
export interface Picked {
  name: string;
  person: PersonId;
}

const TYPING_AGAIN_MS = 4000;

export class Composer {
  text = $state('');
  replyTo = $state.raw<Message | null>(null);
  editing = $state.raw<Message | null>(null);
  /** The code of a refusal whose text came back here. */
  refusal = $state<string | null>(null);
  #picked: Picked[] = [];
  #before: Kept | null = null;
  #typedAt = 0;

  constructor(
    private readonly store: Store,
    private readonly tellTyping: (on: boolean) => void,
  ) {
    this.#restore(store.read<Kept>('draft', { text: '' }));
  }

  write(text: string): void {
    this.text = text;
    this.refusal = null;
    this.#keep();
    if (this.editing || text.trim() === '') return this.rest();
    if (Date.now() - this.#typedAt < TYPING_AGAIN_MS) return;
    this.#typedAt = Date.now();
    this.tellTyping(true);
  }

  /** The person stopped writing for now. */
  rest(): void {
    if (this.#typedAt > 0) this.tellTyping(false);
    this.#typedAt = 0;
  }

  picked(choice: Picked): void {
    this.#picked.push(choice);
    this.#keep();
  }

  reply(item: Message): void {
    if (this.editing) this.cancel();
    this.replyTo = item;
    this.#keep();
  }

  /** `mentioned`: whom the message mentions; who still stands in it is mentioned by the new text, too. */
  edit(item: Message, mentioned: Picked[] = []): void {
    this.#before ??= this.#now();
    this.#picked = mentioned;
    this.editing = item;
    this.replyTo = null;
    this.text = item.body;
    this.refusal = null;
  }

  /** Gives up an edit or a reply; the draft from before comes back. */
  cancel(): void {
    if (this.editing) {
      this.editing = null;
      this.#restore(this.#before ?? { text: '' });
      this.#before = null;
    } else this.replyTo = null;
    this.refusal = null;
    this.#keep();
  }

  /** Puts a refused text back, unless something else is being written. */
  putBack(text: string, code: string): boolean {
    if (this.text.trim() !== '' || this.editing) return false;
    this.text = text;
    this.refusal = code;
    this.#keep();
    return true;
  }

  /** What would be sent now. */
  draft(canMentionAll: boolean): Draft {
    const body = this.text.trim();
    const mentions = [...new Set(this.#picked.filter(({ name }) => body.includes(`@${name}`)).map((p) => p.person))];
    const all = canMentionAll && /(^|\s)@(all|tous)\b/u.test(body);
    return {
      body,
      ...(this.replyTo ? { reply_to: this.replyTo.seq } : {}),
      ...(mentions.length > 0 ? { mentions } : {}),
      ...(all ? { mention_all: true } : {}),
    };
  }

  /** Sent or saved: an empty composer, or the draft from before an edit. */
  done(): void {
    this.rest();
    if (this.editing) return this.cancel();
    this.text = '';
    this.replyTo = null;
    this.#picked = [];
    this.#keep();
  }

  #restore({ text, replyTo, picked }: Kept): void {
    this.text = text;
    this.replyTo = replyTo ?? null;
    this.#picked = picked ?? [];
  }

  #now(): Kept {
    const replyTo = this.replyTo ? { replyTo: this.replyTo } : {};
    return { text: this.text, ...replyTo, ...(this.#picked.length > 0 ? { picked: [...this.#picked] } : {}) };
  }

  #keep(): void {
    if (this.editing) return;
    this.store.write('draft', this.text || this.replyTo ? this.#now() : null);
  }
}
