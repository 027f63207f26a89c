import { createRequire } from 'node:module';
import type * as Typesense from 'typesense';

type TypesensePackage = typeof Typesense;

let loaded: TypesensePackage | null = null;

/**
 * The official client's package, loaded at its first use: with axios it is a fifth of what a command loads, and most
 * runs have no search. It is a CommonJS package, so it can come without a promise.
 */
export function typesensePackage(): TypesensePackage {
  loaded ??= createRequire(import.meta.url)('typesense') as TypesensePackage;
  return loaded;
}
