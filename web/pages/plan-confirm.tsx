import type { ReactNode } from 'react';
import type { Plan } from '../api/types.ts';
import { counted } from '../lib/format.ts';
import { planNumbers, someOf } from '../lib/plan-numbers.ts';
import { EnvironmentName } from '../ui/basics.tsx';

/** What is agreed to: what goes, what stays, and the way back. */
export function ReplaceWords({ plan }: { readonly plan: Plan }): ReactNode {
  const { source, target, safety, sessions, leftOut } = plan;
  const { kept, emptied } = planNumbers(plan);
  const vanishing = (plan.differences ?? []).filter(({ difference }) => difference === 'is missing');
  return (
    <>
      <p>
        Everything in <EnvironmentName name={target} /> is replaced by the data of{' '}
        <EnvironmentName name={source} /> as it is when the run begins.
      </p>
      <ul className="list-disc space-y-1 pl-5 text-sm">
        {kept.length > 0 && (
          <li>
            Kept in {counted(kept.length, 'table')}: {someOf(kept.map(({ table }) => table))}.
          </li>
        )}
        {emptied.length > 0 && <li>Emptied: {someOf(emptied.map(({ table }) => table))}.</li>}
        {vanishing.length > 0 && <li>Vanishes: {someOf(vanishing.map(({ name }) => name))}.</li>}
        {leftOut.length > 0 && <li>{counted(leftOut.length, 'object')} left out.</li>}
        {sessions.length > 0 && (
          <li>
            {counted(sessions.length, 'session')} on {target} will be ended at the switch.
          </li>
        )}
        <li>For an undo stays: {safety}.</li>
      </ul>
    </>
  );
}
