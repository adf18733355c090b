// Who may ask, and for what: keys, teams and users made by the admin API and the command line, and the log of all that was changed.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, statSync, chmodSync, writeFileSync, cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe } from 'node:test';
import { change, lock, query } from './ledger.mjs';
import { appKey, baseConfig, Connection, Gateway, loadSdks, masterKey, providerKey, refusing, run, scripted, slowed, startGateway, startSim, tempDir, test, waitFor, within, writeConfig } from './lib.mjs';

const { OpenAI } = await loadSdks();

const models = {
  fast: { deployments: [{ model: 'sim-a/gpt-4o-mini', price: { input: '0.15', output: '0.60' }, max_output: 1000 }], retries: 0 },
  smart: { deployments: ['sim-a/gpt-4o'], retries: 0 },
  tumbling: { deployments: ['sim-a/falls'], retries: 0, fallbacks: { any: ['smart'], context_window: ['smart'] } },
  'text-embedding-3-small': { deployments: ['sim-a/text-embedding-3-small'] },
};
const config = (sim, extra = {}) => baseConfig([sim], { models, teams: { storefront: { weight: 2 } }, ...extra });

let sim, gateway;
before(async () => {
  sim = await startSim('sim-a');
  gateway = await startGateway(config(sim));
});

const admin = (method, path, body, { key = masterKey, on = gateway } = {}) =>
  on.call({ method, path: `/admin/v1${path}`, key, body: body && JSON.stringify(body), headers: { 'content-type': 'application/json' } });
const ok = async (...args) => {
  const answer = await admin(...args);
  assert.equal(answer.status, 200, `${args[0]} ${args[1]}: ${answer.text}`);
  return answer.json;
};
let made = 0;
const create = (fields = {}, options) => ok('POST', '/keys', { name: `made-${++made}`, ...fields }, options);
const status = async (key, model = 'fast', on = gateway) => (await on.chat(model, {}, { key })).status;
const command = (args, on = gateway, env = { SLUICE_MASTER_KEY: masterKey }) => run([...args, '--gateway', on.url], { env });

// Every file below a folder that holds one of these texts.
function holding(folder, texts) {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name))
    .filter((file) => { const bytes = readFileSync(file); return texts.some((text) => bytes.includes(text)); });
}

