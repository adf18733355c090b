// More than there is room for: limits, queues, fair shares, priorities, and who is not to notice any of it.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { appKey, call, masterKey, startPair, test, waitFor, writeConfig, within, baseConfig } from './lib.mjs';

const key = (name) => `sk-sl-${name}-0123456789abcdef0123456789abcdef`;
const team = (name, more = {}) => ({ name, key: key(name), ...more });
const hang = { break: { at: 'accept', how: 'hang' } };
const model = (script) => `sim:${JSON.stringify(script)}`;

let gateway, a, b, config;
before(async () => {
  const limited = (upstream, limits) => ({ deployments: [{ model: upstream, limits }], retries: 0 });
  const make = (sims) => ({
    providers: { dead: { type: 'openai', base_url: sims[0].base, api_key: 'sk-provider-canary-00112233445566778899aabbccddeeff', limits: { concurrency: 4, queue: 4, queue_timeout: '20s' } } },
    models: {
      'dead/*': { deployments: ['dead/*'], retries: 0 },
      'one/*': limited('sim-a/*', { concurrency: 1 }),
      'small/*': limited('sim-a/*', { concurrency: 1, queue: 1 }),
      'short/*': limited('sim-a/*', { concurrency: 1, queue_timeout: '200ms' }),
      'fair/*': limited('sim-a/*', { concurrency: 2, queue: 200, queue_timeout: '30s' }),
      'share/*': limited('sim-a/*', { concurrency: 1, queue: 4, queue_timeout: '30s' }),
      'adaptive/*': limited('sim-a/*', { adaptive: true }),
      'spill/*': { deployments: [{ model: 'sim-a/*', limits: { concurrency: 1, queue: 0 } }, 'sim-b/*'], retries: 0 },
    },
    teams: { large: { weight: 3 } },
    keys: [team('l1', { team: 'large' }), team('l2', { team: 'large' }), team('s1', { team: 'small' }), team('alone'), team('batch', { priority: 'low' })],
  });
  ({ gateway, sims: [a, b] } = await startPair((sims) => { config = make(sims); return config; }));
});
const waiting = (at) => gateway.metric('sluice_queue_length', { at });
const inUse = (at) => gateway.metric('sluice_concurrency', { at });
const at = (name) => `models.${name}/*.sim-a/*`;
const delayed = (ms, more = {}) => model({ delay_ms: ms, ...more });

// Occupies all room behind a name until release() is called.
async function occupy(name, count = 1) {
  const open = await Promise.all(Array.from({ length: count }, () => gateway.open(`${name}/${model(hang)}`)));
  await waitFor('the room to be taken', async () => await inUse(at(name)) === count);
  return () => open.forEach((connection) => connection.destroy());
}

describe('a provider that hangs', () => {
  test('slows nobody but those who ask for it', async () => {
    const times = async (count) => {
      const took = [];
      for (let i = 0; i < count; i++) {
        const began = performance.now();
        assert.equal((await gateway.chat('sim-b/ok')).status, 200);
        took.push(performance.now() - began);
      }
      return took.sort((x, y) => x - y)[Math.floor(count / 2)];
    };
    await times(20);
    const before = await times(40);
    const stuck = await Promise.all(Array.from({ length: 8 }, () => gateway.open(`dead/${model(hang)}`)));
    await waitFor('room and queue to be full', async () => await inUse('providers.dead') === 4 && await waiting('providers.dead') === 4);
    const refused = await Promise.all(Array.from({ length: 20 }, () => gateway.chat(`dead/${model(hang)}`)));
    assert.deepEqual([...new Set(refused.map((answer) => answer.status))], [503]);
    const during = await times(40);
    assert.ok(during <= before * 1.5 + 3, `${before.toFixed(2)} ms before, ${during.toFixed(2)} ms while another provider hangs`);
    stuck.forEach((connection) => connection.destroy());
    await waitFor('all room to be free', async () => await inUse('providers.dead') === 0 && await waiting('providers.dead') === 0);
  });
});

