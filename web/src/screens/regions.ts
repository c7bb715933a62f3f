// The walk between the regions of the page (F6): rooms, call, conversation, composer, panel.

/** The element of each region that takes the focus, where the region is on screen. */
export function regions(): Record<'rooms' | 'call' | 'messages' | 'composer' | 'panel', HTMLElement | null> {
  const visible = (selector: string) => {
    const found = document.querySelector<HTMLElement>(selector);
    return found?.checkVisibility({ visibilityProperty: true }) ? found : null;
  };
  return {
    rooms: visible('nav a[aria-current="page"]') ?? visible('#room-filter'),
    call: visible('[data-call-large] h2'),
    messages: visible('[role="listitem"][tabindex="0"]') ?? visible('main h1'),
    composer: visible('#composer'),
    panel: visible('aside h2'),
  };
}

export function walk(step: 1 | -1): void {
  const among = Object.values(regions()).filter((element) => element !== null);
  const homes = among.map((element) => element.closest('nav, form, main, aside, [data-call-large]'));
  const at = homes.findLastIndex((home) => home?.contains(document.activeElement));
  const next = among[(at + step + among.length) % among.length];
  next?.focus();
}
