// What is paid by the terms an answer came on: the service tier it was served with, not the one that was asked for, where it ran, how fast, and for
// how long it keeps what it wrote into the cache.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe } from 'node:test';
import { exchange } from './ledger.mjs';
import { appKey, masterKey, providerKey, startGateway, startSim, tempDir, test, waitFor } from './lib.mjs';

const prices = { input: '1', output: '2', cache_read: '0.1', cache_write_5m: '1.25', cache_write_1h: '2' };
const factors = { flex: '0.5', priority: '1.75', us: '1.1', fast: '6' };
const [poor, rich, high, allowed] = ['poor', 'rich', 'high', 'allowed'].map((name) => `sk-sl-tiers-${name}-00112233`);
let sim, gateway;
before(async () => {
  sim = await startSim('sim');
  const file = join(tempDir(), 'prices.json');
  const types = ['openai', 'anthropic', 'gemini', 'bedrock'];
  writeFileSync(file, JSON.stringify({ schema: 1, date: '2026-11-29', models: types.map((provider) => ({ provider, id: 'm', aliases: ['anthropic.m'], mode: 'chat', prices, factors, source: 'made up for this test', date: '2026-11-29' })) }));
  const base = { api_key: providerKey, base_url: sim.url };
  gateway = await startGateway({
    master_key: masterKey, log: { level: 'warn' }, prices: { file, unpriced: 'allow_and_alert' }, keys: [{ name: 'app', key: appKey, budget: { usd: '1000', hard: false } },
      { name: 'poor', key: poor, budget: { usd: '0.000001', unpriced: 'block' } }, { name: 'rich', key: rich, budget: { usd: '100', unpriced: 'block' } },
      { name: 'high', key: high, budget: { usd: '100', unpriced: 'estimate_high' } }, { name: 'allowed', key: allowed, budget: { usd: '100', unpriced: 'allow_and_alert' } }],
    providers: { openai: { ...base, base_url: `${sim.url}/v1` }, anthropic: base, gemini: base, bedrock: { access_key_id: providerKey, secret_access_key: 'secret', region: 'us-east-1', base_url: sim.url } },
    models: Object.fromEntries([...types.map((type) => [type, { deployments: [`${type}/m`], retries: 0 }]), ['hosted', { deployments: ['bedrock/anthropic.m'], retries: 0 }]]),
  });
});

const user = [{ role: 'user', content: 'x' }];
const nothing = 1000 * 1000 + 100 * 2000;    // 1,000 tokens in and 100 out, in nano-dollars
const chunks = (...events) => `${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}`;
const named = (...events) => events.map((event, i) => `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: i })}\n\n`).join('');

// How each API says that it served by a tier, and how it is asked for one.
const apis = {
  openai: {
    answer: (tier) => {
      const usage = { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 };
      const common = { id: 'c', created: 1, model: 'm', service_tier: tier };
      const chunk = (choices, more = {}) => ({ ...common, object: 'chat.completion.chunk', choices, ...more });
      return {
        body: JSON.stringify({ ...common, object: 'chat.completion', choices: [{ index: 0, message: { role: 'assistant', content: 'y' }, finish_reason: 'stop' }], usage }),
        sse: `${chunks(chunk([{ index: 0, delta: { role: 'assistant', content: 'y' }, finish_reason: null }]), chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]), chunk([], { usage }))}data: [DONE]\n\n`,
      };
    },
    ask: (stream, tier) => ['/v1/chat/completions', { model: 'openai', stream, messages: user, service_tier: tier }],
  },
  responses: {
    model: 'openai',
    answer: (tier) => {
      const item = { id: 'msg_1', type: 'message', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: 'y', annotations: [], logprobs: [] }] };
      const response = { id: 'resp_1', object: 'response', created_at: 1, status: 'completed', model: 'm', output: [item], service_tier: tier, usage: { input_tokens: 1000, output_tokens: 100, total_tokens: 1100, input_tokens_details: { cached_tokens: 0 }, output_tokens_details: { reasoning_tokens: 0 } } };
      const begun = { ...response, status: 'in_progress', output: [], usage: null, service_tier: 'auto' };
      return { body: JSON.stringify(response), sse: named({ type: 'response.created', response: begun }, { type: 'response.output_text.delta', item_id: 'msg_1', output_index: 0, content_index: 0, delta: 'y' }, { type: 'response.completed', response }) };
    },
    ask: (stream, tier) => ['/v1/responses', { model: 'openai', stream, store: false, input: 'x', service_tier: tier }],
  },
  anthropic: {
    answer: (tier) => ({ usage: { input_tokens: 1000, output_tokens: 100, service_tier: tier } }),
    ask: (stream, tier) => ['/v1/messages', { model: 'anthropic', stream, max_tokens: 200, messages: user, service_tier: { default: 'standard_only', flex: 'auto', priority: 'auto' }[tier] }],
    words: { default: 'standard' },
  },
  gemini: {
    answer: (tier) => ({ usage: { promptTokenCount: 1000, candidatesTokenCount: 100, totalTokenCount: 1100, trafficType: tier } }),
    ask: (stream) => [`/v1beta/models/gemini:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`, { contents: [{ parts: [{ text: 'x' }] }] }],
    words: { default: 'ON_DEMAND', flex: 'ON_DEMAND_FLEX', priority: 'ON_DEMAND_PRIORITY' },
  },
  bedrock: {
    whole: true,    // the simulator streams none of its own
    answer: (tier) => ({ body: JSON.stringify({ output: { message: { role: 'assistant', content: [{ text: 'y' }] } }, stopReason: 'end_turn', usage: { inputTokens: 1000, outputTokens: 100, totalTokens: 1100 }, metrics: { latencyMs: 1 }, serviceTier: { type: tier } }) }),
    ask: (stream, tier) => ['/model/bedrock/converse', { messages: [{ role: 'user', content: [{ text: 'x' }] }], serviceTier: { type: tier } }],
  },
};

