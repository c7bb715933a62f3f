// What a screen reader hears, and when: never a flood, a mention at once, and the same words twice when they happen twice.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Announcer } from '../src/lib/model/announcer.svelte';
import { Connection } from '../src/lib/model/connection.svelte';
import type { Announce } from '../src/lib/model/settings.svelte';

const says = (body: string) => ({ name: 'Alice', body });

function setUp(level: Announce = 'all') {
  const announcer = new Announcer(() => level);
  announcer.say('Before');
  return announcer;
}

describe('the announcer', () => {
  beforeEach(() => vi.useFakeTimers({ now: 1_000_000 }));
  afterEach(() => void vi.useRealTimers());

  it('waits two seconds between announcements and then says how many there were', () => {
    const announcer = setUp();
    for (const body of ['one', 'two', 'three']) announcer.message(says(body), false);
    vi.advanceTimersByTime(1900);
    expect(announcer.status).toBe('Before');
    vi.advanceTimersByTime(200);
    expect(announcer.status).toBe('3 new messages, last from Alice: three');
  });

  it('says a mention at once', () => {
    const announcer = setUp('mentions');
    announcer.message(says('nothing'), false);
    announcer.message(says('look'), true);
    expect(announcer.status).toBe('Alice mentions you: look');
    vi.advanceTimersByTime(5000);
    expect(announcer.status).toBe('Alice mentions you: look');
  });

  it('says a missed call like a mention, in its own words', () => {
    const announcer = setUp('mentions');
    announcer.message({ ...says('x'), sentence: 'Missed call from Alice' }, true);
    expect(announcer.status).toBe('Missed call from Alice');
  });

  it('says nothing of messages to whom wants nothing, but always what went wrong', () => {
    const announcer = setUp('none');
    announcer.message(says('look'), true);
    vi.advanceTimersByTime(5000);
    expect(announcer.status).toBe('Before');
    announcer.warn('No connection.');
    const first = announcer.alert;
    announcer.warn('No connection.');
    expect(announcer.alert).not.toBe(first);
    expect(announcer.alert.startsWith('No connection.')).toBe(true);
  });
});

describe('the connection', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is no news when it breaks for a blink', () => {
    const connection = new Connection();
    connection.become('open');
    connection.become('lost');
    vi.advanceTimersByTime(2900);
    connection.become('open');
    vi.advanceTimersByTime(5000);
    expect(connection.broken).toBe(false);
  });

  it('is news after three seconds, however often it is tried meanwhile, and is called connecting before it ever stood', () => {
    const connection = new Connection();
    connection.become('connecting');
    vi.advanceTimersByTime(2000);
    connection.become('lost');
    connection.become('connecting');
    vi.advanceTimersByTime(1100);
    expect([connection.broken, connection.everOpen]).toEqual([true, false]);
  });
});