describe('a full deployment', () => {
  test('lets those wait that there is a place for, one after the other', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => gateway.chat(`one/${delayed(60)}`)));
    assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [200]);
    assert.equal((await a.stats()).in_flight, 0);
    const seen = (await a.seen(delayed(60))).sort((x, y) => x.began_us - y.began_us);
    for (let i = 1; i < seen.length; i++) assert.ok(seen[i].began_us >= seen[i - 1].began_us + 55_000, 'two were served at once');
    assert.equal(await gateway.metric('sluice_queue_wait_seconds_count', { at: at('one') }), 4);
    const logged = await gateway.requestLog(answers.at(-1).id);
    assert.ok(logged.queued_us > 50_000, `queued_us is ${logged.queued_us}`);
    assert.ok(Number(answers.at(-1).headers['x-sluice-overhead-us']) < 50_000, 'waiting for room is no overhead');
  });

  test('refuses when its queue is full, and who waits as long as told gets in', async () => {
    assert.equal((await gateway.chat(`small/${delayed(900)}`)).status, 200);    // how long one takes
    const running = [gateway.chat(`small/${delayed(900)}`), gateway.chat(`small/${delayed(900)}`)];
    await waitFor('the queue to be full', async () => await waiting(at('small')) === 1);
    const refused = await gateway.chat('small/x');
    assert.equal(refused.status, 503);
    assert.equal(refused.json.error.code, 'queue_full');
    const seconds = Number(refused.headers['retry-after']);
    assert.ok(seconds >= 1 && seconds <= 4, `retry-after: ${seconds}`);
    await new Promise((resolve) => { setTimeout(resolve, seconds * 1000); });
    assert.equal((await gateway.chat('small/x')).status, 200);
    await Promise.all(running);
  });

  test('says when nobody got out in time', async () => {
    const release = await occupy('short');
    const began = performance.now();
    const late = await gateway.chat('short/x');
    assert.equal(late.status, 503);
    assert.equal(late.json.error.code, 'queue_timeout');
    assert.ok(late.headers['retry-after'] >= 1);
    assert.ok(performance.now() - began < 400);
    release();
  });

  test('is passed by for one that has room', async () => {
    const release = await occupy('spill');
    const answer = await gateway.chat('spill/x');
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['x-sluice-provider'], 'sim-b');
    release();
  });

  test('who leaves is not waited for', async () => {
    const release = await occupy('one');
    const gone = await gateway.open('one/gone');
    await waitFor('it to wait', async () => await waiting(at('one')) === 1);
    gone.destroy();
    await waitFor('it to have left', async () => await waiting(at('one')) === 0, 500);
    release();
    await waitFor('the room to be free', async () => await inUse(at('one')) === 0);
    assert.equal((await a.seen('gone')).length, 0);
  });

  test('keeps what is in and what waits when the configuration changes', async () => {
    const release = await occupy('one');
    const waits = gateway.chat('one/after-reload');
    await waitFor('it to wait', async () => await waiting(at('one')) === 1);
    const changed = structuredClone(baseConfig([a, b], config));
    changed.models['one/*'].deployments[0].limits.queue = 1;
    const reloads = await gateway.metric('sluice_config_reloads_total', { result: 'ok' });
    writeConfig(gateway.file, changed);
    gateway.signal('SIGHUP');
    await waitFor('the reload', async () => await gateway.metric('sluice_config_reloads_total', { result: 'ok' }) > reloads);
    assert.equal(await inUse(at('one')), 1);
    assert.equal((await gateway.chat('one/x')).json.error.code, 'queue_full');    // the new limit, the old queue
    release();
    assert.equal((await waits).status, 200);
  });
});

