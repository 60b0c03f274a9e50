/** `node child.js DIST PREFIX`: runs the cases on the backend that GEMMULE_BACKEND names and prints the results as JSON. */
import { pathToFileURL } from 'node:url';
import { runAll } from './driver.ts';
import { readRecording } from './format.ts';
import type { Library } from './library.ts';

const [dist, prefix] = process.argv.slice(2);
const library = (await import(pathToFileURL(dist).href)) as Library;
const { name } = library.backend as { name: string };
process.stdout.write(JSON.stringify({ backend: name, results: runAll(library, readRecording(prefix)) }));
