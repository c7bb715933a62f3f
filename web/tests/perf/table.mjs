// Rows of the tables in bench/results: what was measured beside the least that could be done, its target and a verdict.

export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** The value that so large a share of all stays at or below. */
export const percentile = (values, share) => values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1];

const short = (value) => (value < 100 ? value.toPrecision(3) : String(Math.round(value)));

/** A median and its spread, as the tables show it. */
export const spread = (values) =>
  `${short(median(values))} (${short(Math.min(...values))} - ${short(Math.max(...values))})`;

export const HEAD = '| figure | least | Symposium | ratio | target | verdict |\n|---|---|---|---|---|---|';

export function row(figure, { least = '-', measured, ratio, target = '', kept }) {
  const verdict = kept === undefined ? '' : kept ? 'met' : 'MISSED';
  const share = ratio === undefined ? '-' : `${ratio.toFixed(2)}x`;
  return `| ${figure} | ${least} | ${measured} | ${share} | ${target} | ${verdict} |`;
}
