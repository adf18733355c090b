// The books can be read: exchanges with what they cost, reports, reconciliation with what providers say, prices corrected; over the
// administrator's API and out of the data directory.
import assert from 'node:assert/strict';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe } from 'node:test';
import { appKey, Child, Connection, chat, masterKey, providerKey, sleep, startGateway, startSim, tempDir, test, waitFor, within, writeConfig } from './lib.mjs';

const count = Number(process.env.N ?? 1000);    // requests of the reconciliation
const long = count > 10_000;
const price = { input: '0.15', output: '0.60', cache_read: '0.05' };
const dollars = (nanos) => (nanos / 1e9).toFixed(9).replace(/\.?0+$/, '');
const keys = { web: appKey, ads: `${appKey}-ads`, free: `${appKey}-free` };

const providersOf = (sim, name) => ({
  [`openai-${name}`]: { type: 'openai', api_key: providerKey, base_url: `${sim.url}/v1`, dialect: 'openai' },
  [`responses-${name}`]: { type: 'openai', api_key: providerKey, base_url: `${sim.url}/v1`, dialect: 'responses' },
  [`anthropic-${name}`]: { type: 'anthropic', api_key: providerKey, base_url: sim.url },
  [`gemini-${name}`]: { type: 'gemini', api_key: providerKey, base_url: sim.url },
  [`cohere-${name}`]: { type: 'cohere', api_key: providerKey, base_url: sim.url },
});
const dialects = ['openai', 'responses', 'anthropic', 'gemini', 'cohere'];
const to = (...models) => ({ deployments: models.map((model) => ({ model, price })), retries: 0, backoff: '1ms', breaker: { consecutive: 0, failure_percent: 0 } });

let a, b, gateway, config;
before(async () => {
  [a, b] = await Promise.all([startSim('sim-a'), startSim('sim-b')]);
  await a.script('flaky', { status: 503, error: { error: { message: 'no' } } });
  await a.script('broken', { text: 'one two three four five six', break: { at: 'body', after: 3, how: 'close' } });
  await b.script('broken', { text: 'one two three four five six', break: { at: 'body', after: 3, how: 'close' } });
  await a.script('slow', { events: 40, event_delay_ms: 20 });
  config = {
    master_key: masterKey,
    providers: { ...providersOf(a, 'a'), ...providersOf(b, 'b') },
    models: {
      ...Object.fromEntries(dialects.map((dialect, i) => [dialect, to(`${dialect}-${'ab'[i % 2]}/m`)])),
      ...Object.fromEntries(dialects.map((dialect) => [`${dialect}-flaky`, to(`${dialect}-a/flaky`, `${dialect}-b/flaky`)])),
      bad: to('openai-a/flaky'), broken: to('openai-a/broken'), slow: to('openai-a/slow'),
      unpriced: { deployments: ['openai-a/unpriced'], retries: 0 },
    },
    keys: [
      { name: 'web', key: keys.web, team: 'shop', tags: { feature: 'search' } },
      { name: 'ads', key: keys.ads, team: 'marketing', tags: { feature: 'banner', environment: 'staging' } },
      { name: 'free', key: keys.free },
    ],
  };
  gateway = await startGateway(config);
});

const data = () => join(gateway.file, '../data');
const admin = (path, method = 'GET') => gateway.call({ method, path: `/admin/v1${path}`, key: masterKey });
const get = async (path) => {
  const answer = await admin(path);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
};
// A command to its end, however long that is: of the gateway, or of its data directory alone.
async function command(args, limit = long ? 600_000 : 20_000) {
  const child = new Child(args, { env: { SLUICE_MASTER_KEY: masterKey } });
  child.mayFail = true;
  return within(`sluice ${args.join(' ')}`, child.exited, limit);
}
const remote = (...args) => command([...args, '--gateway', gateway.url]);
const offline = (...args) => command([...args, '--data', data()]);
// All that was written to the journal is in the store.
const stored = () => waitFor('the store to have all', async () =>
  await gateway.metric('sluice_ledger_rows_total', { state: 'stored' }) === await gateway.metric('sluice_ledger_rows_total', { state: 'journaled' }), long ? 120_000 : 10_000);

