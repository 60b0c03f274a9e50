/** `gemmule predict` */
import { noGrad } from '../index.ts';
import { UsageError } from './args.ts';
import type { PredictValues, Run } from './commands.ts';
import { loadTest } from './dataset.ts';
import { percent } from './progress.ts';
import { loadModel } from './saved.ts';

export const run: Run<PredictValues> = (values, [file]) => {
  const { model } = loadModel(file, values.model);
  const set = loadTest(values);
  const { index: first, count } = values;
  if (first + count > set.length) {
    throw new UsageError(
      `options --index and --count expected within ${set.length} images, got "${first}" and "${count}"`,
    );
  }
  const [images, labels] = set.batch(Int32Array.from({ length: count }, (_, i) => first + i));
  const rows = noGrad(() => model.forward(images).softmax(1)).toArray() as number[][];
  rows.forEach((probabilities, i) => {
    const index = first + i;
    const label = labels.data[i];
    const prediction = probabilities.indexOf(Math.max(...probabilities));
    if (values.json) {
      console.log(JSON.stringify({ index, label, prediction, probabilities }));
      return;
    }
    const [, height, width] = set.images.shape.slice(1);
    const pixels = set.images.data.subarray(index * height * width, (index + 1) * height * width) as Uint8Array;
    console.log(drawing(pixels, height, width));
    console.log(`image ${index}: ${prediction} (${percent(probabilities[prediction])}), label ${label}\n`);
  });
  return 0;
};

/** Two pixels, one above the other, make a character. */
function drawing(pixels: Uint8Array, height: number, width: number): string {
  const dark = (y: number, x: number): number => (y < height && pixels[y * width + x] >= 96 ? 1 : 0);
  const lines: string[] = [];
  for (let y = 0; y < height; y += 2) {
    let line = '';
    for (let x = 0; x < width; x++) line += ' ▀▄█'[dark(y, x) + 2 * dark(y + 1, x)];
    if (line.trim() !== '') lines.push(line.trimEnd());
  }
  return lines.join('\n');
}
