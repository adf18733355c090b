// A thousand requests a second, sent when they are due and not when the last was answered: killed at random moments nothing that was
// answered is lost or doubled and budgets are the sum of the rows, nor is anything when it is told to end; with the store away for long,
// memory and spool stay bounded. LEDGER_LONG=1: 50 kills and ends, and the store away for minutes.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe } from 'node:test';
import { lock, query } from './ledger.mjs';
import { appKey, calm, chat, Connection, masterKey, providerKey, sleep, slowed, startGateway, startSim, tempDir, test, waitFor } from './lib.mjs';

const long = Boolean(process.env.LEDGER_LONG);
const rate = slowed === 1 ? 1000 : 200, most = 1000;    // a second, and under way at once

let sim, other;
const config = (more = {}) => ({
  master_key: masterKey,
  log: { level: 'error' },
  providers: {
    openai: { base_url: `${sim.url}/v1`, api_key: providerKey },
    spare: { type: 'openai', base_url: `${other.url}/v1`, api_key: providerKey },
  },
  models: {
    fast: { deployments: ['openai/gpt-4o-mini'], retries: 0, breaker: calm },
    falls: { deployments: ['openai/fails', 'spare/m'].map((model) => ({ model, price: { input: '1', output: '1' } })), retries: 0, backoff: '1ms', breaker: calm },
    vectors: { deployments: ['openai/text-embedding-3-small'], retries: 0, breaker: calm },
  },
  keys: [{ name: 'web', key: appKey, budget: { usd: '1000000' } }],
  ...more,
});
before(async () => {
  [sim, other] = await Promise.all([startSim('sim', { record: false }), startSim('other', { record: false })]);
  await sim.script('fails', { status: 500, error: { error: { message: 'no' } } });
});

const kinds = [
  ['/v1/chat/completions', JSON.stringify(chat('fast', { max_tokens: 20 }))],
  ['/v1/chat/completions', JSON.stringify(chat('fast', { stream: true, max_tokens: 20 }))],
  ['/v1/embeddings', JSON.stringify({ model: 'vectors', input: 'hello' })],
  ['/v1/chat/completions', JSON.stringify(chat('falls', { max_tokens: 20 }))],
];
// Sends as many as are due each few milliseconds, whatever became of those before, until stop().
function flood(target) {
  const done = [], failures = [], idle = [], open = new Set(), running = new Set();
  const began = performance.now();
  let sent = 0, stopped = false;
  const one = async (number) => {
    // The gateway closes what idles for longer.
    while (idle.length > 0 && performance.now() - idle[0].since > 30_000) idle.shift().connection.destroy();
    let connection = idle.pop()?.connection;
    try {
      if (!connection) open.add(connection = await Connection.open(target));
      const [path, body] = kinds[number % kinds.length];
      connection.request({ method: 'POST', path, body, headers: { authorization: `Bearer ${appKey}`, 'content-type': 'application/json' } });
      const head = await connection.head();
      for await (const _ of connection.body());
      // What came while it drained was turned away: no exchange, and no row.
      if (head.status === 200 || head.headers['x-sluice-attempts']) done.push(head.headers['x-sluice-request-id']);
      if (head.status !== 200) failures.push(head.status);
      idle.push({ connection, since: performance.now() });
    } catch (error) {
      failures.push(error.message);
    }
  };
  const timer = setInterval(() => {
    for (const due = (performance.now() - began) * rate / 1000; sent < due && !stopped && running.size < most;) {
      const request = one(sent++);
      running.add(request);
      request.finally(() => running.delete(request));
    }
  }, 2);
  return {
    done, failures,
    get sent() { return sent; },
    get rate() { return sent / ((performance.now() - began) / 1000); },
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      await Promise.all(running);
      for (const connection of open) connection.destroy();
    },
  };
}

// How fast it was: a machine that is busy with other things is no failure, but in the long form.
function told(t, running) {
  t.diagnostic(`${Math.round(running.rate)} requests a second were sent, ${running.done.length} of ${running.sent} answered`);
  if (long) assert.ok(running.rate > rate * 0.9, `${running.rate} requests a second were sent`);
}

const count = (data) => query(data, 'SELECT COUNT(*) AS count FROM exchange')[0].count;
// The store has all that was answered, and no row more is on its way: then the budget is what the rows cost.
async function settled(gateway, least) {
  const told = {};
  await waitFor(`${least} rows`, async () => {
    await sleep(200);
    told.rows = count(gateway.data);
    told.cost = cost(gateway.data);
    told.spent = await spent(gateway);
    return told.rows >= least && told.spent === told.cost;
  }, 60_000).catch((error) => {
    throw new Error(`${error.message}; there are ${JSON.stringify(told)}`);
  });
}
const cost = (data) => query(data, 'SELECT SUM(cost_nanos) AS cost FROM attempt')[0].cost;
const spent = async (gateway) => Math.round(await gateway.metric('sluice_budget_spent_usd', { scope: 'key', account: 'web' }) * 1e9);
// What is told of the budget is what the rows cost, to the nano-dollar.
async function check_books(gateway) {
  const [{ ids, rows }] = query(gateway.data, 'SELECT COUNT(DISTINCT id) AS ids, COUNT(*) AS rows FROM exchange');
  assert.equal(ids, rows);
  const [sum] = query(gateway.data, "SELECT SUM(exchanges) AS exchanges, SUM(cost_nanos) AS cost FROM sum WHERE dimension = 'key' AND value = 'web' AND level = 0");
  assert.deepEqual([sum.exchanges, sum.cost], [rows, cost(gateway.data)]);
  assert.equal(await spent(gateway), sum.cost);
  assert.equal(await gateway.metric('sluice_budget_reserved_usd', { scope: 'key', account: 'web' }), 0);
  return rows;
}

