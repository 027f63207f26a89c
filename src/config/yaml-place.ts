import type { Document } from 'yaml';
import { yamlPackage } from './yaml-package.ts';

export type YamlPath = readonly (string | number)[];

/** Where in the text a path stands: the offset of its key, or of the nearest key above it that is there. */
export function placeOf(document: Document, path: YamlPath): number {
  const { isMap, isScalar, isSeq } = yamlPackage();
  let node: unknown = document.contents;
  let offset = start(node) ?? 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (pair === undefined) return offset;
      offset = start(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      offset = start(node) ?? offset;
    } else return offset;
  }
  return offset;
}

function start(node: unknown): number | null {
  return yamlPackage().isNode(node) ? (node.range?.[0] ?? null) : null;
}
