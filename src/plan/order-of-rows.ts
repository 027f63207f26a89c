/**
 * Tables in the order in which their rows may come: those of extensions first, each after the tables to which it refers
 * (the opposite of the order in which their rows are emptied, which is that of the objects). The rest keeps its order.
 */
export function inOrderOfRows<T>(
  objects: readonly { readonly id: string }[],
  items: readonly T[],
  tableOf: (item: T) => { readonly id: string; readonly extensionConfig: boolean },
): readonly T[] {
  const place = new Map(objects.map(({ id }, index) => [id, index]));
  const rank = (item: T): number => {
    const { id, extensionConfig } = tableOf(item);
    return extensionConfig ? (place.get(id) ?? 0) : -1;
  };
  return items.toSorted((a, b) => rank(b) - rank(a));
}
