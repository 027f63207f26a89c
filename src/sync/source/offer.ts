import type { CatalogModel } from '../../catalog/model.ts';
import type { Offer } from '../../plan/offer.ts';
import type { Selection } from '../../plan/select.ts';
import { tableInDump } from '../../plan/table-in-dump.ts';

/** What a dump of this selection would hold. */
export function offerOf(model: CatalogModel, { objects, tables, outgoing }: Selection): Offer {
  return {
    sourceVersionNum: model.server.versionNum,
    extensions: model.extensions,
    extensionMembers: model.extensionMembers,
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
