// Budgets of tags hold for all that a request is charged to: what the key fixes, whatever the request says, and after a restart as before.
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { before, describe } from 'node:test';
import { Connection, Gateway, calm, chat, masterKey, providerKey, startGateway, startSim, test, waitFor } from './lib.mjs';

// Output costs $0.001 a token and input nothing.
const price = { input: '0', output: '1000' };
const keyOf = (name) => `sk-sl-tags-${name}`;
const key = (name, more = {}) => ({ name, key: keyOf(name), ...more });
const budget = (usd, more = {}) => ({ budget: { usd, ...more } });
const near = (value, wanted, about) => assert.ok(Math.abs(value - wanted) < 1e-9, `${about ?? ''} ${value} is not ${wanted}`);
const spent = (gateway, account) => gateway.metric('sluice_budget_spent_usd', { scope: 'tag', account });
const ask = (gateway, name, headers = {}, more = {}) => gateway.chat('tenth', { max_tokens: 100, ...more }, { key: keyOf(name), headers });
// As after kill -9.
const again = async (gateway) => {
  const { file } = gateway;
  await gateway.kill();
  const next = await new Gateway(['serve', '--config', file, '--listen', '127.0.0.1:0', '--data', join(dirname(file), 'data')]).ready();
  return Object.assign(next, { file });
};
const made = async (gateway, path, body, as = masterKey) => {
  const answer = await gateway.post(`/admin/v1${path}`, body, { key: as });
  assert.ok(answer.status < 300, answer.text);
  return answer.json;
};

let sim, base;
before(async () => {
  sim = await startSim('sim-a');
  await sim.script('tenth', { usage: { prompt_tokens: 5, completion_tokens: 100, input_tokens: 5, output_tokens: 100, total_tokens: 105 } });
  base = {
    master_key: masterKey,
    providers: { 'sim-a': { type: 'openai', base_url: sim.base, api_key: providerKey } },
    models: { tenth: { deployments: [{ model: 'sim-a/tenth', price }], retries: 0, breaker: calm } },
  };
});

describe('whose key it is', () => {
  const teams = { team: { each: budget('9'), values: { shop: budget('8') } }, user: { values: { ann: budget('7') } } };
  const config = () => ({ ...base, keys: [key('web', { team: 'shop', user: 'ann' }), key('free')], tags: teams });

  test('is charged to budgets of the tags team and user, and after a restart too', async () => {
    let gateway = await startGateway(config());
    for (const headers of [{}, { 'x-sluice-team': 'other', 'x-sluice-user': 'bob' }]) assert.equal((await ask(gateway, 'web', headers)).status, 200);
    assert.equal((await ask(gateway, 'free', { 'x-sluice-team': 'shop' })).status, 200);
    for (const restarts of [0, 1, 2]) {
      if (restarts > 0) gateway = await again(gateway);
      near(await spent(gateway, 'team=shop'), 0.3, `${restarts}:`);
      near(await spent(gateway, 'user=ann'), 0.2, `${restarts}:`);
    }
  });

  test('is not forgotten when something else costs less than was thought', async () => {
    const gateway = await startGateway({ ...config(), keys: [key('web', { team: 'shop', user: 'ann' }), key('free', budget('1'))] });
    assert.equal((await ask(gateway, 'web')).status, 200);
    const job = await gateway.post('/v1/responses', { model: 'tenth', input: 'hi', max_output_tokens: 300, background: true, store: true }, { key: keyOf('free') });
    assert.equal(job.status, 200, job.text);
    const free = () => gateway.metric('sluice_budget_spent_usd', { scope: 'key', account: 'free' });
    near(await free(), 0.3);
    const used = (await gateway.call({ path: `/v1/responses/${job.json.id}`, key: keyOf('free') })).json.usage.output_tokens;
    await waitFor('the budget to follow', async () => Math.abs(await free() - used / 1000) < 1e-9, 20_000);
    near(await spent(gateway, 'team=shop'), 0.1);
    near(await spent(gateway, 'user=ann'), 0.1);
  });

  test('is what counts, whatever tags its key or its team has', async () => {
    let gateway = await startGateway(config());
    await made(gateway, '/teams', { name: 'red' });
    await made(gateway, '/users', { name: 'ann', role: 'member' });
    const admin = (await made(gateway, '/keys', { name: 'admin', team: 'red', role: 'team_admin' })).key;
    const other = (await made(gateway, '/keys', { name: 'other', user: 'ann', tags: { team: 'shop' } })).key;
    const evil = (await made(gateway, '/keys', { name: 'evil', tags: { team: 'shop' } }, admin)).key;
    for (const one of [evil, other]) assert.equal((await gateway.chat('tenth', { max_tokens: 100 }, { key: one })).status, 200);
    for (const restarts of [0, 1]) {
      if (restarts > 0) gateway = await again(gateway);
      near(await spent(gateway, 'team=shop'), 0.1, `${restarts}: a key of no team may be tagged`);
      near(await spent(gateway, 'user=ann'), 0.1, `${restarts}:`);
    }
  });

  test('a file says so too', async () => {
    const gateway = await startGateway({ ...base, tags: teams, keys: [key('web', { team: 'red', user: 'bob', tags: { team: 'shop', user: 'ann' } })] });
    assert.equal((await ask(gateway, 'web')).status, 200);
    near(await spent(gateway, 'team=shop'), 0);
    near(await spent(gateway, 'user=ann'), 0);
  });
});