async function charged(path, body) {
  const answer = await gateway.post(path, body, { headers: { 'anthropic-version': '2023-06-01' } });
  assert.equal(answer.status, 200, answer.text);
  const { attempts: [attempt] } = await waitFor('the row', () => exchange(gateway.data, answer.headers['x-sluice-request-id']), 20_000);
  const told = answer.headers['x-sluice-cost-usd'];    // not of streams
  if (told) assert.equal(told === 'unknown' ? null : Math.round(Number(told) * 1e9), attempt.cost_nanos);
  return attempt;
}

describe('C8: the tier that was served is paid, not the one that was asked for', () => {
  const served = { default: nothing, flex: nothing / 2, priority: nothing * 1.75 };
  for (const [name, api] of Object.entries(apis)) {
    for (const stream of api.whole ? [false] : [false, true]) {
      for (const [tier, nanos] of Object.entries(served)) {
        for (const asked of ['default', tier === 'flex' ? 'priority' : 'flex']) {
          test(`${name}${stream ? ', streamed' : ''}: ${asked} was asked for, ${tier} served`, async () => {
            const script = api.answer(api.words?.[tier] ?? tier);
            const { body, sse, ...more } = script;
            await sim.script('m', { ...more, ...(stream ? (sse ? { sse } : {}) : (body ? { body } : {})), strict: false });
            const attempt = await charged(...api.ask(stream, asked));
            assert.equal(attempt.cost_nanos, nanos, JSON.stringify(attempt));
          });
        }
      }
    }
  }

  for (const stream of [false, true]) {
    test(`cache writes by their time, region and speed multiply${stream ? ', streamed' : ''}`, async () => {
      const usage = { input_tokens: 100, output_tokens: 10, cache_read_input_tokens: 400, cache_creation_input_tokens: 500, cache_creation: { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 300 } };
      const nanos = 100 * 1000 + 400 * 100 + 200 * 1250 + 300 * 2000 + 10 * 2000;
      for (const [more, factor] of [[{}, 1], [{ inference_geo: 'us' }, 1.1], [{ speed: 'fast' }, 6], [{ inference_geo: 'us', speed: 'fast', service_tier: 'priority' }, 1.1 * 6 * 1.75]]) {
        await sim.script('m', { usage: { ...usage, ...more }, strict: false });
        const attempt = await charged(...apis.anthropic.ask(stream, 'default'));
        assert.equal(attempt.cost_nanos, Math.round(nanos * factor), JSON.stringify(more));
      }
    });

    test(`a tier that has no price is unknown, and never the usual price${stream ? ', streamed' : ''}`, async () => {
      await sim.script('m', { ...apis.anthropic.answer('made_up'), strict: false });
      assert.equal((await charged(...apis.anthropic.ask(stream, 'default'))).cost_nanos, null);
    });
  }
});

