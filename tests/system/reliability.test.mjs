// Hedging, streams that are gone on with, deadlines of clients, and what a route says of failures: with two providers of every API.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { clientNames, clientsOf } from './clients.mjs';
import { appKey, calm, comments, errorOf, loadSdks, masterKey, providerKey, startGateway, startSim, streamText, test, waitFor } from './lib.mjs';

let gateway, a, b, clients;
before(async () => {
  [a, b] = await Promise.all([startSim('a'), startSim('b')]);
  const of = (sim) => ({
    [`${sim.name}-chat`]: { type: 'openai', dialect: 'openai', base_url: `${sim.url}/v1`, api_key: providerKey },
    [`${sim.name}-claude`]: { type: 'anthropic', base_url: sim.url, api_key: providerKey },
  });
  const both = (api) => [`a-${api}/*`, `b-${api}/*`];
  gateway = await startGateway({
    master_key: masterKey,
    providers: { ...of(a), ...of(b) },
    models: {
      'hedged/*': { deployments: both('chat'), retries: 0, hedge: { after: '150ms', max_extra_percent: 100 }, breaker: calm },
      'hedged-claude/*': { deployments: both('claude'), retries: 0, hedge: { after: '150ms', max_extra_percent: 100 }, breaker: calm },
      'percentile/*': { deployments: both('chat'), retries: 0, hedge: { after: 'p95', max_extra_percent: 100 }, breaker: calm },
      'continued/*': { deployments: both('claude'), retries: 0, continue: true, breaker: calm },
      'continued-chat/*': { deployments: both('chat'), retries: 0, continue: true, breaker: calm },
      'ended/*': { deployments: both('claude'), retries: 0, breaker: calm },
      'stubborn/*': { deployments: both('chat'), retries: 2, backoff: '10ms', on_failure: { server_error: 'retry' }, breaker: calm },
      'proud/*': { deployments: both('chat'), retries: 2, on_failure: { server_error: 'give_up' }, breaker: calm },
    },
    keys: [{ name: 'app', key: appKey }],
  });
  clients = clientsOf(await loadSdks(), gateway);
});

const seen = async (sim, model) => (await sim.seen(model)).length;
const script = (model, ofA, ofB) => Promise.all([a.script(model, ofA), b.script(model, ofB)]);

describe('hedging', () => {
  for (const client of clientNames) {
    for (const stream of [false, true]) {
      for (const [route, model] of [['hedged', 'gpt-5'], ['hedged-claude', 'claude-opus-4-5']]) {
        test(`a late answer is overtaken: ${client}, ${route}${stream ? ', streamed' : ''}`, async () => {
          const name = `${model}-late-${client}-${stream}`;
          await script(name, { delay_ms: 5000, text: 'from a' }, { text: 'from b' });
          // the hedges' budget is a share of the route's requests
          for (let i = 0; i < 2; ++i) await gateway.chat(`${route}/${model}-quick`);
          const { aborted } = await a.stats();
          const began = performance.now();
          const answer = await clients[client].ask(`${route}/${name}`, stream);
          assert.equal(answer.text, 'from b');
          assert.ok(performance.now() - began < 3000);
          await waitFor('the late one is cancelled', async () => (await a.stats()).aborted > aborted);
        });
      }
    }
  }

  test('a late answer is overtaken: embeddings', async () => {
    await script('embed-late', { delay_ms: 5000 }, {});
    for (let i = 0; i < 2; ++i) await gateway.chat('hedged/gpt-5-quick');
    const { aborted } = await a.stats();
    const answer = await gateway.post('/v1/embeddings', { model: 'hedged/embed-late', input: 'hello' });
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual([answer.headers['x-sluice-deployment'], answer.headers['x-sluice-attempts']], ['b-chat/*', '2']);
    assert.ok(answer.json.data[0].embedding.length > 0);
    await waitFor('the late one is cancelled', async () => (await a.stats()).aborted > aborted);
  });

  test('a quick answer costs nothing', async () => {
    await script('gpt-5-fast', { text: 'from a' }, { text: 'from b' });
    for (let i = 0; i < 10; ++i) assert.equal((await gateway.chat('hedged/gpt-5-fast')).headers['x-sluice-attempts'], '1');
    assert.equal(await seen(b, 'gpt-5-fast'), 0);
  });

  test('the percentile is learned', async () => {
    await script('gpt-5-steady', { delay_ms: 20 }, {});
    for (let i = 0; i < 30; ++i) await gateway.chat('percentile/gpt-5-steady');
    await script('gpt-5-odd', { delay_ms: 5000 }, { text: 'from b' });
    const answer = await gateway.chat('percentile/gpt-5-odd');
    assert.equal(answer.json.choices[0].message.content, 'from b');
    assert.equal(answer.headers['x-sluice-deployment'], 'b-chat/*');
    assert.equal(answer.headers['x-sluice-attempts'], '2');
  });

  test('models that act are not asked twice', async () => {
    await script('gpt-5-acts', { delay_ms: 400, text: 'from a' }, { text: 'from b' });
    const tools = [{ type: 'function', function: { name: 'pay', parameters: { type: 'object', properties: {} } } }];
    const answer = await gateway.chat('hedged/gpt-5-acts', { tools });
    assert.equal(answer.json.choices[0].message.content, 'from a');
    assert.equal(await seen(b, 'gpt-5-acts'), 0);
  });

  test('the lost one is in the metrics, and no failure', async () => {
    assert.ok(await gateway.metric('sluice_attempts_total', { deployment: 'a-chat/*', outcome: 'superseded' }) > 0);
  });
});

