import { readAccessMethods } from './access-methods/access-methods.ts';
import { readAggregates } from './aggregates/aggregates.ts';
import { readCasts } from './casts/casts.ts';
import { readCollations } from './collations/collations.ts';
import { readConstraints } from './constraints/constraints.ts';
import type { ConstraintRow } from './constraints/constraint-row.ts';
import { isHandedDown } from './constraints/handed-down-key.ts';
import { readConversions } from './conversions/conversions.ts';
import { readEventTriggers } from './event-triggers/event-triggers.ts';
import { readExtensionConfig } from './extensions/extension-config.ts';
import { readExtensionMembers } from './extensions/extension-members.ts';
import { readExtensionRelations } from './extensions/extension-relations.ts';
import type { ExtensionRelations } from './extensions/extension-relations.ts';
import { readExtensions } from './extensions/extensions.ts';
import { readServers } from './foreign-data/servers.ts';
import { readUserMappings } from './foreign-data/user-mappings.ts';
import { readForeignDataWrappers } from './foreign-data/wrappers.ts';
import { readIndexAttachments, withAttachments } from './indexes/index-attachments.ts';
import { readIndexSettings } from './indexes/index-settings.ts';
import { readIndexes } from './indexes/indexes.ts';
import { readLanguages } from './languages/languages.ts';
import { readOperatorClasses } from './operators/operator-classes.ts';
import { readOperatorFamilies } from './operators/operator-families.ts';
import { readOperators } from './operators/operators.ts';
import { readPolicies } from './policies/policies.ts';
import { readPublications } from './publications/publications.ts';
import { readRoutines } from './routines/routines.ts';
import { readRules } from './rules/rules.ts';
import { readSchemas } from './schemas/schemas.ts';
import { readSequenceValues } from './sequences/sequence-values.ts';
import { readSequences, sequenceTable } from './sequences/sequences.ts';
import { readDatabaseSettings } from './settings/database-settings.ts';
import { readStatistics } from './statistics/statistics.ts';
import { readSubscriptions } from './subscriptions/subscriptions.ts';
import { readColumns } from './tables/columns.ts';
import type { ColumnsByRelation } from './tables/columns.ts';
import { readDefaults } from './tables/defaults.ts';
import { readTableRows } from './tables/table-row.ts';
import { tablesOf } from './tables/tables.ts';
import { readTextSearchConfigurations } from './text-search/configurations.ts';
import { readTextSearchDictionaries } from './text-search/dictionaries.ts';
import { readTextSearchParsers } from './text-search/parsers.ts';
import { readTextSearchTemplates } from './text-search/templates.ts';
import { readTransforms } from './transforms/transforms.ts';
import { readTriggers } from './triggers/triggers.ts';
import { readBaseTypes } from './types/base-types.ts';
import { readCompositeTypes } from './types/composite-types.ts';
import { readDomains } from './types/domains.ts';
import { readEnums } from './types/enums.ts';
import { readRangeTypes } from './types/range-types.ts';
import { readShellTypes } from './types/shell-types.ts';
import type { ViewRow } from './views/view-row.ts';
import { readViews } from './views/views.ts';
import type { CatalogSession } from './catalog-session.ts';
import type { CatalogScope } from './catalog-scope.ts';
import { address } from './draft.ts';
import type { Address, Draft } from './draft.ts';
import type { CatalogModel, CatalogSequence, CatalogTable, UnsupportedObject } from './model.ts';

/** Drafts of everything that has a row of its own, and what else was learnt from the same rows. */
export interface ReadObjects {
  readonly drafts: readonly Draft[];
  /** Rows that are made with another row: clones, inherited constraints. */
  readonly implied: ReadonlyMap<Address, Address>;
  readonly tables: readonly CatalogTable[];
  readonly sequences: readonly CatalogSequence[];
  readonly views: readonly ViewRow[];
  readonly columns: ColumnsByRelation;
  readonly extensions: CatalogModel['extensions'];
  /** Whose parts are among the drafts. */
  readonly extensionRelations: ExtensionRelations;
  readonly extensionMembers: CatalogModel['extensionMembers'];
  readonly withheld: CatalogModel['withheld'];
  readonly unsupported: readonly UnsupportedObject[];
}

/** Kinds whose readers need nothing but the catalogs. */
const freeKinds: readonly ((catalog: CatalogSession) => Promise<readonly Draft[]>)[] = [
  readSchemas,
  readLanguages,
  readCollations,
  readShellTypes,
  readEnums,
  readDomains,
  readRangeTypes,
  readBaseTypes,
  readTransforms,
  readCasts,
  readRoutines,
  readAggregates,
  readAccessMethods,
  readOperators,
  readOperatorFamilies,
  readOperatorClasses,
  readConversions,
  readTextSearchParsers,
  readTextSearchTemplates,
  readTextSearchDictionaries,
  readTextSearchConfigurations,
  readForeignDataWrappers,
  readServers,
  readStatistics,
  readPublications,
  readEventTriggers,
  readDatabaseSettings,
];

