// Which screen the address asks for, below the base path, and how to go elsewhere. The page's history is touched only here.
export type Route =
  | { screen: 'home' }
  | { screen: 'list'; address: string; seq?: number }
  | { screen: 'direct'; room: string; seq?: number }
  | { screen: 'settings' }
  | { screen: 'ticket' }
  | { screen: 'nowhere' };

export function parse(path: string): Route {
  const [head = '', second, third, fourth] = path.split('/').map(decode);
  const seq = third === 'm' && /^\d+$/.test(fourth ?? '') ? { seq: Number(fourth) } : {};
  if (head === '') return { screen: 'home' };
  if (head === 'r' && second) return { screen: 'list', address: second, ...seq };
  if (head === 'd' && second) return { screen: 'direct', room: second, ...seq };
  if (head === 'settings' && !second) return { screen: 'settings' };
  if (head === 'sign-in' && (second === 'link' || second === 'action')) return { screen: 'ticket' };
  return { screen: 'nowhere' };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export class Router {
  route = $state.raw<Route>({ screen: 'home' });
  /** The one-use ticket of a sign-in link; taken out of the address at once. */
  ticket: string | null = null;
  readonly #read = () => (this.route = parse(location.pathname.slice(this.base.pathname.length)));

  constructor(private readonly base: URL) {
    const fragment = new URLSearchParams(location.hash.slice(1)).get('t');
    this.#read();
    if (this.route.screen === 'ticket') {
      this.ticket = fragment;
      history.replaceState(history.state, '', location.pathname);
    }
    addEventListener('popstate', this.#read);
    document.addEventListener('click', this.#follow);
  }

  href(path: string): string {
    return this.base.pathname + path;
  }
  absolute(path: string): string {
    return new URL(path, this.base).href;
  }

  go(path: string, how: 'push' | 'replace' = 'push'): void {
    if (how === 'push') history.pushState(null, '', this.href(path));
    else history.replaceState(null, '', this.href(path));
    this.#read();
  }

  close(): void {
    removeEventListener('popstate', this.#read);
    document.removeEventListener('click', this.#follow);
  }

  // Links of this app are followed without loading the page again.
  readonly #follow = (event: MouseEvent): void => {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || link.hasAttribute('download') || link.rel.includes('external')) return;
    const to = new URL(link.href);
    const ours = to.origin === location.origin && to.pathname.startsWith(this.base.pathname);
    const path = to.pathname.slice(this.base.pathname.length);
    if (!ours || parse(path).screen === 'nowhere') return;
    event.preventDefault();
    this.go(path);
  };
}
