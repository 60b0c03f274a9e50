/** `gemmule export` */
import { writeFileSync } from 'node:fs';
import { io } from '../index.ts';
import { UsageError } from './args.ts';
import type { ExportValues, Run } from './commands.ts';
import { checkWritable } from './out.ts';
import { count } from './progress.ts';
import { loadModel } from './saved.ts';

/** One image, as LeNet takes it. */
const IMAGE = [1, 28, 28];

export const run: Run<ExportValues> = (values) => {
  const { weights, opset, batch } = values;
  if (weights === undefined) throw new UsageError('option --weights FILE is missing; see gemmule export --help');
  const out = values.out ?? `${weights.replace(/\.safetensors$/, '')}.onnx`;
  checkWritable(out);
  const { name, model } = loadModel(weights, values.model);
  const file = io.exportOnnx(model, [batch ?? 1, ...IMAGE], { opset, dynamicBatch: batch === undefined });
  writeFileSync(out, file);
  const { inputs, outputs } = io.importOnnx(file);
  const parameters = model.parameters().reduce((sum, p) => sum + p.size, 0);
  if (values.json) {
    console.log(JSON.stringify({ file: out, model: name, opset, inputs, outputs, parameters, bytes: file.length }));
    return 0;
  }
  console.log(`Wrote ${name} to ${out}: ${count(parameters)} parameters, ${count(file.length)} bytes, opset ${opset}`);
  for (const [kind, list] of Object.entries({ input: inputs, output: outputs })) {
    for (const value of list) console.log(`${kind} "${value.name}": ${value.dtype} [${value.shape?.join(', ')}]`);
  }
  return 0;
};