describe('the life of a key', () => {
  test('made, used with an SDK, blocked, unblocked, rotated with grace, deleted', async () => {
    const key = await create({ team: 'storefront', models: ['fast'], tags: { feature: 'search' }, metadata: { ticket: 'X-1' } });
    assert.match(key.key, /^sk-sl-[0-9a-f]{48}$/);
    assert.match(key.id, /^key_[0-9a-f]{16}$/);
    assert.equal(key.prefix, key.key.slice(0, 12));
    const client = (apiKey) => new OpenAI({ apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    const say = (apiKey) => client(apiKey).chat.completions.create({ model: 'fast', messages: [{ role: 'user', content: 'hello' }] });
    assert.equal((await say(key.key)).choices[0].message.content, 'You said: hello');

    await ok('POST', `/keys/${key.id}/block`);
    await assert.rejects(say(key.key), (error) => error.status === 403 && /is blocked/.test(error.message));
    await ok('POST', `/keys/${key.id}/unblock`);
    await say(key.key);

    const rotated = await ok('POST', `/keys/${key.name}/rotate`, { grace: '4s' });
    assert.notEqual(rotated.key, key.key);
    assert.equal(rotated.id, key.id);
    await say(rotated.key);
    await say(key.key);
    const again = await admin('POST', `/keys/${key.name}/rotate`, { grace: '4s' });
    assert.equal(again.status, 409, 'the text before it was promised to be good');
    await say(key.key);
    await waitFor('the end of the grace', async () => await status(key.key) === 401, 9000);
    await say(rotated.key);

    const gone = await ok('DELETE', `/keys/${key.id}`);
    assert.equal(gone.name, key.name);
    await assert.rejects(say(rotated.key), (error) => error.status === 401);
    assert.equal((await admin('GET', `/keys/${key.id}`)).status, 404);
  });

  // Each loop has a table of callers of its own.
  test('a key that was made is good at once, on every connection and loop, also under load', { timeout: 120_000 }, async () => {
    const hot = await Promise.all(Array.from({ length: 8 }, () => Connection.open(gateway)));
    let busy = true;
    const load = Array.from({ length: 16 }, async () => { while (busy) await gateway.chat('fast', {}, { key: masterKey }); });
    const refused = [];
    for (let i = 0; i < 200; i++) {
      const { key } = await create();
      for (const connection of hot) connection.request({ method: 'GET', path: '/v1/models', headers: { authorization: `Bearer ${key}` } });
      for (const connection of hot) {
        const { status: told } = await connection.head();
        await connection.whole();
        if (told !== 200) refused.push(told);
      }
    }
    busy = false;
    await Promise.all(load);
    for (const connection of hot) connection.destroy();
    assert.deepEqual(refused, []);
  });

  test('G3: a revoked key is refused within a second on every connection and loop', async () => {
    for (const revoke of [(id) => ok('POST', `/keys/${id}/block`), (id) => ok('DELETE', `/keys/${id}`), (id) => ok('PATCH', `/keys/${id}`, { blocked: true }), (id) => ok('POST', `/keys/${id}/rotate`, { grace: '0' })]) {
      const key = await create();
      const hot = await Promise.all(Array.from({ length: 8 }, () => Connection.open(gateway)));
      const ask = async (connection) => {
        connection.request({ method: 'GET', path: '/v1/models', headers: { authorization: `Bearer ${key.key}` } });
        const { status: told } = await connection.head();
        await connection.whole();
        return told;
      };
      for (const connection of hot) assert.equal(await ask(connection), 200);
      await revoke(key.id);
      const began = performance.now();
      await Promise.all(hot.map((connection) => waitFor('the refusal', async () => [401, 403].includes(await ask(connection)), 1000)));
      assert.ok(performance.now() - began < 1000);
      for (const connection of hot) connection.destroy();
    }
  });

  test('a request under way ends as it began when its key goes', async () => {
    const key = await create();
    const connection = await gateway.open(scripted({ event_delay_ms: 100 }), { stream: true, text: 'one two three four five six' }, { key: key.key });
    await connection.head();
    await ok('DELETE', `/keys/${key.id}`);
    assert.match((await within('the rest', connection.whole())).toString(), /six[^]*\[DONE\]/);
    assert.equal(await status(key.key), 401);
  });

  test('a key expires', async () => {
    const key = await create({ expires_at: new Date(Date.now() + 3000).toISOString() });
    assert.equal(await status(key.key), 200);
    await waitFor('its end', async () => await status(key.key) === 401, 8000);
    const answer = await gateway.chat('fast', {}, { key: key.key });
    assert.equal(answer.json.error.code, 'key_expired');
    const past = await admin('POST', '/keys', { name: 'past', expires_at: '2020-01-01T00:00:00Z' });
    assert.equal(past.json.error.field, 'expires_at');
  });

  test('keys, teams and the log survive a restart, kill -9 too', async () => {
    const own = await startGateway(config(sim));
    await ok('POST', '/teams', { name: 'kept', aliases: { 'gpt-4o': 'fast' } }, { on: own });
    const key = await create({ team: 'kept' }, { on: own });
    await own.kill();
    const again = await startGateway(config(sim), { data: own.data });
    assert.equal(await status(key.key, 'gpt-4o', again), 200);
    assert.equal((await ok('GET', `/keys/${key.id}`, undefined, { on: again })).team, 'kept');
    const { entries } = await ok('GET', '/audit', undefined, { on: again });
    assert.deepEqual(entries.map((entry) => entry.what).slice(-2), ['keys.create', 'teams.create']);
  });
});

describe('what a key may be used for', () => {
  const surfaces = {
    chat: ['/v1/chat/completions', (model) => ({ model, messages: [{ role: 'user', content: 'x' }] })],
    responses: ['/v1/responses', (model) => ({ model, input: 'x', store: false })],
    messages: ['/v1/messages', (model) => ({ model, max_tokens: 10, messages: [{ role: 'user', content: 'x' }] })],
    gemini: [(model) => `/v1beta/models/${model}:generateContent`, () => ({ contents: [{ parts: [{ text: 'x' }] }] })],
    embeddings: ['/v1/embeddings', (model) => ({ model, input: 'x' })],
  };
  const ask = (surface, model, key) => {
    const [path, body] = surfaces[surface];
    return gateway.post(typeof path === 'function' ? path(model) : path, body(model), { key });
  };

  test('D7: models outside the allow-list are refused on every surface, and no provider is asked', async () => {
    for (const fields of [{ models: ['fast', 'text-embedding-3-small'] }, { models: ['f*', 'text-embedding-*'] }]) {
      const key = await create(fields);
      for (const surface of Object.keys(surfaces)) {
        const allowed = surface === 'embeddings' ? 'text-embedding-3-small' : 'fast';
        const answer = await ask(surface, allowed, key.key);
        assert.equal(answer.status, 200, `${surface}: ${answer.text}`);
        const before = (await sim.seen('gpt-4o')).length;
        const refused = await ask(surface, 'smart', key.key);
        assert.equal(refused.status, 403, `${surface}: ${refused.text}`);
        assert.equal((await sim.seen('gpt-4o')).length, before);
      }
      const list = await gateway.call({ path: '/v1/models', key: key.key });
      assert.deepEqual(list.json.data.map((model) => model.id).sort(), ['fast', 'text-embedding-3-small']);
    }
  });

  test('D7: nobody gets by a fallback what their key may not use', async () => {
    const narrow = await create({ models: ['tumbling'] });
    const wide = await create({ models: ['tumbling', 'smart'] });
    for (const script of [refusing(500), refusing(400, { code: 'context_length_exceeded', message: "This model's maximum context length is 10 tokens." })]) {
      await sim.script('falls', { ...script, times: 2 });
      const before = (await sim.seen('gpt-4o')).length;
      const answer = await gateway.chat('tumbling', {}, { key: narrow.key });
      assert.ok(answer.status >= 400, `${answer.status}`);
      assert.equal((await sim.seen('gpt-4o')).length, before, 'the other model was not asked');
      assert.equal((await gateway.chat('tumbling', {}, { key: wide.key })).headers['x-sluice-deployment'], 'sim-a/gpt-4o');
    }
  });

  test('endpoints outside the list are refused', async () => {
    const key = await create({ endpoints: ['chat', 'embeddings'] });
    assert.equal((await ask('chat', 'fast', key.key)).status, 200);
    assert.equal((await ask('embeddings', 'text-embedding-3-small', key.key)).status, 200);
    for (const surface of ['responses', 'messages', 'gemini']) {
      const refused = await ask(surface, 'fast', key.key);
      assert.equal(refused.status, 403, surface);
    }
    assert.equal((await gateway.call({ path: '/sim-a/v1/anything', key: key.key })).status, 403);
    assert.equal((await gateway.call({ path: '/v1/models', key: key.key })).status, 200);
  });

  test('a key is good from its networks', async () => {
    const here = await create({ ip_ranges: ['127.0.0.0/8', '::1'] });
    const elsewhere = await create({ ip_ranges: ['10.0.0.0/8', '2001:db8::/32'] });
    assert.equal(await status(here.key), 200);
    const refused = await gateway.chat('fast', {}, { key: elsewhere.key, headers: { 'x-forwarded-for': '10.0.0.1' } });
    assert.equal(refused.status, 403, 'what a client says of itself does not count');
    assert.match(refused.text, /127\.0\.0\.1/);
  });

  test('a team has names of its own for models, and a list that its keys cannot leave', async () => {
    await ok('POST', '/teams', { name: 'renamed', models: ['fast'], aliases: { 'gpt-4o': 'fast', 'claude-opus-4-5': 'smart' } });
    const key = await create({ team: 'renamed' });
    for (const surface of ['chat', 'responses', 'messages', 'gemini']) {
      const answer = await ask(surface, 'gpt-4o', key.key);
      assert.equal(answer.status, 200, `${surface}: ${answer.text}`);
      assert.equal(answer.headers['x-sluice-deployment'], 'sim-a/gpt-4o-mini');
    }
    assert.equal((await ask('chat', 'claude-opus-4-5', key.key)).status, 403, 'what an alias stands for must be allowed');
    assert.equal((await ask('chat', 'smart', key.key)).status, 403);
    const list = (await gateway.call({ path: '/v1/models', key: key.key })).json.data.map((model) => model.id);
    assert.deepEqual(list.sort(), ['fast', 'gpt-4o']);
    await ok('PATCH', '/teams/renamed', { aliases: { 'gpt-4o': 'smart' }, models: null });
    assert.equal((await ask('chat', 'gpt-4o', key.key)).headers['x-sluice-deployment'], 'sim-a/gpt-4o');
    await ok('PATCH', '/teams/renamed', { blocked: true });
    assert.equal(await status(key.key), 403);
    assert.equal((await admin('DELETE', '/teams/renamed')).status, 409);
    await ok('DELETE', `/keys/${key.id}`);
    await ok('DELETE', '/teams/renamed');
  });

  test('the configuration says the same of its own keys', async () => {
    const narrow = 'sk-sl-narrow-0123456789abcdef';
    const own = await startGateway(config(sim, {
      teams: { shop: { models: ['fast'], aliases: { 'gpt-4o': 'fast' } } },
      keys: [{ name: 'narrow', key: narrow, team: 'shop', endpoints: ['chat'], ip_ranges: ['127.0.0.1'], expires_at: '2199-01-01T00:00:00Z' },
        { name: 'old', key: 'sk-sl-old-0123456789abcdef', expires_at: '2020-01-01T00:00:00Z' },
        { name: 'eva', key: 'sk-sl-eva-0123456789abcdef', role: 'viewer' }],
    }));
    assert.equal(await status(narrow, 'gpt-4o', own), 200);
    assert.equal(await status(narrow, 'smart', own), 403);
    assert.equal((await own.post('/v1/responses', { model: 'fast', input: 'x' }, { key: narrow })).status, 403);
    assert.equal(await status('sk-sl-old-0123456789abcdef', 'fast', own), 401);
    const viewer = { key: 'sk-sl-eva-0123456789abcdef', on: own };
    assert.equal((await ok('GET', '/keys', undefined, viewer)).keys.length, 4);
    assert.equal((await admin('POST', '/keys', { name: 'x' }, viewer)).status, 403);
    assert.equal((await own.call({ path: '/metrics', key: viewer.key })).status, 200);
    assert.equal((await own.call({ path: '/metrics', key: narrow })).status, 403);
  });

  test('keys of the configuration are seen and not changed', async () => {
    const key = await ok('GET', '/keys/app');
    assert.equal(key.origin, 'file');
    for (const [method, path] of [['PATCH', ''], ['DELETE', ''], ['POST', '/rotate'], ['POST', '/block'], ['POST', '/unblock']]) {
      const answer = await admin(method, `/keys/app${path}`, method === 'PATCH' ? { blocked: true } : undefined);
      assert.equal(answer.status, 409, `${method} ${path}`);
      assert.match(answer.json.error.message, /part of the configuration file/);
    }
    assert.equal((await admin('POST', '/keys', { name: 'app' })).status, 409);
    assert.equal((await admin('PATCH', '/teams/storefront', { weight: 9 })).status, 409);
    assert.equal(await status(appKey), 200);
  });

  test('a configuration that takes a name of the API is refused, and the old one goes on', async () => {
    const own = await startGateway(config(sim));
    const key = await create({ name: 'taken' }, { on: own });
    const changed = config(sim, { keys: [{ name: 'taken', key: 'sk-sl-taken-0123456789abcdef' }] });
    writeConfig(own.file, changed);
    await own.output('the refusal', (c) => c.logs.find((line) => line.msg === 'configuration not reloaded' && /'taken'/.test(line.told ?? line.error ?? JSON.stringify(line))), 5000);
    assert.equal(await status(key.key, 'fast', own), 200);
    assert.equal(await status('sk-sl-taken-0123456789abcdef', 'fast', own), 401);
  });
});

describe('what bodies may hold', () => {
  const wrong = {
    keys: [
      [{}, 'name'], [{ name: '' }, 'name'], [{ name: 5 }, 'name'], [{ name: 'x'.repeat(101) }, 'name'], [{ name: 'a\nb' }, 'name'], [{ name: ' a' }, 'name'],
      [{ name: 'key_1' }, 'name'], [{ name: 'a', nmae: 'b' }, 'nmae'], [{ name: 'a', hash: 'b' }, 'hash'], [{ name: 'a', id: 'b' }, 'id'],
      [{ name: 'a', team: 'nobody' }, 'team'], [{ name: 'a', team: 5 }, 'team'], [{ name: 'a', user: 'nobody' }, 'user'],
      [{ name: 'a', role: 'master' }, 'role'], [{ name: 'a', role: 'admni' }, 'role'], [{ name: 'a', priority: 'urgent' }, 'priority'],
      [{ name: 'a', models: 'fast' }, 'models'], [{ name: 'a', models: [''] }, 'models'], [{ name: 'a', models: [5] }, 'models'], [{ name: 'a', models: ['a\nb'] }, 'models'],
      [{ name: 'a', endpoints: ['chta'] }, 'endpoints'], [{ name: 'a', ip_ranges: ['10.0.0.0/33'] }, 'ip_ranges'], [{ name: 'a', ip_ranges: ['10.0.0.1/8'] }, 'ip_ranges'],
      [{ name: 'a', tags: { 'a=b': 'c' } }, 'tags'], [{ name: 'a', tags: { a: 5 } }, 'tags'], [{ name: 'a', tags: [] }, 'tags'], [{ name: 'a', metadata: 'x' }, 'metadata'],
      [{ name: 'a', expires_at: 'tomorrow' }, 'expires_at'], [{ name: 'a', expires_at: 1e9 }, 'expires_at'], [{ name: 'a', blocked: 'yes' }, 'blocked'],
      [{ name: 'a', limits: 5 }, 'limits'], [{ name: 'a', limits: { rpm: 1.5 } }, 'limits.rpm'], [{ name: 'a', limits: { rpm: -1 } }, 'limits.rpm'], [{ name: 'a', limits: { rpm: '5' } }, 'limits.rpm'],
      [{ name: 'a', limits: { rpd: 1 } }, 'limits.rpd'], [{ name: 'a', limits: { concurrency: 1e12 } }, 'limits.concurrency'],
      [{ name: 'a', budget: { usd: 5 } }, 'budget.usd'], [{ name: 'a', budget: { usd: 0.5 } }, 'budget.usd'], [{ name: 'a', budget: { usd: '1e3' } }, 'budget.usd'], [{ name: 'a', budget: { usd: '-1' } }, 'budget.usd'],
      [{ name: 'a', budget: { usd: '0.0000000001' } }, 'budget.usd'], [{ name: 'a', budget: {} }, 'budget.usd'], [{ name: 'a', budget: { usd: '1', window: 'year' } }, 'budget.window'],
      [{ name: 'a', budget: { usd: '1', hard: 'no' } }, 'budget.hard'], [{ name: 'a', budget: { usd: '1', alerts: [0] } }, 'budget.alerts'], [{ name: 'a', budget: [{ usd: '1' }, { usd: '2' }] }, 'budget'],
    ],
    teams: [[{}, 'name'], [{ name: 'a', weight: 0 }, 'weight'], [{ name: 'a', aliases: { 'a=b': 'c' } }, 'aliases'], [{ name: 'a', aliases: ['a'] }, 'aliases'], [{ name: 'a', budget: { usd: 1 } }, 'budget.usd']],
    users: [[{}, 'name'], [{ name: 'a', email: '' }, 'email'], [{ name: 'a', teams: ['nobody'] }, 'teams'], [{ name: 'a', role: 'root' }, 'role']],
  };

  test('every field is checked, and the one that is wrong is named', async () => {
    for (const [kind, cases] of Object.entries(wrong)) {
      for (const [body, field] of cases) {
        const answer = await admin('POST', `/${kind}`, body);
        assert.equal(answer.status, 400, `${kind} ${JSON.stringify(body)}: ${answer.text}`);
        assert.equal(answer.json.error.field, field, `${kind} ${JSON.stringify(body)}: ${answer.text}`);
      }
    }
    for (const body of ['', '[]', '{', 'null', '{"name":"a","name":"b"}', `{"name":"a","metadata":{"a":"1","a":"2"}}`]) {
      const answer = await gateway.call({ method: 'POST', path: '/admin/v1/keys', key: masterKey, body });
      assert.equal(answer.status, 400, body);
    }
    assert.equal((await ok('GET', '/keys?limit=1000')).keys.filter((key) => key.name === 'a').length, 0);
  });

  test('what is given is given back, and null takes it back', async () => {
    await ok('POST', '/users', { name: 'given', email: 'given@example.com', teams: ['storefront'], role: 'team_admin' });
    const fields = {
      team: 'storefront', user: 'given', role: 'member', priority: 'low', models: ['fast', 'openai/*'], endpoints: ['chat'], ip_ranges: ['127.0.0.0/8'],
      tags: { feature: 'sé"arch' }, limits: { rpm: 600, tpm: 200000, concurrency: 20 },
      budget: { usd: '100.50', window: 'month', zone: 'Europe/Berlin', hard: true, strict: true, alerts: [50, 80] },
      metadata: { owner: 'x' }, expires_at: '2199-01-01T00:00:00Z', blocked: false,
    };
    const { key, ...shown } = await create(fields);
    assert.deepEqual(Object.fromEntries(Object.keys(fields).map((name) => [name, shown[name]])), { ...fields, budget: { ...fields.budget, usd: '100.5' } });
    assert.deepEqual(await ok('GET', `/keys/${shown.id}`), shown);
    const budgets = [{ usd: '1', window: 'day' }, { usd: '5', window: '36h' }];
    const patched = await ok('PATCH', `/keys/${shown.id}`, { budget: budgets, models: null, limits: null, team: null, user: null, expires_at: null, priority: null });
    assert.deepEqual(patched.budget.map(({ usd, window }) => ({ usd, window })), budgets);
    assert.deepEqual([patched.models, patched.limits, patched.team, patched.user, patched.expires_at, patched.priority], [[], null, null, null, null, 'normal']);
    assert.equal((await admin('PATCH', `/keys/${shown.id}`, { name: 'other' })).json.error.field, 'name');
    assert.equal(await status(key), 200);
  });

  test('lists come in pages', async () => {
    const own = await startGateway(config(sim));
    for (let i = 0; i < 7; i++) await create({ name: `page-${i}`, ...(i % 2 ? { team: 'storefront' } : {}) }, { on: own });
    const names = [];
    for (let next = ''; next !== null;) {
      const page = await ok('GET', `/keys?limit=3&after=${encodeURIComponent(next)}`, undefined, { on: own });
      names.push(...page.keys.map((key) => key.name));
      next = page.next;
    }
    assert.deepEqual(names, ['app', ...Array.from({ length: 7 }, (_, i) => `page-${i}`)]);
    const team = await ok('GET', '/keys?team=storefront', undefined, { on: own });
    assert.deepEqual(team.keys.map((key) => key.name), ['page-1', 'page-3', 'page-5']);
    for (const [query, field] of [['limit=0', 'limit'], ['limit=1001', 'limit'], ['limit=x', 'limit'], ['blocked=x', 'blocked']]) {
      assert.equal((await admin('GET', `/keys?${query}`, undefined, { on: own })).json.error.field, field);
    }
  });
});

describe('secrets', () => {
  test('K5, K6: no key or hash of one is in a file, a log, a metric or an answer', async () => {
    const own = await startGateway(config(sim, { log: { level: 'trace' } }));
    const key = await create({}, { on: own });
    const rotated = await ok('POST', `/keys/${key.id}/rotate`, {}, { on: own });
    for (const one of [key.key, rotated.key]) {
      assert.equal(await status(one, 'fast', own), 200);
      await status(one, 'no-such-model', own);
      await own.call({ method: 'POST', path: '/v1/chat/completions', key: one, body: '{' });
    }
    const stranger = 'sk-sl-stranger-canary-0123456789abcdef';
    assert.equal(await status(stranger, 'fast', own), 401);
    await waitFor('the refusal in the log', async () => (await ok('GET', '/audit', undefined, { on: own })).entries.some((entry) => entry.what === 'invalid_api_key'), 3000);
    const answers = [];
    for (const path of ['/keys', `/keys/${key.id}`, '/teams', '/users', '/audit', '/exchanges', '/deployments']) answers.push((await admin('GET', path, undefined, { on: own })).text);
    const hashes = query(own.data, 'SELECT hash, old_hash FROM api_key').flatMap((row) => [row.hash, row.old_hash]);
    assert.ok(hashes.every((hash) => /^[0-9a-f]{64}$/.test(hash)));
    const texts = [key.key, rotated.key, appKey, stranger, masterKey, providerKey];
    const shown = [...answers, await own.metrics(), own.stderr, own.stdout].join('\n');
    for (const text of [...texts, ...hashes]) assert.ok(!shown.includes(text), text);
    // The hash of a key is no key.
    for (const hash of hashes) assert.equal(await status(hash, 'fast', own), 401);
    await own.stop();
    assert.deepEqual(holding(own.data, texts), []);
    for (const file of ['key_secret', 'sluice.db', 'audit_head']) assert.equal(statSync(join(own.data, file)).mode & 0o077, 0, file);
  });

  test('K1: hostile keys are one and the same 401, and none reaches the database', async () => {
    const own = await startGateway(config(sim));
    const hostile = ["' OR 1=1 --", "'; DROP TABLE api_key; --", '"', '\\', '%00', 'sk-sl-', '${jndi:ldap://x}', '{{7*7}}', 'é'.repeat(50), 'x'.repeat(30_000), ...Array.from({ length: 300 }, (_, i) => `'${i}" --canary-${i}`)];
    const told = new Set();
    for (const key of hostile) {
      for (const name of ['authorization', 'x-api-key']) {
        const answer = await own.call({ method: 'GET', path: '/v1/models', key: null, headers: { [name]: name === 'authorization' ? `Bearer ${key}` : key } });
        assert.equal(answer.status, 401, key.slice(0, 40));
        told.add(answer.json.error.message);
      }
    }
    assert.equal(told.size, 1);
    await own.stop();
    assert.deepEqual(holding(own.data, ['--canary-', 'DROP TABLE', 'jndi']), []);
  });

  test('a secret that others may read, that is damaged or of other keys, is refused with a sentence', async () => {
    const own = await startGateway(config(sim));
    await create({}, { on: own });
    await own.stop();
    const secret = join(own.data, 'key_secret');
    const text = readFileSync(secret, 'utf8');
    const start = () => run(['serve', '--config', own.file, '--listen', '127.0.0.1:0', '--data', own.data]);
    chmodSync(secret, 0o644);
    let ended = await start();
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /chmod 600/);
    chmodSync(secret, 0o600);
    writeFileSync(secret, text.slice(5));
    ended = await start();
    assert.match(ended.stderr, /is damaged/);
    writeFileSync(secret, text.replace(/[0-9a-f]/g, (digit) => (digit === 'a' ? 'b' : 'a')));
    ended = await start();
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /another key_secret/);
    rmSync(secret);    // nor is a new one made, which would look like the one that is wanted
    ended = await start();
    assert.match(ended.stderr, /Put the file key_secret back/);
    assert.equal(existsSync(secret), false);
    writeFileSync(secret, text, { mode: 0o600 });
    await (await startGateway(config(sim), { data: own.data })).stop();
  });
});

