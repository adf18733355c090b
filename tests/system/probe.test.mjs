// Probes: requests of the gateway's own that find out whether a provider or deployment answers, before a client has to.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { baseConfig, masterKey, providerKey, run, sleep, startGateway, startSim, tempDir, test, waitFor, writeConfig } from './lib.mjs';
import { join } from 'node:path';

const patient = { consecutive: 0, failure_percent: 0, cool_down: '60s', max_cool_down: '60s' };
const every = { interval: '100ms', timeout: '1s', failures: 3 };
const state = (gateway, deployment) => gateway.metric('sluice_breaker_state', { deployment });
const probes = (gateway, target, outcome) => gateway.metric('sluice_probes_total', { target, outcome });
const openOf = (gateway, deployment) => waitFor(`the breaker of ${deployment} to open`, async () => (await state(gateway, deployment)) === 2, 15_000);
const closedOf = (gateway, deployment) => waitFor(`the breaker of ${deployment} to close`, async () => (await state(gateway, deployment)) === 0, 15_000);

describe('a deployment probed by a chat', () => {
  let a, b, gateway;
  before(async () => {
    [a, b] = [await startSim('sim-a'), await startSim('sim-b')];
    gateway = await startGateway(baseConfig([a, b], {
      log: { level: 'debug' },
      models: {
        m: { deployments: [{ model: 'sim-a/m', probe: every, price: { input: '1000000', output: '1000000' } }, 'sim-b/m'], retries: 0, breaker: patient },
        unclear: { deployments: [{ model: 'sim-a/unclear', probe: every }, 'sim-b/unclear'], retries: 0, breaker: patient },
        unprobed: { deployments: ['sim-a/unprobed'] },
      },
    }));
  });

  test('fails before a client notices: its breaker opens, the others serve; it closes when it is good again', async () => {
    await waitFor('good probes', async () => (await probes(gateway, 'sim-a/m', 'ok')) >= 2, 15_000);
    assert.equal(await gateway.metric('sluice_probe_up', { target: 'sim-a/m' }), 1);
    await a.script('m', { status: 503 });
    await openOf(gateway, 'sim-a/m');
    assert.ok(await probes(gateway, 'sim-a/m', 'failed') >= 3);
    assert.equal(await gateway.metric('sluice_probe_up', { target: 'sim-a/m' }), 0);
    const answer = await gateway.chat('m');
    assert.deepEqual([answer.status, answer.headers['x-sluice-deployment'], answer.headers['x-sluice-attempts']], [200, 'sim-b/m', '1']);
    await a.script('m', {});
    await closedOf(gateway, 'sim-a/m');
    assert.equal((await gateway.chat('m')).headers['x-sluice-deployment'], 'sim-a/m');
    await gateway.output('the good probe', (c) => c.logs.some(({ msg }) => msg === 'a probe was good again'));
    const said = gateway.logs.filter(({ target }) => target === 'sim-a/m').map(({ msg }) => msg);
    const opened = said.indexOf('probes failed: its breaker is open');
    assert.equal(said[opened - 1], 'a probe failed', `${said}`);
    assert.equal(said[opened + 1], 'a probe was good again', `${said}`);
  });

  test('one that is too slow fails too', async () => {
    await a.script('m', { delay_ms: 5000 });
    await openOf(gateway, 'sim-a/m');
    await a.script('m', {});
    await closedOf(gateway, 'sim-a/m');
  });

  test('is sent the smallest chat that there is, and what that costs is counted', async () => {
    const seen = (await a.seen('m')).filter((entry) => entry.headers['user-agent'] === 'sluice-probe');
    assert.ok(seen.length >= 2);
    assert.ok(await gateway.metric('sluice_probe_cost_usd_total', { target: 'sim-a/m' }) > 0);
  });

  test('answers that say nothing of health open nothing', async () => {
    await a.script('unclear', { status: 429, headers: { 'retry-after': '1' } });
    await waitFor('unclear probes', async () => (await probes(gateway, 'sim-a/unclear', 'unclear')) >= 5, 15_000);
    assert.equal(await state(gateway, 'sim-a/unclear'), 0);
  });

  test('is no client: no request, no try and no row is counted, and what is not configured is not probed', async () => {
    const requests = await gateway.metric('sluice_requests_total', { operation: 'chat' });
    const probed = await probes(gateway, 'sim-a/m', 'ok');
    await waitFor('further probes', async () => (await probes(gateway, 'sim-a/m', 'ok')) >= probed + 3, 15_000);
    assert.equal(await gateway.metric('sluice_requests_total', { operation: 'chat' }), requests);
    assert.equal(await gateway.metric('sluice_attempts_total', { deployment: 'sim-a/m' }), 1, 'the one that a client made');
    const rows = (await gateway.call({ path: '/admin/v1/exchanges', key: masterKey })).json.exchanges;
    assert.equal(rows.length, 2);
    assert.equal((await a.seen('unprobed')).length, 0);
    assert.doesNotMatch(gateway.stderr, new RegExp(providerKey));
  });

  test('a reload puts other probes in their place', async () => {
    const plain = { m: { deployments: ['sim-a/m', 'sim-b/m'], retries: 0, breaker: patient } };
    writeConfig(gateway.file, baseConfig([a, b], { models: plain }));
    gateway.signal('SIGHUP');
    await waitFor('the reload', async () => (await gateway.metric('sluice_config_reloads_total', { result: 'ok' })) === 1, 15_000);
    await sleep(100);
    const probed = (await a.seen('m')).length;
    await sleep(400);
    assert.equal((await a.seen('m')).length, probed);
  });
});

