import { modes } from '../../plan/modes.ts';
import type { Receipt } from './receipts.ts';

/** What an undo of a job goes back by. */
export type UndoBasis =
  | { readonly by: 'kept database'; readonly name: string }
  | { readonly by: 'safety copy'; readonly dumpId: string }
  /** Objects as they were, in schemas of the target; this one says which. */
  | { readonly by: 'kept schemas'; readonly schema: string }
  /** Rows as they were, in a schema of the target. */
  | { readonly by: 'kept rows'; readonly schema: string }
  /** The job changed the search and nothing else. */
  | { readonly by: 'search' }
  /** The job left nothing. */
  | { readonly by: 'nothing' };

export function undoBasis({
  mode,
  keptDatabase,
  backup,
  undoSchema = null,
}: Pick<Receipt, 'mode' | 'keptDatabase' | 'backup' | 'undoSchema'>): UndoBasis {
  if (mode === null) return { by: 'search' };
  const { undoneBy } = modes[mode];
  switch (undoneBy) {
    case 'kept database':
      return keptDatabase === null ? { by: 'nothing' } : { by: undoneBy, name: keptDatabase };
    case 'safety copy':
      return backup === null ? { by: 'nothing' } : { by: undoneBy, dumpId: backup.dumpId };
    case 'kept schemas':
      return undoSchema === null ? { by: 'nothing' } : { by: undoneBy, schema: undoSchema };
    case 'kept rows':
      // No row was changed; the search may have been.
      return undoSchema === null ? { by: 'search' } : { by: undoneBy, schema: undoSchema };
    default:
      return undoneBy satisfies never;
  }
}

/** The dump that an undo goes back by, if it does. */
export function dumpOfBasis(basis: UndoBasis): string | null {
  switch (basis.by) {
    case 'safety copy':
      return basis.dumpId;
    case 'kept database':
    case 'kept schemas':
    case 'kept rows':
    case 'search':
    case 'nothing':
      return null;
    default:
      return basis satisfies never;
  }
}

/** Whether an undo that fails at its end takes the database forward again; else it is back already. */
export function canGoForwardAgain({ by }: UndoBasis): boolean {
  switch (by) {
    case 'kept database':
      return true;
    case 'safety copy':
    case 'kept schemas':
    case 'kept rows':
    case 'search':
    case 'nothing':
      return false;
    default:
      return by satisfies never;
  }
}
