/**
 * A text without the addresses in it that say who comes in (`scheme://user:password@host`), and without passwords of
 * key=value strings: what people pass where a name belongs is then not repeated. The second net; the first is that
 * nobody puts an address into a sentence.
 */
export function withoutAddresses(text: string): string {
  return text
    .replaceAll(
      /\b[a-z][a-z0-9+.-]*:\/\/(?!user:password@host)[^\s]*@[^\s"',;)]*/gi,
      '(an address, not shown)',
    )
    .replaceAll(/\b(password|pwd)\s*=\s*('[^']*'|[^\s"',;)&]+)/gi, '$1=***')
    .replaceAll(/([?&]\w*(?:key|token|secret))=[^\s"',;)&]+/gi, '$1=***');
}