async function ask(model, extra = {}, options = {}) {
  const answer = await gateway.chat(model, extra, options);
  return { answer, id: answer.headers['x-sluice-request-id'] };
}

describe('exchanges', () => {
  test('one is there at once, with its attempts, usage and costs, and stays the same in the store', async () => {
    const { answer, id } = await ask('openai-flaky', { text: 'good morning' });
    assert.equal(answer.status, 200, answer.text);
    const fresh = await get(`/exchanges/${id}`);
    assert.deepEqual(fresh.tags, { feature: 'search' });
    assert.equal(fresh.team, 'shop');
    assert.equal(fresh.tries.length, 2);
    const [failed, served] = fresh.tries;
    assert.equal(failed.outcome, 'provider_status');
    assert.equal(failed.status, 503);
    assert.equal(failed.cost_usd, '0');
    assert.equal(failed.usage, null);
    assert.equal(served.why, 'fallback');
    assert.equal(served.usage.input_tokens, answer.json.usage.prompt_tokens);
    const nanos = served.usage.input_tokens * 150 + served.usage.output_tokens * 600;
    assert.equal(served.cost_usd, dollars(nanos));
    assert.equal(fresh.cost_usd, answer.headers['x-sluice-cost-usd']);
    assert.match(served.provider_request_id, /^sim-b-/);
    await stored();
    assert.deepEqual(await get(`/exchanges/${id}`), fresh);
    // After a restart only the ledger knows it: without what was decided.
    const listed = (await get('/exchanges?limit=1000')).exchanges.find((exchange) => exchange.request_id === id);
    assert.deepEqual(listed, fresh);
  });

  test('a page has what is asked for, newest first, and the next begins where it ended', async () => {
    const ids = [];
    for (let i = 0; i < 7; i++) ids.unshift((await ask('gemini', {}, { key: i % 2 ? keys.ads : keys.web })).id);
    const all = (await get('/exchanges?route=gemini&limit=7')).exchanges.map((exchange) => exchange.request_id);
    assert.deepEqual(all, ids);
    const paged = [];
    for (let next = ''; next !== null;) {
      const page = await get(`/exchanges?route=gemini&limit=2${next && `&before=${next}`}`);
      paged.push(...page.exchanges.map((exchange) => exchange.request_id));
      next = page.next;
    }
    assert.deepEqual(paged, ids);
    const ads = (await get('/exchanges?route=gemini&tag%3Afeature=banner')).exchanges.map((exchange) => exchange.request_id);
    assert.deepEqual(ads, ids.filter((_, i) => (6 - i) % 2));
    const wrong = await admin('/exchanges?teem=shop');
    assert.equal(wrong.status, 400);
    assert.equal(wrong.json.error.field, 'teem');
    assert.match(wrong.json.error.message, /Did you mean 'team'/);
    const word = await admin('/exchanges?status=abc');
    assert.equal(word.status, 400);
    assert.equal(word.json.error.field, 'status');
  });

  test('C1: what has no price is told to be unknown, streamed or not, and is never nothing', async () => {
    for (const stream of [false, true]) {
      const { id } = await ask('unpriced', { stream });
      const told = await get(`/exchanges/${id}`);
      assert.equal(told.cost_unknown, 1);
      assert.equal(told.tries[0].cost_usd, null);
      assert.ok(told.tries[0].usage.input_tokens > 0);
    }
    await stored();
    const { total } = await get('/report?by=route&last=1d');
    assert.ok(total.cost_unknown >= 2);
  });

  test('C4: a provider that fails before its answer costs nothing', async () => {
    const { answer, id } = await ask('bad');
    assert.equal(answer.status, 503);
    const { tries, cost_usd: cost, cost_unknown: unknown } = await get(`/exchanges/${id}`);
    assert.deepEqual(tries.map((tried) => tried.cost_usd), tries.map(() => '0'));
    assert.equal(cost, '0');
    assert.equal(unknown, 0);
  });

  test('C11: requests with the same ids of their own are charged each', async () => {
    const before = await get('/report?by=key&last=1d');
    const one = { headers: { 'x-request-id': 'same', 'idempotency-key': 'same' }, key: keys.free };
    const ids = new Set();
    for (let i = 0; i < 100; i++) ids.add((await ask('openai', {}, one)).id);
    assert.equal(ids.size, 100);
    await stored();
    const after = await get('/report?by=key&last=1d');
    const of = (report) => report.rows.find((row) => row.value === 'free') ?? { exchanges: 0, cost_usd: '0' };
    assert.equal(of(after).exchanges - of(before).exchanges, 100);
    const each = Number((await get(`/exchanges/${[...ids][0]}`)).cost_usd) * 1e9;
    assert.equal(Math.round(Number(of(after).cost_usd) * 1e9 - Number(of(before).cost_usd) * 1e9), Math.round(100 * each));
  });
});

