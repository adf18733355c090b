// What all suites share: the parts of processes.mjs, the SDKs, and a `test` with a limit. Every child is ended when the file's tests are
// over; a gateway that does not end well (exit status 0 after SIGTERM) fails the file.
import { dirname, join } from 'node:path';
import { after, test as nodeTest } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { endChildren } from './processes.mjs';

export * from './processes.mjs';

export const sdkDir = process.env.SDK_DIR ?? join(dirname(fileURLToPath(import.meta.url)), 'node20');
export const loadSdks = () => import(pathToFileURL(join(sdkDir, 'sdk.mjs')));

// A test that hangs fails by itself and not with its whole file.
export const test = (name, ...rest) => nodeTest(name, { timeout: 60_000, ...(rest.length > 1 ? rest[0] : {}) }, rest.at(-1));

after(endChildren);
