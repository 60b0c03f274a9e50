/** What a person sees while training: one line that is drawn again, and rows of a table. */

/** Where lines go; `columns` is there for a terminal. */
export interface Screen {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Missing or 0 where the terminal does not say. */
  readonly columns?: number;
}

export interface Progress {
  epoch: number;
  epochs: number;
  step: number;
  steps: number;
  loss: number;
  accuracy?: number;
  imagesPerSecond: number;
  /** Until the last epoch's end. */
  secondsLeft: number;
}

/** Time between two drawings. */
const INTERVAL_MS = 80;
const BAR_WIDTH = 24;

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

export function count(n: number): string {
  return grouped.format(n);
}

export function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(2)} %`;
}

/** `m:ss`, or `h:mm:ss` from an hour on. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  const two = (n: number): string => String(n).padStart(2, '0');
  const minutes = Math.floor(s / 60);
  const tail = two(s % 60);
  return minutes < 60 ? `${minutes}:${tail}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${tail}`;
}

/** The progress line: its bar takes the room that `columns` leaves. */
export function progressLine(p: Progress, columns: number): string {
  const before = `epoch ${p.epoch}/${p.epochs} `;
  const after = [
    ` ${p.step}/${p.steps}`,
    `loss ${p.loss.toFixed(4)}`,
    ...(p.accuracy === undefined ? [] : [`acc ${percent(p.accuracy)}`]),
    `${count(p.imagesPerSecond)} images/s`,
    `${duration(p.secondsLeft)} left`,
  ].join('  ');
  // a full last column would wrap
  const room = columns - 1 - before.length - after.length;
  const width = Math.max(0, Math.min(BAR_WIDTH, room));
  const filled = Math.round((width * p.step) / p.steps);
  const bar = '█'.repeat(filled) + '░'.repeat(width - filled);
  return (before + bar + after).slice(0, Math.max(1, columns - 1));
}

/** Draws the progress line on a terminal; elsewhere it draws nothing. */
export class ProgressBar {
  private readonly screen: Screen;
  private drawn = 0;
  private visible = false;

  constructor(screen: Screen) {
    this.screen = screen;
  }

  /** Draws unless the last drawing is too fresh. The text is made only when it is drawn. */
  update(progress: () => Progress, now = performance.now()): void {
    if (!this.screen.isTTY || now - this.drawn < INTERVAL_MS) return;
    this.drawn = now;
    this.visible = true;
    this.screen.write(`\r${progressLine(progress(), this.screen.columns || 80)}\x1b[K`);
  }

  /** Takes the line away. */
  clear(): void {
    if (this.visible) this.screen.write('\r\x1b[K');
    this.visible = false;
  }
}

export interface Column {
  readonly title: string;
  readonly width: number;
}

/** A row of right-aligned cells. */
export function tableRow(columns: readonly Column[], cells: readonly string[]): string {
  return columns.map(({ width }, i) => cells[i].padStart(width)).join('  ');
}
