// What one person chose on this device: language, theme, how much is announced, keys, the first-run strip.
import type { Language } from '../api/types';
import type { Store } from './store';

export type Theme = 'auto' | 'light' | 'dark';
export type Announce = 'all' | 'mentions' | 'none';
export type SendWith = 'enter' | 'ctrl-enter';
/** A device as it is found again: browsers change the ids now and then, so the name counts too. */
export interface Chosen {
  id: string;
  label: string;
}
export interface CallChoices {
  microphone?: Chosen | null;
  camera?: Chosen | null;
  speaker?: Chosen | null;
  /** Calls and transfers of this person go through the relay alone: nobody sees their network address. */
  relayOnly?: boolean;
}

interface Kept {
  language?: Language;
  theme?: Theme;
  announce?: Announce;
  singleKeys?: boolean;
  sendWith?: SendWith;
  welcomed?: boolean;
  formatting?: boolean;
  calls?: CallChoices;
}

export class Settings {
  #kept = $state.raw<Kept>({});

  /** The language of the account, as chosen on another device or known to Sympa; nothing while nobody is signed in. */
  account: () => Language | undefined = () => undefined;

  constructor(
    private readonly store: Store,
    private readonly preferred: Language,
    /** A keyboard on glass has no Shift+Enter worth the name: there, Enter begins a new line unless chosen otherwise. */
    private readonly touch = false,
  ) {
    this.#kept = store.read<Kept>('settings', {});
  }

  get language(): Language {
    return this.#kept.language ?? this.account() ?? this.preferred;
  }
  get theme(): Theme {
    return this.#kept.theme ?? 'auto';
  }
  get announce(): Announce {
    return this.#kept.announce ?? 'all';
  }
  get singleKeys(): boolean {
    return this.#kept.singleKeys ?? true;
  }
  get sendWith(): SendWith {
    return this.#kept.sendWith ?? (this.touch ? 'ctrl-enter' : 'enter');
  }
  get welcomed(): boolean {
    return this.#kept.welcomed ?? false;
  }
  get formatting(): boolean {
    return this.#kept.formatting ?? false;
  }

  get calls(): CallChoices {
    return this.#kept.calls ?? {};
  }

  change(part: Kept): void {
    this.#kept = { ...this.#kept, ...part };
    this.store.write('settings', this.#kept);
  }
}