describe('reports', () => {
  const nanos = (usd) => Math.round(Number(usd) * 1e9);
  const added = (report, key) => report.rows.reduce((sum, row) => sum + (key.endsWith('_usd') ? nanos(row[key]) : row[key]), 0);

  test('H4: every view of a time has the same total, and it is that of the exchanges', async () => {
    await ask('anthropic-flaky', { stream: true }, { key: keys.ads });
    await ask('broken', { stream: true });
    await stored();
    const span = `from=2026-01-01&to=2100-01-01`;
    const { total } = await get(`/report?${span}`);
    for (const by of ['key', 'team', 'user', 'route', 'operation', 'status', 'fault', 'provider', 'deployment', 'model', 'tag:feature', 'tag:nobody-has-it']) {
      const report = await get(`/report?by=${by}&${span}&period=total`);
      assert.deepEqual(report.total, total, by);
      for (const key of ['cost_usd', 'input_tokens', 'output_tokens', 'attempts', 'cost_unknown'])
        assert.equal(added(report, key), key === 'cost_usd' ? nanos(total[key]) : total[key], `${by} ${key}`);
    }
    for (const zone of ['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'America/Los_Angeles']) {
      const days = await get(`/report?by=team&last=3d&period=day&zone=${zone}`);
      assert.equal(added(days, 'exchanges'), total.exchanges, zone);
      assert.equal(added(days, 'cost_usd'), nanos(total.cost_usd), zone);
    }
    const exchanges = [];
    for (let next = ''; next !== null;) {
      const page = await get(`/exchanges?limit=1000${next && `&before=${next}`}`);
      exchanges.push(...page.exchanges.filter((exchange) => exchange.key));
      next = page.next;
    }
    assert.equal(exchanges.length, total.exchanges);
    assert.equal(exchanges.reduce((sum, exchange) => sum + nanos(exchange.cost_usd), 0), nanos(total.cost_usd));
    assert.equal(exchanges.filter((exchange) => exchange.outcome === 'error').length, total.failed);
  });

  test('error rates by feature, and waste', async () => {
    const before = (await get('/report?by=tag:feature&last=1d')).rows.find((row) => row.value === 'banner');
    for (let i = 0; i < 5; i++) await ask('bad', {}, { key: keys.ads });
    await ask('gemini-flaky', {}, { key: keys.ads });
    await stored();
    const after = (await get('/report?by=tag:feature&last=1d&metric=failed')).rows.find((row) => row.value === 'banner');
    assert.equal(after.failed - before.failed, 5);
    assert.equal(after.error_rate, (after.failed / after.exchanges).toFixed(4));
    assert.equal(after.waste.failed_attempts.count - before.waste.failed_attempts.count, 6);
    assert.equal(after.waste.retries.count - before.waste.retries.count, 1);
  });

  test('a client that leaves its stream makes waste, and is no failure', async () => {
    const before = (await get('/report?by=route&last=1d')).rows.find((row) => row.value === 'slow');
    const connection = await gateway.open('slow', { stream: true }, { key: keys.free });
    await waitFor('the first events', () => connection.buffer.includes('data:'));
    connection.socket.destroy();
    const row = await waitFor('the row', async () => {
      const found = (await get('/report?by=route&last=1d')).rows.find((one) => one.value === 'slow');
      return found?.exchanges > (before?.exchanges ?? 0) && found;
    });
    assert.equal(row.client_left, 1);
    assert.equal(row.failed, 0);
    assert.equal(row.waste.aborted.count, 1);
  });

  test('the command prints them, from the gateway and from its data directory alike', async () => {
    await stored();
    const span = ['--by', 'team', '--from', '2026-01-01', '--to', '2100-01-01'];
    for (const format of ['table', 'csv', 'json', 'markdown']) {
      const there = await remote('report', ...span, '--format', format);
      assert.equal(there.code, 0, there.stderr);
      const here = await offline('report', ...span, '--format', format);
      assert.equal(here.code, 0, here.stderr);
      assert.equal(here.stdout, there.stdout, format);
    }
    for (const [format, type, begin] of [['csv', 'text/csv', 'from,to,value,'], ['markdown', 'text/markdown', '## 2026-01-01 to 2100-01-01, UTC'], ['table', 'text/plain', '2026-01-01 to ']]) {
      const answer = await gateway.call({ path: `/admin/v1/report?by=team&from=2026-01-01&to=2100-01-01&format=${format}`, key: masterKey });
      assert.equal(answer.headers['content-type'], `${type}; charset=utf-8`);
      assert.ok(answer.text.startsWith(begin), answer.text.slice(0, 100));
    }
    assert.match((await remote('report', '--by', 'tag:feature', '--last', '7d')).stdout, /^\(none\) +\d+/m);
    const table = (await remote('report', '--by', 'team', '--last', '7d')).stdout;
    assert.match(table, /^team +exchanges +failed +errors +input tokens +output tokens +cost USD +wasted USD +cost unknown$/m);
    assert.match(table, /^shop +\d+/m);
    assert.match(table, /^\(none\) +\d+/m);
    assert.match(table, /^hedges that lost +0 +0$/m);
    assert.match(table, /^changed most, against the time from /m);
    const csv = (await remote('report', ...span, '--format', 'csv')).stdout.split('\r\n');
    assert.match(csv[0], /^from,to,value,exchanges,failed,/);
    assert.ok(csv.some((line) => line.includes(',marketing,')));
    const wrong = await remote('report', '--by', 'colour');
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /There is no report by 'colour'/);
    assert.equal((await command(['report', '--data', tempDir()])).code, 2);
    assert.equal((await remote('report', '--period', 'year')).code, 2);
  });
});

