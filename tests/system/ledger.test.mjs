// The ledger: every request of every API has one row, a client that has its answer finds it there, and neither kill -9 nor a
// store that is away nor a full disk loses one.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe } from 'node:test';
import { exchange, lock, query } from './ledger.mjs';
import { appKey, calm, chat, Connection, masterKey, providerKey, run, scripted, sleep, startGateway, startSim, tempDir, test, waitFor } from './lib.mjs';

const long = Boolean(process.env.LEDGER_LONG);    // LEDGER_LONG=1: as often as the promise says
const root = process.getuid() === 0 ? [] : ['sudo', '-n'];

let sim, other, gateway;
const config = (more = {}) => ({
  master_key: masterKey,
  log: { level: 'warn' },
  providers: {
    openai: { base_url: `${sim.url}/v1`, api_key: providerKey },
    anthropic: { base_url: sim.url, api_key: providerKey },
    spare: { type: 'openai', base_url: `${other.url}/v1`, api_key: providerKey },
  },
  models: {
    fast: { deployments: ['openai/gpt-4o-mini', 'spare/gpt-4o-mini'], retries: 0, breaker: calm },
    'fall/*': { deployments: ['openai/*', 'spare/*'], retries: 0, breaker: calm },
    claude: { deployments: ['anthropic/claude-haiku-4-5'] },
    vectors: { deployments: ['openai/text-embedding-3-small'] },
    tagged: { deployments: ['openai/gpt-4o-mini'], require_tags: ['feature'] },
    marked: { deployments: ['openai/gpt-4o-mini'], require_tags: ['feature', 'user'], untagged: 'mark' },
  },
  keys: [{ name: 'web', key: appKey, team: 'storefront', tags: { environment: 'prod' } }],
  ...more,
});
before(async () => {
  [sim, other] = await Promise.all([startSim('sim'), startSim('other')]);
  gateway = await startGateway(config());
});

const stored = (id, data = gateway.data) => waitFor(`the row of ${id}`, () => exchange(data, id), 5000);
const ask = async (surface, model, { stream = false, headers = {} } = {}) => {
  const user = { role: 'user', content: 'hello' };
  const [path, body] = {
    chat: () => ['/v1/chat/completions', { model, messages: [user], stream }],
    responses: () => ['/v1/responses', { model, input: 'hello', stream, store: false }],
    messages: () => ['/v1/messages', { model, messages: [user], max_tokens: 100, stream }],
    gemini: () => [`/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`, { contents: [{ role: 'user', parts: [{ text: 'hello' }] }] }],
    converse: () => [`/model/${model}/converse${stream ? '-stream' : ''}`, { messages: [{ role: 'user', content: [{ text: 'hello' }] }] }],
    embeddings: () => ['/v1/embeddings', { model, input: 'hello' }],
  }[surface]();
  return gateway.post(path, body, { headers: { 'anthropic-version': '2023-06-01', ...headers } });
};

