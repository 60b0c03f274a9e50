/** `io`: tensors in files. */
export { inspectSafetensors, loadSafetensors, type SaveSafetensorsOptions, saveSafetensors } from './safetensors.ts';
export type { SafetensorsEntry, SafetensorsHeader } from './safetensors-header.ts';
