// What the browser says about this page: looked at or not, network or not. The only place that listens to it.
export class Page {
  /** Somebody looks at this tab now. */
  watched = $state(document.visibilityState === 'visible' && document.hasFocus());
  online = $state(navigator.onLine);
  readonly #stop = new AbortController();

  constructor(changed: (page: Page) => void) {
    const { signal } = this.#stop;
    const look = () => {
      this.watched = document.visibilityState === 'visible' && document.hasFocus();
      this.online = navigator.onLine;
      changed(this);
    };
    for (const name of ['focus', 'blur', 'online', 'offline']) addEventListener(name, look, { signal });
    document.addEventListener('visibilitychange', look, { signal });
  }

  close(): void {
    this.#stop.abort();
  }
}
