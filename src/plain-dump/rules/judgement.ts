/** What is done with a statement of a foreign dump. */
export type Judgement = {
  /** Kind and object, for people: `ALTER TABLE public."Part" ADD CONSTRAINT "Part_pkey"`. Never a row's value. */
  readonly label: string;
  /** The table rows go to, as the catalogue names it: `public.Part`. */
  readonly table?: string | undefined;
  /** Of SET: the setting and its value. */
  readonly setting?: { readonly name: string; readonly value: string } | undefined;
  /** Of CREATE: what is made; `name` as the catalogue has it, null where the statement escapes it. */
  readonly creates?: { readonly type: string; readonly name: string | null } | undefined;
  /** The database the statement is about as an object (`--create`): it must be the one the file makes. */
  readonly database?: { readonly verb: string; readonly name: string } | undefined;
  /** What runs in its place. */
  readonly instead?: Buffer | undefined;
  /** What `--clean` writes at the beginning of a file, to make room for what follows. */
  readonly clears?: boolean | undefined;
} & (
  | { readonly action: 'run' }
  /** `kind` is what the result counts it under; null where leaving it out loses nothing. */
  | { readonly action: 'skip'; readonly kind: string | null }
  | { readonly action: 'refuse'; readonly reason: string }
);

/** What of a dump is left out. */
export interface ForeignOptions {
  /**
   * False leaves out `ALTER … OWNER TO`, changes of the session's role, and `COMMENT ON EXTENSION` (an extension
   * belongs to who created it).
   */
  readonly owners?: boolean | undefined;
  /** False leaves out GRANT, REVOKE and ALTER DEFAULT PRIVILEGES. */
  readonly privileges?: boolean | undefined;
  /** The database that gets the settings and grants that `--create` writes for the file's own; none where not given. */
  readonly settingsFor?: string | undefined;
}

export const run = (label: string): Judgement => ({ action: 'run', label });
export const skip = (label: string, kind: string | null): Judgement => ({ action: 'skip', label, kind });
export const refuse = (label: string, reason: string): Judgement => ({ action: 'refuse', label, reason });

/** Counts statements left out, by kind. */
export function countSkipped(skipped: Record<string, number>, kind: string | null): void {
  if (kind !== null) skipped[kind] = (skipped[kind] ?? 0) + 1;
}
