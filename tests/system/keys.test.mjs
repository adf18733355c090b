// Several keys of one provider: in turn, round those that are refused or limited, without the client noticing.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe } from 'node:test';
import { appKey, baseConfig, masterKey, providerKey, refusing, run, sleep, startGateway, startSim, streamText, test, waitFor, writeConfig } from './lib.mjs';

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

// A provider that answers each key as the test says: a status, or the milliseconds that a good answer takes.
async function startKeyed() {
  const answers = new Map();
  const shown = [];
  const server = http.createServer((request, response) => {
    const key = request.headers.authorization?.replace('Bearer ', '');
    shown.push(key);
    request.resume().on('end', async () => {
      const { status = 200, takes = 0 } = answers.get(key) ?? {};
      await sleep(takes);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(status === 200
        ? { id: 'c', object: 'chat.completion', created: 1, model: 'm', usage: { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 },
          choices: [{ index: 0, message: { role: 'assistant', content: 'yes' }, finish_reason: 'stop' }] }
        : { error: { message: 'it broke', type: 'server_error', param: null, code: null } }));
    });
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  after(() => server.close());
  return { answers, shown, base: `http://127.0.0.1:${server.address().port}/v1`, took: () => shown.splice(0) };
}

describe('keys with breakers and limits of their own', () => {
  const named = (limits = []) => pool.map((key, i) => ({ key, name: ['one', 'two', 'three'][i], ...(limits[i] ? { limits: limits[i] } : {}) }));
  const configOf = (keyed, keys, extra = {}) => baseConfig([], {
    providers: { keyed: { type: 'openai', base_url: keyed.base, api_keys: keys, key_breaker: { consecutive: 3, failure_percent: 0, cool_down: '1s' } } },
    models: { m: { deployments: ['keyed/m'], retries: 2, backoff: '5ms', breaker: { consecutive: 0, failure_percent: 0 } } }, ...extra,
  });
  const state = (gateway, key) => gateway.metric('sluice_provider_key_breaker_state', { key: `keyed/${key}` });
  const keysOfAdmin = async (gateway) => (await gateway.call({ path: '/admin/v1/provider-keys', key: masterKey })).json.keys;

  test('a key that keeps failing is left alone, and seen to be; the requests go on with the others; it comes back', async () => {
    const keyed = await startKeyed();
    const gateway = await startGateway(configOf(keyed, named()));
    keyed.answers.set(pool[0], { status: 500 });
    for (let i = 0; i < 9; i++) assert.equal((await gateway.chat('m')).status, 200);
    assert.equal(keyed.took().filter((key) => key === pool[0]).length, 3);
    assert.deepEqual([await state(gateway, 'one'), await state(gateway, 'two')], [2, 0]);
    for (let i = 0; i < 6; i++) {
      const { headers } = await gateway.chat('m', { stream: i % 2 === 0 });
      assert.deepEqual([headers['x-sluice-attempts'], headers['x-sluice-unavailable']], ['1', 'keyed#1=breaker']);
    }
    assert.ok(!keyed.took().includes(pool[0]));
    assert.deepEqual((await keysOfAdmin(gateway)).map(({ key, breaker }) => [key, breaker.state]), [['keyed/one', 'open'], ['keyed/two', 'closed'], ['keyed/three', 'closed']]);
    keyed.answers.clear();
    await sleep(1050);
    for (let i = 0; i < 4; i++) await gateway.chat('m');
    assert.ok(keyed.took().includes(pool[0]));
    assert.equal(await state(gateway, 'one'), 0);
    for (const key of pool) assert.ok(!(await gateway.metrics() + gateway.stderr).includes(key));
  });

  test('a key that an administrator holds is not shown; all held is told, and the next deployment asked', async () => {
    const keyed = await startKeyed();
    const gateway = await startGateway(configOf(keyed, named()));
    const hold = (key, word) => gateway.call({ method: 'PUT', path: `/admin/v1/provider-keys/${encodeURIComponent(key)}/hold`, key: masterKey, body: JSON.stringify({ hold: word }), headers: { 'content-type': 'application/json' } });
    const held = await hold('keyed/one', 'drained');
    assert.deepEqual([held.status, held.json.key, held.json.breaker.hold], [200, 'keyed/one', 'drained']);
    for (let i = 0; i < 6; i++) assert.equal((await gateway.chat('m')).status, 200);
    assert.deepEqual([...new Set(keyed.took())].sort(), [pool[1], pool[2]].sort());
    assert.equal((await gateway.chat('m')).headers['x-sluice-unavailable'], 'keyed#1=drained');
    keyed.took();
    assert.equal(await state(gateway, 'one'), 3);
    for (const key of ['keyed/two', 'keyed/three']) await hold(key, 'open');
    const none = await gateway.chat('m');
    assert.equal(none.status, 503);
    assert.match(none.json.error.message, /held by an administrator/);
    assert.deepEqual(keyed.took(), []);
    await hold('keyed/one', 'none');
    assert.equal((await gateway.chat('m')).status, 200);
    const wrong = await hold('keyed/on', 'open');
    assert.equal(wrong.status, 404);
    assert.match(wrong.json.error.message, /Did you mean 'keyed\/one'\?/);
    assert.equal((await hold('keyed/one', 'shut')).status, 400);
  });

  test('why tells which keys were shown, by their names', async () => {
    const keyed = await startKeyed();
    const gateway = await startGateway(configOf(keyed, named()));
    keyed.answers.set(pool[0], { status: 401 });
    const answers = [];
    for (let i = 0; i < 3; i++) answers.push(await gateway.chat('m'));
    const stories = await Promise.all(answers.map(async ({ id }) => (await gateway.call({ path: `/admin/v1/exchanges/${id}`, key: masterKey })).json));
    const shown = stories.map(({ tries }) => tries.map(({ keys }) => keys));
    assert.equal(shown.filter(([keys]) => /^keyed\/one, keyed\/(two|three)$/.test(keys)).length, 1, JSON.stringify(shown));
    const i = shown.findIndex(([keys]) => keys.includes('one'));
    const why = await run(['why', answers[i].id, '--key', masterKey, '--gateway', gateway.url]);
    assert.match(why.stdout, /first, with keyed\/one, keyed\//, why.stdout + why.stderr);
  });

  test('limits hold for each key: requests, concurrency; beyond them another deployment is asked, or the client is told when to come again', async () => {
    const keyed = await startKeyed();
    const limits = [{ rpm: 2 }, { rpm: 3 }, { rpm: 0, concurrency: 1 }];
    const gateway = await startGateway(configOf(keyed, named(limits)));
    for (const key of pool) keyed.answers.set(key, { takes: 300 });
    const first = await Promise.all(Array.from({ length: 6 }, () => gateway.chat('m')));
    assert.deepEqual(first.map(({ status }) => status), Array(6).fill(200));
    const counts = (keys) => pool.map((key) => keys.filter((one) => one === key).length);
    assert.deepEqual(counts(keyed.took()), [2, 3, 1]);
    const second = await Promise.all([gateway.chat('m'), gateway.chat('m')]);
    assert.deepEqual(second.map(({ status }) => status).sort(), [200, 503]);
    const refused = second.find(({ status }) => status === 503);
    assert.match(refused.text, /No key of the provider has room/);
    assert.ok(Number(refused.headers['retry-after']) >= 1);
    assert.deepEqual(counts(keyed.took()), [0, 0, 1]);
    const known = await keysOfAdmin(gateway);
    assert.deepEqual(known.map((one) => [one.limits.rpm, one.limits.concurrency, one.in_flight]), [[2, 0, 0], [3, 0, 0], [0, 1, 0]]);
  });

  test('limits of tokens go by what was used, streams that clients leave give their place back', async () => {
    const keyed = await startKeyed();
    const sim = await startSim('other');
    const gateway = await startGateway(configOf(keyed, named(), {
      providers: {
        keyed: { type: 'openai', base_url: keyed.base, api_keys: [{ key: pool[0], name: 'one', limits: { tpm: 40, concurrency: 1 } }] },
        other: { type: 'openai', base_url: sim.base, api_keys: [{ key: providerKey, limits: { concurrency: 1 } }] },
      },
      models: { m: { deployments: ['keyed/m', 'other/m'] }, slow: { deployments: ['other/slow'] } },
    }));
    const by = async () => (await gateway.chat('m')).headers['x-sluice-deployment'];
    const served = [];
    for (let i = 0; i < 6; i++) served.push(await by());
    const before = served.indexOf('other/m');
    assert.ok(before === 3 || before === 4, `each uses 10 of 40 tokens a minute: ${served}`);
    assert.ok(served.slice(before).every((one) => one === 'other/m'), `${served}`);
    await sim.script('slow', { text: 'a b c d e f g h', event_delay_ms: 200 });
    const stream = await gateway.open('slow', { stream: true });
    await stream.head();
    assert.equal((await gateway.chat('slow')).status, 503);
    stream.socket.destroy();
    await waitFor('the place given back', async () => (await gateway.metric('sluice_provider_key_in_flight')) === 0);
    await sim.script('slow', {});
    assert.equal((await gateway.chat('slow')).status, 200);
  });
});
