/** `pg_trigger.tgenabled` → what ALTER TABLE says before TRIGGER. */
export const triggerStates = {
  O: 'ENABLE',
  D: 'DISABLE',
  R: 'ENABLE REPLICA',
  A: 'ENABLE ALWAYS',
} as const;

export type TriggerState = keyof typeof triggerStates;
