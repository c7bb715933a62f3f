// Keeps the screen on while something travels: a machine that falls asleep cuts the line. Browsers that cannot do it, or do not want to
// (a low battery), leave it.

/** Until what is returned is called. The browser lets go of it whenever the page is out of sight. */
export function stayAwake(): () => void {
  let lock: WakeLockSentinel | undefined;
  let over = false;
  const ask = async () => {
    if (over || document.visibilityState !== 'visible' || (lock && !lock.released)) return;
    try {
      const given = await navigator.wakeLock.request('screen');
      if (over || (lock && !lock.released)) await given.release();
      else lock = given;
    } catch {
      // It goes on without.
    }
  };
  const look = () => void ask();
  if ('wakeLock' in navigator) {
    document.addEventListener('visibilitychange', look);
    look();
  }
  return () => {
    over = true;
    document.removeEventListener('visibilitychange', look);
    void lock?.release();
  };
}
