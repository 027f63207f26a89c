import type { DerivedCollection } from './derive-collection.ts';

/** The block of a configuration file, with what there is to know as comments. Pure. */
export function collectionBlock({ name, query, fields, notes }: DerivedCollection): string {
  // A string of JSON is one of YAML; plain names read better.
  const word = (text: string): string => (/^[a-z_][\w-]*$/i.test(text) ? text : JSON.stringify(text));
  const lines = [
    ...notes.map((note) => `# ${note}`),
    'collections:',
    `  - name: ${name}`,
    '    query: |',
    ...query.split('\n').map((line) => `      ${line}`),
    `    fields:${fields.length === 0 ? ' []' : ''}`,
    ...fields.map((field) => {
      const options = Object.entries(field).map(([key, value]) => {
        const shown =
          key === 'name' ? word(String(value)) : key === 'type' ? JSON.stringify(value) : String(value);
        return `${key}: ${shown}`;
      });
      return `      - { ${options.join(', ')} }`;
    }),
  ];
  return `${lines.join('\n')}\n`;
}
