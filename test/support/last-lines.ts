import type { TestModule, TestProject, Vitest } from 'vitest/node';
import type { Reporter } from 'vitest/reporters';
import type { Missing, Need } from './needs.ts';

/** What the last lines need to know of one test file. */
export interface FileOutcome {
  readonly project: string;
  readonly file: string;
  /** Full names of its tests, all of them. */
  readonly tests: readonly string[];
  readonly skippedCount: number;
  /** What the file asked for and was missing. */
  readonly lacked: readonly Need[];
}

export interface ProjectOutcome {
  readonly name: string;
  readonly missing: Missing;
  /** Why all of it was skipped; empty when it ran. */
  readonly skipped: string;
}

export interface RunOutcome {
  readonly files: readonly FileOutcome[];
  readonly projects: readonly ProjectOutcome[];
  /** Whether tests were chosen by their names: then what was not chosen counts as skipped, and says nothing. */
  readonly chosen: boolean;
  /** Whether the version matrix was left out of a run of everything else. */
  readonly withoutMatrix: boolean;
}

/** What a reader of a green run should still know. Same names make it red: a test that hides another proves nothing. */
export function lastLines(run: RunOutcome): { readonly text: string; readonly ok: boolean } {
  const twice = run.files.flatMap(sameNames);
  const parts = [
    section('Skipped:', run.chosen ? [] : skipped(run)),
    section('Not run:', run.withoutMatrix ? ['the matrix of all majors; `npm run test:all` has it too'] : []),
    section('Tests of one file with one name; tell them apart:', twice),
  ];
  return { text: parts.join(''), ok: twice.length === 0 };
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `\n${[title, ...lines.map((line) => `  ${line}`)].join('\n')}\n`;
}

function sameNames({ file, tests }: FileOutcome): string[] {
  const seen = new Set<string>();
  const repeated = new Set(tests.filter((test) => seen.size === seen.add(test).size));
  return [...repeated].map((test) => `${file} > ${test}`);
}

/** A whole project in one line, otherwise each file with its reason. */
function skipped({ files, projects }: RunOutcome): string[] {
  return projects.flatMap(({ name, missing, skipped: why }) => {
    const mine = files.filter(({ project, skippedCount }) => project === name && skippedCount > 0);
    if (mine.length === 0) return [];
    if (why !== '') return `all of "${name}" (${count(mine)}): ${named(missing)}`;
    return mine.map((one) => {
      const { file, lacked } = one;
      const reason = lacked.length === 0 ? 'by a condition of its own' : named(pick(missing, lacked));
      return `${file} (${count([one])}): ${reason}`;
    });
  });
}

function count(files: readonly FileOutcome[]): string {
  const tests = files.reduce((sum, { skippedCount }) => sum + skippedCount, 0);
  return tests === 1 ? '1 test' : `${tests} tests`;
}

function pick(missing: Missing, needs: readonly Need[]): Missing {
  return Object.fromEntries(needs.map((need) => [need, missing[need] ?? '']));
}

function named(missing: Missing): string {
  const each = Object.entries(missing).map(([need, reason]) => `${need} is missing (${reason})`);
  return each.join('; ');
}

/** Prints them after vitest's own summary. */
// oxlint-disable-next-line import/no-default-export -- vitest takes a reporter as the default export
export default class LastLines implements Reporter {
  #vitest: Vitest | null = null;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const { projects = [], config } = this.#vitest ?? {};
    const has = (wanted: string): boolean => projects.some(({ name }) => name === wanted);
    const { text, ok } = lastLines({
      files: modules.map(fileOutcome),
      projects: projects.map(projectOutcome),
      chosen: config?.testNamePattern !== undefined,
      withoutMatrix: has('pg') && has('e2e') && !has('matrix'),
    });
    process.stderr.write(text);
    if (!ok) process.exitCode = 1;
  }
}

function fileOutcome(module: TestModule): FileOutcome {
  const tests = [...module.children.allTests()];
  return {
    project: module.project.name,
    file: module.relativeModuleId,
    tests: tests.map(({ fullName }) => fullName),
    skippedCount: tests.filter((test) => test.result().state === 'skipped').length,
    lacked: module.meta().lacked ?? [],
  };
}

/** What global set-up found; a project without servers has none. */
function projectOutcome(project: TestProject): ProjectOutcome {
  const { missing = {}, skipProject = '' } = project.getProvidedContext() as Partial<
    ReturnType<TestProject['getProvidedContext']>
  >;
  return { name: project.name, missing, skipped: skipProject };
}
