// Keeps the keyboard where it was when the button that had the focus goes away: the part it stood in takes the focus, not another button,
// which a second press of the same key would set off.

/** An attachment; the part can be focused (`tabindex="-1"`) and has a name. */
export function keepsFocus(part: HTMLElement): () => void {
  let last: Element | null = null;
  const turned = ({ target }: Event) => (last = target instanceof Element && part.contains(target) ? target : null);
  const watch = new MutationObserver(() => {
    if (!last || last.isConnected) return;
    last = null;
    const { activeElement, body } = document;
    if (!activeElement || activeElement === body) part.focus({ preventScroll: true });
  });
  document.addEventListener('focusin', turned);
  document.addEventListener('pointerdown', turned);
  watch.observe(part, { childList: true, subtree: true });
  return () => {
    document.removeEventListener('focusin', turned);
    document.removeEventListener('pointerdown', turned);
    watch.disconnect();
  };
}