describe('roles', () => {
  test('K3, K9: a team admin makes keys of the team and nothing else, a viewer changes nothing', async () => {
    await ok('POST', '/teams', { name: 'crew', models: ['fast'], limits: { rpm: 1000 }, budget: { usd: '5', window: 'day' } });
    const lead = (await create({ name: 'lead', team: 'crew', role: 'team_admin' })).key;
    const viewer = (await create({ name: 'viewer', role: 'viewer' })).key;
    const own = await create({}, { key: lead });
    assert.equal(own.team, 'crew');
    assert.equal(await status(own.key), 200);
    for (const [body, field] of [[{ team: 'storefront' }, 'team'], [{ role: 'admin' }, 'role'], [{ models: ['smart'] }, 'models'], [{ limits: { rpm: 2000 } }, 'limits.rpm'], [{ budget: { usd: '50', window: 'day' } }, 'budget']]) {
      const answer = await admin('POST', '/keys', { name: 'more', ...body }, { key: lead });
      assert.equal(answer.status, 403, JSON.stringify(body));
      assert.equal(answer.json.error.field, field);
      assert.equal(answer.json.error.code, 'more_than_own');
    }
    assert.equal((await admin('PATCH', '/teams/crew', { budget: null }, { key: lead })).status, 403);
    assert.equal((await admin('GET', '/keys/viewer', undefined, { key: lead })).status, 404);
    assert.equal((await admin('GET', '/audit', undefined, { key: lead })).status, 403);
    assert.equal((await gateway.call({ path: '/metrics', key: lead })).status, 403);
    for (const path of ['/keys', '/teams', '/users', '/audit', '/deployments', '/exchanges']) assert.equal((await admin('GET', path, undefined, { key: viewer })).status, 200, path);
    for (const [method, path] of [['POST', '/keys'], ['DELETE', '/keys/lead'], ['POST', '/keys/lead/rotate'], ['PATCH', '/teams/crew'], ['PUT', '/deployments/sim-a%2Fgpt-4o/hold']]) {
      assert.equal((await admin(method, path, {}, { key: viewer })).status, 403, `${method} ${path}`);
    }
    assert.equal((await gateway.call({ path: '/metrics', key: viewer })).status, 200);
    // What was taken from the role is gone with the next request.
    await ok('PATCH', '/keys/lead', { role: 'member' });
    assert.equal((await admin('GET', '/keys', undefined, { key: lead })).status, 403);
  });

  test('K10: a fresh gateway is nobody\'s: without its master key nothing is told or made', async () => {
    const fresh = await startGateway({ ...config(sim), master_key: undefined, keys: [] });
    const printed = /^ {2}(sk-sl-[0-9a-f]+)$/m.exec(fresh.stdout)[1];
    for (const key of [null, '', 'sk-sl-', 'master', '0'.repeat(48)]) {
      assert.equal((await admin('POST', '/keys', { name: 'mine', role: 'owner' }, { key, on: fresh })).status, 401);
      assert.equal((await admin('GET', '/openapi.json', undefined, { key, on: fresh })).status, 401);
    }
    assert.equal((await create({}, { key: printed, on: fresh })).origin, 'api');
  });
});

