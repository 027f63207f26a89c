import type { UnsupportedObject } from '../model.ts';

/** What a reader found and cannot carry. */
export function unsupported(
  identity: string,
  fields: Partial<Omit<UnsupportedObject, 'identity'>> = {},
): UnsupportedObject {
  return { identity, obstacle: '', objects: [], isLoop: false, table: null, schema: null, ...fields };
}

/** As errors say it: `index public.x, which is invalid (REINDEX INDEX makes it valid, DROP INDEX removes it)`. */
export function unsupportedText({ identity, obstacle }: UnsupportedObject): string {
  return obstacle === '' ? identity : `${identity}, ${obstacle}`;
}
