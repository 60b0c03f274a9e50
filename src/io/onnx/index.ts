/** Models in ONNX files. */
export { type ExportOnnxOptions, exportOnnx } from './export.ts';
export { importOnnx } from './import.ts';
export { OnnxModel, type OnnxValue } from './model.ts';
