// A short run of chaos (make chaos has the long one): providers fail in every way, and clients see only what nobody could help.
import assert from 'node:assert/strict';
import { chaos, report } from '../faults/chaos.mjs';
import { test } from './lib.mjs';

test('while providers fail and recover, every request is served that a healthy one can serve, and nothing is left', { timeout: 120_000 }, async () => {
  const run = await chaos({ seconds: 24, rate: 40 });
  assert.deepEqual(run.problems, [], report(run));
  assert.ok(run.weather.episodes.length >= 2, `${run.weather.episodes.length} episodes`);
});
