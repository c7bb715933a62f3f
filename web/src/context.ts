// Hands the app's models to the screens, without any module holding them.
import { getContext, setContext } from 'svelte';
import type { Symposium } from './lib/model/symposium.svelte';
import type { Page } from './page.svelte';
import type { Router } from './router.svelte';

export interface Here {
  app: Symposium;
  router: Router;
  page: Page;
}

const KEY = Symbol('here');

export const provide = (here: Here): Here => setContext(KEY, here);
export const here = (): Here => getContext<Here>(KEY);
