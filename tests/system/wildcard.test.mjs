// Models behind one wildcard deployment: each has a breaker of its own, and a provider that is gone is left alone for all. What is said
// of the deployment holds however it is named.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { dirname, join } from 'node:path';
import { Gateway, baseConfig, calm, masterKey, providerKey, run, startGateway, startPair, startSim, test, waitFor } from './lib.mjs';

const breaker = { consecutive: 3, failure_percent: 0, cool_down: '60s', max_cool_down: '60s' };
const models = { 'any/*': { deployments: ['sim-a/*', 'sim-b/*'], retries: 0, breaker } };
const askOf = (gateway) => async (model) => {
  const answer = await gateway.chat(model);
  return { status: answer.status, by: answer.headers['x-sluice-deployment'], tries: Number(answer.headers['x-sluice-attempts']) };
};

describe('a dead model behind a wildcard', () => {
  let gateway, a, b, ask;
  before(async () => { ({ gateway, sims: [a, b] } = await startPair({ models })); ask = askOf(gateway); });

  test('is left alone while the others are served by the same deployment', async () => {
    await a.script('dead', { status: 503 });
    for (let i = 0; i < 3; i++) assert.deepEqual(await ask('any/dead'), { status: 200, by: 'sim-b/*', tries: 2 });
    for (let i = 0; i < 5; i++) {
      assert.deepEqual(await ask('any/dead'), { status: 200, by: 'sim-b/*', tries: 1 });
      assert.deepEqual(await ask('any/well'), { status: 200, by: 'sim-a/*', tries: 1 });
    }
    assert.equal((await a.seen('dead')).length, 3);
  });

  test('is seen in the metrics and by the administrator; models that never failed are no series', async () => {
    assert.equal(await gateway.metric('sluice_model_breaker_state', { deployment: 'sim-a/*', model: 'dead' }), 2);
    assert.equal(await gateway.metric('sluice_breaker_state', { deployment: 'sim-a/*' }), 0);
    assert.doesNotMatch(await gateway.metrics(), /model="well"/);
    const answer = await gateway.call({ path: '/admin/v1/deployments', key: masterKey });
    const { models: known } = answer.json.deployments.find(({ name }) => name === 'sim-a/*');
    assert.equal(known.find(({ model }) => model === 'dead').breaker.state, 'open');
    assert.equal(known.find(({ model }) => model === 'well').breaker.state, 'closed');
  });

  test('names that clients make up take no more than their room, and the dead one stays known', async () => {
    for (let i = 0; i < 300; i++) assert.equal((await gateway.chat(`any/made-up-${i}`)).status, 200);
    const answer = await gateway.call({ path: '/admin/v1/deployments', key: masterKey });
    const { models: known } = answer.json.deployments.find(({ name }) => name === 'sim-a/*');
    assert.equal(known.length, 256);
    assert.deepEqual(await ask('any/dead'), { status: 200, by: 'sim-b/*', tries: 1 });
    assert.doesNotMatch(await gateway.metrics(), /made-up/);
  });

  test('a deployment that an administrator drains is drained for all its models', async () => {
    const hold = (word) => gateway.call({
      method: 'PUT', path: '/admin/v1/deployments/sim-a%2F*/hold', key: masterKey, body: JSON.stringify({ hold: word }), headers: { 'content-type': 'application/json' },
    });
    assert.equal((await hold('drained')).status, 200);
    assert.deepEqual(await ask('any/well'), { status: 200, by: 'sim-b/*', tries: 1 });
    assert.equal((await hold('none')).status, 200);
    assert.deepEqual(await ask('any/well'), { status: 200, by: 'sim-a/*', tries: 1 });
  });
});

describe('a provider that is gone', () => {
  test('is left alone for all models behind the wildcard after as many failures as one deployment may have', async () => {
    const [gone, b] = [await startSim('sim-a'), await startSim('sim-b')];
    const gateway = await startGateway(baseConfig([gone, b], { models }));
    const ask = askOf(gateway);
    await gone.stop();
    const tries = [];
    for (let i = 0; i < 6; i++) tries.push((await ask(`any/model-${i}`)).tries);
    assert.deepEqual(tries, [2, 2, 2, 1, 1, 1]);
    assert.equal(await gateway.metric('sluice_breaker_state', { deployment: 'sim-a/*' }), 2);
  });
});

