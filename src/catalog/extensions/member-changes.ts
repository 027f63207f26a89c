import { quoteIdentifier } from '../../postgres/identifiers.ts';
import { settingValue } from '../../postgres/setting-value.ts';
import { foreignOptions } from '../storage-options.ts';

/** What a statement needs that brings a member to its state; of its catalog's kind only. */
export interface MemberFacts {
  /** `CREATE OR REPLACE …`; null for functions in C, which no statement but their extension's makes. */
  readonly definition?: string | null;
  readonly volatility?: string;
  readonly strict?: boolean;
  readonly securityDefiner?: boolean;
  readonly leakproof?: boolean;
  readonly cost?: string;
  readonly rows?: string;
  readonly parallel?: string;
  /** Qualified, as statements want it. */
  readonly support?: string | null;
  /** `name=value` each. */
  readonly settings?: readonly string[];
  /** Names of extensions with which a routine goes (`ALTER … DEPENDS ON EXTENSION`). */
  readonly goesWith?: readonly string[] | null;
  /** Of a dictionary: SQL. Of foreign data: `name=value` each. */
  readonly options?: string | readonly string[] | null;
  /** `pg_event_trigger.evtenabled`. */
  readonly state?: string;
  readonly validator?: string | null;
  readonly [option: string]: unknown;
}

interface ChangedMember {
  readonly catalog: string;
  readonly type: string;
  readonly identity: string;
  readonly names: readonly string[];
  readonly arguments: readonly string[];
  readonly facts: MemberFacts | null;
}

/**
 * Statements that give a member its state, whatever its extension's script makes; null if there are none.
 */
export function changeStatements(member: ChangedMember): readonly string[] | null {
  const { catalog, type, identity, facts } = member;
  if (facts === null) return null;
  switch (catalog) {
    case 'pg_proc':
      return type === 'aggregate'
        ? null
        : routineStatements(`${type.toUpperCase()} ${identity}`, type, facts);
    case 'pg_operator':
      return [`ALTER OPERATOR ${operatorName(member)} SET (${optionsOf(facts)});`];
    case 'pg_type':
      return [`ALTER TYPE ${identity} SET (${optionsOf(facts)});`];
    case 'pg_ts_dict':
      return typeof facts.options === 'string'
        ? [`ALTER TEXT SEARCH DICTIONARY ${identity} (${facts.options});`]
        : null;
    case 'pg_foreign_data_wrapper': {
      // The server warns of a handler that is set, and that is the extension's.
      const { validator } = facts;
      const checked = typeof validator === 'string' ? `VALIDATOR ${validator}` : 'NO VALIDATOR';
      return [`ALTER FOREIGN DATA WRAPPER ${identity} ${checked}${foreignOptions(options(facts))};`];
    }
    case 'pg_foreign_server':
      return options(facts).length === 0
        ? null
        : [`ALTER SERVER ${identity}${foreignOptions(options(facts))};`];
    case 'pg_event_trigger':
      return [`ALTER EVENT TRIGGER ${identity} ${eventTriggerStates[facts.state ?? 'O'] ?? 'ENABLE'};`];
    default:
      return null;
  }
}

const volatilities: Readonly<Record<string, string>> = { i: 'IMMUTABLE', s: 'STABLE', v: 'VOLATILE' };
const parallels: Readonly<Record<string, string>> = { s: 'SAFE', r: 'RESTRICTED', u: 'UNSAFE' };
const eventTriggerStates: Readonly<Record<string, string>> = {
  D: 'DISABLE',
  R: 'ENABLE REPLICA',
  A: 'ENABLE ALWAYS',
};

function routineStatements(signature: string, type: string, facts: MemberFacts): readonly string[] {
  const security = facts.securityDefiner === true ? 'SECURITY DEFINER' : 'SECURITY INVOKER';
  const words = [
    volatilities[facts.volatility ?? 'v'],
    facts.strict === true ? 'STRICT' : 'CALLED ON NULL INPUT',
    security,
    facts.leakproof === true ? 'LEAKPROOF' : 'NOT LEAKPROOF',
    `PARALLEL ${parallels[facts.parallel ?? 'u'] ?? 'UNSAFE'}`,
    `COST ${facts.cost ?? '1'}`,
    ...(facts.rows === undefined || facts.rows === '0' ? [] : [`ROWS ${facts.rows}`]),
    ...(typeof facts.support === 'string' ? [`SUPPORT ${facts.support}`] : []),
  ];
  return [
    ...(typeof facts.definition === 'string' ? [`${facts.definition};`] : []),
    `ALTER ${signature} ${type === 'procedure' ? security : words.join(' ')};`,
    `ALTER ${signature} RESET ALL;`,
    ...(facts.settings ?? []).map((setting) => {
      const at = setting.indexOf('=');
      const name = setting.slice(0, at);
      return `ALTER ${signature} SET ${quoteIdentifier(name)} TO ${settingValue(name, setting.slice(at + 1))};`;
    }),
    ...(facts.goesWith ?? []).map(
      (extension) => `ALTER ${signature} DEPENDS ON EXTENSION ${quoteIdentifier(extension)};`,
    ),
  ];
}

function options({ options }: MemberFacts): readonly string[] {
  return typeof options === 'string' ? [] : (options ?? []);
}

function optionsOf(facts: MemberFacts): string {
  return Object.entries(facts)
    .map(([option, value]) => `${option} = ${typeof value === 'string' ? value : 'NONE'}`)
    .join(', ');
}

/** `pg_identify_object` writes an operator without a word for the operand that it lacks. */
function operatorName({ names, arguments: types }: ChangedMember): string {
  const [schema = '', name = ''] = names;
  const [left = 'NONE', right = 'NONE'] = types;
  return `${quoteIdentifier(schema)}.${name} (${left === '-' ? 'NONE' : left}, ${right === '-' ? 'NONE' : right})`;
}
