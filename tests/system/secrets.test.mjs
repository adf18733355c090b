// Secrets of the configuration that are kept encrypted in the gateway's store: they go in, are used, and never come out.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe } from 'node:test';
import { baseConfig, binary, call, masterKey, run, startGateway, startSim, tempDir, test, waitFor, writeConfig } from './lib.mjs';

const first = 'sk-secret-canary-first-0011223344';
const second = 'sk-secret-canary-second-5566778899';
const sealing = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';
const withKey = { SLUICE_SECRETS_KEY: sealing };

// `text` goes in through standard input.
const secrets = (args, { text = '', env = withKey } = {}) => {
  const ended = spawnSync(binary, ['secrets', ...args], { input: text, encoding: 'utf8', env: { PATH: process.env.PATH, ...env }, timeout: 15_000 });
  return { code: ended.status, stdout: ended.stdout, stderr: ended.stderr };
};
const at = (gateway) => ['--gateway', gateway.url, '--key', masterKey];
const admin = (gateway, method, path, body) => call(gateway, { method, path: `/admin/v1${path}`, body: body && JSON.stringify(body),
  headers: { authorization: `Bearer ${masterKey}`, 'content-type': 'application/json' } });
const files = (folder) => readdirSync(folder).flatMap((name) => {
  const path = join(folder, name);
  return statSync(path).isDirectory() ? files(path) : [path];
});

let sim;
before(async () => { sim = await startSim('open', { key: null }); });
const config = (reference) => baseConfig([sim], { providers: { open: { type: 'openai', base_url: sim.base, api_key: reference } } });
const lastKey = async (gateway, model) => {
  assert.equal((await gateway.chat(`open/${model}`)).status, 200);
  return (await sim.seen(model)).at(-1).headers.authorization.replace('Bearer ', '');
};

