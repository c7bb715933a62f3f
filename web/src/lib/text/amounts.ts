// How much, how fast and how long, as people say it in the language of the page.
import { getLocale } from '../paraglide/runtime';
import { size as sizeIn } from './size';

/** "3.2 MB"; in French "3,2 Mo". */
export const size = (bytes: number): string => sizeIn(bytes, getLocale());

function time(value: number, unit: 'second' | 'minute' | 'hour', digits: number): string {
  const options = { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: digits } as const;
  return new Intl.NumberFormat(getLocale(), options).format(value);
}

/** In the unit that fits, without a second one. */
export function duration(seconds: number): string {
  if (seconds < 60) return time(seconds, 'second', 0);
  if (seconds < 3570) return time(Math.round(seconds / 60), 'minute', 0);
  return time(seconds / 3600, 'hour', 1);
}

/** "0.5%"; in French "0,5 %". */
export function share(part: number): string {
  return new Intl.NumberFormat(getLocale(), { style: 'percent', maximumFractionDigits: 1 }).format(part);
}

/** "Alice, Bob and Li". */
export function listed(names: string[]): string {
  return new Intl.ListFormat(getLocale(), { type: 'conjunction' }).format(names);
}
