import type { CatalogModel } from '../../catalog/model.ts';
import type { PreparePlanInput } from '../../plan/prepare-plan.ts';
import type { Selection } from '../../plan/select.ts';
import { tableInDump } from '../../plan/table-in-dump.ts';

/** What a target will become: the contents of an open source, or of a dump. */
export type Offer = Pick<
  PreparePlanInput,
  'objects' | 'tables' | 'sequences' | 'outgoing' | 'sourceVersionNum' | 'extensions'
>;

/** What a dump of this selection would hold. */
export function offerOf(model: CatalogModel, { objects, tables, outgoing }: Selection): Offer {
  return {
    sourceVersionNum: model.server.versionNum,
    extensions: model.extensions,
    objects,
    outgoing,
    tables: tables.map((table) =>
      tableInDump(table, {
        content: table.policy === 'sync' ? 'rows' : 'definition',
        rows: table.rowsEstimated,
        rawBytes: table.bytes,
        digest: null,
      }),
    ),
    sequences: model.sequences,
  };
}
