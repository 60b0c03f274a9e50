/** `gemmule doctor` */
import { backend } from '../index.ts';
import type { DoctorValues, Run } from './commands.ts';

export const run: Run<DoctorValues> = (values) => {
  const info = { node: process.version, ...backend.info() };
  if (values.json) {
    console.log(JSON.stringify(info));
    return 0;
  }
  const rows = Object.entries(info).map(([key, value]) => [
    key,
    Array.isArray(value) ? value.join(' ') : String(value),
  ]);
  const width = Math.max(...rows.map(([key]) => key.length));
  for (const [key, value] of rows) console.log(`${key.padEnd(width)}  ${value || '-'}`);
  return 0;
};
