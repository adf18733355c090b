// Nobody gives more than they have, callers say nothing that their key says otherwise, and what the administrator's side is given is
// checked before it is kept.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe } from 'node:test';
import { baseConfig, masterKey, run, startGateway, startSim, tempDir, test, waitFor, writeConfig } from './lib.mjs';

const price = { input: '0', output: '1000' };  // $0.001 a token
const models = {
  fast: { deployments: [{ model: 'sim-a/gpt-4o-mini', price }], retries: 0 },
  smart: { deployments: [{ model: 'sim-a/gpt-4o', price }], retries: 0 },
};
const annKey = 'sk-of-ann-0123456789';
const keys = [{ name: 'ann\'s', key: annKey, user: 'ann', team: 'shop' }, { name: 'short', key: 'abcd1234' }];

let sim, gateway;
before(async () => {
  sim = await startSim('sim-a');
  gateway = await startGateway(baseConfig([sim], {
    models, keys, teams: { shop: {} }, tags: { user: { each: { budget: { usd: '1' } } } },
  }));
});

const admin = (method, path, body, key = masterKey) =>
  gateway.call({ method, path: `/admin/v1${path}`, key, body: body && JSON.stringify(body), headers: { 'content-type': 'application/json' } });
const ok = async (...args) => {
  const answer = await admin(...args);
  assert.equal(answer.status, 200, `${args[0]} ${args[1]}: ${answer.text}`);
  return answer.json;
};
const refused = async (field, ...args) => {
  const answer = await admin(...args);
  assert.deepEqual([answer.status, answer.json.error.code, answer.json.error.field], [403, 'more_than_own', field], `${args[1]} ${JSON.stringify(args[2])}`);
};

