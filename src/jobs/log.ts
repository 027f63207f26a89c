/**
 * The log for events of the queue itself, in pino's shape. Fields hold ids, codes and numbers, never a driver's
 * message.
 */
export interface JobsLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