describe('a gateway whose provider key is a secret', () => {
  let gateway, data;
  before(async () => {
    data = join(tempDir(), 'data');
    const set = secrets(['set', 'provider.key', '--data', data], { text: `${first}\n` });
    assert.equal(set.code, 0, set.stderr);
    gateway = await startGateway(config('${secret:provider.key}'), { env: withKey, data });
  });

  test('it is used', async () => {
    assert.equal(await lastKey(gateway, 'used'), first);
    const { json } = await admin(gateway, 'GET', '/secrets');
    assert.deepEqual(json.secrets.map(({ name, used }) => [name, used]), [['provider.key', true]]);
  });

  test('the directory of a gateway that runs is not written to', async () => {
    for (const args of [['set', 'provider.key'], ['delete', 'provider.key']]) {
      const { code, stderr } = secrets([...args, '--data', data], { text: second });
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`A gateway runs on '.*': .*--gateway ${gateway.url} in place of --data`));
    }
    assert.equal(secrets(['list', '--data', data]).code, 0);
    assert.equal(await lastKey(gateway, 'unchanged'), first);
  });

  test('a rotated one is used within a second, and requests go on meanwhile', async () => {
    const set = secrets(['set', 'provider.key', ...at(gateway)], { text: second });
    assert.equal(set.code, 0, set.stderr);
    assert.match(set.stdout, /^name +provider\.key$/m);
    await waitFor('the new key', async () => (await lastKey(gateway, 'rotated')) === second, 1000);
  });

  test('what the configuration cannot use changes nothing, and is not told', async () => {
    const failed = await gateway.metric('sluice_config_reloads_total', { result: 'failed' });
    assert.equal((await admin(gateway, 'PUT', '/secrets/provider.key', { value: `${first} and a space` })).status, 200);
    await waitFor('the failure', async () => (await gateway.metric('sluice_config_reloads_total', { result: 'failed' })) > failed, 1500);
    const { problem } = await waitFor('its line in the log', () => gateway.logs.find(({ msg }) => msg === 'configuration not reloaded'));
    assert.match(problem, /sluice\.yaml:\d+: providers\.open\.api_key: holds a space/);
    assert.equal(await lastKey(gateway, 'as-before'), second);
    assert.equal((await admin(gateway, 'PUT', '/secrets/provider.key', { value: second })).status, 200);
    await waitFor('the reload', () => gateway.logs.filter(({ msg }) => msg === 'configuration reloaded').length >= 2);
  });

  test('one that is used is not ended; one that is not is', async () => {
    const used = secrets(['delete', 'provider.key', ...at(gateway)]);
    assert.equal(used.code, 1);
    assert.match(used.stderr, /The configuration refers to the secret 'provider\.key'/);
    assert.equal(secrets(['set', 'other', ...at(gateway)], { text: first }).code, 0);
    assert.match(secrets(['list', ...at(gateway)]).stdout, /^other +\S+ +\S+ +false\nprovider\.key +\S+ +\S+ +true$/m);
    assert.equal(secrets(['delete', 'other', ...at(gateway)]).code, 0);
    assert.equal((await admin(gateway, 'GET', '/secrets/other')).status, 404);
  });

  test('the file is checked with it, and a missing one is named with its line and what to do', async () => {
    const check = await run(['check', gateway.file, '--data', data], { env: withKey });
    assert.equal(check.code, 0, check.stderr);
    const missing = join(tempDir(), 'sluice.yaml');
    writeFileSync(missing, 'providers:\n  openai:\n    api_key: ${secret:nowhere}\n');
    const wrong = await run(['check', missing, '--data', data], { env: withKey });
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /sluice\.yaml:3: providers\.openai\.api_key: there is no secret 'nowhere'; .*sluice secrets set nowhere/);
    const told = gateway.logs.length;
    writeConfig(gateway.file, config('${secret:nowhere}'));
    await waitFor('the refusal', () => gateway.logs.slice(told).some(({ problem }) => /there is no secret 'nowhere'/.test(problem ?? '')), 10_000);
    assert.equal(await lastKey(gateway, 'still'), second);
    writeConfig(gateway.file, config('${secret:provider.key}'));
  });

  test('K5: no log, metric, answer or file holds what one holds', async () => {
    const pages = await Promise.all(['/secrets', '/secrets/provider.key', '/audit', '/exchanges', '/openapi.json'].map((path) => admin(gateway, 'GET', path)));
    assert.match(pages[2].text, /"what":"secrets\.set","about":"secret 'provider\.key'","before":null,"after":null/);
    const texts = [gateway.stdout, gateway.stderr, await gateway.metrics(), ...pages.map(({ text }) => text)];
    const kept = files(data);
    assert.ok(kept.some((path) => path.endsWith('sluice.db')));
    for (const text of [...texts, ...kept.map((path) => readFileSync(path, 'latin1'))])
      for (const one of [first, second, sealing]) assert.ok(!text.includes(one), text.slice(0, 100));
    const verified = await run(['audit-log', 'verify', data]);
    assert.equal(verified.code, 0, verified.stderr);
  });

  test('another key, or none, opens nothing: the start says why', async () => {
    await gateway.stop();
    for (const [env, why] of [
      [{}, /sluice\.yaml:\d+: providers\.open\.api_key: the secret 'provider\.key' is encrypted, and there is no key .*SLUICE_SECRETS_KEY/],
      [{ SLUICE_SECRETS_KEY: `${sealing.slice(1)}0` }, /the secret 'provider\.key' cannot be decrypted: .*sluice secrets set provider\.key/],
      [{ SLUICE_SECRETS_KEY: 'brief' }, /fewer than 32 characters/],
    ]) {
      const ended = await run(['serve', '--config', gateway.file, '--listen', '127.0.0.1:0', '--data', data], { env });
      assert.equal(ended.code, 1);
      assert.match(ended.stderr, why);
      assert.ok(!ended.stderr.includes(second));
    }
    const file = join(tempDir(), 'key');
    writeFileSync(file, `${sealing}\n`);
    const again = await startGateway(config('${secret:provider.key}'), { env: { SLUICE_SECRETS_KEY_FILE: file }, data });
    assert.equal(await lastKey(again, 'again'), second);
  });
});

