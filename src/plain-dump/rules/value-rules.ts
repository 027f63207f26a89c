import { refuse, run, skip } from './judgement.ts';
import type { ForeignOptions, Judgement } from './judgement.ts';
import { settingRule } from './settings.ts';
import { plainName } from './token-cursor.ts';
import type { TokenCursor } from './token-cursor.ts';

/** Functions a dump calls: sequences, large objects, statistics (18), one setting. */
const functions: ReadonlySet<string> = new Set([
  'lo_close',
  'lo_create',
  'lo_open',
  'lo_unlink',
  'lowrite',
  'pg_clear_attribute_stats',
  'pg_clear_relation_stats',
  'pg_restore_attribute_stats',
  'pg_restore_relation_stats',
  'set_config',
  'setval',
]);
/** Of their argument lists, besides strings, numbers and words; no parenthesis, so no call. */
const argumentSymbols = new Set([',', ':', '-', '+', '[', ']']);

/** SET name = value, or TO. The word SET has been read. */
export function judgeSet(cursor: TokenCursor, options: ForeignOptions): Judgement {
  const isLocal = cursor.word === 'local';
  if (cursor.take('session', 'authorization')) return judgeSessionRole(cursor, options);
  if (cursor.take('role')) return judgeRoleChange('SET', options);
  if (!cursor.take('session')) cursor.take('local');
  if (cursor.word === 'authorization') return judgeRoleChange('SET', options);
  const [name, ...more] = cursor.name();
  const setting = name === undefined ? null : plainName(name);
  if (setting === null || more.length > 0) return refuse('SET', 'a plain dump sets no such setting');
  const label = `SET ${setting}`;
  if (!cursor.takeSymbol('=') && !cursor.take('to'))
    return refuse(label, 'a plain dump holds no such statement');
  const rule = settingRule(setting);
  if (rule === 'refuse') return refuse(label, 'a plain dump sets no such setting');
  if (rule === 'skip') return skip(label, null);
  const value = cursor.text.replaceAll(/^'|'$/g, '').toLowerCase();
  if (setting === 'standard_conforming_strings' && (isLocal || value === 'default')) {
    return refuse(label, 'it must say how strings are read from here on: on or off');
  }
  return { action: 'run', label, setting: { name: setting, value } };
}

/**
 * SET and RESET SESSION AUTHORIZATION, behind these words: pg_dump writes them around grants that somebody else than
 * the owner made and, when asked to, for owners. What follows is done by the role either way; `SET ROLE` does the
 * same and is open to whoever is a member of the role, not only to superusers.
 */
export function judgeSessionRole(cursor: TokenCursor, options: ForeignOptions): Judgement {
  const label = 'SET SESSION AUTHORIZATION';
  const [role, end] = cursor.tokens.slice(cursor.at);
  const isReset = role?.text === ';' || (role?.word === 'default' && end?.text === ';');
  if (isReset) return { ...run(`RESET SESSION AUTHORIZATION`), instead: Buffer.from('RESET ROLE;') };
  const isName = role !== undefined && role.kind !== 'symbol' && role.kind !== 'number' && end?.text === ';';
  if (!isName) return refuse(label, 'a plain dump holds no such statement');
  if (options.owners === false) return skip(label, label);
  const instead = Buffer.concat([Buffer.from('SET ROLE '), role.bytes, Buffer.from(';')]);
  return { ...run(`${label} ${role.text}`), instead };
}

/** SET ROLE, RESET ROLE. */
export function judgeRoleChange(verb: string, options: ForeignOptions): Judgement {
  const label = `${verb} of the session’s role`;
  if (options.owners === false && options.privileges === false) return skip(label, label);
  return refuse(label, 'the import keeps its own role (leave out owners and privileges, then it is skipped)');
}

/** How `pg_dump --clean --if-exists` drops a large object; what follows is its number as a constant. */
const unlinkIfThere = [
  '(',
  'oid',
  ')',
  'from',
  'pg_catalog',
  '.',
  'pg_largeobject_metadata',
  'where',
  'oid',
  '=',
];

/** SELECT of one known function of pg_catalog with constants only. The word SELECT has been read. */
export function judgeSelect(cursor: TokenCursor): Judgement {
  if (cursor.takeSymbol('*')) cursor.take('from');
  const [schema, name, ...more] = cursor.name().map(plainName);
  const known =
    schema === 'pg_catalog' &&
    more.length === 0 &&
    name !== undefined &&
    name !== null &&
    functions.has(name);
  const label = known ? `SELECT pg_catalog.${name}` : 'SELECT';
  const reason = 'a plain dump calls only its own few functions, with constants';
  if (!known || !cursor.takeSymbol('(')) return refuse(label, reason);
  if (name === 'lo_unlink' && isUnlinkIfThere(cursor)) return { ...run(label), clears: true };
  const first = cursor.text;
  for (; cursor.text !== ')'; cursor.at += 1) {
    const token = cursor.tokens[cursor.at];
    if (token === undefined) return refuse(label, reason);
    if (token.kind === 'symbol' && !argumentSymbols.has(token.text)) return refuse(label, reason);
  }
  cursor.at += 1;
  if (!cursor.takeSymbol(';')) return refuse(label, reason);
  if (name === 'set_config' && first.toLowerCase() !== "'search_path'") {
    return refuse(label, 'a plain dump sets only search_path that way');
  }
  return { ...run(label), clears: name === 'lo_unlink' };
}

function isUnlinkIfThere(cursor: TokenCursor): boolean {
  const rest = cursor.tokens.slice(cursor.at - 1);
  const [number, end, ...more] = rest.slice(unlinkIfThere.length);
  const sameWords = unlinkIfThere.every((text, index) => rest[index]?.text.toLowerCase() === text);
  return sameWords && number?.kind === 'string' && end?.text === ';' && more.length === 0;
}

/** INSERT INTO, COPY and TRUNCATE write to a table; never to one of the server's own. */
export function judgeRows(verb: string, cursor: TokenCursor): Judgement {
  const written = cursor.name();
  const parts = written.map(plainName);
  const label = `${verb} ${written.join('.')}`;
  const [schema, name] = parts.length === 1 ? ['', parts[0]] : parts;
  if (parts.length === 0 || parts.length > 2 || parts.includes(null) || name === undefined) {
    return refuse(label, 'its table’s name is not written the way dumps write names');
  }
  const own =
    schema === '' ? name?.startsWith('pg_') : schema === 'information_schema' || schema?.startsWith('pg_');
  if (own === true) return refuse(label, 'it writes to a catalogue of the server');
  return { action: 'run', label, table: schema === '' ? (name ?? '') : `${schema}.${name}` };
}