describe('what is said of a wildcard deployment', () => {
  let sim;
  before(async () => {
    sim = await startSim('sim-a');
    await sim.script('tenth', { usage: { prompt_tokens: 5, completion_tokens: 100, total_tokens: 105 } });
    await sim.script('late', { delay_ms: 1500 });
  });
  const price = { input: '0', output: '1000' };     // 100 tokens are a tenth of a dollar
  const start = (more) => startGateway({
    master_key: masterKey,
    providers: { 'sim-a': { type: 'openai', base_url: sim.base, api_key: providerKey } },
    models: { 'w/*': { deployments: [{ model: 'sim-a/*', price, ...more }], retries: 0, breaker: calm }, 'v/*': { deployments: [{ model: 'sim-a/*', price }], retries: 0, breaker: calm } },
    teams: { crew: { aliases: { ours: 'sim-a/tenth' } } }, keys: [{ name: 'of-crew', key: 'sk-sl-of-crew', team: 'crew' }],
  });
  const ask = async (gateway, model, more = {}) => {
    const answer = await gateway.chat(model, { max_tokens: 100, ...more }, { key: model === 'ours' ? 'sk-sl-of-crew' : masterKey });
    return [answer.status, answer.status === 200 ? answer.headers['x-sluice-deployment'] : answer.json?.error?.code ?? answer.text];
  };
  const pass = (gateway) => gateway.post('/sim-a/v1/chat/completions', { model: 'tenth', messages: [{ role: 'user', content: 'hi' }] }, { key: masterKey });
  const spent = (gateway) => gateway.metric('sluice_budget_spent_usd', { scope: 'deployment', account: 'sim-a/*' });
  const ways = ['sim-a/tenth', 'w/tenth', 'v/tenth', 'ours'];

  for (const stream of [false, true]) {
    for (const way of ways) {
      test(`its budget, asked for as ${way}${stream ? ', streamed' : ''}, before and after a restart`, async () => {
        let gateway = await start({ budget: { usd: '0.15' } });
        assert.deepEqual(await ask(gateway, way, { stream }), [200, 'sim-a/*']);
        const refused = async () => {
          assert.ok(Math.abs(await spent(gateway) - 0.1) < 1e-9, `${await spent(gateway)} USD`);
          for (const again of [...ways, 'sim-a/other']) assert.deepEqual(await ask(gateway, again, { stream }), [503, 'spend_cap'], again);
          assert.equal((await pass(gateway)).json.error.code, 'unpriced_model', 'what is passed through is no way round it');
        };
        await refused();
        await waitFor('the row', async () => (await gateway.metric('sluice_ledger_rows_total', { state: 'stored' })) >= 1);
        const done = await run(['prices', 'recompute', '--gateway', gateway.url], { env: { SLUICE_MASTER_KEY: masterKey } });
        assert.equal(done.code, 0, done.stderr);
        await gateway.stop();
        gateway = await new Gateway(['serve', '--config', gateway.file, '--listen', '127.0.0.1:0', '--data', join(dirname(gateway.file), 'data')]).ready();
        await refused();
      });
    }
  }
  test('its rates', async () => {
    const gateway = await start({ limits: { rpm: 3 } });
    for (const way of ways.slice(0, 2)) assert.deepEqual(await ask(gateway, way), [200, 'sim-a/*']);
    assert.equal((await pass(gateway)).status, 200);
    for (const way of ways) assert.deepEqual(await ask(gateway, way), [503, 'no_room'], way);
    assert.equal((await pass(gateway)).status, 503);
  });
  test('how many it takes at once', async () => {
    const gateway = await start({ limits: { concurrency: 1, queue: 0 } });
    const late = ask(gateway, 'sim-a/late');
    await waitFor('it to be under way', async () => (await gateway.metric('sluice_in_flight')) >= 2);
    assert.deepEqual(await ask(gateway, 'w/tenth'), [503, 'queue_full']);
    assert.equal((await late)[0], 200);
    assert.deepEqual(await ask(gateway, 'w/tenth'), [200, 'sim-a/*']);
  });
});