describe('the audit log', () => {
  let own, entries;
  const verify = (...args) => run(['audit-log', 'verify', ...args]);
  before(async () => {
    own = await startGateway(config(sim, { keys: [{ name: 'narrow', key: 'sk-sl-narrow-0123456789abcdef', models: ['fast'] }] }));
    await ok('POST', '/teams', { name: 'logged' }, { on: own });
    const key = await create({ name: 'web', team: 'logged' }, { on: own });
    await ok('PATCH', '/keys/web', { priority: 'low' }, { on: own });
    await ok('POST', '/keys/web/rotate', {}, { on: own });
    await ok('POST', '/keys/web/block', undefined, { on: own });
    assert.equal(await status(key.key, 'fast', own), 403);
    for (let i = 0; i < 50; i++) assert.equal(await status('sk-sl-narrow-0123456789abcdef', 'smart', own), 403);
    await ok('PUT', '/deployments/sim-a%2Fgpt-4o/hold', { hold: 'none' }, { on: own });
    await admin('POST', '/keys', { name: 'web' }, { on: own });
    await ok('DELETE', '/keys/web', undefined, { on: own });
    await waitFor('refusals', async () => (await ok('GET', '/audit', undefined, { on: own })).entries.filter((entry) => entry.kind === 'refusal').length >= 2, 3000);
    entries = (await ok('GET', '/audit?limit=1000', undefined, { on: own })).entries.reverse();
  });

  test('has every change and refusal: who, what, before and after, when, from where', async () => {
    const changes = entries.filter((entry) => entry.kind === 'change');
    assert.deepEqual(changes.map((entry) => entry.what), ['teams.create', 'keys.create', 'keys.change', 'keys.rotate', 'keys.block', 'PUT /deployments/{name}/hold', 'keys.delete']);
    const change = changes[2];
    assert.deepEqual([change.who, change.role, change.about, change.from, change.count], ['master', 'master', "key 'web'", '127.0.0.1', 1]);
    assert.equal(change.before.priority, 'normal');
    assert.equal(change.after.priority, 'low');
    assert.match(change.request_id, /^req_/);
    assert.ok(Math.abs(Date.parse(change.at) - Date.now()) < 60_000);
    assert.equal(changes[0].before, null);
    assert.equal(changes.at(-1).after, null);
    const refusals = entries.filter((entry) => entry.kind === 'refusal');
    assert.ok(refusals.some((entry) => entry.who === 'web' && entry.what === 'key_blocked'));
    const models = refusals.filter((entry) => entry.who === 'narrow' && entry.what === 'model_not_allowed');
    assert.ok(models.length <= 2, 'repeats are counted');
    assert.equal(models[0].about, 'chat smart');
    const hold = changes.find((entry) => entry.what.startsWith('PUT /deployments'));
    assert.deepEqual([hold.before, hold.after], [{ hold: 'none' }, { hold: 'none' }]);
    entries.forEach((entry, index) => assert.equal(entry.number, index + 1));
  });

  test('is read in pages', async () => {
    const page = (await ok('GET', '/audit?limit=3&before=5', undefined, { on: own })).entries;
    assert.deepEqual(page.map((entry) => entry.number), [4, 3, 2]);
    assert.equal((await admin('GET', '/audit?before=x', undefined, { on: own })).json.error.field, 'before');
  });

  test('is proved offline, and what was done to it is found', async () => {
    await own.stop();
    const whole = await verify(own.data);
    assert.equal(whole.code, 0, whole.stderr);
    const [, number] = /^whole: (\d+) entries$/m.exec(whole.stdout);
    assert.ok(Number(number) >= entries.length);
    // The end of the gateway writes what was still counted.
    const exported = await run(['audit-log', 'export', own.data]);
    const lines = exported.stdout.trimEnd().split('\n');
    assert.equal(lines.length, Number(number));
    const counted = lines.map((line) => JSON.parse(line)).filter((entry) => entry.who === 'narrow').reduce((sum, entry) => sum + entry.count, 0);
    assert.equal(counted, 50);
    const folded = lines.map((line) => JSON.parse(line)).find((entry) => entry.who === 'narrow' && entry.count > 1);
    assert.deepEqual([folded.after.first.about, folded.after.last.about, folded.after.last.request_id], ['chat smart', 'chat smart', folded.request_id]);
    assert.match(folded.after.first.request_id, /^req_/);
    assert.notEqual(folded.after.first.request_id, folded.request_id);
    const head = (await verify(own.data, '--json'));
    const told = JSON.parse(head.stdout);
    assert.deepEqual([told.ok, told.entries, told.problem], [true, lines.length, null]);
    const damages = {
      'a changed one': `UPDATE audit SET line = replace(line, '"who":"master"', '"who":"nobody"') WHERE number = 3`,
      'a removed one': 'DELETE FROM audit WHERE number = 3',
      'a moved one': 'UPDATE audit SET number = CASE number WHEN 2 THEN -1 ELSE 2 END WHERE number IN (2, 3); UPDATE audit SET number = 3 WHERE number = -1',
      'an inserted one': "INSERT INTO audit SELECT number + 1000, hash, line FROM audit WHERE number = 2",
      'the end cut off': `DELETE FROM audit WHERE number > ${lines.length - 2}`,
      'all of it gone': 'DELETE FROM audit',
      'the hash beside the last one': `UPDATE audit SET hash = '${'0'.repeat(64)}' WHERE number = ${lines.length}`,
      'the hash in the last one': `UPDATE audit SET line = substr(line, 1, length(line) - 6) || 'ffff"}' WHERE number = ${lines.length}`,
      'another number for the last one': `UPDATE audit SET number = number + 5 WHERE number = ${lines.length}`,
    };
    for (const [name, damage] of Object.entries(damages)) {
      const copy = join(tempDir(), 'data');
      cpSync(own.data, copy, { recursive: true });
      change(copy, damage);
      const found = await verify(copy);
      assert.equal(found.code, 1, `${name}: ${found.stdout}`);
      assert.match(found.stderr, /^sluice: (Entry \d+|The last \d+ entries)/);
    }
    const file = join(tempDir(), 'audit.jsonl');
    writeFileSync(file, exported.stdout);
    assert.equal((await verify(file, '--head', told.head)).code, 0);
    writeFileSync(file, `${lines.slice(0, -1).join('\n')}\n`);
    assert.equal((await verify(file, '--head', told.head)).code, 1);
    // A chain alone does not tell that its end is missing: neither here nor of what is nothing.
    for (const text of [exported.stdout, `${lines.slice(0, -1).join('\n')}\n`, '']) {
      writeFileSync(file, text);
      const open = await verify(file);
      assert.equal(open.code, 1);
      assert.match(open.stdout, /^chained: \d+ entries$/m);
      assert.match(open.stderr, /missing at the end.*--head/);
      assert.equal(JSON.parse((await verify(file, '--json')).stdout).ok, false);
    }
    const cut = join(tempDir(), 'data');
    cpSync(own.data, cut, { recursive: true });
    change(cut, `DELETE FROM audit WHERE number > ${lines.length - 2}`);
    rmSync(join(cut, 'audit_head'));
    assert.equal((await verify(cut)).code, 1, 'without its head too');
    assert.equal((await verify(cut, '--head', told.head)).code, 1);
    assert.equal((await verify(join(tempDir(), 'none'))).code, 1);
  });
});

