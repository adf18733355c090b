// Rate limits: all together or none, told in the client's own words, and given back on every path.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { Connection, calm, chat, masterKey, providerKey, sleep, startGateway, startSim, test, waitFor } from './lib.mjs';

let sim, base;
before(async () => {
  sim = await startSim('sim-a');
  await sim.script('slow', { delay_ms: 1500 });
  await sim.script('stream', { events: 500, event_delay_ms: 10 });
  await sim.script('reset', { break: { at: 'head', how: 'reset' } });
  await sim.script('refuses', { status: 400, error: { error: { message: 'no', type: 'invalid_request_error' } } });
  await sim.script('small', { usage: { prompt_tokens: 100, completion_tokens: 100, total_tokens: 200 } });
  base = {
    master_key: masterKey,
    providers: { 'sim-a': { type: 'openai', base_url: sim.base, api_key: providerKey } },
    models: {
      ...Object.fromEntries(['plain', 'slow', 'stream', 'reset', 'refuses', 'small'].map((name) => [name, { deployments: [`sim-a/${name}`], retries: 0, breaker: calm }])),
      limited: { deployments: ['sim-a/plain'], limits: { rpm: 1 } },
    },
  };
});
const keyOf = (name) => `sk-sl-limits-${name}`;
const key = (name, more = {}) => ({ name, key: keyOf(name), ...more });
const ask = (gateway, name, model, extra = {}) => gateway.chat(model, extra, { key: keyOf(name) });

test('answers tell how limits stand, and refusals too', async () => {
  const gateway = await startGateway({ ...base, keys: [key('one', { limits: { rpm: 2, tpm: 5000 } })] });
  const first = await ask(gateway, 'one', 'small', { max_tokens: 1000 });
  assert.equal(first.status, 200, first.text);
  assert.equal(first.headers['x-ratelimit-limit-requests'], '2');
  assert.equal(first.headers['x-ratelimit-remaining-requests'], '1');
  assert.match(first.headers['x-ratelimit-reset-requests'], /^(1m)?[0-9]+s$/);
  assert.equal(first.headers['x-ratelimit-limit-tokens'], '5000');
  assert.ok(Number(first.headers['x-ratelimit-remaining-tokens']) <= 4000);
  assert.equal((await ask(gateway, 'one', 'small', { stream: true })).headers['x-ratelimit-remaining-requests'], '0');
  const refused = await ask(gateway, 'one', 'small');
  assert.equal(refused.status, 429);
  assert.equal(refused.json.error.code, 'rate_limit_exceeded');
  assert.match(refused.json.error.message, /The key 'one' may send 2 requests a minute/);
  const wait = Number(refused.headers['retry-after']);
  assert.ok(wait > 50 && wait <= 62, `${wait}`);
  assert.equal(await gateway.metric('sluice_limit_refusals_total', { scope: 'key', limit: 'requests' }), 1);
});

test('what a budget refuses takes no requests from others', async () => {
  const limits = { rpm: 2 };
  const plain = base.models.plain;
  const places = {
    team: { teams: { crew: { limits } } },
    organisation: { organisation: { limits } },
    model: { models: { ...base.models, plain: { ...plain, limits } } },
    deployment: { models: { ...base.models, plain: { ...plain, deployments: [{ model: 'sim-a/plain', limits }] } } },
    provider: { providers: { 'sim-a': { ...base.providers['sim-a'], limits } } },
  };
  for (const unpriced of ['block', 'estimate_high']) {
    for (const [name, place] of Object.entries(places)) {
      const keys = [key('broke', { team: 'crew', budget: { usd: '0' } }), key('good', { team: 'crew' })];
      const gateway = await startGateway({ ...base, ...place, prices: { unpriced }, keys });
      for (let i = 0; i < 4; ++i) {
        const refused = await ask(gateway, 'broke', 'plain', { max_tokens: 5 });
        assert.equal(refused.json.error.code, unpriced === 'block' ? 'unpriced_model' : 'budget_exceeded', `${name}: ${refused.text}`);
      }
      for (let i = 0; i < 2; ++i) assert.equal((await ask(gateway, 'good', 'plain')).status, 200, name);
      assert.ok((await ask(gateway, 'good', 'plain')).status >= 429, name);
      await gateway.stop();
    }
  }
});

