import type { JobKind } from '../progress/progress.ts';

const base36Digits = '0123456789abcdefghijklmnopqrstuvwxyz';
/** 2.8 × 10¹² possibilities within each millisecond: makers that know nothing of each other never meet. */
const randomDigits = 8;

export interface JobIdDeps {
  /** The clock, epoch milliseconds. */
  readonly now: () => number;
  /** From 0 up to, not including, 1; asked once a digit. */
  readonly random: () => number;
}

export interface NewJobId {
  readonly id: string;
  /** Epoch milliseconds; the moment inside the id. */
  readonly createdAt: number;
}

/**
 * Makes ids like `20261122t101532-sync-0eab12cd34`: UTC second, kind, two digits for the millisecond, eight at random.
 * Within one maker every id is later than the one before, so the order of ids is the order of asking.
 */
export function createJobIds(deps: JobIdDeps): (kind: JobKind) => NewJobId {
  let last = 0;
  return (kind) => {
    last = Math.max(deps.now(), last + 1);
    const second = new Date(last).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').toLowerCase();
    const millisecond = (last % 1000).toString(36).padStart(2, '0');
    let tail = '';
    while (tail.length < randomDigits) tail += base36Digits[Math.floor(deps.random() * 36)] ?? '0';
    return { id: `${second}-${kind}-${millisecond}${tail}`, createdAt: last };
  };
}

/** Text that sorts ids by their moment; the kind in the middle of an id does not count. */
function jobOrder(id: string): string {
  const parts = /^(\d{8}t\d{6})-[a-z]+-([0-9a-z]+)$/.exec(id);
  return parts === null ? id : `${parts[1] ?? ''}-${parts[2] ?? ''}`;
}

/** Oldest first. */
export function compareJobIds(one: string, other: string): number {
  const [a, b] = [jobOrder(one), jobOrder(other)];
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
