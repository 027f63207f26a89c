import type { Draft } from '../draft.ts';
import { objectKinds } from '../model.ts';
import type { OrderNode } from './order-node.ts';

/** What ordering needs to know of a draft. `forerunner`: the draft that announces it, if there is one. */
export function orderNode(
  draft: Draft,
  dependencies: ReadonlyMap<string, ReadonlySet<string>>,
  forerunner: Draft | undefined,
): OrderNode {
  const { id, section, needs, inlineIn, separateTo, forerunnerOf, postponable, needsWholeViews } = draft;
  const rank = String(objectKinds.indexOf(draft.kind)).padStart(2, '0');
  return {
    id,
    section,
    sortKey: `${rank} ${draft.identity}`,
    dependsOn: [
      ...needs,
      ...(dependencies.get(id) ?? []),
      ...(forerunner === undefined ? [] : [forerunner.id]),
    ],
    inlineIn,
    separateTo,
    forerunnerOf,
    kind: nodeKind(draft),
    postponable,
    needsWholeViews,
  };
}

function nodeKind({ kind, inlineIn, forerunnerOf }: Draft): OrderNode['kind'] {
  if (forerunnerOf !== null) return kind === 'shell type' ? 'shell' : 'stub';
  if (inlineIn === null) return 'other';
  if (kind === 'default') return 'default';
  return kind === 'check constraint' ? 'check' : 'view definition';
}