describe('what an admin gives', () => {
  test('by way of users, teams and the organisation is no more than they have', async () => {
    await ok('POST', '/users', { name: 'eva', budget: { usd: '1' }, limits: { rpm: 10 } });
    await ok('POST', '/teams', { name: 'held', models: ['fast'], budget: { usd: '1' }, limits: { rpm: 10 } });
    await ok('PATCH', '/organisation', { budget: { usd: '100' }, limits: { rpm: 10_000 } });
    const { key } = await ok('POST', '/keys', { name: 'bounded', role: 'admin', models: ['fast'], limits: { rpm: 50 }, budget: { usd: '5' } });
    for (const path of ['/users/eva', '/teams/held', '/organisation']) {
      await refused('budget', 'PATCH', path, { budget: { usd: '1000000' } }, key);
      await refused('limits.rpm', 'PATCH', path, { limits: { rpm: 100_000 } }, key);
      await refused('budget', 'PATCH', path, { budget: null }, key);
      await refused('limits.rpm', 'PATCH', path, { limits: null }, key);
      await ok('PATCH', path, { budget: { usd: '0.5' }, limits: { rpm: 5 } }, key);
    }
    await refused('models', 'PATCH', '/teams/held', { models: ['fast', 'smart'] }, key);
    await refused('aliases', 'PATCH', '/teams/held', { aliases: { 'gpt-4o': 'smart' } }, key);
    await refused('priority', 'POST', '/keys', { name: 'first', priority: 'high', models: ['fast'], limits: { rpm: 5 }, budget: { usd: '1' } }, key);
    await ok('PATCH', '/organisation', { budget: null, limits: null });
  });

  test('allows nothing without a price where their own budget does not', async () => {
    const budget = (unpriced) => ({ usd: '10', window: 'month', unpriced });
    const { key } = await ok('POST', '/keys', { name: 'blocking', role: 'admin', budget: budget('block') });
    await refused('budget', 'POST', '/keys', { name: 'allowing', budget: budget('allow_and_alert') }, key);
    await ok('POST', '/keys', { name: 'saying-nothing', budget: budget(undefined) }, key);
    await ok('POST', '/teams', { name: 'priced', budget: budget('block') }, key);
    await ok('PATCH', '/organisation', { budget: { ...budget('block'), usd: '100' } });
    for (const path of ['/teams/priced', '/organisation']) await refused('budget', 'PATCH', path, { budget: budget('estimate_high') }, key);
    await ok('PATCH', '/organisation', { budget: null });
  });

  test('is not loosened by making a team anew; what bounds more is always possible', async () => {
    const { key } = await ok('POST', '/keys', { name: 'monthly', role: 'admin', budget: { usd: '10', window: 'month' } });
    await ok('POST', '/teams', { name: 'anew', budget: { usd: '5', window: 'month' } });
    await refused('budget', 'PATCH', '/teams/anew', { budget: null }, key);
    await ok('DELETE', '/teams/anew', undefined, key);
    await refused('budget', 'POST', '/teams', { name: 'anew' }, key);
    await refused('budget', 'POST', '/users', { name: 'anew' }, key);
    await ok('POST', '/teams', { name: 'anew', budget: { usd: '5', window: 'month' } }, key);
    await ok('POST', '/teams', { name: 'unbounded' });
    await ok('PATCH', '/teams/unbounded', { budget: { usd: '1', window: 'day' } }, key);
    await refused('budget', 'PATCH', '/teams/unbounded', { budget: { usd: '2', window: 'day' } }, key);
  });

  test('does not go beyond the budget of their own user, unless they are owners', async () => {
    await ok('POST', '/users', { name: 'me', role: 'owner', budget: { usd: '1' } });
    const owner = (await ok('POST', '/keys', { name: 'my-owner', role: 'owner', user: 'me' })).key;
    const { key } = await ok('POST', '/keys', { name: 'my-admin', role: 'admin', user: 'me' });
    await ok('PATCH', '/users/me', { budget: { usd: '2' } }, owner);
    await refused('role', 'PATCH', '/users/me', { budget: { usd: '1000000' } }, key);
    await ok('PATCH', '/users/me', { role: 'admin' });
    await refused('budget', 'PATCH', '/users/me', { budget: { usd: '1000000' } }, key);
    await refused('budget', 'POST', '/keys', { name: 'unbounded' }, key);
    await ok('POST', '/keys', { name: 'beside', user: 'me' }, key);
  });

  test('is no key of a user they may not see, who is told as one who is not there', async () => {
    await ok('POST', '/users', { name: 'boss', role: 'owner', budget: { usd: '1' } });
    const { key } = await ok('POST', '/keys', { name: 'of-shop', team: 'shop', role: 'team_admin' });
    const made = await ok('POST', '/keys', { name: 'to-change', team: 'shop' });
    assert.equal((await admin('GET', '/users/boss', undefined, key)).status, 404);
    for (const [method, path, body] of [['POST', '/keys', { name: 'x' }], ['PATCH', `/keys/${made.id}`, {}]]) {
      for (const user of ['boss', 'nobody']) {
        const answer = await admin(method, path, { ...body, user }, key);
        assert.deepEqual([answer.status, answer.json.error], [400, { code: 'invalid_request', message: `There is no user '${user}'.`, field: 'user' }], method);
      }
    }
    assert.equal((await ok('PATCH', `/keys/${made.id}`, { user: 'boss' })).user, 'boss');
  });

  test('is the lesser of the role of the key and that of its user, and shown as such', async () => {
    for (const [user, role, effective, see, change] of [['viewer', 'admin', 'viewer', 200, 403], ['team_admin', 'admin', 'team_admin', 200, 200], ['admin', 'viewer', 'viewer', 200, 403],
      ['viewer', 'team_admin', 'member', 403, 403]]) {
      await ok('POST', '/users', { name: `${user}-${role}`, role: user });
      const made = await ok('POST', '/keys', { name: `key of ${user}-${role}`, user: `${user}-${role}`, team: 'shop', role });
      assert.deepEqual([made.role, made.effective_role], [role, effective]);
      assert.equal((await ok('GET', `/keys/${made.id}`)).effective_role, effective);
      assert.equal((await admin('GET', '/keys', undefined, made.key)).status, see, `${user} × ${role}`);
      assert.equal((await admin('POST', '/keys', { name: `of ${user}-${role}`, team: 'shop' }, made.key)).status, change, `${user} × ${role}`);
    }
  });
});

