// A small window of its own for the call, above all others, where the browser has such windows; else for the picture alone.

interface PictureInPictureApi {
  requestWindow(size: { width: number; height: number }): Promise<Window>;
}

const api = (): PictureInPictureApi | undefined =>
  (globalThis as unknown as { documentPictureInPicture?: PictureInPictureApi }).documentPictureInPicture;

export function canPopOut(): boolean {
  return api() !== undefined || document.pictureInPictureEnabled;
}

/** Opens the window and fills it; `closed` is called when somebody closes it. Answers how to close it, or nothing. */
export async function popOut(
  fill: (into: Window) => () => void,
  closed: () => void,
): Promise<(() => void) | undefined> {
  const window = await api()?.requestWindow({ width: 400, height: 300 });
  if (!window) {
    await document
      .querySelector<HTMLVideoElement>('video[data-screen="them"], video[data-who="them"]')
      ?.requestPictureInPicture();
    return undefined;
  }
  const { documentElement: root, head, title } = window.document;
  root.lang = document.documentElement.lang;
  root.dataset.theme = document.documentElement.dataset.theme ?? 'auto';
  window.document.title = title || document.title;
  for (const { href } of document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]')) {
    // Addresses relative to this page lead nowhere from there.
    head.append(Object.assign(window.document.createElement('link'), { rel: 'stylesheet', href }));
  }
  const empty = fill(window);
  window.addEventListener('pagehide', () => {
    empty();
    closed();
  });
  return () => window.close();
}
