// Starts the app: takes up what ahead.ts began, makes the models and mounts the screens. The only place that joins page, storage
// and network.
import { mount, unmount } from 'svelte';
import App from './App.svelte';
import { base, begin, first, store, type Beginning } from './ahead';
import Unreachable from './screens/Unreachable.svelte';
import { Patience } from './lib/api/patience';
import type { Config, Language } from './lib/api/types';
import { Settings } from './lib/model/settings.svelte';
import { Symposium } from './lib/model/symposium.svelte';
import { overwriteGetLocale } from './lib/paraglide/runtime';
import { warmUp } from './lib/text/markdown';
import { Page } from './page.svelte';
import { Router } from './router.svelte';
import './styles/tokens.css';
import './styles/base.css';

const target = document.getElementById('app') ?? document.body;

function preferred(config: Config | undefined): Language {
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag === 'en' || tag === 'fr');
  return (wanted as Language | undefined) ?? config?.language ?? 'en';
}

function start({ config, at, client, ahead }: Beginning): void {
  const settings = new Settings(store, preferred(config), matchMedia('(pointer: coarse)').matches);
  overwriteGetLocale(() => settings.language);
  const page = new Page(({ watched, online }) => {
    app.setOffline(!online);
    if (watched) app.looked();
  });
  const app = new Symposium({
    config,
    chat: at.chat,
    signal: at.signal,
    client,
    ahead,
    settings,
    store,
    watched: () => page.watched,
  });
  app.setOffline(!page.online);
  mount(App, { target, props: { app, page, router: new Router(base) } });
  // While the messages are on their way.
  if (ahead) setTimeout(warmUp);
}

let waiting: ReturnType<typeof mount> | undefined;
const patience = new Patience((code) => {
  if (code && !waiting) waiting = mount(Unreachable, { target, props: { code, onretry: () => patience.hurry() } });
  if (!code && waiting) waiting = void unmount(waiting);
});

// Until the configuration is here, the browser's language is all that is known.
overwriteGetLocale(() => preferred(undefined));
patience
  .ask(begin, first)
  .then(start, () => mount(Unreachable, { target, props: { code: 'unavailable', onretry: () => location.reload() } }));
