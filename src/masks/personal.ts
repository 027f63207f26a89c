import type { MaskRule } from '../environments/masking.ts';

export interface NamedColumn {
  readonly name: string;
  /** The type below domains. */
  readonly base: string;
  readonly comment: string | null;
  /** Computed from others, which have rules of their own. */
  readonly generated: string | null;
}

/** Words of a column's name, the rule that fits, and the types that can hold such a thing. First match wins. */
const signs: readonly { readonly words: RegExp; readonly rule: MaskRule['kind']; readonly types: RegExp }[] =
  [
    { words: /^(?:e ?mails?|mail|email address)$|\be ?mail\b/, rule: 'email', types: /./ },
    {
      words: /\b(?:phone|mobile|fax|tel|telephone|handy|msisdn|whatsapp)\b/,
      rule: 'phone',
      types: /text|char/,
    },
    {
      words:
        /\b(?:first|last|full|given|family|middle|maiden|real|display|nick|contact|customer|person|sur|user) ?name\b|\bsurname\b|\bforename\b|\busername\b/,
      rule: 'name',
      types: /text|char/,
    },
    {
      words:
        /\b(?:password|passwd|pass ?hash|password ?hash|secret|token|api ?key|otp|totp|recovery|private ?key|session)\b/,
      rule: 'hash',
      types: /text|char|bytea|uuid|json/,
    },
    {
      words: /\b(?:birth|birthday|birthdate|dob|born|geburtsdatum)\b/,
      rule: 'null',
      types: /date|time|text|char/,
    },
    {
      words:
        /\b(?:street|address|addr|zip|zip ?code|postal|post ?code|postcode|house ?number|latitude|longitude|geo|strasse)\b/,
      rule: 'null',
      types: /text|char|json|numeric|float|point/,
    },
    {
      words:
        /\b(?:ssn|tax ?id|vat ?id|passport|national ?id|iban|bic|account ?number|card ?number|credit ?card|license ?plate|driver ?license)\b/,
      rule: 'hash',
      types: /text|char|bytea/,
    },
    {
      words: /\b(?:ip|ip ?addr|ip ?address|remote ?addr|mac ?address|user ?agent|device ?id|fingerprint)\b/,
      rule: 'null',
      types: /inet|cidr|macaddr|text|char/,
    },
    {
      words:
        /\b(?:gender|religion|ethnicity|nationality|health|diagnosis|salary|signature|avatar|photo|biography|bio)\b/,
      rule: 'null',
      types: /text|char|bytea|int|numeric/,
    },
  ];

/** They lead to a person, whatever the column is called. */
const addresses: ReadonlySet<string> = new Set(['inet', 'cidr', 'macaddr', 'macaddr8']);

const saidPersonal = /\b(?:pii|gdpr|dsgvo|personal(?:ly)?|personenbezogen|sensitive|confidential)\b/i;

/**
 * Whether a column's name or comment says that it holds something about a person: the rule that fits best; null where
 * nothing says so. Never looks at a value. Pure.
 */
export function looksPersonal({ name, base, comment, generated }: NamedColumn): MaskRule['kind'] | null {
  if (generated !== null || base === 'bool') return null;
  if (addresses.has(base)) return 'null';
  const words = wordsOf(name);
  const found = signs.find((sign) => sign.words.test(words) && sign.types.test(base));
  if (found !== undefined) return found.rule;
  return comment !== null && saidPersonal.test(comment) ? 'hash' : null;
}

/** `firstName`, `first_name`, `FIRST-NAME` → `first name`. */
function wordsOf(name: string): string {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .toLowerCase();
}
