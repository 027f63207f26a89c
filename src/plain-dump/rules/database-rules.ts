import { refuse, run } from './judgement.ts';
import type { ForeignOptions, Judgement } from './judgement.ts';
import { plainName } from './token-cursor.ts';
import type { TokenCursor } from './token-cursor.ts';

const beyond = 'it reaches beyond the one database';

/**
 * A statement about a database as an object, which `pg_dump --create` writes about the one it dumps. The cursor is at
 * the database's name. It is left out, for the target is made by us and keeps its own name, owner, comment, limits
 * and locale; settings and grants go to `settingsFor`. That the file means its own database and no other, the reader
 * checks.
 */
export function judgeDatabase(verb: string, cursor: TokenCursor, options: ForeignOptions): Judgement {
  const name = cursor.tokens[cursor.at];
  const [written, ...more] = cursor.name();
  const plain = written === undefined ? null : plainName(written);
  const label = `${verb} ${written ?? ''}`.trim();
  if (name === undefined || plain === null || more.length > 0) return refuse(label, beyond);
  const judgement = leftOut(label, verb, plain);
  const isGrant = verb.endsWith(' ON DATABASE') && (verb.startsWith('GRANT') || verb.startsWith('REVOKE'));
  const carries = isGrant ? options.privileges !== false : cursor.word === 'set';
  if (!carries || options.settingsFor === undefined) return judgement;
  const instead = name.replacedBy(Buffer.from(inAscii(options.settingsFor)));
  return { ...run(label), database: judgement.database, instead };
}

/** `ALTER ROLE name IN DATABASE name SET …`; the cursor is behind ROLE. */
export function judgeRoleInDatabase(cursor: TokenCursor, options: ForeignOptions): Judgement {
  const label = `ALTER ROLE ${cursor.name().join('.')}`;
  if (!cursor.take('in', 'database')) return refuse(label, beyond);
  return judgeDatabase(`${label} IN DATABASE`, cursor, options);
}

/** A quoted name that reads the same in every encoding a file may be in. */
function inAscii(name: string): string {
  const escaped = Array.from(name, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (character === '"') return '""';
    return code < 0x20 || code > 0x7e || character === '\\'
      ? `\\+${code.toString(16).padStart(6, '0')}`
      : character;
  });
  return `U&"${escaped.join('')}"`;
}

const untemplate = [
  'pg_catalog',
  '.',
  'pg_database',
  'set',
  'datistemplate',
  '=',
  'false',
  'where',
  'datname',
  '=',
];

/** How `--clean --create` makes a template database one that can be dropped. The word UPDATE has been read. */
export function judgeUpdate(cursor: TokenCursor): Judgement {
  const rest = cursor.tokens.slice(cursor.at);
  const [name, end, ...more] = rest.slice(untemplate.length);
  const sameWords = untemplate.every((text, index) => rest[index]?.text.toLowerCase() === text);
  if (!sameWords || name?.kind !== 'string' || !name.text.startsWith("'") || end?.text !== ';') {
    return refuse('UPDATE', 'a plain dump holds no such statement');
  }
  if (more.length > 0) return refuse('UPDATE', 'a plain dump holds no such statement');
  return leftOut('UPDATE of pg_database', 'UPDATE', name.text.slice(1, -1).replaceAll("''", "'"));
}

function leftOut(label: string, verb: string, name: string): Judgement & { readonly action: 'skip' } {
  return {
    action: 'skip',
    label,
    kind: 'statements about the database itself',
    database: { verb, name },
  };
}
