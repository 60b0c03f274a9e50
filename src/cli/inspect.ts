/** `gemmule inspect` */
import { io } from '../index.ts';
import type { InspectValues, Run } from './commands.ts';
import { count } from './progress.ts';

export const run: Run<InspectValues> = (values, [file]) => {
  const { metadata, entries } = io.inspectSafetensors(file);
  const tensors = entries.map(({ name, dtype, shape, bytes }) => ({ name, dtype, shape, bytes }));
  const parameters = tensors.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const bytes = tensors.reduce((sum, tensor) => sum + tensor.bytes, 0);
  if (values.json) {
    console.log(JSON.stringify({ file, metadata, tensors, parameters, bytes }));
    return 0;
  }
  const width = Math.max(0, ...tensors.map(({ name }) => name.length));
  for (const { name, dtype, shape } of tensors)
    console.log(`${name.padEnd(width)}  ${dtype.padEnd(4)}  [${shape.join(', ')}]`);
  for (const [key, value] of Object.entries(metadata)) console.log(`${key}: ${value}`);
  console.log(`${tensors.length} tensors, ${count(parameters)} elements, ${count(bytes)} bytes`);
  return 0;
};