/** What waits for nothing else. */
function readFirst(catalog: CatalogSession, scope: CatalogScope) {
  const secrets = { secrets: scope.secrets === true };
  return Promise.all([
    Promise.all(freeKinds.map((read) => read(catalog))),
    readUserMappings(catalog, secrets),
    readSubscriptions(catalog, secrets),
    readColumns(catalog),
    readDefaults(catalog),
    readIndexSettings(catalog),
    readTableRows(catalog, scope.tablespaces !== false),
    readExtensions(catalog),
    readSequences(catalog),
    readExtensionMembers(catalog),
    readExtensionConfig(catalog),
    readIndexAttachments(catalog),
    readTriggers(catalog),
    readRules(catalog),
    readExtensionRelations(catalog),
  ]);
}

/** The draft of an index that is attached by a statement of its own; null for one that a constraint brings along. */
function attachedIndex(
  drafts: readonly Draft[],
  constraints: readonly ConstraintRow[],
): (index: Address) => string | null {
  const ids = new Map(
    drafts.flatMap((draft) => draft.claims.map((claim) => [claim.address, draft.id] as const)),
  );
  const handedDown = new Set(
    constraints.filter((row) => isHandedDown(row)).map(({ index }) => address('pg_class', index)),
  );
  return (index) => (handedDown.has(index) ? null : (ids.get(index) ?? null));
}

/** Whether somebody will ask for the value of a sequence, which the role may not be allowed to read. */
function takesPart(
  { schema, tableSchema, tableName }: Awaited<ReturnType<typeof readSequences>>['rows'][number],
  { excluded, schemas }: CatalogScope,
): boolean {
  return excluded?.(tableSchema ?? '', tableName ?? '') !== true && schemas?.includes(schema) !== false;
}

/**
 * The table of contents: every kind of object, each read by the folder of its name. Readers that do not wait for each
 * other are asked together (catalog-session.ts).
 */
export async function readObjects(catalog: CatalogSession, scope: CatalogScope): Promise<ReadObjects> {
  const tablespaces = scope.tablespaces !== false;
  const [
    free,
    mappings,
    subscriptions,
    columns,
    defaults,
    indexSettings,
    allTables,
    extensions,
    sequences,
    members,
    config,
    attachments,
    triggers,
    rules,
    extensionRelations,
  ] = await readFirst(catalog, scope);
  const tableRows = allTables.filter(({ member }) => !member);
  const [constraints, values, views, indexes, composites, policies] = await Promise.all([
    readConstraints(catalog, indexSettings, tableRows, tablespaces),
    readSequenceValues(catalog, [
      ...sequences.rows
        .filter((row) => takesPart(row, scope))
        .map((row) => ({ ...row, ownedByTable: sequenceTable(row)?.id ?? null })),
      // Extensions take part only in the whole database.
      ...(scope.schemas === null || scope.schemas === undefined ? config.sequences : []),
    ]),
    readViews(catalog, columns, tablespaces),
    readIndexes(catalog, indexSettings, tablespaces),
    readCompositeTypes(catalog, columns),
    readPolicies(catalog, allTables),
  ]);
  const tables = tablesOf({ rows: allTables, columns, defaults, constraints: constraints.rows });
  const indexDrafts = [...constraints.drafts, ...indexes.drafts];
  return {
    drafts: [
      ...free.flat(),
      ...mappings.drafts,
      ...subscriptions.drafts,
      ...extensions.drafts,
      ...members.drafts,
      ...config.drafts,
      ...composites,
      ...sequences.drafts,
      ...tables.drafts,
      ...defaults.flatMap(({ part, member }) => (part === null || member ? [] : part)),
      ...views.drafts,
      ...values.drafts,
      ...withAttachments(indexDrafts, constraints.rows, attachments.children),
      ...attachments.drafts(attachedIndex(indexDrafts, constraints.rows)),
      ...triggers.drafts,
      ...rules.drafts,
      ...policies,
    ],
    implied: new Map([...constraints.implied, ...triggers.implied]),
    tables: [...tables.tables, ...config.tables],
    sequences: values.sequences,
    views: views.rows,
    columns,
    extensions: extensions.versions,
    extensionMembers: members.members,
    extensionRelations,
    withheld: [...mappings.withheld, ...subscriptions.withheld],
    unsupported: [
      ...mappings.unsupported,
      ...members.unsupported,
      ...subscriptions.unsupported,
      ...tables.unsupported,
      ...views.unsupported,
      ...constraints.unsupported,
      ...indexes.unsupported,
      ...triggers.unsupported,
      ...rules.unsupported,
    ],
  };
}
