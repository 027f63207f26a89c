import { Argument, Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { candidates } from './candidates.ts';

const program = new Command('tool').option('--json', 'JSON').option('--config <file>', 'a file');
program
  .command('sync')
  .argument('<source>')
  .argument('<target>')
  .addOption(new Option('--mode <mode>').choices(['replace', 'in-place', 'merge']))
  .option('--confirm <target>')
  .option('--no-search');
program.command('doctor').argument('[environments...]');
const jobs = program.command('jobs');
jobs.command('list');
jobs.command('watch').argument('<job>');
program.command('completion').addArgument(new Argument('<shell>').choices(['bash', 'zsh']));
program.command('complete', { hidden: true });

const environments = (): readonly string[] => ['production', 'staging', 'staging$(odd)'];
const after = (...words: readonly string[]): readonly string[] => candidates(program, words, environments);

describe('what a shell is told', () => {
  it.each<[readonly string[], readonly string[]]>([
    [[''], ['sync', 'doctor', 'jobs', 'completion']],
    [['s'], ['sync']],
    [
      ['sync', ''],
      ['production', 'staging'],
    ],
    [['sync', 'production', 'st'], ['staging']],
    [['sync', 'production', 'staging', ''], []],
    [
      ['sync', '--mode', ''],
      ['replace', 'in-place', 'merge'],
    ],
    [['sync', '--mode', 'merge', 'p'], ['production']],
    [['sync', '--confirm', 'st'], ['staging']],
    [['sync', '--m'], ['--mode']],
    [['--config', 'x', 'sync', '--j'], ['--json']],
    [['--config', ''], []],
    [
      ['doctor', 'production', ''],
      ['production', 'staging'],
    ],
    [
      ['jobs', ''],
      ['list', 'watch'],
    ],
    [['jobs', 'watch', ''], []],
    [['completion', 'z'], ['zsh']],
    [['nothing', ''], []],
  ])('after %j', (words, found) => {
    expect(after(...words)).toEqual(found);
  });
});
