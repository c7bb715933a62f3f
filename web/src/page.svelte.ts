// What the browser says about this page: looked at or not, network or not. The only place that listens to it.
// A soft keyboard that covers the page instead of shrinking it must not cover the composer.
function fit(): void {
  const covered = visualViewport && visualViewport.scale === 1 && visualViewport.height < innerHeight - 100;
  document.documentElement.style.setProperty('--visible-height', covered ? `${visualViewport?.height}px` : '100dvh');
}

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
    visualViewport?.addEventListener('resize', fit, { signal });
  }

  close(): void {
    this.#stop.abort();
  }
}