describe('a stream that breaks off', () => {
  const half = { text: 'one two three four five six', events: 6, break: { at: 'body', after: 5, how: 'close' } };
  for (const client of clientNames) {
    test(`is continued: ${client}`, async () => {
      const name = `claude-opus-4-5-${client}`;
      await script(name, half, { text: ' AND THE REST' });
      const answer = await clients[client].ask(`continued/${name}`, true);
      const [request] = await b.seen(name);
      const last = JSON.parse(request.body).messages.at(-1);
      assert.equal(last.role, 'assistant');
      const said = typeof last.content === 'string' ? last.content : last.content[0].text;
      assert.ok(said.length > 0 && half.text.startsWith(said) && said === said.trimEnd());
      assert.equal(answer.text.replace(/\s+/g, ' '), `${said} AND THE REST`);
      assert.ok(answer.finish);
    });
  }

  test('tells where, in a comment', async () => {
    await script('claude-opus-4-5-mark', half, { text: 'REST' });
    const answer = await gateway.chat('continued/claude-opus-4-5-mark', { stream: true });
    assert.deepEqual(comments(answer.text).filter((line) => line.includes('continued')), [': sluice-continued b-claude/*']);
    assert.equal(answer.events.at(-1), '[DONE]');
    assert.equal(answer.events.filter((data) => data.includes('"role"')).length, 1, 'one role event');
    const line = await gateway.requestLog(answer.id);
    assert.deepEqual([line.outcome, line.attempts, line.deployment], ['ok', 2, 'b-claude/*']);
  });

  test('ends with an error where nobody can go on, and where the route does not say so', async () => {
    await script('gpt-5-no', half, { text: 'REST' });
    const answer = await gateway.chat('continued-chat/gpt-5-no', { stream: true });
    assert.equal(errorOf(answer.events).code, 'truncated');
    assert.ok(half.text.startsWith(streamText(answer.events)));
    assert.equal(await seen(b, 'gpt-5-no'), 0);
    await script('claude-opus-4-5-no', half, { text: 'REST' });
    assert.ok(errorOf((await gateway.chat('ended/claude-opus-4-5-no', { stream: true })).events));
    assert.equal(await seen(b, 'claude-opus-4-5-no'), 0);
  });

  test('is not continued inside a call of a tool, or where it must match a format', async () => {
    const tools = [{ type: 'function', function: { name: 'pay', parameters: { type: 'object', properties: { text: { type: 'string' } } } } }];
    await script('claude-opus-4-5-call', { break: { at: 'body', after: 2, how: 'close' } }, { text: 'REST' });
    const called = await gateway.chat('continued/claude-opus-4-5-call', { stream: true, tools, text: 'call:pay' });
    assert.ok(errorOf(called.events));
    assert.equal(await seen(b, 'claude-opus-4-5-call'), 0);
    await script('claude-opus-4-5-json', half, { text: 'REST' });
    const format = { type: 'json_schema', json_schema: { name: 'x', strict: true, schema: { type: 'object', properties: {}, additionalProperties: false } } };
    const formed = await gateway.chat('continued/claude-opus-4-5-json', { stream: true, response_format: format });
    assert.ok(errorOf(formed.events));
    assert.equal(await seen(b, 'claude-opus-4-5-json'), 0);
  });
});

describe('a client\'s deadline', () => {
  for (const stream of [false, true]) {
    test(`spans all tries${stream ? ' (streamed)' : ''}`, async () => {
      await script('gpt-5-slow', { delay_ms: 5000 }, { delay_ms: 5000 });
      const began = performance.now();
      const answer = await gateway.chat('stubborn/gpt-5-slow', { stream }, { headers: { 'x-sluice-timeout': '300ms' } });
      assert.equal(answer.status, 504);
      assert.match(answer.json.error.message, /300ms \(x-sluice-timeout\)/);
      assert.ok(performance.now() - began < 1500);
    });
  }
  test('that is none is refused', async () => {
    const answer = await gateway.chat('proud/gpt-5', {}, { headers: { 'x-sluice-timeout': 'soon' } });
    assert.equal(answer.status, 400);
    assert.equal(answer.json.error.param, 'x-sluice-timeout');
  });
});

describe('what a route says of failures', () => {
  test('retry: the same again before others', async () => {
    await script('gpt-5-sick', { status: 500 }, { text: 'from b' });
    const answer = await gateway.chat('stubborn/gpt-5-sick');
    assert.equal(answer.headers['x-sluice-attempts'], '4');
    assert.equal(await seen(a, 'gpt-5-sick'), 3);
    assert.equal(answer.headers['x-sluice-deployment'], 'b-chat/*');
  });
  test('give_up: nothing else is tried', async () => {
    await script('gpt-5-proud', { status: 500 }, { text: 'from b' });
    const answer = await gateway.chat('proud/gpt-5-proud');
    assert.equal(answer.status, 500);
    assert.equal(await seen(b, 'gpt-5-proud'), 0);
  });
});
