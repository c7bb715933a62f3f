// What has the focus, as far as it matters for single keys: a field takes all of them, a button the space bar.

export function focused(target: EventTarget | null): { field: boolean; button: boolean } {
  const at = (selector: string) => target instanceof Element && target.closest(selector) !== null;
  return {
    field: at('input, textarea, select, [contenteditable]'),
    button: at('button, a, summary, [role="button"], [role="menuitem"]'),
  };
}
