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
 * The rows of one problem: time, spread of the rounds, and `columns(row)` more cells; gemmule's ratio to each.
 */
export function problemRows(name, rows, columns = () => []) {
  const own = rows.find((row) => row.peer === 'gemmule');
  return rows.map((row) => [
    `${name} ${row.peer}`,
    row.median ? time(row.median) : row.skipped.split('\n')[0].slice(0, 60),
    row.median ? `±${(row.spread * 50).toFixed(0)} %` : '',
    ...(row.median ? columns(row) : columns({ median: Number.NaN }).map(() => '')),
    row.median && own?.median && row !== own ? `${(row.median / own.median).toFixed(2)}x` : '',
  ]);
}