describe('prices recompute', () => {
  const catalogue = (input) => JSON.stringify({
    schema: 1, date: '2026-11-29',
    models: [{ provider: 'openai', id: 'gpt-made-up', mode: 'chat', prices: { input, output: '0.60' }, source: 'made up for this test', date: '2026-11-29' }],
  });

  test('C10: a price that comes late corrects what was spent, and says what it changed', async () => {
    const file = join(tempDir(), 'prices.json');
    const late = { ...config, prices: { file }, models: { ...config.models, late: { deployments: ['openai/gpt-made-up'], retries: 0 } },
      providers: { ...config.providers, openai: { type: 'openai', api_key: providerKey, base_url: `${a.url}/v1`, dialect: 'openai' } } };
    writeFileSync(file, catalogue('1000'));
    writeConfig(gateway.file, { ...late, prices: undefined });
    await waitFor('the reload', () => gateway.logs.some((line) => line.msg === 'configuration reloaded'));
    const ids = [];
    for (let i = 0; i < 5; i++) ids.push((await ask('late', { stream: i % 2 === 0 })).id);
    const before = await get(`/exchanges/${ids[0]}`);
    assert.equal(before.cost_unknown, 1);
    await stored();
    const first = (await get('/report?last=1d')).total;

    writeConfig(gateway.file, late);
    await waitFor('the reload', () => gateway.logs.filter((line) => line.msg === 'configuration reloaded').length > 1);
    const dry = await remote('prices', 'recompute', '--dry-run', '--json');
    assert.equal(dry.code, 0, dry.stderr);
    const told = JSON.parse(dry.stdout);
    const model = told.models.find((one) => one.model === 'gpt-made-up');
    assert.ok(model, dry.stdout);
    assert.equal(model.attempts, 5);
    assert.equal(model.unknown_before, 5);
    assert.equal(model.unknown_after, 0);
    assert.equal(told.models.length, 1, dry.stdout);
    assert.deepEqual((await get('/report?last=1d')).total, first);

    const done = await remote('prices', 'recompute');
    assert.equal(done.code, 0, done.stderr);
    assert.match(done.stdout, /^gpt-made-up +5 +0 +\S+ +\S+ +5 +0$/m);
    assert.match(done.stdout, /^5 of \d+ charged attempts have changed$/m);
    const { usage, cost_usd: cost, price_version: version } = (await get('/exchanges?route=late')).exchanges[0].tries[0];
    assert.equal(cost, dollars(usage.input_tokens * 1_000_000 + usage.output_tokens * 600));
    assert.equal(version, '2026-11-29');
    const second = (await get('/report?last=1d')).total;
    assert.equal(second.cost_unknown, first.cost_unknown - 5);
    assert.equal(nanos(second.cost_usd), nanos(first.cost_usd) + nanos(model.after_usd));
    for (const books of [remote, offline]) {
      const wrong = await books('prices', 'recompute', '--from', '2026-12-01', '--to', '2026-11-01', '--dry-run');
      assert.equal(wrong.code, 1);
      assert.match(wrong.stderr, /ends before it begins/);
    }
    assert.match((await remote('prices', 'recompute')).stdout, /^0 of \d+ charged attempts have changed$/m);

    // The same out of the data directory, with another file.
    writeFileSync(file, catalogue('2000'));
    const running = await offline('prices', 'recompute', '--prices', file);
    assert.equal(running.code, 2);
    assert.match(running.stderr, /A gateway runs on/);
    assert.equal((await offline('prices', 'recompute', '--prices', file, '--dry-run')).code, 0);
    const copy = join(tempDir(), 'copy');
    cpSync(data(), copy, { recursive: true });
    const again = await command(['prices', 'recompute', '--prices', file, '--json', '--data', copy]);
    assert.equal(again.code, 0, again.stderr);
    const changed = JSON.parse(again.stdout).models.find((one) => one.model === 'gpt-made-up');
    assert.equal(changed.before_usd, model.after_usd);
    const log = await command(['audit-log', 'export', copy]);
    const entry = JSON.parse(log.stdout.trim().split('\n').at(-1));
    assert.deepEqual([entry.kind, entry.who, entry.what, entry.about], ['change', 'the command line', 'POST /prices/recompute', `zone=UTC&prices=${encodeURIComponent(file)}`]);
    assert.deepEqual(entry.after, JSON.parse(again.stdout));
    assert.equal((await command(['audit-log', 'verify', copy])).code, 0);
    const third = JSON.parse((await command(['report', '--last', '1d', '--format', 'json', '--data', copy])).stdout);
    assert.equal(nanos(third.total.cost_usd) - nanos(second.cost_usd), nanos(changed.after_usd) - nanos(changed.before_usd));
  });

  const nanos = (usd) => Math.round(Number(usd) * 1e9);
});

