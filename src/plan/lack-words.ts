/** What an undo in place would not bring back, in words, for a plan and a receipt. */
export function lackWords(lacks: readonly string[] = []): readonly string[] {
  return lacks.length === 0
    ? []
    : [`An undo in place would not restore everything as it was: ${lacks.join('; ')}.`];
}