describe('a provider probed by a path', () => {
  test('that is gone opens the breakers of all its deployments, and each is tried again when it is back', async () => {
    const [a, b] = [await startSim('sim-a'), await startSim('sim-b')];
    const models = Object.fromEntries(['x', 'y'].map((name) => [name, { deployments: [`sim-a/${name}`, `sim-b/${name}`], retries: 0, breaker: patient }]));
    models['any/*'] = { deployments: ['sim-a/*', 'sim-b/*'], retries: 0, breaker: patient };
    const gateway = await startGateway(baseConfig([a, b], {
      providers: { 'sim-a': { type: 'openai', base_url: a.base, api_key: providerKey, probe: { ...every, path: '/models' } } }, models,
    }));
    await waitFor('good probes', async () => (await probes(gateway, 'sim-a', 'ok')) >= 2, 15_000);
    await a.stop();
    for (const name of ['x', 'y', '*']) await openOf(gateway, `sim-a/${name}`);
    for (const model of ['x', 'y', 'any/z']) {
      const answer = await gateway.chat(model);
      assert.deepEqual([answer.status, answer.headers['x-sluice-attempts']], [200, '1'], model);
      assert.match(answer.headers['x-sluice-deployment'], /^sim-b/);
    }
    const again = await startSim('sim-a', { port: a.port });
    await waitFor('probes to be good again', async () => (await gateway.metric('sluice_probe_up', { target: 'sim-a' })) === 1, 15_000);
    for (const model of ['x', 'y', 'any/z']) assert.match((await gateway.chat(model)).headers['x-sluice-deployment'], /^sim-a/, model);
    assert.equal((await again.seen('x')).length, 1);
  });

  test('what a path says does not close what calls have opened', async () => {
    const [a, b] = [await startSim('sim-a'), await startSim('sim-b')];
    const gateway = await startGateway(baseConfig([a, b], {
      providers: { 'sim-a': { type: 'openai', base_url: a.base, api_key: providerKey, probe: { ...every, path: '/models' } } },
      models: { dead: { deployments: ['sim-a/dead', 'sim-b/dead'], retries: 0, breaker: { ...patient, consecutive: 2 } } },
    }));
    await a.script('dead', { status: 500 });
    for (let i = 0; i < 2; i++) await gateway.chat('dead');
    const good = await probes(gateway, 'sim-a', 'ok');
    await waitFor('further probes', async () => (await probes(gateway, 'sim-a', 'ok')) >= good + 3, 15_000);
    assert.equal(await state(gateway, 'sim-a/dead'), 2);
  });
});

test('a mistake in a probe is told with its line', async () => {
  const file = join(tempDir(), 'bad.yaml');
  writeConfig(file, 'providers:\n  openai:\n    api_key: k\n    probe:\n      interval: 30s\nmodels:\n  "a/*":\n    deployments:\n      - model: openai/*\n        probe: { interval: 10ms }\n');
  const checked = await run(['check', file]);
  assert.equal(checked.code, 1);
  assert.match(checked.stderr + checked.stdout, /providers\.openai\.probe\.path: is missing/);
  assert.match(checked.stderr + checked.stdout, /models\.a\/\*\.deployments\[0\]\.probe\.interval: must be 0 or at least 100ms/);
});