describe('an audit log that was shortened while no gateway ran', () => {
  const verify = (own) => run(['audit-log', 'verify', own.data]);
  const shortened = async (spoil) => {
    const own = await startGateway(config(sim));
    for (const name of ['one', 'two', 'three', 'four']) await ok('POST', '/teams', { name }, { on: own });
    await own.stop();
    assert.equal((await verify(own)).code, 0);
    change(own.data, 'DELETE FROM audit WHERE number > 2');
    spoil?.(own);
    return startGateway(config(sim), { data: own.data });
  };
  const told = (own) => waitFor('the error', () => own.stderr.split('\n').find((line) => line.includes('"level":"error"') && line.includes('the audit log is not whole')));

  test('is told at the start and found until somebody says that it is known', async () => {
    const own = await shortened();
    assert.match(JSON.parse(await told(own)).kept, /^4 [0-9a-f]{64}$/);
    assert.equal(await own.metric('sluice_audit_broken'), 1);
    for (const [name, expected] of [['five', /The last 1 entries are missing: 3 is the last one, 4 was kept/], ['six', /^sluice: Entry 4 is not the one that was kept as head/], ['seven', /Entry 4/]]) {
      await ok('POST', '/teams', { name }, { on: own });
      const found = await verify(own);
      assert.equal(found.code, 1, name);
      assert.match(found.stderr, expected);
    }
    await own.stop();
    const again = await startGateway(config(sim), { data: own.data });
    await told(again);
    assert.equal((await verify(again)).code, 1, 'after the next start too');
    rmSync(join(own.data, 'audit_head.lost'));
    assert.equal((await verify(again)).code, 0);
    assert.equal(await again.metric('sluice_audit_broken'), 0);
  });

  test('is found where its head was taken away with it', async () => {
    const own = await shortened((stopped) => rmSync(join(stopped.data, 'audit_head')));
    await told(own);
    await ok('POST', '/teams', { name: 'five' }, { on: own });
    const found = await verify(own);
    assert.equal(found.code, 1);
    assert.match(found.stdout, /^chained: 3 entries$/m);
    assert.match(found.stderr, /A start could not tell whether entries were missing/);
  });
});

