/**
 * Names that schemas bear for a while inside a run's own transaction, while others have theirs: the live ones, or
 * those that are to take their place. Nobody else ever sees them.
 */
export const restingSchema = (which: 'live' | 'next', index: number): string =>
  `multiboard_sync_${which}_${index}`;

export function isRestingSchema(name: string): boolean {
  return /^multiboard_sync_(?:live|next)_\d+$/.test(name);
}
