// Budgets and rows say the same: what was spent is in both, each request once, whatever the store does meanwhile, when a budget is made
// and when a price is corrected.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, describe } from 'node:test';
import { exchange, lock } from './ledger.mjs';
import { Gateway, calm, masterKey, providerKey, run, sleep, startGateway, startSim, tempDir, test, waitFor, writeConfig } from './lib.mjs';

// Output costs $0.001 a token; input a millionth, so that what was only read is seen.
const price = { input: '1', output: '1000' };
const keyOf = (name) => `sk-sl-spending-${name}`;
// What it costs is so many thousandths of a dollar: a thousand tokens of input are the price of one of output.
const usage = (thousandths) => ({ usage: { prompt_tokens: 1000, completion_tokens: thousandths - 1, total_tokens: 999 + thousandths } });
const near = (value, wanted, about) => assert.ok(Math.abs(value - wanted) < 1e-9, `${about ?? ''} ${value} is not ${wanted}`);
const spent = (gateway, account, more = {}) => gateway.metric('sluice_budget_spent_usd', { account, ...more });

let sim, other, base;
before(async () => {
  sim = await startSim('sim-a');
  other = await startSim('sim-b');
  for (const one of [sim, other]) {
    await one.script('tenth', usage(100));
    await one.script('late', { ...usage(100), delay_ms: 3000 });
    await one.script('cut', { text: 'x'.repeat(4000), break: { at: 'body', after: 2000, how: 'close' } });
    await one.script('fails', { status: 500, error: { error: { message: 'no' } } });
    await one.script('broken', { error: { error: { message: 'no', type: 'server_error' } } });
  }
  const to = (...models) => ({ deployments: models.map((model) => ({ model, price })), retries: 0, backoff: '1ms', breaker: calm });
  base = {
    master_key: masterKey,
    providers: {
      'sim-a': { type: 'openai', base_url: sim.base, api_key: providerKey },
      'sim-b': { type: 'openai', base_url: other.base, api_key: providerKey },
      nobody: { type: 'openai', base_url: 'http://127.0.0.1:9/v1', api_key: providerKey },
    },
    models: {
      tenth: to('sim-a/tenth'), late: to('sim-a/late'), cut: to('sim-a/cut', 'sim-b/tenth'), failing: to('sim-a/fails', 'sim-b/tenth'),
      gone: to('nobody/tenth', 'sim-b/tenth'),
      hedged: { ...to('sim-a/late', 'sim-b/tenth'), hedge: { after: '50ms', max_extra_percent: 100 } },
    },
  };
});
const key = (name, budget) => ({ name, key: keyOf(name), ...(budget ? { budget } : {}) });
const ask = (gateway, name, model, more = {}) => gateway.chat(model, { max_tokens: 100, ...more }, { key: keyOf(name) });
const serve = (gateway) => new Gateway(['serve', '--config', gateway.file, '--listen', '127.0.0.1:0', '--data', join(dirname(gateway.file), 'data')]).ready();
const admin = async (gateway, method, path, body) => {
  const answer = await gateway.call({ method, path: `/admin/v1${path}`, key: masterKey, headers: { 'content-type': 'application/json' }, body: body && JSON.stringify(body) });
  assert.ok(answer.status < 300, answer.text);
  return answer.json;
};

describe('a store that is locked', () => {
  for (const end of ['stop', 'kill']) {
    test(`is no way to forget what was spent: ${end}`, async () => {
      let gateway = await startGateway({ ...base, keys: [key('one', { usd: '1.05', window: 'day' })], organisation: { budget: { usd: '9' } }, tags: { feature: { each: { budget: { usd: '9' } } } } });
      const held = await lock(gateway.data);
      for (let i = 0; i < 9; i++) assert.equal((await gateway.chat('tenth', { max_tokens: 100 }, { key: keyOf('one'), headers: { 'x-sluice-feature': 'f' } })).status, 200);
      await gateway[end]();
      const began = Date.now();
      gateway = await serve(gateway);
      assert.ok(Date.now() - began < 10_000, 'it serves soon');
      near(await spent(gateway, 'one'), 0.9);
      near(await gateway.metric('sluice_budget_spent_usd', { scope: 'organisation' }), 0.9);
      assert.equal((await ask(gateway, 'one', 'tenth')).status, 200);
      assert.equal((await ask(gateway, 'one', 'tenth')).status, 429);
      await held.release();
      await waitFor('the rows', async () => (await gateway.metric('sluice_ledger_rows_total', { state: 'stored' })) >= 11, 10_000);
      near(await spent(gateway, 'one'), 1, 'each once');
    });
  }
});

