import { dirname, join, relative } from 'node:path';
import type { Document } from 'yaml';
import { z } from 'zod';
import { SyncError } from '../errors/sync-error.ts';
import { tablePattern } from '../environments/table-pattern.ts';
import { didYouMean } from '../lib/nearest.ts';
import { isPossibleEntry } from '../plan/leave-out.ts';
import { isForeignKeyName, orphanPolicies } from '../plan/orphans.ts';
import type { OrphanPolicies } from '../plan/orphans.ts';
import { channelSchema } from '../notices/channel.ts';
import type { SaidChannel } from '../notices/channel.ts';
import { scheduleSchema } from '../schedules/schedule.ts';
import type { Schedule } from '../schedules/schedule.ts';
import { collectionConfigSchema } from '../search/collection-config.ts';
import { createFaults } from './faults.ts';
import type { Faults } from './faults.ts';
import { readOwnedFile } from './owned-file.ts';
import { maskRuleSchema, rowFilterSchema } from './masking-schema.ts';
import { yamlPackage } from './yaml-package.ts';
import { placeOf } from './yaml-place.ts';
import type { YamlPath } from './yaml-place.ts';
import { settings } from './settings.ts';

const configFileName = 'multiboard-sync.config.yaml';

/** Numbers that versions of YAML read differently. */
const oddNumber = /^[-+]?(?:0[0-9_]+|0[xob][\da-f_]+|\d[\d_]*_[\d_]*|\d+(?::[0-5]?\d)+)$/i;

const policies = ['sync', 'preserve', 'truncate', 'exclude', 'schemaOnly'] as const;
const protections = ['protected', 'open', 'source-only'] as const;
/** `tablePattern` reads it. A name that could mean more than one table would give one of them the other's policy. */
const oneTable =
  'must name a table as Name, schema.Name or schema."na.me" (a name with a dot between quotes)';
const tableRule = z.string('must be a table').refine((rule) => tablePattern(rule) !== null, oneTable);

/** One entry for each table, or tables, that a rule means. */
function byTable<Value extends z.ZodType>(value: Value): z.ZodRecord<z.ZodString, Value> {
  return z.record(z.string(), value, 'must be tables').superRefine((rules, context) => {
    for (const rule of Object.keys(rules))
      if (tablePattern(rule) === null) context.addIssue({ code: 'custom', path: [rule], message: oneTable });
  });
}

const environmentSchema = z.strictObject({
  protection: z.enum(protections, `must be one of ${protections.join(', ')}`).optional(),
  schema: z.string('must be the name of a schema').min(1, 'must be the name of a schema').optional(),
  schemas: z
    .array(
      z.string('must be the name of a schema').min(1, 'must be the name of a schema'),
      'must be a list of schemas',
    )
    .min(1, 'must name a schema, or "*" for the whole database')
    .optional(),
  masks: byTable(z.record(z.string().min(1), maskRuleSchema, 'must be columns and their rules')).optional(),
  where: byTable(rowFilterSchema).optional(),
  requireMasks: z.boolean('must be true or false').optional(),
  defuse: z.array(z.string('must be a file').min(1, 'must be a file'), 'must be a list of files').optional(),
});

/** The sections that hold nothing but settings of `settings.ts`. */
function settingSections(): Record<string, z.ZodType> {
  const sections = new Map<string, Record<string, z.ZodType>>();
  const shape: Record<string, z.ZodType> = {};
  for (const { yaml, schema } of Object.values(settings)) {
    if (yaml === null) continue;
    const [section = '', key] = yaml.split('.');
    if (key === undefined) shape[section] = schema.optional();
    else sections.set(section, { ...sections.get(section), [key]: schema.optional() });
  }
  for (const [section, keys] of sections) shape[section] = z.strictObject(keys).optional();
  return shape;
}

export const configFileSchema = z.strictObject({
  ...settingSections(),
  environments: z.record(z.string(), environmentSchema.nullable()).optional(),
  tables: byTable(z.enum(policies, `must be one of ${policies.join(', ')}`)).optional(),
  mustHaveRows: z.array(tableRule, 'must be a list of tables').optional(),
  leaveOut: z
    .array(
      z
        .string('must be a kind of object or the name of one')
        .refine(isPossibleEntry, 'must be a kind of object, a kind and a name as plans write it, or missing'),
      'must be a list of kinds or names of objects',
    )
    .optional(),
  roles: z.record(z.string().min(1), z.string('must be a role').min(1, 'must be a role')).optional(),
  orphans: z
    .record(
      z
        .string()
        .refine(isForeignKeyName, 'must be a foreign key as plans write it (foreign key … on schema.table)'),
      z.enum(orphanPolicies, `must be one of ${orphanPolicies.join(', ')}`),
    )
    .optional(),
  collections: z.array(collectionConfigSchema, 'must be a list of collections').optional(),
  schedules: z.array(scheduleSchema, 'must be a list of schedules').optional(),
  notices: z.array(channelSchema, 'must be a list of channels').optional(),
});