test('no tag is free of charge because there are many others', async () => {
  const names = Array.from({ length: 15 }, (_, i) => `a${i}`);
  const limited = (usd) => ({ each: budget(usd) });
  const gateway = await startGateway({ ...base, keys: [key('one', { tags: { z: 'fixed' } })], sessions: budget('9'),
    tags: { ...Object.fromEntries(names.map((name) => [name, limited('9')])), z: { values: { fixed: budget('0.1') } } } });
  const headers = { 'x-sluice-tags': names.map((name) => `${name}=v`).join(), 'x-sluice-session': 's' };
  assert.equal((await ask(gateway, 'one', headers)).status, 200);
  assert.equal((await ask(gateway, 'one')).status, 429);
  assert.equal((await ask(gateway, 'one', headers)).status, 429);
  near(await spent(gateway, 'z=fixed'), 0.1);
});

test('baggage in several fields is one list', async () => {
  const gateway = await startGateway({ ...base, keys: [key('one')] });
  const connection = await Connection.open(gateway);
  const body = JSON.stringify(chat('tenth'));
  connection.socket.write(['POST /v1/chat/completions HTTP/1.1', 'host: x', `authorization: Bearer ${keyOf('one')}`, 'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`, 'baggage: tenant=acme,user=ann', 'Baggage: feature=search,user=bob', '', body].join('\r\n'));
  const id = (await connection.head()).headers['x-sluice-request-id'];
  const row = await waitFor('the row', async () => {
    const answer = await gateway.call({ path: `/admin/v1/exchanges/${id}`, key: masterKey });
    return answer.status === 200 && answer.json;
  });
  assert.deepEqual(row.tags, { feature: 'search', tenant: 'acme', user: 'ann' });
  connection.socket.destroy();
});

describe('names and values that a caller makes up do not make room in budgets of others at a restart', () => {
  const made32 = (i) => Array.from({ length: 32 }, (_, k) => `made${i}-${k}=v`).join();
  const flood = {
    'by requests that are refused': async (gateway) => {
      for (let i = 0; i < 5; i++) assert.equal((await gateway.chat('picky', {}, { key: keyOf('one'), headers: { 'x-sluice-tags': made32(i) } })).status, 400);
    },
    'by requests that are served': async (gateway) => {
      for (let i = 0; i < 5; i++) assert.equal((await ask(gateway, 'one', { 'x-sluice-tags': made32(i) })).status, 200);
    },
  };
  for (const [how, send] of Object.entries(flood)) {
    test(how, async () => {
      const models = { ...base.models, picky: { ...base.models.tenth, require_tags: ['never'] } };
      let gateway = await startGateway({ ...base, models, keys: [key('one')], tags: { feature: { each: budget('0.1'), values: { own: budget('0.1') } } } });
      await send(gateway);
      await waitFor('the rows', async () => (await gateway.metric('sluice_ledger_rows_total', { state: 'stored' })) >= 5);
      for (const value of ['own', 'late', '(others)']) assert.equal((await ask(gateway, 'one', { 'x-sluice-feature': value })).status, 200);
      assert.equal((await ask(gateway, 'one', { 'x-sluice-tags': 'feature=' })).status, 200);
      for (const restarts of [0, 1]) {
        if (restarts > 0) gateway = await again(gateway);
        near(await spent(gateway, 'feature=own'), 0.1);
        for (const value of ['own', 'late', '(others)']) assert.equal((await ask(gateway, 'one', { 'x-sluice-feature': value })).status, 429, `${restarts}: ${value}`);
        assert.equal((await ask(gateway, 'one', { 'x-sluice-tags': 'feature=' })).status, 429, `${restarts}: an empty one`);
      }
    });
  }
});
