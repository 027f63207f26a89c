import { describe, expect, it } from 'vitest';
import { modes } from '../../plan/modes.ts';
import type { Plan } from '../../sync/contract/plan.ts';
import { renderPlan } from './plan.ts';

const plan: Plan = {
  type: 'plan',
  source: 'src',
  target: 'dst',
  mode: 'replace',
  modeReason: null,
  backup: 'file',
  safety: 'a dump of the target, and its kept database',
  protected: false,
  schemas: null,
  tables: [],
  largeObjects: null,
  differences: [],
  collections: [],
  connections: { source: 6, target: 8 },
  sessions: [{ pid: 1, role: 'app', application: 'shop' }],
  targetBytesNeeded: 0,
  dumpBytesNeeded: 0,
  masking: null,
  leftOut: [],
  warnings: [],
  blockers: [],
};

describe('a plan for people', () => {
  it('says what a new database brings', () => {
    const text = renderPlan(plan, { color: false });
    expect(text).toContain('Safety        a dump of the target, and its kept database\n');
    expect(text).toContain('Connections   up to 6 to src, 8 to dst\n');
    expect(text).toContain('Sessions      1 session on the target would be ended: app shop (1)\n');
    expect(text).toContain('server_login_retry');
  });

  it('promises no more than a run would keep', () => {
    const first = (more: Partial<Plan>): string =>
      renderPlan({ ...plan, ...more }, { color: false }).split('\n')[0] ?? '';
    expect(first({})).toBe('A sync would make dst equal to src. Nothing was changed.');
    const but = 'A sync would make dst equal to src, but for what is named below. Nothing was changed.';
    expect(first({ leftOut: ['function public.f()'] })).toBe(but);
    expect(first({ warnings: ['extension x stays as it is.'] })).toBe(but);
    const blockers = [
      { code: 'TARGET_MEMORY', category: 'target', message: 'm', hint: 'h', details: {} },
    ] as const;
    expect(first({ blockers })).toBe('No sync of src to dst would start. Nothing was changed.');
  });

  it('says that objects cannot be told, and not that there are none', () => {
    const sentence = 'Which objects of dst would appear, vanish or change hangs on what is in the way';
    expect(renderPlan({ ...plan, differences: null }, { color: false })).toContain(sentence);
    expect(renderPlan(plan, { color: false })).not.toContain(sentence);
  });

  it('in place, ends no session and keeps no database', () => {
    const { safety } = modes['in-place'];
    const inPlace: Plan = { ...plan, mode: 'in-place', safety: safety.file, sessions: [] };
    const text = renderPlan(inPlace, { color: false });
    expect(text).toContain('Safety        a dump of the target\n');
    expect(text).not.toContain('session');
  });
});