test('a budget that is made or gets another window has spent what waits in the journal, and what is under way', async () => {
  const gateway = await startGateway(base);
  const made = await admin(gateway, 'POST', '/keys', { name: 'made', budget: { usd: '9' } });
  const held = await lock(gateway.data);
  const one = (model = 'tenth') => gateway.chat(model, { max_tokens: 100 }, { key: made.key });
  for (let i = 0; i < 2; i++) assert.equal((await one()).status, 200);
  const late = one('late');
  await sleep(300);
  await held.release();
  await admin(gateway, 'PATCH', '/keys/made', { budget: { usd: '9', window: 'day' } });
  const budgets = [{ usd: '9', window: 'day' }, { usd: '9', window: '24h' }];
  await admin(gateway, 'PATCH', '/keys/made', { budget: budgets });
  assert.equal((await one()).status, 200);
  assert.equal((await late).status, 200);
  await waitFor('all of it', async () => Math.abs(await spent(gateway, 'made', { window: 'day' }) - 0.4) < 1e-9);
  near(await spent(gateway, 'made', { window: 'rolling 1d' }), 0.4);
});

test('a budget holds at once, however many windows the requests under way were charged to', async () => {
  const gateway = await startGateway(base);
  const windows = (first) => Array.from({ length: 8 }, (_, i) => ({ usd: '9', window: `${first + i}m` }));
  const made = await admin(gateway, 'POST', '/keys', { name: 'many', budget: windows(1) });
  const one = (model) => gateway.chat(model, { max_tokens: 100 }, { key: made.key });
  const setAside = (window) => waitFor('the request', async () => (await gateway.metric('sluice_budget_reserved_usd', { account: 'many', window })) > 0);
  const first = one('late');
  await setAside('rolling 1m');
  await admin(gateway, 'PATCH', '/keys/many', { budget: windows(9) });
  const second = one('late');
  await setAside('rolling 16m');
  await admin(gateway, 'PATCH', '/keys/many', { budget: { usd: '0.25' } });
  assert.equal((await one('tenth')).status, 429, 'two are under way');
  assert.deepEqual([(await first).status, (await second).status], [200, 200]);
  await waitFor('what they cost', async () => Math.abs(await spent(gateway, 'many', { window: 'total' }) - 0.2) < 1e-9);
  assert.equal((await one('tenth')).status, 429);
  await admin(gateway, 'PATCH', '/keys/many', { budget: { usd: '0.35' } });
  assert.deepEqual([(await one('tenth')).status, (await one('tenth')).status], [200, 429]);
  assert.equal(await gateway.metric('sluice_budget_reserved_usd', { account: 'many', window: 'total' }), 0);
});

describe('what a provider has worked on is never free', () => {
  let gateway;
  before(async () => {
    gateway = await startGateway({ ...base, keys: [key('one', { usd: '90' })] });
  });
  const row = (id) => waitFor('the row', () => exchange(gateway.data, id));
  const attempts = async (answer) => (await row(answer.headers['x-sluice-request-id'])).attempts;
  test('a client that leaves before the first byte', async () => {
    for (const stream of [true, false]) {
      const before = await spent(gateway, 'one');
      const connection = await gateway.open('late', { stream, max_tokens: 100, text: 'x'.repeat(4000) }, { key: keyOf('one') });
      await sleep(500);
      connection.destroy();
      const [last] = await waitFor('the row', async () => {
        const { exchanges } = await admin(gateway, 'GET', '/exchanges?limit=1');
        return exchanges[0]?.fault === 'client_gone' && exchanges;
      });
      const { attempts: [tried] } = await row(last.request_id);
      assert.equal(tried.usage_source, 'estimated');
      assert.ok(tried.input_tokens >= 1000, tried.input_tokens);
      assert.equal(tried.output_tokens, 0);
      assert.equal(tried.cost_nanos, tried.input_tokens * 1000);
      near(await spent(gateway, 'one'), before + tried.cost_nanos / 1e9);
      await gateway.call({ path: '/healthz' });
      await ask(gateway, 'one', 'tenth');
    }
  });
  test('a whole answer that is cut off', async () => {
    const [first, second] = await attempts(await ask(gateway, 'one', 'cut'));
    assert.equal(first.usage_source, 'estimated');
    assert.ok(first.output_tokens >= 300 && first.output_tokens <= 700, first.output_tokens);
    assert.ok(first.cost_nanos > 300e6, first.cost_nanos);
    assert.equal(second.usage_source, 'provider');
  });
  test('the loser of a hedge', async () => {
    const [loser, winner] = await attempts(await ask(gateway, 'one', 'hedged'));
    assert.deepEqual([loser.fault, loser.usage_source, winner.usage_source], ['superseded', 'estimated', 'provider']);
    assert.ok(loser.cost_nanos > 0);
  });
  test('but what never got there and what was refused is', async () => {
    for (const model of ['failing', 'gone']) {
      const [first] = await attempts(await ask(gateway, 'one', model));
      assert.deepEqual([first.cost_nanos, first.usage_source], [0, ''], model);
    }
  });
});