describe('reconcile', () => {
  // What a provider's own books say of a request: its id, tokens in our counting.
  function usageLine(entry) {
    const u = entry.usage;
    const number = (...values) => values.find((value) => typeof value === 'number') ?? 0;
    const tokens = u.tokens ?? u;
    const cached = number(u.cache_read_input_tokens) + number(u.cache_creation_input_tokens);
    const input = number(tokens.prompt_tokens, tokens.input_tokens, tokens.promptTokenCount) + cached;
    const output = number(tokens.completion_tokens, tokens.output_tokens) || number(tokens.candidatesTokenCount) + number(tokens.thoughtsTokenCount);
    return [Math.floor(entry.began_us / 1e6), entry.id, entry.model, input, output, dollars(input * 150 + output * 600)].join(',');
  }
  const surfaces = {
    chat: (model, stream) => ['/v1/chat/completions', chat(model, { stream, text: 'good morning to you' })],
    responses: (model, stream) => ['/v1/responses', { model, stream, input: 'good morning' }],
    messages: (model, stream) => ['/v1/messages', { model, stream, max_tokens: 100, messages: [{ role: 'user', content: 'good morning' }] }],
    gemini: (model, stream) => [`/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`, { contents: [{ role: 'user', parts: [{ text: 'good morning' }] }] }],
  };

  async function one(i) {
    const stream = i % 2 === 0;
    const key = Object.values(keys)[i % 3];
    if (i % 50 === 7) return gateway.chat('broken', { stream: true }, { key });
    if (i % 100 === 13) {
      const connection = await Connection.open(gateway);
      connection.request({ method: 'POST', path: '/v1/chat/completions', body: JSON.stringify(chat('slow', { stream: true })),
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' } });
      await waitFor('events', () => connection.buffer.includes('data:'), 20_000);
      return connection.socket.destroy();
    }
    const dialect = dialects[i % 5];
    const model = i % 4 === 3 ? `${dialect}-flaky` : i % 40 === 1 ? `${dialect}-a/flaky` : dialect;
    const surface = Object.keys(surfaces)[Math.floor(i / 5) % 4];
    const [path, body] = surfaces[surface](model, stream);
    return gateway.post(path, body, { key, headers: { 'anthropic-version': '2023-06-01' } });
  }

  test('H3: mixed requests leave no row unexplained', { timeout: long ? 2_400_000 : 180_000 }, async () => {
    await sleep(1010 - (Date.now() % 1000));    // the export knows seconds only: what was before is not in its first one
    const since = Date.now() * 1000;
    let next = 0;
    await Promise.all(Array.from({ length: 24 }, async () => {
      while (next < count) await one(next++);
    }));
    const idle = async () => (await Promise.all([a.stats(), b.stats()])).every((stats) => stats.in_flight === 0);
    await waitFor('the simulators to end', idle, 20_000);
    await stored();
    const entries = [...await a.ledger(), ...await b.ledger()].filter((entry) => entry.began_us >= since);
    const charged = entries.filter((entry) => entry.status === 200 && entry.usage);
    assert.ok(charged.length > count * 0.9 && charged.length < entries.length, `${charged.length} of ${entries.length}`);
    const file = join(tempDir(), 'usage.csv');
    const header = 'time,request_id,model,input_tokens,output_tokens,cost_usd';
    writeFileSync(file, [header, ...charged.map(usageLine)].join('\n'));
    for (const books of long ? [offline] : [remote, offline]) {
      const ended = await books('reconcile', file, '--json');
      const result = JSON.parse(ended.stdout || '{}');
      const unexplained = (result.findings ?? []).filter((finding) => !finding.explained);
      assert.deepEqual(unexplained, [], ended.stderr);
      assert.equal(ended.code, 0, ended.stderr);
      assert.equal(result.explained, true);
      const { matched, 'price differs': price, ...others } = result.counts;
      assert.equal(Object.values(result.counts).reduce((sum, value) => sum + value, 0), charged.length);
      assert.equal(price ?? 0, 0, JSON.stringify(result.findings.slice(0, 3)));
      assert.ok(matched > charged.length * 0.94, JSON.stringify(result.counts));
      // What is not the same is what broke off: the provider did not tell, or nobody was there to be told.
      const broken = charged.filter((entry) => entry.outcome !== 'completed').length;
      assert.ok(Object.values(others).reduce((sum, value) => sum + value, 0) <= broken, JSON.stringify([result.counts, broken]));
    }
    if (long) return;
    // And where the books do not agree it says so.
    const forged = [header, ...charged.map(usageLine), `${Math.floor(since / 1e6) + 1},sim-a-forged,m,1,1,0`].slice(0);
    forged.splice(1, 1);
    writeFileSync(file, forged.join('\n'));
    const wrong = await remote('reconcile', file);
    assert.equal(wrong.code, 1);
    assert.match(wrong.stdout, /: missing here: sim-a-forged/);
    assert.match(wrong.stdout, /^ledger: missing there: sim-/m);
  });

  test('a file that is none is refused with its line', async () => {
    const file = join(tempDir(), 'usage.csv');
    writeFileSync(file, 'time,input_tokens\n2026-11-29,many\n');
    const ended = await remote('reconcile', file);
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, /line 2: 'many' is no number/);
    assert.equal((await remote('reconcile', join(tempDir(), 'none.csv'))).code, 2);
    writeFileSync(file, 'time,foo\n2026-11-29,1\n');
    const silent = await remote('reconcile', file);
    assert.equal(silent.code, 2);
    assert.match(silent.stderr, /no amount that can be compared .* not read: foo;/);
    writeFileSync(file, 'time,input_tokens\n2026-11-29,1\n');
    for (const books of [remote, offline]) {
      const nobody = await books('reconcile', file, '--provider', 'sin-a');
      assert.equal(nobody.code, 2);
      assert.match(nobody.stderr, /no attempt at a provider 'sin-a'/);
    }
  });
});
