import { sqlTokens } from './comparison/sql-tokens.ts';
import { guardIn, unguarded } from './extensions/guarded.ts';
import { saidOfOthers } from './object-facts.ts';
import type { MemberChange, ObjectFacts } from './object-facts.ts';
import { publicSchema } from './schemas/public-schema.ts';

interface TextObject {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly identity: string;
  readonly partOf: string | null;
  readonly sql: string;
}

/**
 * Facts of the objects of a dump that does not record them (dumps written before they were fields). The only place
 * where facts are read out of identities and statements: both are as versions of that time have written them.
 */
export function factsInText<T extends TextObject>(objects: readonly T[]): (object: T) => ObjectFacts {
  const kinds = new Map(objects.map(({ id, kind }) => [id, kind]));
  return (object) => {
    const { kind, sql } = object;
    const forRole =
      kind === 'privileges' && object.id.startsWith('default privileges:') ? object.name : undefined;
    const whole = wholeKind(object, kinds);
    const grantors = kind === 'privileges' ? grantorsIn(sql) : [];
    const member = memberIn(object, kinds);
    return {
      ...(kind === 'comment' && sql.endsWith(' IS NULL;') ? { removes: true } : {}),
      ...(kind === 'cast' && sql.includes('WITHOUT FUNCTION') ? { withoutFunction: true } : {}),
      ...(kind === 'row security' && isForced(sql) ? { forced: true } : {}),
      ...(object.id.startsWith('trigger state:') ? { onlyState: true } : {}),
      ...(unguarded(sql) === null ? {} : { guarded: true }),
      ...(member === undefined ? {} : { member }),
      ...(forRole === undefined ? {} : { forRole }),
      ...(grantors.length === 0 ? {} : { grantors }),
      ...(forRole !== undefined || whole === undefined ? {} : { of: whole }),
    };
  };
}

/** Schema public has no object in a dump. */
function wholeKind(
  { kind, identity, partOf }: TextObject,
  kinds: ReadonlyMap<string, string>,
): string | undefined {
  if (!saidOfOthers.has(kind)) return undefined;
  if (partOf !== null) return kinds.get(partOf);
  return identity.endsWith(` on schema ${publicSchema}`) || identity === `owner of schema ${publicSchema}`
    ? 'schema'
    : undefined;
}

/** Statements that act for another role begin with `SET ROLE`. */
function grantorsIn(sql: string): readonly string[] {
  const roles = [...sql.matchAll(/(?:^|\n)SET ROLE "((?:[^"]|"")+)";/g)].map(([, role]) =>
    (role ?? '').replaceAll('""', '"'),
  );
  return [...new Set(roles)];
}

function isForced(sql: string): boolean {
  return sql.includes(' ENABLE ROW LEVEL SECURITY;') && sql.includes(' FORCE ROW LEVEL SECURITY;');
}

const aspects: Readonly<Record<string, MemberChange['aspect']>> = {
  'changes of': 'state',
  'comment on': 'comment',
  'comments on parts of': 'part comments',
  'owner of': 'owner',
};

function memberIn(
  { kind, identity: whole, partOf, sql }: TextObject,
  kinds: ReadonlyMap<string, string>,
): MemberChange | undefined {
  const isOwner =
    kind === 'owner' &&
    kinds.get(partOf ?? '') === 'extension' &&
    /^owner of [\s\S]* of extension /.test(whole);
  if (kind !== 'extension member' && !isOwner) return undefined;
  const [, words = '', identity = ''] =
    /^(changes of|comments on parts of|comment on|owner of) ([\s\S]*)$/.exec(whole) ?? [];
  const aspect = aspects[words] ?? 'state';
  const wanted = isOwner ? undefined : wantedIn(sql);
  return { identity, aspect, ...(wanted === undefined ? {} : { wanted }) };
}

/** `IF … e.extname = '…' AND e.extversion = '…' … IS DISTINCT FROM '…' THEN`. */
function wantedIn(sql: string): MemberChange['wanted'] {
  const tokens = sqlTokens(guardIn(sql) ?? '');
  const after = (...words: readonly string[]): string | undefined => {
    const at = tokens.findLastIndex((_token, start) =>
      words.every((word, index) => tokens[start + index] === word),
    );
    const literal = at === -1 ? undefined : tokens[at + words.length];
    return literal?.slice(1, -1).replaceAll("''", "'");
  };
  const [extension, version, text] = [
    after('e', '.', 'extname', '='),
    after('e', '.', 'extversion', '='),
    after('IS', 'DISTINCT', 'FROM'),
  ];
  return extension === undefined || version === undefined || text === undefined
    ? undefined
    : { extension, version, text };
}
