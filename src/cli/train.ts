/** `gemmule train` */
import { basename, relative } from 'node:path';
import { backend, data, io, manualSeed, type nn, train } from '../index.ts';
import type { Run, TrainValues } from './commands.ts';
import { loadTest, loadTrain } from './dataset.ts';
import { checkWritable } from './out.ts';
import { count, ProgressBar, percent, tableRow } from './progress.ts';
import { builders, makeOptimizer, type Recipe, recipeFor } from './recipe.ts';

/** What shells report for a program that Ctrl-C ended. */
const INTERRUPTED = 130;

const columns = [
  { title: 'epoch', width: 5 },
  { title: 'train loss', width: 10 },
  { title: 'train acc', width: 9 },
  { title: 'test loss', width: 9 },
  { title: 'test acc', width: 9 },
  { title: 'images/s', width: 9 },
  { title: 'seconds', width: 8 },
];

export const run: Run<TrainValues> = async (values) => {
  const recipe = recipeFor(values);
  const out = values.out ?? `${values.model}-${values.dataset}.safetensors`;
  checkWritable(out);
  manualSeed(values.seed);
  const model = builders[values.model]();
  const optimizer = makeOptimizer(model, recipe, values);
  const trainSet = loadTrain(values);
  const testSet = loadTest(values);
  const loader = new data.DataLoader(trainSet, { batchSize: recipe.batchSize, shuffle: true });
  const test = new data.DataLoader(testSet, { batchSize: 256 });

  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort();
  // a second Ctrl-C finds no handler and ends the program at once
  process.once('SIGINT', onInterrupt);
  const report = values.json ? jsonReport() : screenReport(values, recipe, loader, test);
  report.start();
  const history = await train.fit(model, loader, {
    optimizer,
    epochs: recipe.epochs,
    test,
    signal: interrupt.signal,
    onStep: report.onStep,
    onEpoch: report.onEpoch,
  });
  process.removeListener('SIGINT', onInterrupt);

  io.saveSafetensors(out, model.stateDict(), { metadata: metadataOf(values, recipe, history) });
  report.end(out, model, interrupt.signal.aborted);
  return interrupt.signal.aborted ? INTERRUPTED : 0;
};

function metadataOf(values: TrainValues, recipe: Recipe, history: readonly train.EpochInfo[]): Record<string, string> {
  const last = history.at(-1);
  return {
    format: 'pt',
    model: values.model,
    dataset: values.dataset,
    seed: String(values.seed),
    epochs: String(history.length),
    ...Object.fromEntries(
      Object.entries(recipe)
        .filter(([name]) => name !== 'epochs')
        .map(([name, v]) => [name, String(v)]),
    ),
    ...(last?.testAccuracy === undefined ? {} : { testAccuracy: String(last.testAccuracy) }),
  };
}

interface Report {
  start(): void;
  onStep?: NonNullable<Parameters<typeof train.fit>[2]['onStep']>;
  onEpoch(info: train.EpochInfo): void;
  end(out: string, model: nn.Module, interrupted: boolean): void;
}

/** One object per whole epoch, nothing else. */
function jsonReport(): Report {
  return {
    start() {},
    onEpoch({ epoch, trainLoss, trainAccuracy, testLoss, testAccuracy, imagesPerSecond, seconds }) {
      if (testLoss === undefined) return;
      const row = { epoch, trainLoss, trainAccuracy, testLoss, testAccuracy, imagesPerSecond, seconds };
      process.stdout.write(`${JSON.stringify(row)}\n`);
    },
    end() {},
  };
}

function screenReport(values: TrainValues, recipe: Recipe, loader: data.DataLoader, test: data.DataLoader): Report {
  const screen = process.stdout;
  const bar = new ProgressBar(screen);
  const line = (text: string): void => {
    bar.clear();
    screen.write(`${text}\n`);
  };
  return {
    start() {
      const { optimizer, lr, batchSize, epochs } = recipe;
      const { name, isa, threads } = backend.info();
      line(
        `${values.model} on ${values.dataset}: ${count(loader.dataset.length)} training and ${count(test.dataset.length)} test images`,
      );
      line(`${optimizer}, lr ${lr}, batch ${batchSize}, ${epochs} epochs, seed ${values.seed}`);
      line(
        `${name} backend${name === 'native' ? `, ${isa}` : ''}, ${threads} ${threads === 1 ? 'thread' : 'threads'}\n`,
      );
      line(
        tableRow(
          columns,
          columns.map(({ title }) => title),
        ),
      );
    },
    onStep({ epoch, step, loss, accuracy, images, seconds }) {
      bar.update(() => {
        const imagesPerSecond = images / seconds;
        const left = recipe.epochs * loader.length - ((epoch - 1) * loader.length + step);
        const secondsLeft = (left * seconds) / step;
        return {
          epoch,
          epochs: recipe.epochs,
          step,
          steps: loader.length,
          loss,
          accuracy,
          imagesPerSecond,
          secondsLeft,
        };
      });
    },
    onEpoch(info) {
      const shown = (value: number | undefined, format: (n: number) => string): string =>
        value === undefined ? '-' : format(value);
      const cells = [
        String(info.epoch),
        info.trainLoss.toFixed(4),
        shown(info.trainAccuracy, percent),
        shown(info.testLoss, (n) => n.toFixed(4)),
        shown(info.testAccuracy, percent),
        count(info.imagesPerSecond),
        info.seconds.toFixed(2),
      ];
      line(tableRow(columns, cells));
      if (info.testLoss === undefined)
        line(`Stopped after step ${info.steps} of ${loader.length} in epoch ${info.epoch}.`);
    },
    end(out, model) {
      const parameters = [...model.parameters()].reduce((sum, p) => sum + p.size, 0);
      line(`\nSaved ${count(parameters)} parameters in ${out}. Next:`);
      for (const next of nextCommands(values, out)) line(`  ${next}`);
    },
  };
}

/** Ready to be copied: the program is named as it was called. */
function nextCommands({ dataset, data: folder, model }: TrainValues, out: string): string[] {
  const script = process.argv[1] ?? 'gemmule';
  const self = basename(script) === 'gemmule' ? 'gemmule' : `node ${relative('', script)}`;
  const set = dataset === 'mnist' ? `--dataset mnist --data ${folder}` : '--dataset digits';
  return [
    `${self} eval ${out} ${set}`,
    `${self} predict ${out} ${set} --count 3`,
    `${self} inspect ${out}`,
    ...(dataset === 'mnist'
      ? [`${self} train ${set} --model ${model === 'lenet' ? 'lenet-relu' : 'lenet'}`]
      : [
          `${self} train --dataset mnist --data DIR --model ${model}`,
          '  (DIR holds train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte; .gz will do)',
        ]),
  ];
}
