// Amounts of data as people say them: "3.2 MB", "3,2 Mo".

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

export function size(bytes: number, language: string): string {
  // What would be rounded to a thousand is one of the next unit.
  const step = UNITS.findIndex((_, i) => i === UNITS.length - 1 || bytes / 1000 ** i < 999.5);
  const amount = bytes / 1000 ** step;
  const digits = step > 0 && amount < 9.95 ? 1 : 0;
  const unitDisplay = step === 0 ? 'long' : 'short';
  const options = { style: 'unit', unit: UNITS[step] ?? 'byte', unitDisplay, maximumFractionDigits: digits } as const;
  return new Intl.NumberFormat(language, options).format(amount);
}
