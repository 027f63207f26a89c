import type { CatalogModel, CatalogObject } from '../../catalog/model.ts';
import type { PreparePlanInput } from '../../plan/prepare-plan.ts';
import type { RunnableObject } from '../../plan/runnable-object.ts';
import type { Selection } from '../../plan/select.ts';

/** What a target is to become: an open source's, or a dump's. */
export type Offer = Pick<
  PreparePlanInput,
  'objects' | 'tables' | 'sequences' | 'outgoing' | 'sourceVersionNum' | 'extensions'
>;

/** What a dump of this selection would hold. */
export function offerOf(model: CatalogModel, { objects, tables, outgoing }: Selection): Offer {
  const runnable = (object: CatalogObject): RunnableObject => ({
    ...object,
    dependsOn: [...object.dependsOn],
    locks: [...object.locks],
    roles: [...object.roles],
    tablespaces: [...object.tablespaces],
  });
  return {
    sourceVersionNum: model.server.versionNum,
    extensions: model.extensions,
    objects: objects.map(runnable),
    outgoing: { objects: outgoing.objects.map(runnable), tables: outgoing.tables },
    tables: tables.map((table) => ({
      id: table.id,
      schema: table.schema,
      name: table.name,
      columns: table.columns.map((column) => ({ ...column })),
      keyColumns: [...table.keyColumns],
      content: table.policy === 'sync' ? 'rows' : 'definition',
      rows: table.rowsEstimated,
      rawBytes: table.bytes,
      digest: null,
      loadThrough: table.loadThrough,
      searchPath: [...table.searchPath],
      extensionConfig: table.extensionConfig,
      condition: table.condition,
    })),
    sequences: [...model.sequences],
  };
}
