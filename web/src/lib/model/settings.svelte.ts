// What one person chose on this device: language, theme, how much is announced, keys, the first-run strip.
import type { Language } from '../api/types';
import type { Store } from './store';

export type Theme = 'auto' | 'light' | 'dark';
export type Announce = 'all' | 'mentions' | 'none';
export type SendWith = 'enter' | 'ctrl-enter';

interface Kept {
  language?: Language;
  theme?: Theme;
  announce?: Announce;
  singleKeys?: boolean;
  sendWith?: SendWith;
  welcomed?: boolean;
  formatting?: boolean;
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

  change(part: Kept): void {
    this.#kept = { ...this.#kept, ...part };
    this.store.write('settings', this.#kept);
  }
}