describe('the audit log of a gateway that runs', () => {
  test('goes on from what it wrote, whatever is found in its place', async () => {
    const own = await startGateway(config(sim));
    await ok('POST', '/teams', { name: 'one' }, { on: own });
    await ok('POST', '/teams', { name: 'two' }, { on: own });
    change(own.data, `UPDATE audit SET hash = '${'0'.repeat(64)}' WHERE number = 2`);
    await ok('POST', '/teams', { name: 'three' }, { on: own });
    const [third, second] = (await ok('GET', '/audit', undefined, { on: own })).entries;
    assert.equal(third.previous, second.hash, 'the entry counts, not what stands beside it');
    // A last entry that was written anew is not what the next one follows.
    const anew = { ...third, who: 'nobody' };
    change(own.data, `UPDATE audit SET line = '${JSON.stringify(anew).replaceAll("'", "''")}' WHERE number = 3; UPDATE audit SET hash = '${second.hash}' WHERE number = 2`);
    await ok('POST', '/teams', { name: 'four' }, { on: own });
    assert.equal((await ok('GET', '/audit?limit=1', undefined, { on: own })).entries[0].previous, third.hash);
    await own.stop();
    assert.match((await run(['audit-log', 'verify', own.data])).stderr, /^sluice: Entry 3 was changed/);
  });

  test('names what a new configuration differs in, and shows none of it', async () => {
    const extra = { keys: [{ name: 'old', key: 'sk-sl-old-0123456789' }], limits: { connections: 500 } };
    const own = await startGateway(config(sim, extra));
    writeConfig(own.file, config(sim, { keys: [{ name: 'new', key: 'sk-sl-new-0123456789' }], limits: { connections: 600 }, models: { ...models, fast: { ...models.fast, retries: 1 } } }));
    const entry = await waitFor('the reload', async () => (await ok('GET', '/audit', undefined, { on: own })).entries.find((one) => one.what === 'config.reload'), 5000);
    assert.deepEqual(entry.after, { added: ['keys.new'], changed: ['limits.connections', 'models.fast'], removed: ['keys.old'], more: 0 });
    assert.ok(!JSON.stringify(entry).includes('0123456789'));
  });
});

