import type { ProgressSnapshot } from '../../progress/progress.ts';
import { requests } from './requests.ts';

/**
 * What a job that did not succeed has made of its target, as far as its last snapshot tells; null where it has none.
 * What others did meanwhile, or a run that died before, is not this job's to say. Nothing its users see changes
 * before the steps `switch` and `search-switch`, each of which is one transaction of the server or is put back.
 */
export function targetState(last: ProgressSnapshot | null): string | null {
  if (last === null || last.target === null) return null;
  const { target, kind } = last;
  const { writes } = requests[kind];
  if (writes === 'nothing') return null;
  const reached = last.steps.filter(
    ({ id, state }) => (id === 'switch' || id === 'search-switch') && state !== 'waiting',
  );
  if (reached.length === 0) {
    return writes === 'search'
      ? `This run did not change the search of ${target}.`
      : `This run did not change ${target}.`;
  }
  if (reached.every(({ state }) => state === 'done')) return `${target} was already changed as asked.`;
  return (
    `${target} is whole: unchanged or, if the switch had just been made, changed as asked; the next run ` +
    'on it finishes the rest.'
  );
}
