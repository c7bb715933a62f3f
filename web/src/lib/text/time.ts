// Moments as people say them, in the language of the page.
import { m } from '../paraglide/messages';
import { getLocale } from '../paraglide/runtime';

const DAY_MS = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

function format(language: string, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language} ${name}`;
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, options);
  formats.set(key, made);
  return made;
}

export function startOfDay(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

/** "09:05", in both languages; by hand, because making a formatter costs more than a screen of messages. */
export function clock(at: number): string {
  const when = new Date(at);
  return [when.getHours(), when.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':');
}

export function full(at: number, language: string): string {
  return format(language, 'full', { dateStyle: 'full', timeStyle: 'short' }).format(at);
}

/** "Today", "Yesterday", "Tuesday 3 March", with the year when it is another one. */
export function day(at: number, language: string, now = Date.now()): string {
  const days = Math.round((startOfDay(now) - startOfDay(at)) / DAY_MS);
  if (days === 0) return m.today();
  if (days === 1) return m.yesterday();
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  const options: Intl.DateTimeFormatOptions = { weekday: 'long', day: 'numeric', month: 'long' };
  const words = sameYear
    ? format(language, 'day', options).format(at)
    : format(language, 'year', { ...options, year: 'numeric' }).format(at);
  return words.charAt(0).toLocaleUpperCase(language) + words.slice(1).replace(',', '');
}

/** How long something took: "40 sec", "12 min", "1 hr 5 min". */
export function lasted(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return amount(seconds, 'second');
  const minutes = Math.round(seconds / 60);
  const hours = minutes < 60 ? '' : amount(Math.floor(minutes / 60), 'hour');
  return [hours, minutes % 60 > 0 ? amount(minutes % 60, 'minute') : ''].filter(Boolean).join(' ');
}

function amount(of: number, unit: 'second' | 'minute' | 'hour'): string {
  return new Intl.NumberFormat(getLocale(), { style: 'unit', unit, unitDisplay: 'short' }).format(of);
}

/** A moment near by, such as the end of a mute or a deletion: the hour today, else day and hour. */
export function moment(at: number, language: string): string {
  if (startOfDay(at) === startOfDay(Date.now())) return clock(at);
  return format(language, 'until', { day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' }).format(at);
}
