/**
 * Event triggers are meant for what people do, so ours must not fire them. The first setting exists from 17 on; the
 * other does not stop triggers that are ENABLE ALWAYS. Only a superuser, or who was granted it, may set them.
 */
const eventTriggerSettings = (enabled: string, role: string, local: boolean, only: string): string =>
  `SELECT pg_catalog.set_config(s.name, CASE s.name WHEN 'event_triggers' THEN '${enabled}' ELSE '${role}' END, ${String(local)})
FROM pg_catalog.pg_settings AS s WHERE s.name IN ('event_triggers', 'session_replication_role')${only}`;

/** Statements of a superuser during which event triggers do not fire. */
export function silently(statements: readonly string[]): readonly string[] {
  return [
    eventTriggerSettings('off', 'replica', false, ''),
    ...statements,
    eventTriggerSettings('on', 'origin', false, ''),
  ];
}

const asSuperuser = ` AND pg_catalog.current_setting('is_superuser') = 'on'`;

/** The same within a transaction, for whoever may: a role that is no superuser meets the event triggers of others. */
export function silentlyIfAllowed(statements: readonly string[]): readonly string[] {
  return [
    eventTriggerSettings('off', 'replica', true, asSuperuser),
    ...statements,
    eventTriggerSettings('on', 'origin', true, asSuperuser),
  ];
}
