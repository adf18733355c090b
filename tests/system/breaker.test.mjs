// Circuit breakers: who is asked while a deployment keeps failing, and when it is asked again.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { baseConfig, masterKey, sleep, startPair, test, waitFor, writeConfig } from './lib.mjs';

const breaker = { consecutive: 3, failure_percent: 0, cool_down: '2s', max_cool_down: '60s' };
const route = (name, ...letters) => ({ deployments: letters.map((letter) => `sim-${letter}/${name}`), retries: 0, backoff: '5ms', max_backoff: '100ms', breaker });
const names = ['failing', 'recovering', 'blameless', 'kept', 'seen', 'named'];
const models = { ...Object.fromEntries(names.map((name) => [name, route(name, 'a', 'b')])), sole: route('sole', 'a') };
models.waiting = { ...route('waiting', 'a'), retries: 3, max_backoff: '10s', breaker: { ...breaker, consecutive: 1, cool_down: '60s' } };
models.kept.breaker = models.named.breaker = { ...breaker, cool_down: '60s' };
let gateway, a, b;
before(async () => { ({ gateway, sims: [a, b] } = await startPair({ models })); });
const ask = async (model) => {
  const answer = await gateway.chat(model);
  return { status: answer.status, by: answer.headers['x-sluice-deployment']?.slice(0, 5), tries: Number(answer.headers['x-sluice-attempts']) };
};
const hits = async (sim, model) => (await sim.seen(model)).length;
const times = async (count, model) => {
  const seen = [];
  for (let i = 0; i < count; i++) seen.push(await ask(model));
  return seen;
};

describe('E5: a deployment that keeps failing', () => {
  test('is asked as often as it may fail in a row, then left alone until its cool-down is over, and longer each time', async () => {
    await a.script('failing', { status: 503 });
    const first = await times(3, 'failing');
    assert.deepEqual(first, Array(3).fill({ status: 200, by: 'sim-b', tries: 2 }));
    assert.deepEqual(await times(10, 'failing'), Array(10).fill({ status: 200, by: 'sim-b', tries: 1 }));
    assert.equal(await hits(a, 'failing'), 3);
    await sleep(2050);
    assert.deepEqual(await ask('failing'), { status: 200, by: 'sim-b', tries: 2 }, 'one probe');
    await sleep(2050);
    assert.deepEqual(await times(3, 'failing'), Array(3).fill({ status: 200, by: 'sim-b', tries: 1 }), 'the second cool-down is twice as long');
    assert.equal(await hits(a, 'failing'), 4);
  });

  test('serves again when a probe was good', async () => {
    await a.script('recovering', { status: 503 });
    await times(4, 'recovering');
    await a.script('recovering', {});
    await sleep(2050);
    assert.deepEqual(await times(4, 'recovering'), Array(4).fill({ status: 200, by: 'sim-a', tries: 1 }));
  });

  test('is still asked where it is the only one', async () => {
    await a.script('sole', { status: 503 });
    assert.deepEqual((await times(8, 'sole')).map(({ status }) => status), Array(8).fill(503));
    await a.script('sole', {});
    assert.deepEqual((await ask('sole')).status, 200);
  });

  test('is not waited for where its breaker will not let the retry pass', async () => {
    await a.script('waiting', { status: 503, headers: { 'retry-after': '5' } });
    const began = performance.now();
    const { status, tries } = await ask('waiting');
    assert.deepEqual([status, tries], [503, 1]);
    assert.ok(performance.now() - began < 4000);
    assert.equal(await hits(a, 'waiting'), 1);
  });

  test('is not blamed for what its clients did wrong', async () => {
    for (const status of [400, 404, 413, 422]) {
      await a.script('blameless', { status });
      await times(4, 'blameless');
    }
    await a.script('blameless', {});
    assert.deepEqual(await ask('blameless'), { status: 200, by: 'sim-a', tries: 1 });
  });

  test('is not forgotten by a reload', async () => {
    await a.script('kept', { status: 503 });
    await times(3, 'kept');
    const before = gateway.logs.length;
    writeConfig(gateway.file, baseConfig([a, b], { models, keep_alive: '14s' }));
    gateway.signal('SIGHUP');
    await waitFor('the reload', () => gateway.logs.slice(before).some(({ msg }) => msg === 'configuration reloaded'));
    assert.deepEqual(await ask('kept'), { status: 200, by: 'sim-b', tries: 1 });
    assert.equal(await hits(a, 'kept'), 3);
  });

  test('is seen in the metrics', async () => {
    const state = () => gateway.metric('sluice_breaker_state', { deployment: 'sim-a/seen' });
    await ask('seen');
    assert.equal(await state(), 0);
    await a.script('seen', { status: 503 });
    await times(3, 'seen');
    assert.equal(await state(), 2);
  });

  test('is named in the answers that pass it over, whole and streamed', async () => {
    const unavailable = async (more) => (await gateway.chat('named', { ...more, max_tokens: 5 })).headers['x-sluice-unavailable'];
    assert.equal(await unavailable(), undefined);
    await a.script('named', { status: 503 });
    await times(3, 'named');
    assert.equal(await unavailable(), 'sim-a/named=breaker');
    assert.equal(await unavailable({ stream: true }), 'sim-a/named=breaker');
    const drained = await gateway.call({
      method: 'PUT', path: '/admin/v1/deployments/sim-b%2Fnamed/hold', key: masterKey, body: '{"hold":"drained"}', headers: { 'content-type': 'application/json' },
    });
    assert.equal(drained.status, 200);
    assert.equal(await unavailable(), 'sim-b/named=drained, sim-a/named=breaker');
  });
});
