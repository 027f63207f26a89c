import { SyncError } from '../../errors/sync-error.ts';
import type { CatalogModel } from '../../catalog/model.ts';
import { modes } from '../../plan/modes.ts';
import type { Database } from '../../postgres/database.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import type { CallOptions, Session } from '../../postgres/session.ts';
import type { ModeChoice } from '../contract/import-run.ts';
import { whyNotApart } from '../in-place/apart.ts';
import { newTablePublications } from '../ends/new-table-publications.ts';
import { lateObjects, partObjects } from './parting.ts';

/** The same where the mode is not yet begun; nothing in another mode. */
export async function refuseUnswitchable(
  asked: Database,
  {
    choice,
    ...input
  }: Parameters<typeof refuseSwitch>[1] & { readonly choice: Pick<ModeChoice, 'mode'> | null },
  options: { readonly signal: AbortSignal },
): Promise<void> {
  if (choice === null || modes[choice.mode].undoneBy !== 'kept schemas') return;
  await asked.withSession((session) => refuseSwitch(session, input, options), options.signal);
}

/** TARGET_UNSUPPORTED with every reason against a switch that is known before anything is made. */
export async function refuseSwitch(
  session: Session,
  { name, plan, model }: { readonly name: string; readonly plan: ImportPlan; readonly model: CatalogModel },
  options: CallOptions,
): Promise<void> {
  const { late, faults } = lateObjects(plan);
  // What lies outside, or leads there, is made again in the last moment.
  const apart = await whyNotApart(session, { ...plan, fromTarget: new Set(), late }, options);
  const moving = plan.schemas === null ? [] : partObjects(model, plan, plan.leftOutKinds).faults;
  const joined = await newTablePublications(session, options);
  const published = joined?.read === true ? joined.names : [];
  const reasons = [
    ...published.map(
      (publication) =>
        `publication "${publication}" is FOR ALL TABLES, and its subscribers would be sent the new tables under ` +
        'names that they do not have',
    ),
    ...(apart === null ? [] : [apart]),
    ...faults,
    ...moving.map((identity) => `${identity} of the target hangs on a table whose rows are kept`),
  ];
  if (reasons.length === 0) return;
  throw new SyncError(
    'TARGET_UNSUPPORTED',
    `Mode switch is not possible on "${name}": ${reasons.join('; ')}.`,
    {
      details: { objects: reasons },
      hint:
        plan.schemas === null
          ? 'Say which schemas the run is about (--schema public, or NAME_DATABASE_SCHEMAS), or choose another mode.'
          : 'Choose --mode in-place, which is possible in these cases.',
    },
  );
}
