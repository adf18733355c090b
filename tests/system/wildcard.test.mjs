// Models behind one wildcard deployment: each has a breaker of its own, and a provider that is gone is left alone for all.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { baseConfig, masterKey, startGateway, startPair, startSim, test } from './lib.mjs';

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
