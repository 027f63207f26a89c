import { errorCatalogue } from '../../errors/catalogue.ts';
import type { SharedSearch } from '../check/shared-search.ts';
import type { Finding } from './doctor.ts';

/** What `doctor` says of an environment whose Typesense is another one's too. */
export function sharedFinding(subject: string, shared: SharedSearch): Finding {
  const { environment, seenBy } = shared;
  const remedy = errorCatalogue.CONFLICT_SAME_SEARCH.hint;
  switch (seenBy) {
    case 'address':
      return {
        level: 'fault',
        subject,
        finding:
          `It is the Typesense of "${environment}" too, which is another database: ` +
          'each would show what the other holds.',
        remedy,
      };
    case 'collections':
      return {
        level: 'note',
        subject,
        finding:
          `It shows collections of the Typesense of "${environment}", which is another database: ` +
          'it is the same one, or a copy of its data. A run tries which, and stops if it is the same.',
        remedy,
      };
    case 'nothing':
      return {
        level: 'note',
        subject,
        finding: `Whether it is the Typesense of "${environment}" too could not be seen: ${shared.reason}`,
        remedy: null,
      };
    default:
      return seenBy satisfies never;
  }
}