describe('a request is a row', () => {
  for (const [surface, dialect, operation] of [['chat', 'openai', 'chat'], ['responses', 'responses', 'responses'], ['messages', 'anthropic', 'messages'],
    ['gemini', 'gemini', 'generate_content'], ['converse', 'bedrock', 'converse'], ['embeddings', 'openai', 'embeddings']]) {
    for (const stream of surface === 'embeddings' ? [false] : [false, true]) {
      for (const model of surface === 'embeddings' ? ['vectors'] : ['fast', 'claude']) {
        test(`${surface}${stream ? ', streamed' : ''}, to ${model}`, async () => {
          const answer = await ask(surface, model, { stream, headers: { 'x-sluice-feature': 'search', 'x-request-id': 'mine' } });
          assert.equal(answer.status, 200, answer.text);
          const row = await stored(answer.headers['x-sluice-request-id']);
          assert.deepEqual([row.key, row.team, row.tags], ['web', 'storefront', { environment: 'prod', feature: 'search' }]);
          assert.deepEqual([row.route, row.model_asked, row.status, row.fault, row.client_request_id], [model, model, 200, '', 'mine']);
          assert.deepEqual([row.dialect, row.stream, row.client_left], [dialect, stream ? 1 : 0, 0]);
          assert.ok(row.operation.includes(operation), row.operation);
          assert.ok(Math.abs(row.arrived_us / 1000 - Date.now()) < 60_000 && row.duration_us > 0);
          assert.equal(row.attempts.length, 1);
          const [attempt] = row.attempts;
          assert.deepEqual([attempt.deployment, attempt.status, attempt.fault, attempt.delivered, attempt.usage_source], [row.deployment, 200, '', 1, 'provider']);
          assert.ok(attempt.cost_nanos > 0 && attempt.input_tokens > 0, JSON.stringify(attempt));
          assert.match(attempt.price_version, /^20\d\d-\d\d-\d\d$/);
          const told = answer.headers['x-sluice-cost-usd'];
          if (told) assert.equal(Math.round(Number(told) * 1e9), attempt.cost_nanos);
          assert.equal(told === undefined, stream);
        });
      }
    }
  }

  test('with all its attempts, those that failed too', async () => {
    const model = `gpt-4o-mini-fails-${Date.now()}`;
    await sim.script(model, { status: 500, error: { error: { message: 'sorry', type: 'server_error' } } });
    const answer = await gateway.chat(`fall/${model}`);
    assert.equal(answer.status, 200, answer.text);
    const row = await stored(answer.headers['x-sluice-request-id']);
    assert.deepEqual(row.attempts.map((one) => [one.provider, one.status, one.fault, one.delivered]), [['openai', 500, 'provider_status', 0], ['spare', 200, '', 1]]);
    assert.deepEqual([row.provider, row.status], ['spare', 200]);
    assert.equal(row.attempts[0].cost_nanos, 0);
  });

  test('also when it is refused', async () => {
    const answer = await gateway.chat('no-such-model');
    assert.equal(answer.status, 404);
    const row = await stored(answer.headers['x-sluice-request-id']);
    assert.deepEqual([row.model_asked, row.route, row.status, row.fault, row.attempts], ['no-such-model', '', 404, 'not_found', []]);
  });

  test('but for those of nobody', async () => {
    const answer = await gateway.chat('fast', {}, { key: 'sk-sl-nobody' });
    assert.equal(answer.status, 401);
    const after = await gateway.chat('fast');
    await stored(after.headers['x-sluice-request-id']);
    assert.equal(exchange(gateway.data, answer.headers['x-sluice-request-id']), undefined);
  });

  test('when the client leaves', async () => {
    const connection = await gateway.open(scripted({ event_delay_ms: 100, events: 50 }, 'openai'), { stream: true });
    const { headers } = await connection.head();
    connection.destroy();
    const row = await stored(headers['x-sluice-request-id']);
    assert.deepEqual([row.client_left, row.fault, row.stream], [1, 'client_gone', 1]);
  });

  test('holds no word of what was said, and no key', async () => {
    const answer = await gateway.chat('fast', { text: 'canary-of-the-prompt' });
    await stored(answer.headers['x-sluice-request-id']);
    const said = answer.json.choices[0].message.content;
    for (const name of readdirSync(gateway.data, { recursive: true, withFileTypes: true }).filter((one) => one.isFile() && one.name !== 'master_key')) {
      const bytes = readFileSync(join(name.parentPath ?? name.path, name.name));
      for (const secret of ['canary-of-the-prompt', said, appKey, masterKey, providerKey]) assert.ok(!bytes.includes(secret), `${name.name} holds ${secret}`);
    }
  });
});

describe('tags', () => {
  test('a route may require them', async () => {
    const refused = await gateway.chat('tagged');
    assert.equal(refused.status, 400);
    assert.deepEqual([refused.json.error.code, refused.json.error.param], ['missing_tag', 'feature']);
    assert.equal((await gateway.chat('tagged', {}, { headers: { 'x-sluice-feature': 'search' } })).status, 200);
    assert.equal((await gateway.chat('tagged', { metadata: { feature: 'search' } })).status, 200);
  });
  test('or mark what lacks them', async () => {
    const answer = await gateway.chat('marked', {}, { headers: { 'x-sluice-feature': 'search' } });
    assert.deepEqual((await stored(answer.headers['x-sluice-request-id'])).tags, { environment: 'prod', feature: 'search', untagged: 'user' });
    const neither = await gateway.chat('marked');
    assert.equal((await stored(neither.headers['x-sluice-request-id'])).tags.untagged, 'feature,user');
  });
  test('a caller cannot forge the mark', async () => {
    const forged = [{ 'x-sluice-tag-untagged': 'no' }, { 'x-sluice-tags': 'zz=b,untagged=no' }, { 'x-portkey-metadata': '{"untagged":"no"}' }, { baggage: 'untagged=a' }];
    for (const headers of forged) {
      for (const [has, untagged] of [['x-sluice-session', 'feature,user'], ['x-sluice-user', 'feature'], ['x-sluice-feature', 'user']]) {
        const answer = await gateway.chat('marked', { metadata: { untagged: 'a' } }, { headers: { ...headers, [has]: 'x' } });
        assert.equal((await stored(answer.headers['x-sluice-request-id'])).tags.untagged, untagged, JSON.stringify([headers, has]));
      }
      const whole = await gateway.chat('fast', {}, { headers });
      assert.equal((await stored(whole.headers['x-sluice-request-id'])).tags.untagged, undefined);
    }
  });
  test('a caller cannot forge what its key fixes', async () => {
    const answer = await gateway.chat('fast', { metadata: { environment: 'dev', team: 'other' } }, { headers: { 'x-sluice-environment': 'dev', 'x-portkey-metadata': '{"_environment":"dev","plan":"pro"}' } });
    assert.deepEqual((await stored(answer.headers['x-sluice-request-id'])).tags, { environment: 'prod', plan: 'pro' });
  });
  test('wrong ones are refused by name', async () => {
    const answer = await gateway.chat('fast', {}, { headers: { 'x-sluice-tags': 'no value' } });
    assert.deepEqual([answer.status, answer.json.error.param], [400, 'x-sluice-tags']);
  });
});

