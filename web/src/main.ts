// Starts the app: reads config.json, makes the models and mounts the screens. The only place that joins page, storage and network.
import { mount } from 'svelte';
import App from './App.svelte';
import Broken from './screens/Broken.svelte';
import { addresses, basePath, Client, readConfig } from './lib/api/client';
import type { Config, Language } from './lib/api/types';
import { Settings } from './lib/model/settings.svelte';
import { Store, type Keeper } from './lib/model/store';
import { Symposium } from './lib/model/symposium.svelte';
import { overwriteGetLocale } from './lib/paraglide/runtime';
import { Page } from './page.svelte';
import { Router } from './router.svelte';
import './styles/tokens.css';
import './styles/base.css';

const target = document.getElementById('app') ?? document.body;
const base = basePath();

function keeper(): Keeper | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}

function preferred(config: Config | undefined): Language {
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag === 'en' || tag === 'fr');
  return (wanted as Language | undefined) ?? config?.language ?? 'en';
}

function start(config: Config): void {
  const store = new Store(keeper(), `symposium:${base.pathname}:`);
  const settings = new Settings(store, preferred(config), matchMedia('(pointer: coarse)').matches);
  const at = addresses(base, config);
  overwriteGetLocale(() => settings.language);
  const page = new Page(({ watched, online }) => {
    app.setOffline(!online);
    if (watched) app.looked();
  });
  const app = new Symposium({
    config,
    chat: at.chat,
    client: new Client(at),
    settings,
    store,
    watched: () => page.watched,
  });
  app.setOffline(!page.online);
  mount(App, { target, props: { app, page, router: new Router(base) } });
}

readConfig(base).then(start, () => {
  overwriteGetLocale(() => preferred(undefined));
  mount(Broken, { target });
});
