#!/usr/bin/env node
/** The `gemmule` command. */
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { helpText, readArgs, UsageError } from './args.ts';
import { commands } from './commands.ts';

function overview(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  return [
    'gemmule COMMAND [options]',
    '',
    ...Object.entries(commands).map(([name, { usage }]) => `  ${name.padEnd(width)}  ${usage.summary}`),
    '',
    'gemmule COMMAND --help lists the options of one.',
  ].join('\n');
}

function version(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
}

/**
 * Keeps V8's young generation at the size it starts with. It would grow from 1 to 16 MiB (and half as much again for its
 * copy) over the first thousand training steps, for objects that live no longer than a step.
 */
const keepYoungGenerationSmall = (): void => setFlagsFromString('--semi-space-growth-factor=1');

async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === '--version') {
    console.log(version());
    return 0;
  }
  if (name === undefined || name === '--help' || name === 'help') {
    console.log(overview());
    return 0;
  }
  if (!Object.hasOwn(commands, name)) {
    throw new UsageError(`unknown command ${JSON.stringify(name)}; known are ${Object.keys(commands).join(', ')}`);
  }
  const { usage, load } = commands[name];
  const { values, words } = readArgs(name, usage, rest);
  if (values.help) {
    console.log(helpText(name, usage));
    return 0;
  }
  // the library chooses its backend when it is loaded, so these come first
  if (values.backend !== undefined) process.env.GEMMULE_BACKEND = String(values.backend);
  if (values.threads !== undefined) process.env.GEMMULE_NUM_THREADS = String(values.threads);
  keepYoungGenerationSmall();
  const { run } = await load();
  return run(values as never, words);
}

// a reader that has seen enough, such as `head`, does not end a training
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`gemmule: ${(error as Error).message}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
