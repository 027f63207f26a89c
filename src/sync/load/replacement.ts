import type { DefusalInput } from './defuse.ts';
import type { DumpReader } from '../../dump/dump-reader.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import type { Loaded } from '../contract/import-run.ts';
import type { Receipt } from '../contract/receipts.ts';
import type { OpenTarget } from '../ends/opened-target.ts';
import type { KeptDefinitions } from '../kept/kept-definitions.ts';
import type { LargeObjectsTarget } from '../large-objects/load.ts';

/** What every mode is given (docs/architecture.md, "How to add a mode"). */
export interface Replacement {
  readonly target: OpenTarget;
  /** Of the dump. */
  readonly reader: DumpReader;
  readonly plan: ImportPlan;
  /** Definitions of kept tables, as the plan saw them. */
  readonly kept: KeptDefinitions;
  readonly largeObjects: LargeObjectsTarget;
  /** Null for nothing, and in an undo: the target's own former state has been defused. */
  readonly defusal: DefusalInput | null;
  /** The job's receipt as it will be when the switch has happened: journalled before it. */
  readonly receipt: (loaded: Loaded) => Receipt | null;
}