// Clients that ask again and again, each over a connection of its own, until stop() is called. Those in `done` had their whole answer.
function load(target, clients, { killed = false } = {}) {
  const done = [];
  const failures = [];
  let stopped = false;
  let count = 0;
  const client = async () => {
    while (!stopped) {
      let connection;
      try {
        connection = await Connection.open(target);
        while (!stopped) {
          const body = JSON.stringify(chat('fast', { stream: ++count % 2 === 0 }));
          connection.request({ method: 'POST', path: '/v1/chat/completions', body, headers: { authorization: `Bearer ${appKey}`, 'content-type': 'application/json' } });
          const began = performance.now();
          const head = await connection.head();
          for await (const _ of connection.body());
          done.push({ id: head.headers['x-sluice-request-id'], ms: performance.now() - began });
          if (head.status !== 200) failures.push(head.status);
        }
      } catch (error) {
        if (killed) return;
        failures.push(error.message);
      } finally {
        connection?.destroy();
      }
    }
  };
  const all = Promise.all(Array.from({ length: clients }, client));
  return { done, failures, stop: async () => { stopped = true; await all; } };
}

const idsIn = (data) => query(data, 'SELECT id FROM exchange').map(({ id }) => id);
async function holdsAll(data, ids, limit = 60_000) {
  await waitFor(`${ids.length} rows`, async () => {
    await sleep(200);
    return query(data, 'SELECT COUNT(*) AS count FROM exchange')[0].count >= ids.length;
  }, limit).catch((error) => {
    const [{ count }] = query(data, 'SELECT COUNT(*) AS count FROM exchange');
    throw new Error(`${error.message}; there are ${count}`);
  });
  const there = new Set(idsIn(data));
  assert.deepEqual(ids.filter((id) => !there.has(id)), []);
}

