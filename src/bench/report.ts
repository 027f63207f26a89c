import type { Measured } from './measure.ts';
import type { Contender } from './works.ts';

export interface Result extends Pick<Contender, 'name' | 'who'> {
  readonly work: string;
  readonly runs: readonly Measured[];
}

/** Middle, smallest and largest. Pure. */
export function spread(values: readonly number[]): Readonly<Record<'median' | 'min' | 'max', number>> {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
  return { median, min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0 };
}

/** A Markdown table of one data set. Runs of one round stand beside each other, so ratios are made within a round. */
export function tableOf(results: readonly Result[]): string {
  const head = [
    'work',
    'by',
    's',
    'least – most',
    'CPU s',
    'server’s',
    'peak MiB',
    'ratio to the first peer',
  ];
  const rows = results.map(({ work, name, runs }) => {
    const seconds = spread(runs.map((run) => run.seconds));
    const [ours, servers] = (['ours', 'servers'] as const).map((key) => spread(runs.map((run) => run[key])));
    const peak = Math.max(...runs.map(({ peakMiB }) => peakMiB));
    const [peer] = results.filter((other) => other.work === work && other.who === 'peer');
    return [
      work,
      name,
      seconds.median.toFixed(2),
      `${seconds.min.toFixed(2)} – ${seconds.max.toFixed(2)}`,
      (ours?.median ?? 0).toFixed(2),
      (servers?.median ?? 0).toFixed(2),
      String(peak),
      peer === undefined || peer.name === name ? '' : ratioOf(runs, peer.runs),
    ];
  });
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function ratioOf(runs: readonly Measured[], peers: readonly Measured[]): string {
  const { median, min, max } = spread(
    runs.flatMap(({ seconds }, round) => {
      const peer = peers[round];
      return peer === undefined ? [] : [seconds / peer.seconds];
    }),
  );
  return `${median.toFixed(2)} (${min.toFixed(2)} – ${max.toFixed(2)})`;
}