describe('terms that Bedrock has in fields of the head', () => {
  const tier = 'x-amzn-bedrock-service-tier', latency = 'x-amzn-bedrock-performanceconfig-latency';
  const claude = { anthropic_version: 'bedrock-2023-05-31', max_tokens: 100, messages: user };
  const ask = (path, body, headers, key) => gateway.post(path, body, { headers, key });
  for (const stream of [false, true]) {
    test(`the tier that InvokeModel answers is paid${stream ? ', streamed' : ''}`, async () => {
      const usage = { input_tokens: 1000, output_tokens: 100 };
      for (const [headers, factor] of [[{}, 1], [{ [tier]: 'priority' }, 1.75], [{ [tier]: 'default' }, 1], [{ [latency]: 'optimized' }, null]]) {
        await sim.script('anthropic.m', { usage, headers, strict: false });
        const attempt = await charged(`/model/hosted/invoke${stream ? '-with-response-stream' : ''}`, claude);
        assert.equal(attempt.cost_nanos, factor && Math.round(nothing * factor), JSON.stringify(headers));
      }
    });
  }
  test('so is the latency that Converse answers', async () => {
    const answer = JSON.parse(apis.bedrock.answer('default').body);
    await sim.script('m', { body: JSON.stringify({ ...answer, performanceConfig: { latency: 'optimized' } }) });
    assert.equal((await charged(...apis.bedrock.ask(false, 'default'))).cost_nanos, null);
    await sim.script('m', { body: JSON.stringify({ ...answer, performanceConfig: { latency: 'standard' } }) });
    assert.equal((await charged(...apis.bedrock.ask(false, 'default'))).cost_nanos, nothing);
  });
  test('what they name is set aside', async () => {
    const worst = async (path, body, headers) => {
      const refused = await ask(path, body, headers, poor);
      return Number(/there is no room for ([0-9.]+) USD/.exec(refused.text)?.[1] ?? assert.fail(refused.text));
    };
    const usual = await worst('/model/hosted/invoke', claude, {});
    for (const headers of [{ [tier]: 'priority' }, { [tier]: 'Priority' }]) {
      const most = await worst('/model/hosted/invoke', claude, headers);
      assert.ok(Math.abs(most - usual * 1.75) < 1e-8, `${most} of ${usual}`);
    }
  });
});

describe('a tier or a speed that is named and has no price', () => {
  const ask = (path, body, { headers, key = poor } = {}) => gateway.post(path, body, { headers: { 'anthropic-version': '2023-06-01', ...headers }, key });
  const asked = {
    'a tier in Chat': ['/v1/chat/completions', { model: 'openai', max_tokens: 10, messages: user, service_tier: 'scale' }],
    'a tier in Responses': ['/v1/responses', { model: 'openai', max_output_tokens: 20, input: 'x', service_tier: 'scale' }],
    'a speed in Messages': ['/v1/messages', { model: 'anthropic', max_tokens: 10, messages: user, speed: 'slow' }],
    'a tier in Gemini': ['/v1beta/models/gemini:generateContent', { contents: [{ parts: [{ text: 'x' }] }], serviceTier: 'scale' }],
    'a tier in Converse': ['/model/bedrock/converse', { messages: [{ role: 'user', content: [{ text: 'x' }] }], serviceTier: { type: 'reserved' } }],
    'a latency in Converse': ['/model/bedrock/converse', { messages: [{ role: 'user', content: [{ text: 'x' }] }], performanceConfig: { latency: 'optimized' } }],
    'a tier in a field': ['/model/bedrock/converse', { messages: [{ role: 'user', content: [{ text: 'x' }] }] }, { headers: { 'x-amzn-bedrock-service-tier': 'reserved' } }],
  };
  for (const [name, [path, body, more]] of Object.entries(asked)) {
    test(`is refused where a budget would have to pay: ${name}`, async () => {
      const refused = await ask(path, body, more);
      assert.equal(refused.status, 403, refused.text);
      assert.match(refused.text, /has a price, but none for '(scale|slow|reserved|optimized)'/);
    });
  }
  test('is let through and counted, or set aside at the dearest, where the budget says so', async () => {
    await sim.script('m', { ...apis.openai.answer('scale'), strict: false });
    const [path, body] = asked['a tier in Chat'];
    const spent = (account) => gateway.metric('sluice_budget_spent_usd', { account });
    for (const [key, name] of [[high, 'high'], [allowed, 'allowed']]) {
      const answer = await ask(path, body, { key });
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.headers['x-sluice-cost-usd'], 'unknown');
    }
    assert.ok(await spent('high') > 0.0005, 'as the dearest of the catalogue');
    assert.ok(await spent('allowed') > 0 && await spent('allowed') < 0.0005, `as usual: ${await spent('allowed')}`);
  });
  test('is no matter where the API that is asked has no such word', async () => {
    await sim.script('m', {});
    const answer = await ask('/v1/chat/completions', { model: 'anthropic', max_tokens: 10, messages: user, service_tier: 'flex' }, { key: rich });
    assert.equal(answer.status, 200, answer.text);
  });
});
