// Microphones, cameras and screens in a call: asked for when they are needed, let go when they are not, and missed with a reason.
import { describe, expect, it, vi } from 'vitest';
import { CallMedia, problemOf } from '../src/lib/model/call-media.svelte';

describe('devices', () => {
  const memory = { calls: {}, change: vi.fn() };
  const track = (label: string) => ({
    label,
    enabled: true,
    stop: vi.fn(),
    onended: null as (() => void) | null,
    getSettings: () => ({}),
  });

  it('that are unplugged are replaced, or missed with a reason', async () => {
    const [first, second] = [track('Headset'), track('Built in')];
    const getUserMedia = vi
      .fn()
      .mockResolvedValueOnce({ getTracks: () => [first] })
      .mockResolvedValueOnce({ getTracks: () => [second] })
      .mockRejectedValueOnce(new DOMException('', 'NotFoundError'));
    const media = new CallMedia(
      { getUserMedia, addEventListener: vi.fn(), removeEventListener: vi.fn() } as never,
      memory,
    );
    media.fellBack = vi.fn();
    await media.openMicrophone();
    first.onended?.();
    await vi.waitFor(() => expect(media.fellBack).toHaveBeenCalledWith('microphone', 'Built in'));
    second.onended?.();
    await vi.waitFor(() => expect(media.fellBack).toHaveBeenCalledWith('microphone', null));
    expect(media.problems.microphone).toBe('none');
  });

  it('are let go when the answer comes after the call', async () => {
    const late = track('Headset');
    let answer: (stream: unknown) => void = () => undefined;
    const getUserMedia = () => new Promise((resolve) => (answer = resolve));
    const media = new CallMedia(
      { getUserMedia, addEventListener: vi.fn(), removeEventListener: vi.fn() } as never,
      memory,
    );
    const opened = media.openMicrophone();
    await vi.waitFor(() => expect(media.asking).toBe(true));
    media.close();
    answer({ getTracks: () => [late] });
    expect([await opened, late.stop.mock.calls.length, media.tracks.microphone]).toEqual([false, 1, null]);
  });

  it('are not asked for when the call is over', async () => {
    const getUserMedia = vi.fn();
    const api = { getUserMedia, addEventListener: vi.fn(), removeEventListener: vi.fn() };
    const media = new CallMedia(api as never, memory);
    media.close();
    expect([await media.openCamera(), getUserMedia.mock.calls.length]).toEqual([false, 0]);
  });

  it('of a phone are opened one at a time: the camera at the back once the one in front is let go', async () => {
    const [front, back] = [track('Front'), track('Back')];
    const getUserMedia = vi.fn(() =>
      front.stop.mock.calls.length === 0 && getUserMedia.mock.calls.length > 1
        ? Promise.reject(new DOMException('', 'NotReadableError'))
        : Promise.resolve({ getTracks: () => [getUserMedia.mock.calls.length > 1 ? back : front] }),
    );
    const api = { getUserMedia, addEventListener: vi.fn(), removeEventListener: vi.fn() };
    const media = new CallMedia(api as never, memory);
    await media.openCamera();
    await media.choose('camera', 'back');
    expect([media.tracks.camera?.label, media.problems.camera]).toEqual(['Back', undefined]);
    expect(front.stop).toHaveBeenCalledOnce();
  });

  it('that the system keeps from the browser are told from those that the person does', async () => {
    const bySystem = new DOMException('Permission denied by system', 'NotAllowedError');
    expect(problemOf(bySystem)).toBe('system');
    const getDisplayMedia = vi.fn().mockRejectedValueOnce(new DOMException('Permission denied', 'NotAllowedError'));
    const api = { getDisplayMedia, addEventListener: vi.fn(), removeEventListener: vi.fn() };
    const media = new CallMedia(api as never, memory);
    await media.shareScreen();
    expect(media.problems.screen).toBeUndefined();
    getDisplayMedia.mockRejectedValueOnce(bySystem);
    await media.shareScreen();
    expect(media.problems.screen).toBe('system');
  });

  it('that a page without https is not lent are no missing devices', async () => {
    vi.stubGlobal('isSecureContext', false);
    const media = new CallMedia(undefined, memory);
    await media.openMicrophone();
    vi.unstubAllGlobals();
    expect(media.problems.microphone).toBe('insecure');
  });

  it('are refused with a reason one can do something about', () => {
    const names = ['NotAllowedError', 'NotReadableError', 'NotFoundError', 'OverconstrainedError', 'TypeError'];
    const problems = names.map((name) => problemOf(new DOMException('', name)));
    expect(problems).toEqual(['denied', 'in_use', 'none', 'none', 'failed']);
  });
});