test('a short key of the file is not shown, not even in part', async () => {
  const shown = Object.fromEntries((await ok('GET', '/keys')).keys.map((one) => [one.name, one.prefix]));
  assert.equal(shown.short, '…');
  assert.equal(shown['ann\'s'], `${annKey.slice(0, 5)}…`);
});

test('whatever a request says of its user, it is the one of its key', async () => {
  const saying = [{ 'x-sluice-user': 'bob' }, { 'x-sluice-tag-user': 'bob' }, { 'x-sluice-tags': 'user=bob,team=other' }, { 'x-litellm-end-user-id': 'bob' }, { 'helicone-user-id': 'bob' },
    { 'x-portkey-metadata': '{"_user":"bob"}' }, { baggage: 'user=bob' }];
  const bodies = [{ user: 'bob' }, { safety_identifier: 'bob' }, { metadata: { user: 'bob', user_id: 'bob' } }];
  for (const [headers, body] of [...saying.map((one) => [one, {}]), ...bodies.map((one) => [{}, one])]) {
    const answer = await gateway.chat('fast', { max_tokens: 5, ...body }, { key: annKey, headers });
    assert.equal(answer.status, 200, answer.text);
    const row = await waitFor('the row', async () => {
      const found = await admin('GET', `/exchanges/${answer.headers['x-sluice-request-id']}`);
      return found.status === 200 && found.json;
    });
    assert.equal(row.user, 'ann');
    assert.ok(!('user' in row.tags) && !('team' in row.tags), JSON.stringify([headers, body, row.tags]));
  }
  // Each of them has a dollar.
  const left = async (key, headers = {}) => Number((await gateway.chat('fast', { max_tokens: 5 }, { key, headers })).headers['x-sluice-budget-remaining-usd']);
  const { key } = await ok('POST', '/keys', { name: 'anybody\'s' });
  assert.ok(await left(key, { 'x-sluice-user': 'ann' }) < await left(key, { 'x-sluice-user': 'bob' }), 'the tag of the key\'s user was charged, and nobody else\'s');
});

test('every field is checked before it is kept, and named', async () => {
  const many = Object.fromEntries(Array.from({ length: 13 }, (_, i) => [`t${i}`, 'x']));
  let made = 0;
  for (const [path, body, field] of [
    ['/keys', { budget: { usd: '1', window: 'day', zone: 'Mars/Phobos' } }, 'budget.zone'],
    ['/keys', { tags: { 'bad name': 'x' } }, 'tags'],
    ['/keys', { tags: { long: 'y'.repeat(300) } }, 'tags'],
    ['/keys', { tags: many }, 'tags'],
    ['/keys', { models: ['none-such'] }, 'models'],
    ['/users', { email: 'not an email' }, 'email'],
    ['/teams', { aliases: { x: '' } }, 'aliases'],
    ['/teams', { aliases: { a: 'a' } }, 'aliases'],
    ['/teams', { aliases: { a: 'none-such' } }, 'aliases'],
    ['/teams', { models: ['none-such'] }, 'models'],
  ]) {
    const answer = await admin('POST', path, { name: `wrong-${++made}`, ...body });
    assert.deepEqual([answer.status, answer.json.error?.field], [400, field], answer.text);
  }
  await ok('POST', '/keys', { name: 'right', models: ['fast', 'sma*', 'sim-a/anything', 'openai/gpt-4o'], tags: { 'a.b/c': 'x' }, budget: { usd: '1', zone: 'UTC' } });
});

test('the command line says what is missing and how large a number may be', async () => {
  const command = (...args) => run([...args, '--gateway', gateway.url], { env: { SLUICE_MASTER_KEY: masterKey } });
  const windowed = await command('keys', 'create', 'windowed', '--window', 'day');
  assert.equal(windowed.code, 2, windowed.stdout);
  assert.match(windowed.stderr + windowed.stdout, /--budget/);
  const ranged = await command('keys', 'create', 'ranged', '--rpm', 'abc');
  assert.equal(ranged.code, 2);
  assert.match(ranged.stderr + ranged.stdout, /1000000000000\b/);
  assert.equal((await admin('GET', '/keys/windowed')).status, 404);
});

const fileOf = (config) => {
  const file = join(tempDir(), 'sluice.yaml');
  writeConfig(file, config);
  return file;
};

