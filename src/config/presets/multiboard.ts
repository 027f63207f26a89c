import type { TablePolicyRule } from '../../environments/table-policy.ts';

/** What to do with the tables of Multiboard's catalogue database; every other table is copied. */
export const multiboardTablePolicies: readonly TablePolicyRule[] = [
  // People's own data: the target's rows stay, always.
  ...['Profile', 'ProfileMeta', 'List', 'ListPart', 'UndoOperation'].map(
    (table) => ({ table, policy: 'preserve' }) as const,
  ),
  // Caches, made anew from the catalogue by the application.
  ...['Result', '_AttributeValueToResult'].map((table) => ({ table, policy: 'truncate' }) as const),
  // Prisma's bookkeeping belongs to each database alone.
  { table: '_prisma_migrations', policy: 'exclude' },
];

/** A catalogue without one of these is not a catalogue: the source is the wrong database. */
export const multiboardMustHaveRows: readonly string[] = [
  'Part',
  'Component',
  'Attribute',
  'AttributeValue',
  '_AttributeValueToPart',
  'Categories',
  '_CategoryToComponent',
  'Pack',
  'PackType',
  'Tag',
  'Image',
  'Option',
  'RelationType',
];
