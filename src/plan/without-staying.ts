import type { CatalogModel, CatalogObject } from '../catalog/model.ts';
import type { ImportPlan } from './import-plan.ts';

type Decided = Pick<ImportPlan, 'objects' | 'fromTarget' | 'staying' | 'keptSequences' | 'leftOutKinds'>;

/**
 * Both ends without what the plan leaves unchanged in the target (excluded tables with their parts, objects that stay
 * in place, the numbers of kept tables' sequences), and without the source's objects that are not made for that
 * reason. The rest differs only where the run would change something.
 */
export function withoutStaying(
  source: CatalogModel,
  target: CatalogModel,
  plan: Decided,
): { readonly source: CatalogModel; readonly target: CatalogModel } {
  const fromSource = new Set(plan.objects.filter(({ id }) => !plan.fromTarget.has(id)).map(({ id }) => id));
  const fromTarget = new Set(
    plan.objects.filter(({ id }) => plan.fromTarget.has(id)).map(({ identity }) => identity),
  );
  const keyOf = ({ schema, name }: { readonly schema: string; readonly name: string }): string =>
    JSON.stringify([schema, name]);
  const keptNames = new Set(plan.keptSequences.map(({ live }) => keyOf(live)));
  const kept = new Set(target.sequences.filter((one) => keptNames.has(keyOf(one))).map(({ id }) => id));
  return {
    // Kinds that the options leave out are not handled here: the caller decides whether to compare them.
    source: only(source, ({ id, kind }) => fromSource.has(id) || plan.leftOutKinds.has(kind)),
    target: only(
      target,
      ({ id, kind, identity, partOf }) =>
        !plan.staying.has(id) &&
        !fromTarget.has(identity) &&
        !(kind === 'sequence value' && kept.has(partOf ?? '')),
    ),
  };
}

function only(model: CatalogModel, wanted: (object: CatalogObject) => boolean): CatalogModel {
  const gone = new Set(
    model.objects.filter((object) => object.kind === 'extension' && !wanted(object)).map(({ name }) => name),
  );
  return {
    ...model,
    objects: model.objects.filter(wanted),
    extensions: model.extensions.filter(({ name }) => !gone.has(name)),
    extensionMembers: model.extensionMembers.filter(({ extension }) => !gone.has(extension)),
  };
}
