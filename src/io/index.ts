/** `io`: tensors and models in files. */
export { type ExportOnnxOptions, exportOnnx, importOnnx, OnnxModel, type OnnxValue } from './onnx/index.ts';
export { inspectSafetensors, loadSafetensors, type SaveSafetensorsOptions, saveSafetensors } from './safetensors.ts';
export type { SafetensorsEntry, SafetensorsHeader } from './safetensors-header.ts';