test('a corrected price is followed by budgets, with and without a restart', async () => {
  const file = join(tempDir(), 'prices.json');
  const catalogue = (output) => JSON.stringify({ schema: 1, date: '2026-11-22', models: [{ provider: 'openai', id: 'gpt-made-up', mode: 'chat', context_window: 1000, max_output: 1000, prices: { input: '0', output }, source: 'a test', date: '2026-11-22' }] });
  writeFileSync(file, catalogue('1000'));
  await sim.script('gpt-made-up', { usage: { prompt_tokens: 1, completion_tokens: 100, total_tokens: 101 } });
  const config = { ...base, prices: { file }, providers: { openai: { type: 'openai', base_url: sim.base, api_key: providerKey } },
    models: { made: { deployments: ['openai/gpt-made-up'], retries: 0 } }, keys: [key('one', { usd: '1' })] };
  let gateway = await startGateway(config);
  for (let i = 0; i < 5; i++) assert.equal((await ask(gateway, 'one', 'made')).status, 200);
  near(await spent(gateway, 'one'), 0.5);
  await waitFor('the rows', async () => (await gateway.metric('sluice_ledger_rows_total', { state: 'stored' })) >= 5);
  writeFileSync(file, catalogue('100'));
  writeConfig(gateway.file, { ...config, log: { level: 'info' } });
  await waitFor('the reload', () => gateway.logs.some((line) => line.msg === 'configuration reloaded'));
  const done = await run(['prices', 'recompute', '--gateway', gateway.url], { env: { SLUICE_MASTER_KEY: masterKey } });
  assert.equal(done.code, 0, done.stderr);
  await waitFor('the budget', async () => Math.abs(await spent(gateway, 'one') - 0.05) < 1e-9, 10_000);
  await gateway.stop();
  gateway = await serve(gateway);
  near(await spent(gateway, 'one'), 0.05);
});

describe('caps of deployments and providers', () => {
  const capped = (usd, deployments = ['sim-a/tenth']) => startGateway({
    ...base, keys: [key('none'), key('one', { usd: '50' })],
    models: { capped: { deployments: deployments.map((model, i) => ({ model, price, ...(i === 0 ? { budget: { usd } } : {}) })), retries: 0, breaker: calm } },
  });
  test('are told to no caller, and nobody is asked to try again', async () => {
    const gateway = await capped('0.15');
    const first = await ask(gateway, 'none', 'capped');
    assert.equal(first.status, 200);
    assert.equal(first.headers['x-sluice-budget-remaining-usd'], undefined);
    const refusals = [await ask(gateway, 'none', 'capped')];     // there is not enough left
    near(Number((await ask(gateway, 'one', 'capped', { max_tokens: 10 })).headers['x-sluice-budget-remaining-usd']), 49.9);
    refusals.push(await ask(gateway, 'none', 'capped'));         // there is nothing left
    for (const refused of refusals) {
      assert.equal(refused.status, 503, refused.text);
      assert.equal(refused.json.error.code, 'spend_cap');
      assert.doesNotMatch(refused.text, /USD|0\.15/);
      assert.equal(refused.headers['x-should-retry'], 'false');
      assert.equal(refused.headers['retry-after'], undefined);
    }
  });
  test('what they refuse is no attempt at the provider', async () => {
    const gateway = await capped('0.05', ['sim-a/tenth', 'sim-b/tenth']);
    const answer = await ask(gateway, 'none', 'capped');
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['x-sluice-attempts'], '1');
    assert.equal(await gateway.metric('sluice_attempts_total', { deployment: 'sim-a/tenth' }), 0);
    await waitFor('the row', () => exchange(gateway.data, answer.headers['x-sluice-request-id']));
    const { rows, total } = await admin(gateway, 'GET', '/report?by=provider');
    assert.deepEqual(rows.map(({ value }) => value), ['sim-b']);
    assert.deepEqual([total.attempts, total.waste?.failed_attempts?.count ?? 0], [1, 0]);
    const story = await admin(gateway, 'GET', `/exchanges/${answer.headers['x-sluice-request-id']}`);
    assert.deepEqual(story.tries.map(({ deployment }) => deployment), ['sim-a/tenth', 'sim-b/tenth'], 'the story says why');
  });
});