describe('nothing is lost', () => {
  const kills = long ? 50 : 6;
  test('kill -9: an answer that arrived is in the ledger, once', { timeout: 600_000 }, async () => {
    const data = join(tempDir(), 'data');
    const acknowledged = [];
    for (let i = 0; i < kills; ++i) {
      const victim = await startGateway(config(), { data });
      victim.mayFail = true;
      const running = load(victim, 16, { killed: true });
      await waitFor('some answers', () => running.done.length > 20);
      await sleep(Math.random() * 400);
      await victim.kill();
      await running.stop();
      assert.deepEqual(running.failures, []);
      acknowledged.push(...running.done.map(({ id }) => id));
    }
    const last = await startGateway(config(), { data });
    await holdsAll(data, acknowledged);
    const ids = idsIn(data);
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(ids.length <= acknowledged.length + kills * 16, `${ids.length} rows for ${acknowledged.length} answers`);
    const [{ sum }] = query(data, "SELECT SUM(exchanges) AS sum FROM sum WHERE dimension = 'all' AND level = (SELECT MIN(level) FROM sum)");
    const [{ cost }] = query(data, "SELECT SUM(cost_nanos) AS cost FROM sum WHERE dimension = 'all' AND level = (SELECT MIN(level) FROM sum)");
    const [{ rows }] = query(data, 'SELECT SUM(cost_nanos) AS rows FROM attempt');
    assert.deepEqual([sum, cost], [ids.length, rows]);
    await last.stop();
  });

  test('a store that is locked for a while holds up nobody', { timeout: 120_000 }, async () => {
    const own = await startGateway(config());
    await own.chat('fast');
    await waitFor('the database', () => idsIn(own.data).length === 1);
    const held = await lock(own.data);
    const running = load(own, 8);
    await sleep(long ? 60_000 : 4000);
    const whileLocked = running.done.length;
    assert.equal(idsIn(own.data).length, 1);
    assert.ok(await own.metric('sluice_ledger_failures_total', { of: 'store' }) > 0);
    await held.release();
    await running.stop();
    assert.deepEqual(running.failures, []);
    assert.ok(whileLocked > 100, `${whileLocked} answers while the store was locked`);
    await holdsAll(own.data, running.done.map(({ id }) => id));
    assert.equal(await own.metric('sluice_ledger_lost_total'), 0);
    assert.equal(await own.metric('sluice_ledger_late_total'), 0);
  });

  // Its process could go on writing to a file that has no name any more, and nobody would ever read that.
  test('a store that is moved away is told of, and its rows wait for the next one', { timeout: 120_000 }, async () => {
    const own = await startGateway(config());
    await own.chat('fast');
    await waitFor('the database', () => idsIn(own.data).length === 1);
    const names = ['sluice.db', 'sluice.db-wal', 'sluice.db-shm'].filter((name) => readdirSync(own.data).includes(name));
    for (const name of names) renameSync(join(own.data, name), join(own.data, `old-${name}`));
    const ids = [];
    for (let i = 0; i < 20; i++) ids.push((await own.chat('fast')).headers['x-sluice-request-id']);
    await own.output('what is told of it', (c) => /The database '[^']*sluice\.db' was removed, moved or replaced while it was in use\. Start Sluice again/.test(c.stderr));
    assert.ok(await own.metric('sluice_ledger_failures_total', { of: 'store' }) > 0);
    await own.stop();
    const next = await startGateway(config(), { data: own.data });
    await holdsAll(own.data, ids);
    await next.stop();
  });

  test('H2: where there is no room for all rows, those of requests that reached no provider go first', { timeout: 120_000 }, async () => {
    const own = await startGateway(config({ ledger: { spool: '1MiB' } }));
    await own.chat('fast');
    await waitFor('the database', () => idsIn(own.data).length === 1);
    const held = await lock(own.data);
    const lost = () => own.metric('sluice_ledger_lost_total', { reason: 'no_room' });
    const refuse = async () => assert.equal((await own.chat('nobody-has-it')).status, 404);
    await waitFor('a row of a refusal to be lost', async () => {
      for (let i = 0; i < 20; i++) await Promise.all(Array.from({ length: 16 }, refuse));
      return await lost() > 0;
    }, 90_000);
    const before = await lost();
    const ids = [];
    for (let i = 0; i < 100; i++) ids.push((await own.chat('fast')).headers['x-sluice-request-id']);
    assert.equal(await lost(), before);
    await held.release();
    await waitFor('the rows of what was served', () => {
      const there = new Set(idsIn(own.data));
      return ids.every((id) => there.has(id));
    }, 60_000);
  });

  test('a full disk holds up nobody, and what waited is written when there is room', { timeout: 120_000 }, async () => {
    const disk = join(tempDir(), 'disk');
    mkdirSync(disk);
    const sudo = (...command) => execFileSync([...root, ...command][0], [...root, ...command].slice(1));
    sudo('mount', '-t', 'tmpfs', '-o', 'size=48m,mode=777', 'tmpfs', disk);
    try {
      const own = await startGateway(config(), { data: join(disk, 'data') });
      await own.chat('fast');
      const filler = join(disk, 'filler');
      try {
        writeFileSync(filler, Buffer.alloc(64 << 20));
      } catch (error) {
        assert.equal(error.code, 'ENOSPC');
      }
      const running = load(own, 8);
      await waitFor('a write that fails', async () => await own.metric('sluice_ledger_failures_total', { of: 'journal' }) > 0, 20_000);
      const before = running.done.length;
      await sleep(1000);
      const whileFull = running.done.length - before;
      rmSync(filler);
      await running.stop();
      assert.deepEqual(running.failures, []);
      assert.ok(whileFull > 50, `${whileFull} answers in a second of a full disk`);
      assert.ok(await own.metric('sluice_ledger_late_total') > 0);
      await holdsAll(own.data, running.done.map(({ id }) => id));
      assert.equal(await own.metric('sluice_ledger_lost_total'), 0);
      await own.stop();
    } finally {
      sudo('umount', '-l', disk);
    }
  });

  test('a second gateway on the same data directory is refused', async () => {
    const { code, stderr } = await run(['serve', '--config', gateway.file, '--listen', '127.0.0.1:0', '--data', gateway.data]);
    assert.equal(code, 1);
    assert.equal(stderr, `sluice: Another process writes the journal in '${gateway.data}/journal': the gateway at ${gateway.url}.\n`);
  });
});