test('of a refusal on this side the audit log says what it was about and what was tried, never a secret', async () => {
  const { key } = await ok('POST', '/keys', { name: 'narrow', role: 'admin', budget: { usd: '3' } });
  const viewer = (await ok('POST', '/keys', { name: 'looks', role: 'viewer' })).key;
  const tried = { name: 'too-much', budget: { usd: '4' } };
  await refused('budget', 'POST', '/keys', tried, key);
  assert.equal((await admin('PUT', '/secrets/mine', { value: 'sk-canary-of-a-secret' }, viewer)).status, 403);
  const refusals = async (who) => (await ok('GET', '/audit?limit=200')).entries.filter((one) => one.kind === 'refusal' && one.who === who);
  await waitFor('the entries', async () => (await refusals('narrow')).length > 0 && (await refusals('looks')).length > 0, 5000);
  const [entry] = await refusals('narrow');
  assert.deepEqual([entry.what, entry.about, entry.after], ['more_than_own', "POST /keys: key 'too-much'", { tried }]);
  const [other] = await refusals('looks');
  assert.deepEqual([other.what, other.about, other.after], ['role_not_allowed', "PUT /secrets/{name}: secret 'mine'", null]);
  assert.ok(!JSON.stringify(await ok('GET', '/audit?limit=200')).includes('sk-canary-of-a-secret'));
});

test('who has no role on this side is refused something, too', async () => {
  const { key } = await ok('POST', '/keys', { name: 'a-member', role: 'member' });
  assert.equal((await admin('PATCH', '/teams/shop', { budget: null }, key)).status, 403);
  const entry = await waitFor('the entry', async () => (await ok('GET', '/audit?limit=200')).entries.find((one) => one.kind === 'refusal' && one.who === 'a-member'), 5000);
  assert.deepEqual([entry.what, entry.about], ['role_not_allowed', "PATCH /teams/{team}: team 'shop'"]);
});

test('a body where parameters stand in the query is refused, and a recomputation tells its range in the audit log', async () => {
  for (const body of [{ dry_run: 'yes' }, { from: '2026-11-01' }]) {
    const answer = await admin('POST', '/prices/recompute', body);
    assert.equal(answer.status, 400);
    assert.match(answer.json.error.message, /must be empty.*in the query, as in \?name=value/);
  }
  for (const [method, path] of [['POST', '/keys/short/block'], ['DELETE', '/teams/shop']])
    assert.equal((await admin(method, path, { reason: 'x' })).status, 400, path);
  const entries = async () => (await ok('GET', '/audit?limit=3')).entries.filter(({ what }) => what === 'POST /prices/recompute');
  assert.deepEqual(await entries(), []);
  await ok('POST', '/prices/recompute?from=2026-11-01');
  await ok('POST', '/prices/recompute', {});
  assert.deepEqual((await entries()).map(({ about }) => about), ['all', 'from=2026-11-01']);
});

test('check refuses what serve would: files that the configuration names', async () => {
  const broken = join(tempDir(), 'broken.json');
  writeFileSync(broken, '{"not": "prices"');
  const base = baseConfig([sim], { models });
  const provider = base.providers['sim-a'];
  for (const [what, changes] of Object.entries({
    'broken.json': { prices: { file: broken } },
    'none.pem': { providers: { ...base.providers, other: { ...provider, base_url: 'https://127.0.0.1:9/v1', ca_file: '/nonexistent/none.pem' } } },
    'cert.pem': { tls: { cert: '/nonexistent/cert.pem', key: '/nonexistent/key.pem' } },
    'alerts.pem': { alerts: { webhook: 'https://hooks.example/x', ca_file: '/nonexistent/alerts.pem' } },
  })) {
    const file = fileOf({ ...base, ...changes });
    const checked = await run(['check', file]);
    assert.equal(checked.code, 1, `${what}: ${checked.stdout}`);
    assert.ok(checked.stderr.includes(what), checked.stderr);
    const served = await run(['serve', '--config', file, '--data', tempDir()]);
    assert.equal(served.code, 1, what);
  }
  assert.equal((await run(['check', fileOf(base)])).code, 0);
});