describe('refusals by what a request lacks and by caps', () => {
  test('are entries of the audit log too', async () => {
    const own = await startGateway(config(sim, {
      models: {
        tagged: { deployments: ['sim-a/gpt-4o-mini'], require_tags: ['feature'] },
        capped: { deployments: [{ model: 'sim-a/gpt-4o', price: { input: '1', output: '10' }, budget: { usd: '0' } }] },
      },
    }));
    const refused = async (model) => {
      const answer = await own.chat(model, {}, { key: appKey });
      return [answer.status, answer.json.error.code];
    };
    assert.deepEqual(await refused('tagged'), [400, 'missing_tag']);
    assert.deepEqual(await refused('capped'), [503, 'spend_cap']);
    const entries = await waitFor('the entries', async () => {
      const all = (await ok('GET', '/audit', undefined, { on: own })).entries.filter((one) => one.kind === 'refusal');
      return all.length === 2 && all;
    }, 5000);
    assert.deepEqual(entries.map((one) => [one.what, one.about]).sort(), [['missing_tag', 'chat tagged'], ['spend_cap', 'chat capped']]);
  });
});

describe('a reload of files that the configuration names', () => {
  test('is an entry that names what they are for, and shows none of it', async () => {
    const folder = tempDir();
    const file = (name, text) => writeFileSync(join(folder, name), text);
    const price = (input) => JSON.stringify({
      schema: 1, date: '2026-11-22', models: [{ provider: 'openai', id: 'some', mode: 'chat', source: 'test', date: '2026-11-20', prices: { input, output: '1' } }],
    });
    file('caller', 'sk-of-a-file-0123456789\n');
    file('provider', `${providerKey}\n`);
    file('prices.json', price('1'));
    const written = config(sim, { keys: [{ name: 'web', key: `\${file:${join(folder, 'caller')}}` }, { name: 'ads', key: 'sk-of-ads-0123456789' }], prices: { file: join(folder, 'prices.json') } });
    const [provider] = Object.keys(written.providers);
    written.providers[provider].api_key = `\${file:${join(folder, 'provider')}}`;
    const own = await startGateway(written);
    const reloads = async () => (await ok('GET', '/audit', undefined, { on: own })).entries.filter((one) => one.what === 'config.reload');
    let known = 0;
    const differs = async (what) => {
      const entries = await waitFor('the reload', async () => { const all = await reloads(); return all.length > known && all; }, 5000);
      known = entries.length;
      assert.deepEqual(entries[0].after, { added: [], changed: [what], removed: [], more: 0 });
      assert.ok(!JSON.stringify(entries).includes('0123456789'));
    };
    file('caller', 'sk-of-a-file-9876543210\n');
    await differs('keys.web');
    assert.equal(await status('sk-of-a-file-9876543210', 'fast', own), 200);
    file('provider', 'another-0123456789\n');
    await differs(`providers.${provider}`);
    file('prices.json', price('2'));
    own.signal('SIGHUP');
    await differs('prices');
  });
});

describe('the directory\'s database', () => {
  test('G7, G8: while it is locked no request waits, no change is half made, and no refusal is lost', async () => {
    const own = await startGateway(config(sim));
    const key = await create({}, { on: own });
    const held = await lock(own.data);
    try {
      const change = admin('POST', `/keys/${key.id}/block`, undefined, { on: own });
      const began = performance.now();
      for (let i = 0; i < 50; i++) {
        assert.equal(await status(key.key, 'fast', own), 200);
        assert.equal(await status('sk-sl-unknown', 'fast', own), 401);
      }
      assert.ok((performance.now() - began) / 100 < 100, 'a request is served in milliseconds');
      const refused = await change;
      assert.equal(refused.status, 503, refused.text);
    } finally {
      await held.release();
    }
    assert.equal(await status(key.key, 'fast', own), 200, 'what was not kept is not in force');
    await ok('POST', `/keys/${key.id}/block`, undefined, { on: own });
    assert.equal(await status(key.key, 'fast', own), 403);
    await own.stop();
    const lines = (await run(['audit-log', 'export', own.data])).stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
    assert.equal(lines.filter((line) => line.what === 'invalid_api_key').reduce((sum, line) => sum + line.count, 0), 50);
    assert.equal(lines.filter((line) => line.what === 'keys.block').length, 1);
  });
});

