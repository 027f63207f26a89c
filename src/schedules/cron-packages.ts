import { createRequire } from 'node:module';
import type * as Croner from 'croner';
import type * as Cronstrue from 'cronstrue';

type CronerPackage = typeof Croner;
type CronstruePackage = typeof Cronstrue;

const load = createRequire(import.meta.url);
let croner: CronerPackage | null = null;
let cronstrue: CronstruePackage | null = null;

/** Loaded where there is a schedule: most commands run without one. It has a CommonJS build. */
export function cronerPackage(): CronerPackage {
  croner ??= load('croner') as CronerPackage;
  return croner;
}

/** As `cronerPackage`. */
export function cronstruePackage(): CronstruePackage {
  cronstrue ??= load('cronstrue') as CronstruePackage;
  return cronstrue;
}
