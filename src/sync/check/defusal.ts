import type { Environment } from '../../environments/environment.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { leavesObjects, modes } from '../../plan/modes.ts';
import { counted } from '../../progress/words.ts';
import type { ModeChoice, Undoing } from '../contract/import-run.ts';
import { defusalStatements } from '../ends/defusal-statements.ts';

/**
 * What will run after the proof, in words; nothing in an undo, which brings back what was defused before.
 * CONFIG_INVALID where it could not. TARGET_UNSUPPORTED in a merge, which would bring back what was defused, and whose
 * undo knows only of rows that it has changed itself; and in a switch, which commits the new tables before they are
 * live: what the SQL changed elsewhere would stay if the run failed then.
 */
export async function checkDefusal(
  { name, defusal = [] }: Environment,
  choice: ModeChoice | null,
  undoing: Undoing | undefined,
): Promise<readonly string[]> {
  if (defusal.length === 0 || undoing !== undefined) return [];
  const statements = await defusalStatements(defusal);
  if (leavesObjects(choice?.mode ?? null))
    throw new SyncError(
      'TARGET_UNSUPPORTED',
      `"${name}" has SQL that defuses new data, and a merge makes none: it would bring back what was defused.`,
      { hint: 'Choose --mode replace or --mode in-place.' },
    );
  if (choice !== null && modes[choice.mode].undoneBy === 'kept schemas')
    throw new SyncError(
      'TARGET_UNSUPPORTED',
      `"${name}" has SQL that defuses new data, and mode ${choice.mode} commits the new tables before they are live: ` +
        'what the SQL changes in other tables would stay if the run failed then.',
      { hint: 'Choose --mode in-place or --mode replace.' },
    );
  const files = defusal.map((file) => `${file.name} (SHA-256 ${file.sha256.slice(0, 16)}…)`);
  return [
    `${counted(statements.length, 'statement')} of "${name}" will change the new data after the proof, before ` +
      `anybody can see it: ${files.join(', ')}.`,
  ];
}
