// Builds of native/CMakeLists.txt through cmake-js: the C++ tests and benches, their sanitizer builds, compile_commands.json
// and the peers of the benchmarks. The addon itself is node-gyp's (scripts/build.mjs).

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import cmakeJs from 'cmake-js';
import { root } from './lib.mjs';

/** What both steps share. The programs link no Node, so no headers are looked for: `isNodeApi`. */
const common = (out, config, silent) => ({
  directory: join(root, 'native'),
  out,
  config,
  silent,
  noLog: true,
  isNodeApi: true,
});

/** Writes the build files into the folder `out`; `defines` are CMake's cache variables. */
export async function configure(out, { config = 'Release', defines = {}, silent = false } = {}) {
  const cMakeOptions = { GEMMULE_NODE: process.execPath, ...defines };
  const extraCMakeArgs = ['--log-level=WARNING'];
  await new cmakeJs.CMake({ ...common(out, config, silent), cMakeOptions, extraCMakeArgs }).configure();
}

/** Builds the targets in a folder that `configure` has prepared. */
export async function build(out, targets, { config = 'Release', silent = false } = {}) {
  const extraCMakeArgs = targets.flatMap((target) => ['--target', target]);
  await new cmakeJs.CMake({
    ...common(out, config, silent),
    parallel: String(availableParallelism()),
    extraCMakeArgs,
  }).build();
}