test('Anthropic clients get them in their own words', async () => {
  const gateway = await startGateway({ ...base, keys: [key('one', { limits: { rpm: 1, tpm: 5000 } })] });
  const send = () => gateway.post('/v1/messages', { ...chat('plain'), max_tokens: 50 }, { key: keyOf('one'), headers: { 'anthropic-version': '2023-06-01' } });
  const served = await send();
  assert.equal(served.status, 200, served.text);
  assert.equal(served.headers['anthropic-ratelimit-requests-limit'], '1');
  assert.equal(served.headers['anthropic-ratelimit-requests-remaining'], '0');
  assert.match(served.headers['anthropic-ratelimit-requests-reset'], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.equal(served.headers['x-ratelimit-limit-requests'], undefined);
  const refused = await send();
  assert.equal(refused.status, 429);
  assert.equal(refused.json.error.type, 'rate_limit_error');
  assert.ok(Number(refused.headers['retry-after']) > 0);
});

test('a Retry-After that works', { timeout: 90_000 }, async () => {
  const gateway = await startGateway({ ...base, keys: [key('one', { limits: { rpm: 1 } })] });
  assert.equal((await ask(gateway, 'one', 'plain')).status, 200);
  const refused = await ask(gateway, 'one', 'plain');
  assert.equal(refused.status, 429);
  await sleep(Number(refused.headers['retry-after']) * 1000);
  assert.equal((await ask(gateway, 'one', 'plain')).status, 200);
});

test('D5: no more requests than the limit, however many come at once', async () => {
  const gateway = await startGateway({ ...base, threads: 2, keys: [key('one', { limits: { rpm: 60 } })] });
  const all = await Promise.all(Array.from({ length: 200 }, () => ask(gateway, 'one', 'plain')));
  assert.equal(all.filter(({ status }) => status === 200).length, 60);
  assert.equal(all.filter(({ status }) => status === 429).length, 140);
});

test('D8: tokens are taken before and corrected after', async () => {
  const gateway = await startGateway({ ...base, keys: [key('one', { limits: { tpm: 10_000 } })] });
  const text = 'x'.repeat(4 * 4500);
  const all = await Promise.all(Array.from({ length: 20 }, () => ask(gateway, 'one', 'slow', { text })));
  assert.equal(all.filter(({ status }) => status === 200).length, 2, all.map(({ status }) => status).join());
  assert.match(all.find(({ status }) => status === 429).json.error.message, /may use 10000 tokens a minute \(tpm\)/);
});
test('D8: what was not used is given back', async () => {
  const gateway = await startGateway({ ...base, keys: [key('one', { limits: { tpm: 10_000 } })] });
  for (let i = 0; i < 5; i++) assert.equal((await ask(gateway, 'one', 'small', { max_tokens: 6000 })).status, 200, `request ${i}`);
});

describe('D8: answers that are asked for together are taken together', () => {
  const tpm = 1000;
  const places = {
    key: { keys: [key('one', { limits: { tpm } })] },
    deployment: { models: { slow: { retries: 0, breaker: calm, deployments: [{ model: 'sim-a/slow', limits: { tpm } }] } } },
    provider: (providers) => ({ providers: { 'sim-a': { ...providers['sim-a'], limits: { tpm } } } }),
    'key of a provider': (providers) => ({ providers: { 'sim-a': { ...providers['sim-a'], api_key: undefined, api_keys: [{ key: providerKey, name: 'a', limits: { tpm } }] } } }),
  };
  for (const [name, place] of Object.entries(places)) {
    test(name, async () => {
      const gateway = await startGateway({ ...base, keys: [key('one')], ...(typeof place === 'function' ? place(base.providers) : place) });
      const all = await Promise.all(Array.from({ length: 5 }, () => ask(gateway, 'one', 'slow', { max_tokens: 90, n: 10 })));
      assert.equal(all.filter(({ status }) => status === 200).length, 1, all.map(({ status }) => status).join());
    });
  }
});

describe('all together or none', () => {
  for (const [scope, config] of Object.entries({
    team: { keys: [key('one', { team: 't' }), key('two', { team: 't' })], teams: { t: { limits: { rpm: 1 } } } },
    user: { keys: [key('one', { user: 'u' }), key('two', { user: 'u' })], users: { u: { limits: { rpm: 1 } } } },
    organisation: { keys: [key('one'), key('two')], organisation: { limits: { rpm: 1 } } },
    tag: { keys: [key('one', { tags: { feature: 'a' } }), key('two', { tags: { feature: 'a' } })], tags: { feature: { each: { limits: { rpm: 1 } } } } },
  })) {
    test(`${scope}: of two keys the second is refused`, async () => {
      const gateway = await startGateway({ ...base, ...config });
      assert.equal((await ask(gateway, 'one', 'plain')).status, 200);
      const refused = await ask(gateway, 'two', 'plain');
      assert.equal(refused.status, 429);
      assert.equal(await gateway.metric('sluice_limit_refusals_total', { scope, limit: 'requests' }), 1);
    });
  }
  test('model', async () => {
    const gateway = await startGateway({ ...base, keys: [key('one', { limits: { rpm: 3 } }), key('two')] });
    assert.equal((await ask(gateway, 'one', 'limited')).status, 200);
    for (let i = 0; i < 3; i++) assert.equal((await ask(gateway, 'two', 'limited')).status, 429);
    for (let i = 0; i < 3; i++) assert.equal((await ask(gateway, 'one', 'limited')).status, 429);
    // Those refusals took nothing from the key.
    for (let i = 0; i < 2; i++) assert.equal((await ask(gateway, 'one', 'plain')).status, 200);
    assert.equal((await ask(gateway, 'one', 'plain')).status, 429);
  });
});

describe('a fallback model', () => {
  const to = (models, more) => ({ deployments: models.map((model) => `sim-a/${model}`), retries: 0, breaker: calm, ...more });
  const start = async (more, keys = []) => {
    await sim.script('fails', { status: 500 });
    const models = { falls: to(['fails'], { fallbacks: { any: ['narrow', 'plain'] } }), narrow: to(['small'], more), plain: to(['plain']) };
    return startGateway({ ...base, models, keys: [key('one'), ...keys] });
  };
  const servedBy = (answer) => answer.headers['x-sluice-deployment'];
  const story = async (gateway, answer) => (await gateway.call({ path: `/admin/v1/exchanges/${answer.headers['x-sluice-request-id']}`, key: masterKey })).json;

  for (const stream of [false, true]) {
    test(`has its rate of requests whoever asks it, and is passed over when it is used up${stream ? ', streamed' : ''}`, async () => {
      const gateway = await start({ limits: { rpm: 2 } });
      assert.equal(servedBy(await ask(gateway, 'one', 'falls', { stream })), 'sim-a/small');
      assert.equal(servedBy(await ask(gateway, 'one', 'narrow', { stream })), 'sim-a/small');
      const passed = await ask(gateway, 'one', 'falls', { stream });
      assert.deepEqual([passed.status, servedBy(passed), passed.headers['x-sluice-attempts']], [200, 'sim-a/plain', '2']);
      const { tries } = await story(gateway, passed);
      assert.deepEqual(tries.map(({ deployment, failure }) => [deployment, failure]), [['sim-a/fails', 'server_error'], ['sim-a/small', 'no_room'], ['sim-a/plain', null]]);
      assert.match(tries[1].error, /the model 'narrow' may take 2 requests a minute, which are used up/);
      assert.equal((await ask(gateway, 'one', 'narrow', { stream })).status, 429);
      assert.equal(await gateway.metric('sluice_limit_refusals_total', { scope: 'route', limit: 'requests' }), 2);
    });
    test(`has its rate of tokens, corrected by what was used${stream ? ', streamed' : ''}`, async () => {
      const gateway = await start({ limits: { tpm: 450 } });
      const asked = { stream, max_tokens: 200 };    // 200 are used
      assert.deepEqual([servedBy(await ask(gateway, 'one', 'falls', asked)), servedBy(await ask(gateway, 'one', 'falls', asked))], ['sim-a/small', 'sim-a/small']);
      assert.equal(servedBy(await ask(gateway, 'one', 'falls', asked)), 'sim-a/plain');
      assert.equal((await ask(gateway, 'one', 'narrow', asked)).status, 429);
    });
    test(`has room for so many at once, and has it back${stream ? ', streamed' : ''}`, async () => {
      const gateway = await start({ limits: { concurrency: 1 }, deployments: ['sim-a/slow'] });
      const slow = ask(gateway, 'one', 'falls', { stream });
      await waitFor('it to be under way', async () => (await gateway.metric('sluice_deployment_in_flight', { deployment: 'sim-a/slow' })) === 1);
      const passed = await ask(gateway, 'one', 'falls', { stream });
      assert.equal(servedBy(passed), 'sim-a/plain');
      assert.match((await story(gateway, passed)).tries[1].error, /the model 'narrow' may have 1 requests under way at once/);
      assert.equal(servedBy(await slow), 'sim-a/slow');
      assert.equal(servedBy(await ask(gateway, 'one', 'falls', { stream })), 'sim-a/slow');
    });
  }
  test('has its limits where none of the deployments that it stands in for may be asked', async () => {
    const gateway = await start({ limits: { rpm: 1 } });
    const held = await gateway.call({ method: 'PUT', path: '/admin/v1/deployments/sim-a%2Ffails/hold', key: masterKey, body: '{"hold":"drained"}', headers: { 'content-type': 'application/json' } });
    assert.equal(held.status, 200, held.text);
    assert.deepEqual([servedBy(await ask(gateway, 'one', 'falls')), servedBy(await ask(gateway, 'one', 'falls'))], ['sim-a/small', 'sim-a/plain']);
  });
  test('is told of when no other is left', async () => {
    await sim.script('fails', { status: 500 });
    const gateway = await startGateway({ ...base, models: { falls: to(['fails'], { fallbacks: { any: ['narrow'] } }), narrow: to(['small'], { limits: { rpm: 1 } }) }, keys: [key('one')] });
    assert.equal((await ask(gateway, 'one', 'falls')).status, 200);
    const refused = await ask(gateway, 'one', 'falls');
    assert.deepEqual([refused.status, refused.json.error.code], [503, 'no_room'], refused.text);
    assert.ok(Number(refused.headers['retry-after']) > 0);
  });
  test('what a budget refuses takes nothing from it', async () => {
    const gateway = await start({ limits: { rpm: 1 }, deployments: [{ model: 'sim-a/small', price: { input: '0', output: '1000' }, budget: { usd: '0.05' } }] });
    assert.equal(servedBy(await ask(gateway, 'one', 'falls', { max_tokens: 100 })), 'sim-a/plain');
    assert.equal((await ask(gateway, 'one', 'narrow', { max_tokens: 1 })).status, 200);
  });
  test('that is for requests with a tag gets no other', async () => {
    const gateway = await start({ require_tags: ['feature', 'team'] }, [key('crew', { team: 'crew' })]);
    const tagged = (name, headers) => gateway.chat('falls', {}, { key: keyOf(name), headers });
    for (const [name, headers, by] of [
      ['one', {}, 'plain'], ['one', { 'x-sluice-feature': 'a' }, 'plain'], ['one', { 'x-sluice-tags': 'feature=a,team=b' }, 'small'],
      ['crew', { 'x-sluice-feature': 'a' }, 'small'], ['crew', {}, 'plain'],
    ]) {
      const answer = await tagged(name, headers);
      assert.equal(servedBy(answer), `sim-a/${by}`, JSON.stringify([name, headers]));
      const left = (await story(gateway, answer)).excluded ?? [];
      assert.equal(JSON.stringify(left).includes('the request lacks a tag that its model requires'), by === 'plain', JSON.stringify(left));
    }
    assert.equal((await gateway.chat('narrow', {}, { key: keyOf('one') })).json.error.code, 'missing_tag');
  });
  test('that marks what has no tag serves it', async () => {
    const gateway = await start({ require_tags: ['feature'], untagged: 'mark' });
    assert.equal(servedBy(await ask(gateway, 'one', 'falls')), 'sim-a/small');
  });
});

test('D4: room is given back after successes, errors, resets and clients that leave', async () => {
  const gateway = await startGateway({ ...base, keys: [key('one', { limits: { concurrency: 4 } })] });
  const leave = async (stage) => {
    const connection = await Connection.open(gateway);
    const body = JSON.stringify(chat('stream', { stream: true }));
    connection.request({ method: 'POST', path: '/v1/chat/completions', body, headers: { authorization: `Bearer ${keyOf('one')}`, 'content-type': 'application/json' } });
    if (stage > 0) await connection.head();
    if (stage > 1) await sleep(30);
    connection.socket.destroy();
  };
  for (let round = 0; round < 60; round++) {
    await Promise.all([ask(gateway, 'one', 'plain'), ask(gateway, 'one', 'refuses'), ask(gateway, 'one', 'reset'), ask(gateway, 'one', 'no-such-model'), leave(round % 3)]);
  }
  await waitFor('all to have left', async () => (await gateway.metric('sluice_in_flight')) <= 1);
  const four = Array.from({ length: 4 }, () => ask(gateway, 'one', 'slow'));
  await waitFor('four to be under way', async () => (await gateway.metric('sluice_in_flight')) >= 5);
  const fifth = await ask(gateway, 'one', 'plain');
  assert.equal(fifth.status, 429);
  assert.match(fifth.json.error.message, /4 requests under way at once/);
  for (const answer of await Promise.all(four)) assert.equal(answer.status, 200);
  assert.equal((await ask(gateway, 'one', 'plain')).status, 200);
});
