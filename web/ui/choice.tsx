import { useId } from 'react';
import type { ReactNode } from 'react';

/** One of a few values, each in words. */
export function Choice<V extends string>({
  label,
  value,
  values,
  choose,
  filter = false,
}: {
  readonly label: string;
  readonly value: V;
  readonly values: Readonly<Record<V, string>>;
  readonly choose: (value: V) => void;
  /** Where the key `/` goes. */
  readonly filter?: boolean;
}): ReactNode {
  const field = useId();
  return (
    <div>
      <label htmlFor={field} className="text-soft mb-1 block text-sm">
        {label}
      </label>
      <select
        id={field}
        className="field"
        value={value}
        data-filter={filter ? '' : undefined}
        onChange={(event) => {
          choose(event.target.value as V);
        }}
      >
        {(Object.entries(values) as [V, string][]).map(([name, word]) => (
          <option key={name} value={name}>
            {word}
          </option>
        ))}
      </select>
    </div>
  );
}
