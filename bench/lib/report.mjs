/** Tables for people, lines of JSON for programs. */
const isQuiet = () => process.argv.includes('--json');

export function say(text = '') {
  if (!isQuiet()) process.stdout.write(`${text}\n`);
}

export function emit(record) {
  if (isQuiet()) process.stdout.write(`${JSON.stringify(record)}\n`);
}

export function time(seconds) {
  if (seconds >= 1) return `${seconds.toFixed(2)} s`;
  if (seconds >= 1e-3) return `${(seconds * 1e3).toFixed(2)} ms`;
  return `${(seconds * 1e6).toFixed(1)} us`;
}

/** A Markdown table with padded cells, so that it reads well in a terminal too. */
export function table(header, rows) {
  const cells = [header, ...rows].map((row) => row.map(String));
  const widths = header.map((_, i) => Math.max(...cells.map((row) => row[i].length)));
  const line = (row) =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(' | ')} |`;
  const rule = `|${widths.map((w, i) => (i === 0 ? '-'.repeat(w + 2) : `${'-'.repeat(w + 1)}:`)).join('|')}|`;
  say([line(cells[0]), rule, ...cells.slice(1).map(line)].join('\n'));
}

/**
 * The rows of one problem: time, spread of the rounds, and `columns(row)` more cells; gemmule's ratio to each. Peers that
 * do not take part are left to `tellAbsent`; wrong values stay in sight.
 */
export function problemRows(name, rows, columns = () => []) {
  const own = rows.find((row) => row.peer === 'gemmule');
  return rows
    .filter((row) => row.median || row.isWrong)
    .map((row) => [
      `${name} ${row.peer}`,
      row.median ? time(row.median) : row.skipped,
      row.median ? `±${(row.spread * 50).toFixed(0)} %` : '',
      ...(row.median ? columns(row) : columns({ median: Number.NaN }).map(() => '')),
      row.median && own?.median && row !== own ? `${(row.median / own.median).toFixed(2)}x` : '',
    ]);
}

/** Who did not take part in some of these problems, and why. */
export function tellAbsent(rows) {
  const counts = new Map();
  for (const row of rows) {
    if (row.median || row.isWrong) continue;
    const line = `${row.peer}: ${row.skipped.split('\n')[0].slice(0, 100)}`;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  if (counts.size > 0) say();
  for (const [line, count] of counts) say(`- ${line} (${count} ${count > 1 ? 'problems' : 'problem'})`);
}
