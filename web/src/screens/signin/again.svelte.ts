// Sympa could not be asked who somebody is: as long as the screen stands that says so, it is asked again by itself.
import type { Symposium } from '../../lib/model/symposium.svelte';

/** To be called where a component is made. Another way of signing in, once tried, ends it. */
export function askAgain(app: Symposium): void {
  const { session } = app;
  $effect(() => {
    if (!session.sympaAway) return;
    let wanted = true;
    void session.withSympaOnceItIsBack(() => wanted).then((signedIn) => (signedIn ? app.enter() : undefined));
    return () => (wanted = false);
  });
}
