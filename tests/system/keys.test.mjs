// Several keys of one provider: in turn, round those that are refused or limited, without the client noticing.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { appKey, baseConfig, providerKey, refusing, startGateway, startSim, streamText, test, waitFor, writeConfig } from './lib.mjs';

const pool = ['sk-pool-one-00112233', 'sk-pool-two-00112233', 'sk-pool-three-00112233'];
const config = (sim, apiKeys, extra = {}) => baseConfig([sim], {
  providers: { [sim.name]: { type: 'openai', base_url: sim.base, api_keys: apiKeys } }, ...extra,
});
const keysOf = (entries) => entries.map((entry) => entry.headers.authorization.replace('Bearer ', ''));

describe('a provider that lets any key in', () => {
  let sim, gateway;
  before(async () => {
    sim = await startSim('open', { key: null });
    gateway = await startGateway(config(sim, pool));
  });

  test('its keys take turns', async () => {
    for (let i = 0; i < 6; i++) assert.equal((await gateway.chat('open/turns')).status, 200);
    assert.deepEqual(keysOf(await sim.seen('turns')).sort(), [...pool, ...pool].sort());
  });

  test('a key that met a limit rests as long as it was told to, and the request goes on with the next', async () => {
    await sim.script('limited', { ...refusing(429, {}, { headers: { 'retry-after': '2' } }), times: 1 });
    const answer = await gateway.chat('open/limited');
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['x-sluice-attempts'], '1');
    const [limited, served] = keysOf(await sim.seen('limited'));
    assert.notEqual(limited, served);
    assert.equal(await gateway.metric('sluice_provider_key_resting'), 1);
    for (let i = 0; i < 4; i++) assert.equal((await gateway.chat('open/after')).status, 200);
    assert.ok(!keysOf(await sim.seen('after')).includes(limited));
    await waitFor('the end of its rest', async () => (await gateway.metric('sluice_provider_key_resting')) === 0, 4000);
    for (let i = 0; i < 3; i++) await gateway.chat('open/rested');
    assert.ok(keysOf(await sim.seen('rested')).includes(limited));
  });

  test('streams go on with the next key too', async () => {
    await sim.script('streamed', { ...refusing(429, {}, { headers: { 'retry-after': '1' } }), times: 1 });
    const answer = await gateway.chat('open/streamed', { stream: true, text: 'one two' });
    assert.equal(answer.status, 200);
    assert.equal(streamText(answer.events), 'You said: one two');
    assert.equal((await sim.seen('streamed')).length, 2);
  });

  test('when all are limited the client is told what the last was told', async () => {
    await sim.script('all', { ...refusing(429, { message: 'slow down please' }, { headers: { 'retry-after': '1' } }), times: 3 });
    const answer = await gateway.chat('open/all');
    assert.equal(answer.status, 429);
    assert.match(answer.text, /slow down please/);
    assert.equal(new Set(keysOf(await sim.seen('all'))).size, (await sim.seen('all')).length);
  });
});

describe('a provider that knows one of the keys', () => {
  let sim;
  before(async () => { sim = await startSim('strict'); });

  test('the others are shown to it once, also after a reload, and nobody else sees them', async () => {
    const bad = ['sk-revoked-aaaabbbbcccc', 'sk-revoked-ddddeeeeffff'];
    const gateway = await startGateway(config(sim, [bad[0], providerKey, bad[1]]));
    for (let i = 0; i < 9; i++) assert.equal((await gateway.chat('strict/some')).status, 200);
    // Who is refused is not asked for a model: all the simulator's entries are looked at.
    const shown = () => sim.ledger().then(keysOf);
    for (const key of bad) assert.equal((await shown()).filter((one) => one === key).length, 1);
    writeConfig(gateway.file, config(sim, [bad[0], providerKey, bad[1]], { drain: '2s' }));
    gateway.signal('SIGHUP');
    await waitFor('the reload', async () => (await gateway.metric('sluice_config_reloads_total', { result: 'ok' })) > 0);
    for (let i = 0; i < 6; i++) assert.equal((await gateway.chat('strict/some')).status, 200);
    for (const key of bad) assert.equal((await shown()).filter((one) => one === key).length, 1);
    const metrics = await gateway.metrics();
    assert.equal(await gateway.metric('sluice_provider_key_resting'), 2);
    for (const key of [...bad, providerKey, appKey]) assert.ok(!(metrics + gateway.stderr).includes(key));
  });

  test('when it knows none the client is told so, without a key', async () => {
    const gateway = await startGateway(config(sim, pool));
    for (let i = 0; i < 3; i++) {
      const answer = await gateway.chat('strict/none');
      assert.ok(answer.status >= 400, `${answer.status}`);
      for (const key of pool) assert.ok(!(answer.text + gateway.stderr).includes(key));
    }
  });
});
