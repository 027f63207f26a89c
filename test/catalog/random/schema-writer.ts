import { literal, names, quoted } from './words.ts';

/** One step of a random schema: what to make, and numbers that choose among what is there. */
export interface Step {
  readonly make: number;
  readonly choices: readonly number[];
}

export interface Column {
  readonly name: string;
  readonly type: string;
}

export interface Relation {
  readonly kind: 'TABLE' | 'VIEW' | 'MATERIALIZED VIEW' | 'FOREIGN TABLE';
  readonly name: string;
  readonly columns: readonly Column[];
  readonly partitioned?: boolean;
  readonly hasKey?: boolean;
}

/** Things that COMMENT ON and owners can name: `TABLE x`. */
export interface Named {
  readonly kind: string;
  readonly name: string;
}

/**
 * Writes SQL from steps. The same steps give the same text, so that a failing schema can shrink. What it writes is
 * nearly always valid; what the server refuses is left out, and the rest stays a schema.
 */
export class SchemaWriter {
  readonly statements: string[] = [];
  readonly relations: Relation[] = [];
  readonly named: Named[] = [];
  readonly types: string[] = [
    'integer',
    'text',
    'numeric(12,3)',
    'timestamp with time zone',
    'varchar(20)',
    'boolean',
    'jsonb',
    'bigint',
    'date',
    'text[]',
    '"char"',
    'bytea',
  ];
  readonly functions: { readonly name: string; readonly trigger: boolean }[] = [];
  readonly schemas: string[] = ['public'];
  #choices: readonly number[] = [];
  #at = 0;
  readonly #taken = new Set<string>();

  begin(step: Step): void {
    this.#choices = step.choices;
    this.#at = 0;
  }

  /** The next choice, below `below`. */
  number(below: number): number {
    const choice = this.#choices[this.#at % Math.max(this.#choices.length, 1)] ?? 0;
    this.#at += 1;
    return below <= 0 ? 0 : (choice + this.#at * 7) % below;
  }

  maybe(oneIn = 2): boolean {
    return this.number(oneIn) === 0;
  }

  one<T>(items: readonly T[]): T | undefined {
    return items[this.number(items.length)];
  }

  oneOf(...texts: readonly string[]): string {
    return texts[this.number(texts.length)] ?? '';
  }

  /** A name nobody has yet, quoted; odd ones are common. */
  freshName(): string {
    const stem = this.maybe(3) ? (this.one(names) ?? '') : this.oneOf('a', 'b', 'part', 'item');
    const name = this.#taken.has(stem) ? `${stem}${this.#taken.size}` : stem;
    this.#taken.add(name);
    return quoted(name);
  }

  freshQualified(): string {
    return `${this.one(this.schemas) ?? 'public'}.${this.freshName()}`;
  }

  type(): string {
    return this.one(this.types) ?? 'integer';
  }

  /** A relation of these kinds. */
  relation(...kinds: readonly Relation['kind'][]): Relation | undefined {
    return this.one(this.relations.filter(({ kind }) => kinds.includes(kind)));
  }

  column(relation: Relation): Column {
    return this.one(relation.columns) ?? { name: 'ctid', type: 'tid' };
  }

  text(): string {
    return literal(this.one(names) ?? '');
  }

  write(sql: string): void {
    this.statements.push(`${sql};`);
  }

  add(kind: string, name: string, sql: string): void {
    this.write(sql);
    this.named.push({ kind, name });
  }
}
