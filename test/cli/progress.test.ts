import { expect, it } from 'vitest';
import { duration, ProgressBar, progressLine, tableRow } from '../../src/cli/progress.ts';

const progress = {
  epoch: 2,
  epochs: 5,
  step: 30,
  steps: 60,
  loss: 0.12345,
  accuracy: 0.9512,
  imagesPerSecond: 41234.5,
  secondsLeft: 75,
};

it('progressLine shows loss, accuracy, images per second and time left', () => {
  expect(progressLine(progress, 200)).toBe(
    'epoch 2/5 ████████████░░░░░░░░░░░░ 30/60  loss 0.1235  acc 95.12 %  41,235 images/s  1:15 left',
  );
  expect(progressLine({ ...progress, accuracy: undefined }, 200)).not.toContain('acc');
  const narrow = progressLine(progress, 80);
  expect(narrow).toHaveLength(79);
  expect(narrow).toContain('█░');
  expect(narrow.endsWith('1:15 left')).toBe(true);
  expect(progressLine(progress, 40)).toHaveLength(39);
});

it('duration', () => {
  expect([0, 9.6, 60, 3599, 3600, 7265].map(duration)).toEqual(['0:00', '0:10', '1:00', '59:59', '1:00:00', '2:01:05']);
});

it('ProgressBar draws on a terminal only, at intervals, and clears what it drew', () => {
  const written: string[] = [];
  const screen = { write: (s: string) => written.push(s), isTTY: true, columns: 120 };
  const bar = new ProgressBar(screen);
  bar.clear();
  expect(written).toEqual([]);
  bar.update(() => progress, 1000);
  bar.update(() => progress, 1010);
  expect(written).toHaveLength(1);
  expect(written[0].startsWith('\repoch 2/5')).toBe(true);
  bar.update(() => progress, 1200);
  bar.clear();
  expect(written.at(-1)).toBe('\r\x1b[K');
  expect(written).toHaveLength(3);

  const piped = new ProgressBar({ ...screen, isTTY: false });
  piped.update(() => progress, 2000);
  piped.clear();
  expect(written).toHaveLength(3);
});

it('tableRow aligns to the right', () => {
  const columns = [
    { title: 'a', width: 5 },
    { title: 'b', width: 3 },
  ];
  expect(tableRow(columns, ['1', '22'])).toBe('    1   22');
});