describe('who goes first', () => {
  // Asks for all at once behind a full deployment, frees it, and tells in which order they were served.
  async function order(name, asks) {
    const release = await occupy(name);
    const served = [];
    const all = [];
    for (const [label, ask] of asks) {
      const before = await waiting(at(name));
      all.push(ask().then((answer) => { served.push(label); return answer; }));
      await waitFor('it to wait', async () => await waiting(at(name)) === before + 1);
    }
    release();
    await Promise.all(all);
    return served;
  }
  const ask = (label, who, headers = {}) => [label, () => gateway.chat(`share/${delayed(10, { text: label })}`, {}, { key: key(who), headers })];

  test('a key\'s priority, lowered by a header and never raised', async () => {
    const served = await order('share', [
      ask('low', 'batch', { 'x-sluice-priority': 'high' }),
      ask('lowered', 'alone', { 'x-sluice-priority': 'low' }),
      ask('normal', 's1'),
    ]);
    assert.deepEqual(served, ['normal', 'low', 'lowered']);
  });

  test('a priority that is none is a mistake of the request', async () => {
    const answer = await gateway.chat('sim-a/x', {}, { headers: { 'x-sluice-priority': 'urgent' } });
    assert.equal(answer.status, 400);
    assert.match(answer.json.error.message, /x-sluice-priority/);
  });

  test('teams get room by their weights, however much each of them asks for', async () => {
    const upstream = delayed(15);
    const done = { l: 0, s: 0 };
    let stop = false;
    const client = async (who, kind) => {
      while (!stop) if ((await gateway.chat(`fair/${upstream}`, {}, { key: key(who) })).status === 200) done[kind]++;
    };
    // Two keys of the team with weight 3, and one of the other, which asks for more.
    const clients = [...Array(8)].flatMap(() => [client('l1', 'l'), client('l2', 'l'), client('s1', 's'), client('s1', 's'), client('s1', 's')]);
    await waitFor('requests to be served', () => done.l + done.s >= 300, 20_000);
    const share = done.l / (done.l + done.s);
    stop = true;
    await Promise.all(clients);
    assert.ok(share > 0.68 && share < 0.82, `the team of weight 3 beside 1 got ${(share * 100).toFixed(1)} %`);
  });

  test('who fills the queue gives way: 429 for them, a place for the others', async () => {
    const release = await occupy('share');
    const flood = Array.from({ length: 4 }, (_, i) => gateway.chat(`share/flood-${i}`, {}, { key: key('l1') }));
    await waitFor('the queue to be full', async () => await waiting(at('share')) === 4);
    const other = gateway.chat('share/other', {}, { key: key('s1') });
    const first = await within('one of the flood to be refused', Promise.race(flood), 1000);
    assert.equal(first.status, 429);
    assert.equal(first.json.error.code, 'queue_full');
    const more = await gateway.post('/v1/messages', { model: 'share/x', max_tokens: 10, messages: [{ role: 'user', content: 'x' }] }, { key: key('l1') });
    assert.equal(more.status, 429);
    assert.equal(more.json.error.type, 'rate_limit_error');
    assert.ok(more.headers['retry-after'] >= 1);
    release();
    assert.equal((await other).status, 200);
    assert.deepEqual((await Promise.all(flood)).map((answer) => answer.status).sort(), [200, 200, 200, 429]);
  });
});

describe('an adaptive limit', () => {
  test('grows while the provider keeps up and shrinks when it refuses', async () => {
    const limit = () => gateway.metric('sluice_concurrency_limit', { at: at('adaptive') });
    const began = await limit();
    for (let round = 0; round < 4; round++) {
      await Promise.all(Array.from({ length: 40 }, () => gateway.chat(`adaptive/${delayed(20)}`)));
    }
    const grown = await limit();
    assert.ok(grown > began, `${began} became ${grown}`);
    for (let i = 0; i < 5; i++) await gateway.chat(`adaptive/${delayed(60, { status: 429 })}`);
    assert.ok(await limit() < grown, `${grown} became ${await limit()}`);
  });
});

describe('the whole process', () => {
  test('serves no more at once than limits.in_flight, refuses the rest at once, and stays well', async () => {
    const { gateway: small } = await startPair({ limits: { in_flight: 3 } }, 1);
    const stuck = await Promise.all(Array.from({ length: 3 }, () => small.open(`sim-a/${model(hang)}`)));
    await waitFor('three to be served', async () => await small.metric('sluice_concurrency', { at: 'limits.in_flight' }) === 3);
    const began = performance.now();
    const refused = await Promise.all(Array.from({ length: 10 }, () => small.chat('sim-a/x')));
    assert.ok(performance.now() - began < 1000);
    for (const answer of refused) {
      assert.equal(answer.status, 503);
      assert.equal(answer.json.error.code, 'overloaded');
      assert.ok(answer.headers['retry-after'] >= 1);
    }
    assert.equal((await call(small, { path: '/healthz' })).status, 200);
    assert.equal((await small.call({ path: '/metrics', key: masterKey })).status, 200);
    stuck.forEach((connection) => connection.destroy());
    await waitFor('room', async () => (await small.chat('sim-a/x', {}, { key: appKey })).status === 200);
  });
});
