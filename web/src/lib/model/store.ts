// What this browser keeps between visits: a few named JSON values, each with a fallback when storage is missing or spoilt.

export interface Keeper {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export class Store {
  constructor(
    private readonly keeper: Keeper | undefined,
    private readonly prefix: string,
  ) {}

  /** A part of this store under its own name. */
  under(name: string): Store {
    return new Store(this.keeper, `${this.prefix}${name}:`);
  }

  read<T>(key: string, fallback: T): T {
    try {
      const text = this.keeper?.getItem(this.prefix + key);
      return text ? (JSON.parse(text) as T) : fallback;
    } catch {
      return fallback;
    }
  }

  write(key: string, value: unknown): void {
    try {
      if (value === undefined || value === null) this.keeper?.removeItem(this.prefix + key);
      else this.keeper?.setItem(this.prefix + key, JSON.stringify(value));
    } catch {
      // A full or forbidden storage costs only the memory of this browser.
    }
  }
}
