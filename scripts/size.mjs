// npm run size: lines per folder. Aims: half of the files under 150 lines, none over 400.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib.mjs';

const limit = 400;
const source = /\.(ts|mjs|js|cc|h|def|py)$/;
const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' });
const files = listed
  .split('\0')
  .filter((file) => source.test(file))
  .map((file) => ({ file, lines: readFileSync(join(root, file), 'utf8').split('\n').length - 1 }));

const folderOf = (file) => file.split('/').slice(0, -1).slice(0, 3).join('/') || '.';
const folders = new Map();
for (const entry of files) {
  const name = folderOf(entry.file);
  folders.set(name, [...(folders.get(name) ?? []), entry]);
}

const median = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const largest = (entries) => entries.reduce((a, b) => (b.lines > a.lines ? b : a));
const line = (...cells) =>
  console.log(
    `${cells[0].padEnd(28)}${cells
      .slice(1, 5)
      .map((cell) => String(cell).padStart(8))
      .join('')}  ${cells[5]}`,
  );
const summary = (name, entries) => {
  const lines = entries.map((entry) => entry.lines);
  const top = largest(entries);
  line(
    name,
    entries.length,
    lines.reduce((a, b) => a + b, 0),
    median(lines),
    top.lines,
    top.file.split('/').at(-1),
  );
};

line('folder', 'files', 'lines', 'median', 'largest', '');
for (const name of [...folders.keys()].sort()) summary(name, folders.get(name));
summary('all', files);

const over = files.filter((entry) => entry.lines > limit).sort((a, b) => b.lines - a.lines);
for (const { file, lines } of over) console.log(`over ${limit}: ${file} (${lines})`);
process.exitCode = over.length === 0 ? 0 : 1;