describe('a thousand requests a second', () => {
  const kills = Number(process.env.LEDGER_KILLS ?? (long ? 50 : 2));
  test(`H1: kill -9 at random moments, ${kills} times`, { timeout: 60_000 + kills * 20_000 }, async (t) => {
    const data = join(tempDir(), 'data');
    let answered = 0, sent = 0;
    for (let i = 0; i < kills; ++i) {
      const victim = await startGateway(config(), { data });
      victim.mayFail = true;
      const running = flood(victim);
      await waitFor('some answers', () => running.done.length > 100, 30_000);
      await sleep(Math.random() * 1500);
      assert.deepEqual(running.failures, []);
      told(t, running);
      await victim.kill();
      await running.stop();
      answered += running.done.length;
      sent += running.sent;
      const next = await startGateway(config(), { data });
      await settled(next, answered);
      const there = new Set(query(data, 'SELECT id FROM exchange ORDER BY number DESC LIMIT ?', running.sent).map(({ id }) => id));
      assert.deepEqual(running.done.filter((id) => !there.has(id)), []);
      const rows = await check_books(next);
      assert.ok(rows >= answered && rows <= sent, `${rows} rows of ${answered} answers to ${sent} requests`);
      assert.equal(await next.metric('sluice_ledger_lost_total'), 0);
      await next.stop();
    }
  });

  // Requests come until it is gone; what it answered until then is there, and it ended well.
  const ends = long ? 50 : 3;
  test(`H1: SIGTERM at random moments, ${ends} times`, { timeout: 60_000 + ends * 20_000 }, async (t) => {
    const data = join(tempDir(), 'data');
    let rows = 0;
    for (let i = 0; i < ends; ++i) {
      const ending = await startGateway(config({ drain: '5s' }), { data });
      const running = flood(ending);
      await waitFor('some answers', () => running.done.length > 100, 30_000);
      await sleep(Math.random() * 1000);
      assert.deepEqual(running.failures, []);
      told(t, running);
      const { code, stderr } = await ending.stop(20_000);
      await running.stop();
      assert.equal(code, 0, stderr);
      // Before another is started: it ended with all of it in the store, or has it in its journal.
      const next = await startGateway(config(), { data });
      await settled(next, rows + running.done.length);
      const there = new Set(query(data, 'SELECT id FROM exchange ORDER BY number DESC LIMIT ?', running.sent).map(({ id }) => id));
      assert.deepEqual(running.done.filter((id) => !there.has(id)), []);
      const all = await check_books(next);
      assert.ok(all - rows <= running.sent, `${all - rows} rows of ${running.sent} requests`);
      assert.equal(await next.metric('sluice_ledger_lost_total'), 0);
      rows = all;
      await next.stop();
    }
  });

  // The least spool there is stands for the usual one of 4 GiB: what an hour of this is, is told below.
  test('H2: the store away for longer than the spool has room: memory and disk stay bounded, and what is lost is counted', { timeout: 600_000 }, async (t) => {
    const spool = 1 << 20;
    const own = await startGateway(config({ ledger: { spool: '1MiB' } }));
    await own.chat('fast');
    await waitFor('the database', () => count(own.data) === 1);
    const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${own.pid}/status`, 'utf8'))[1]) * 1024;
    const disk = () => readdirSync(join(own.data, 'journal')).reduce((sum, name) => sum + statSync(join(own.data, 'journal', name)).size, 0);
    const lost = () => own.metric('sluice_ledger_lost_total', { reason: 'no_room' });
    const held = await lock(own.data);
    const running = flood(own);
    await waitFor('the spool to be full', async () => await lost() > 0, 60_000);
    const full = { answers: running.done.length, memory: memory(), disk: disk() };
    await sleep(long ? 180_000 : 2000);
    const grown = { answers: running.done.length, memory: memory(), disk: disk() };
    await running.stop();
    assert.deepEqual(running.failures, []);
    told(t, running);
    assert.ok(grown.answers - full.answers > rate / 5, `${grown.answers - full.answers} answers while the spool was full`);
    assert.ok(grown.disk <= spool * 1.5, `${grown.disk} bytes of journal`);
    assert.ok(grown.memory - full.memory < (24 << 20) * slowed, `memory grew from ${full.memory} to ${grown.memory}`);
    // A row takes at most a kilobyte: 4 GiB are more than an hour of a thousand requests a second.
    assert.ok(full.disk / full.answers < 1024, `${full.disk / full.answers} bytes a row`);
    assert.ok(2 ** 32 / (full.disk / full.answers) / 1000 > 3600);
    await held.release();
    const gone = await lost();
    await waitFor('the rows', () => count(own.data) >= running.done.length + 1 - gone, 60_000);
    assert.equal(count(own.data), running.done.length + 1 - gone);
    // And it goes on as before: more than the spool has room for goes through it.
    await waitFor('room', async () => await own.metric('sluice_ledger_waiting_bytes', { where: 'spool' }) < spool / 2, 20_000);
    const before = { rows: count(own.data), lost: await lost() };
    const again = flood(own);
    await waitFor('as much again', () => again.done.length > full.answers * 1.5, 60_000);
    await again.stop();
    await waitFor('the rows', () => count(own.data) === before.rows + again.done.length, 20_000);
    assert.equal(await lost(), before.lost);
  });
});
