/** `gemmule eval` */
import { data, train } from '../index.ts';
import type { EvalValues, Run } from './commands.ts';
import { loadTest } from './dataset.ts';
import { count, percent } from './progress.ts';
import { loadModel } from './saved.ts';

export const run: Run<EvalValues> = async (values, [file]) => {
  const { name, model } = loadModel(file, values.model);
  const set = loadTest(values);
  const start = performance.now();
  const { images, loss, accuracy } = await train.evaluate(
    model,
    new data.DataLoader(set, { batchSize: values['batch-size'] }),
  );
  const seconds = (performance.now() - start) / 1000;
  const imagesPerSecond = images / seconds;
  if (values.json) {
    console.log(
      JSON.stringify({ model: name, dataset: values.dataset, images, loss, accuracy, imagesPerSecond, seconds }),
    );
    return 0;
  }
  console.log(`${name} on ${count(images)} test images of ${values.dataset}`);
  console.log(
    `loss ${loss.toFixed(4)}, accuracy ${percent(accuracy ?? Number.NaN)}, ${count(imagesPerSecond)} images/s`,
  );
  return 0;
};