test('K3: an admin changes no secret that a key of an owner, or the master key, is told with, not even a part', async () => {
  const data = join(tempDir(), 'data');
  for (const name of ['whole', 'part', 'role', 'master', 'mine'])
    assert.equal(secrets(['set', name, '--data', data], { text: name === 'role' ? 'owner' : `sk-of-${name}-0011223344` }).code, 0);
  const masters = 'sk-of-master-0011223344', admins = 'sk-admin-0011223344';
  const gateway = await startGateway(baseConfig([sim], {
    master_key: '${secret:master}', providers: { open: { type: 'openai', base_url: sim.base, api_key: 'x' } },
    keys: [{ name: 'one', key: '${secret:whole}', role: 'owner' }, { name: 'two', key: 'abcd${secret:part}', role: 'owner' },
      { name: 'three', key: 'sk-three-0011223344', role: '${secret:role}' }, { name: 'four', key: '${secret:unset:-sk-four-0011223344}', role: 'owner' },
      { name: 'five', key: '${secret:mine}' }, { name: 'adm', key: admins, role: 'admin' }],
  }), { env: withKey, data });
  const put = (name, key) => call(gateway, { method: 'PUT', path: `/admin/v1/secrets/${name}`, body: '{"value":"sk-another-0011223344"}',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' } });
  for (const name of ['whole', 'part', 'role', 'unset', 'master']) {
    const { status, json } = await put(name, admins);
    assert.deepEqual([status, json.error.code], [403, 'more_than_own'], name);
  }
  assert.equal((await put('mine', admins)).status, 200);
  assert.equal((await put('part', masters)).status, 200);
});

test('without a key nothing is kept, never as it is', async () => {
  const gateway = await startGateway(config('sk-plain'));
  const refused = await admin(gateway, 'PUT', '/secrets/one', { value: first });
  assert.equal(refused.status, 409);
  assert.match(refused.json.error.message, /SLUICE_SECRETS_KEY/);
  assert.deepEqual((await admin(gateway, 'GET', '/secrets')).json.secrets, []);
  const offline = secrets(['set', 'one', '--data', join(tempDir(), 'data')], { text: first, env: {} });
  assert.equal(offline.code, 1);
  assert.match(offline.stderr, /SLUICE_SECRETS_KEY/);
  for (const path of files(gateway.data)) assert.ok(!readFileSync(path, 'latin1').includes(first), path);
});

test('the text never comes from the command line', () => {
  const data = join(tempDir(), 'data');
  assert.equal(secrets(['set', 'one', first, '--data', data]).code, 2);
  assert.equal(secrets(['set', 'no name', '--data', data], { text: first }).code, 2);
  const empty = secrets(['set', 'one', '--data', data], { text: '\n' });
  assert.equal(empty.code, 1);
  assert.match(empty.stderr, /standard input/);
});

test('a directory that is none is not made by asking for its secrets', () => {
  const data = join(tempDir(), 'typo');
  for (const args of [['list'], ['delete', 'one']]) {
    const { code, stderr } = secrets([...args, '--data', data]);
    assert.equal(code, 2);
    assert.match(stderr, /There is no database '.*typo\/sluice\.db'/);
  }
  assert.equal(existsSync(data), false);
});

test('the organisation has a name, limits and a budget of its own', async () => {
  const gateway = await startGateway(config('sk-plain'), { env: withKey });
  const organisation = (args) => run(['organisation', ...args, ...at(gateway)]);
  const changed = await organisation(['change', '--name', 'Acme', '--rpm', '2', '--budget', '12.50', '--window', 'month']);
  assert.equal(changed.code, 0, changed.stderr);
  assert.match((await organisation(['show'])).stdout, /^name +Acme$/m);
  const shown = (await admin(gateway, 'GET', '/organisation')).json;
  assert.deepEqual([shown.origin, shown.limits, shown.budget.usd ?? shown.budget[0].usd], ['api', { rpm: 2 }, '12.5']);
  const statuses = [];
  for (let i = 0; i < 3; i++) statuses.push((await gateway.chat('open/limited')).status);
  assert.ok(statuses.includes(429) || statuses.includes(403), `limited, or refused for want of a price: ${statuses}`);
  writeConfig(gateway.file, { ...config('sk-plain'), organisation: { limits: { rpm: 100 } } });
  gateway.signal('SIGHUP');
  await waitFor('the refusal', () => gateway.logs.some(({ level, msg }) => level === 'error' && msg === 'configuration not reloaded'));
  assert.equal((await admin(gateway, 'PATCH', '/organisation', { limits: null, budget: null })).status, 200);
  assert.equal((await gateway.chat('open/free')).status, 200);
  gateway.signal('SIGHUP');
  await waitFor('the reload', () => gateway.logs.some(({ msg }) => msg === 'configuration reloaded'), 10_000);
  const refused = await admin(gateway, 'PATCH', '/organisation', { limits: { rpm: 5 } });
  assert.deepEqual([refused.status, refused.json.error.field], [409, 'limits']);
});
