import { quoteIdentifier } from '../postgres/identifiers.ts';

/**
 * Names for people and for comparing: unquoted where that is unambiguous, and always on one line, because an identity
 * ends up in messages and SQL comments (a newline in a name must not end a comment: CVE-2025-8715).
 */
export function displayName(name: string): string {
  if (/^[a-z_][a-z0-9_]*$/.test(name)) return name;
  if (!/\p{Cc}/u.test(name)) return quoteIdentifier(name);
  return `U&${quoteIdentifier(escapeControls(name.replaceAll('\\', String.raw`\\`)))}`;
}

export function displayQualified(schema: string, name: string): string {
  return `${displayName(schema)}.${displayName(name)}`;
}

/** Text the server wrote (a list of types, a description of an object) on one line. */
export function oneLine(text: string): string {
  return escapeControls(text);
}

function escapeControls(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (control) => `\\${control.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