interface KnownSections {
  readonly environments?: Readonly<Record<string, z.infer<typeof environmentSchema> | null>> | undefined;
  readonly tables?: Readonly<Record<string, (typeof policies)[number]>> | undefined;
  readonly mustHaveRows?: readonly string[] | undefined;
  readonly leaveOut?: readonly string[] | undefined;
  readonly roles?: Readonly<Record<string, string>> | undefined;
  readonly orphans?: OrphanPolicies | undefined;
  readonly collections?: readonly z.infer<typeof collectionConfigSchema>[] | undefined;
  readonly schedules?: readonly Schedule[] | undefined;
  readonly notices?: readonly SaidChannel[] | undefined;
}

/** A configuration file that was read and found right; without a file, an empty one. */
export interface ConfigFile {
  /** Relative paths in the file start here. */
  readonly folder: string;
  readonly sections: KnownSections;
  /** The value of `section.key`. */
  setting(yaml: string): unknown;
  /** `multiboard-sync.config.yaml:12`. */
  place(path: YamlPath): string;
}

/** The file in `cwd` or the nearest folder above it; null when there is none. */
export function findConfigFile(cwd: string): string | null {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const path = join(folder, configFileName);
    if (readOwnedFile(path) !== null) return path;
    if (dirname(folder) === folder) return null;
  }
}

/**
 * Reads the file, or stands for an empty one where `path` is null. Throws CONFIG_INVALID with every fault and its line.
 */
export function readConfigFile(path: string | null, cwd: string): ConfigFile {
  if (path === null)
    return { folder: cwd, sections: {}, setting: () => undefined, place: () => configFileName };
  const text = readOwnedFile(path);
  if (text === null) throw new SyncError('CONFIG_INVALID', `The configuration file ${path} does not exist.`);
  const name = relative(cwd, path);
  const { isScalar, LineCounter, parseDocument, visit } = yamlPackage();
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const faults = createFaults();
  const lineOf = (offset: number): number => lines.linePos(offset).line;
  const place = (at: YamlPath): string => `${name}:${lineOf(placeOf(document, at))}`;

  const broken = document.errors[0] ?? document.warnings[0];
  if (broken !== undefined) {
    // Some of the parser's messages end with a piece of the source behind a colon.
    faults.add(`${name}:${lineOf(broken.pos[0])}: ${broken.message.replace(/(?<=\w): .*$/s, '')}`);
    faults.throwIfAny();
  }
  visit(document, {
    Scalar(_key, node) {
      // YAML 1.1 read these as octal, hexadecimal or in sixties; this version of YAML does not, and people do either.
      if (isScalar(node) && node.type === 'PLAIN' && oddNumber.test(node.source ?? ''))
        faults.add(
          `${name}:${lineOf(node.range?.[0] ?? 0)}: a number is written with a leading 0, 0x, 0o, "_" or ":"; ` +
            'write it plainly, or a text between quotes',
        );
    },
  });
  faults.throwIfAny();
  const content = toPlain(document, name) ?? {};
  const read = configFileSchema.safeParse(content);
  if (!read.success) {
    for (const issue of read.error.issues) addIssue(issue, place, faults);
    faults.throwIfAny();
  }
  return {
    folder: dirname(path),
    sections: content,
    setting: (yaml) =>
      yaml.split('.').reduce<unknown>((from, key) => (from as Keyed | undefined)?.[key], content),
    place,
  };
}

type Keyed = Readonly<Record<string, unknown>>;

function toPlain(document: Document, name: string): KnownSections | null {
  try {
    return document.toJS() as KnownSections | null;
  } catch {
    // An alias (*name) that stands for nothing, or for far too much. The parser's error quotes it, so it is dropped.
    throw new SyncError('CONFIG_INVALID', `${name} uses a YAML alias that cannot be resolved.`);
  }
}

function addIssue(issue: z.core.$ZodIssue, place: (at: YamlPath) => string, faults: Faults): void {
  const at = issue.path.filter((key) => typeof key !== 'symbol');
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) {
      const where = at.length === 0 ? '' : ` in ${at.join('.')}`;
      const guess = didYouMean(key, knownKeys(configFileSchema, at))
        .trim()
        .replace(/^Did/, 'did')
        .replace('?', '');
      faults.add(`${place([...at, key])}: unknown key "${key}"${where}${guess === '' ? '' : `; ${guess}`}`);
    }
    return;
  }
  // Our own messages follow the key's name; zod's own begin with "Invalid input: expected …" and never hold the value.
  const message = issue.message
    .replace(/^Invalid (?:input|option): expected/, 'must be')
    .replace(/, received .*/, '');
  const said = /^(?:must|use) /.test(message) ? message : `is not right: ${message}`;
  faults.add(`${place(at)}: ${at.length === 0 ? 'the file' : at.join('.')} ${said}`);
}

/** The keys an object of the schema may have at a path. */
function knownKeys(schema: z.ZodType, path: YamlPath): readonly string[] {
  let here: z.ZodType = bare(schema);
  for (const key of path) {
    if (here instanceof z.ZodObject) here = bare(here.shape[key] as z.ZodType);
    else if (here instanceof z.ZodRecord) here = bare(here.valueType as z.ZodType);
    else if (here instanceof z.ZodArray) here = bare(here.element as z.ZodType);
  }
  return here instanceof z.ZodObject ? Object.keys(here.shape) : [];
}

function bare(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)
    return bare(schema.unwrap() as z.ZodType);
  return schema;
}