describe('the command line', () => {
  test('sluice keys: the whole life, for people and scripts', async () => {
    const done = async (...args) => {
      const ended = await command(args);
      assert.equal(ended.code, 0, `${args.join(' ')}: ${ended.stderr}`);
      return ended.stdout;
    };
    const shown = await done('keys', 'create', 'cli', '--team', 'storefront', '--model', 'fast', '--model', 'smart', '--tag', 'feature=search', '--rpm', '600', '--budget', '12.50', '--window', 'month');
    const key = /^key +(sk-sl-\S+)$/m.exec(shown)[1];
    assert.match(shown, /shown this once/);
    assert.equal(await status(key), 200);
    const json = JSON.parse(await done('keys', 'show', 'cli', '--json'));
    assert.deepEqual([json.team, json.models, json.tags, json.limits, json.budget.usd], ['storefront', ['fast', 'smart'], { feature: 'search' }, { rpm: 600 }, '12.5']);
    assert.match(await done('keys', 'list', '--team', 'storefront', '--limit', '1000'), /^name +prefix .*\n(.*\n)*cli +sk-sl-/);
    await done('keys', 'change', 'cli', '--priority', 'low', '--model', 'fast');
    assert.equal(JSON.parse(await done('keys', 'show', 'cli', '--json')).priority, 'low');
    const rotated = JSON.parse(await done('keys', 'rotate', 'cli', '--grace', '1m', '--json'));
    assert.equal(await status(rotated.key), 200);
    assert.equal(await status(key), 200);
    await done('keys', 'block', 'cli');
    assert.equal(await status(rotated.key), 403);
    await done('keys', 'unblock', 'cli');
    await done('keys', 'delete', 'cli');
    assert.equal(await status(rotated.key), 401);
    const none = await command(['keys', 'show', 'cli']);
    assert.equal(none.code, 1);
    assert.match(none.stderr, /There is no key 'cli'/);
    assert.equal((await command(['keys', 'create'])).code, 2);
    assert.equal((await command(['keys'])).code, 2);
    assert.equal((await command(['keys', 'list'], gateway, { SLUICE_MASTER_KEY: appKey })).code, 1);
  });

  test('sluice keys change: what is not given stays', async () => {
    const month = { usd: '100', window: 'month', zone: 'Europe/Berlin', hard: true, strict: true, alerts: [50, 80] };
    const day = { usd: '10', window: 'day', zone: 'UTC', hard: false, strict: false, alerts: [90] };
    await create({ name: 'kept', limits: { rpm: 600, tpm: 200_000, concurrency: 20 }, tags: { feature: 'search', env: 'prod' }, budget: [month, day] });
    const changed = async (kind, name, ...args) => {
      const ended = await command([kind, 'change', ...name, '--json', ...args]);
      assert.equal(ended.code, 0, ended.stderr);
      return JSON.parse(ended.stdout);
    };
    const change = (...args) => changed('keys', ['kept'], ...args);
    assert.deepEqual((await change('--rpm', '500')).limits, { rpm: 500, tpm: 200_000, concurrency: 20 });
    assert.deepEqual((await change('--tpm', '0')).limits, { rpm: 500, concurrency: 20 });
    assert.deepEqual((await change('--tag', 'feature=chat')).tags, { env: 'prod', feature: 'chat' });
    assert.deepEqual((await change('--budget', '120', '--window', 'month')).budget, [{ ...month, usd: '120' }, day]);
    assert.deepEqual((await change('--budget', '3', '--window', 'week')).budget.map((one) => one.window), ['month', 'day', 'week']);
    const unclear = await command(['keys', 'change', 'kept', '--budget', '5']);
    assert.deepEqual([unclear.code, unclear.stderr], [1, 'sluice: there are several budgets: say with --window which one is meant\n']);
    const after = await change('--priority', 'low');
    assert.deepEqual([after.limits, after.tags, after.budget.length], [{ rpm: 500, concurrency: 20 }, { env: 'prod', feature: 'chat' }, 3]);
    await ok('POST', '/teams', { name: 'kept', aliases: { a: 'fast' }, budget: day });
    assert.deepEqual((await changed('teams', ['kept'], '--alias', 'b=smart', '--budget', '7')).aliases, { a: 'fast', b: 'smart' });
    assert.deepEqual((await ok('GET', '/teams/kept')).budget, { ...day, usd: '7' }, 'the only one there is');
    assert.match((await command(['keys', 'change', 'nobody', '--rpm', '1'])).stderr, /There is no key 'nobody'/);
    // The API takes a field as a whole.
    assert.deepEqual((await ok('PATCH', '/keys/kept', { limits: { rpm: 1 } })).limits, { rpm: 1 });
    await ok('DELETE', '/keys/kept');
    await ok('DELETE', '/teams/kept');
  });

  test('sluice teams and users', async () => {
    assert.equal((await command(['teams', 'create', 'by-hand', '--model', 'fast', '--alias', 'gpt-4o=fast', '--weight', '3'])).code, 0);
    assert.equal((await command(['users', 'create', 'eva', '--team', 'by-hand', '--role', 'viewer'])).code, 0);
    assert.match((await command(['teams', 'list'])).stdout, /^by-hand +api +3 +fast/m);
    assert.match((await command(['users', 'show', 'eva'])).stdout, /^role +viewer$/m);
    assert.equal((await command(['users', 'delete', 'eva'])).code, 0);
    assert.equal((await command(['teams', 'delete', 'by-hand'])).code, 0);
  });

  test('each command has a help that fits a screen', async () => {
    for (const args of [['keys'], ['keys', 'create'], ['keys', 'change'], ['keys', 'rotate'], ['teams', 'create'], ['users', 'list'], ['audit-log'], ['audit-log', 'verify']]) {
      const { code, stdout } = await run([...args, '--help']);
      assert.equal(code, 0);
      assert.ok(stdout.split('\n').length < 50, args.join(' '));
    }
  });
});

describe('many keys', () => {
  test('a hundred thousand keys are there when the gateway is', { timeout: 120_000 }, async (t) => {
    const own = await startGateway(config(sim));
    const key = await create({ name: 'first' }, { on: own });
    await own.stop();
    change(own.data, `BEGIN; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
      INSERT INTO api_key SELECT 'key_' || printf('%016x', i), 'many-' || i, lower(hex(randomblob(32))), prefix, 'storefront', user, role, priority, 'fast', operations, networks,
        'feature=search', limits, budget, metadata, created_us, expires_us, blocked, old_hash, old_until_us FROM api_key, n WHERE name = 'first'; COMMIT`);
    const began = performance.now();
    const again = new Gateway(['serve', '--config', own.file, '--listen', '127.0.0.1:0', '--data', own.data]);
    await again.output('its start', (c) => /listening on/.test(c.stdout), 60_000);
    const started = performance.now() - began;
    await again.ready();
    // What it took of a processor, in hundredths of a second: a busy machine makes the time longer.
    const [user, system] = readFileSync(`/proc/${again.pid}/stat`, 'utf8').split(' ').slice(13, 15).map(Number);
    t.diagnostic(`started with 100,000 keys in ${started.toFixed(0)} ms, of it ${(user + system) * 10} ms of a processor`);
    assert.equal(await status(key.key, 'fast', again), 200);
    const asked = performance.now();
    await ok('POST', '/keys/first/block', undefined, { on: again });
    t.diagnostic(`one changed in ${(performance.now() - asked).toFixed(1)} ms`);
    assert.equal(await status(key.key, 'fast', again), 403);
    assert.ok(user + system < 300 * slowed, `${user + system}`);
  });
});
