// What answers cost: by hand, streamed as whole, on every surface; and never nothing where it is not known.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { appKey, masterKey, providerKey, run, startGateway, startSim, tempDir, test, waitFor, writeConfig } from './lib.mjs';

// $0.15 and $0.60 for a million tokens: 150 and 600 nano-dollars each. All prices differ, so that no two may be mixed up.
const price = { input: '0.15', output: '0.60', cache_read: '0.05', cache_write_5m: '0.20', cache_write_1h: '0.40' };
const dollars = (nanos) => (nanos / 1e9).toFixed(9).replace(/\.?0+$/, '');

// Usage as each API tells it, and what it costs in nano-dollars.
const told = {
  chat: [{ prompt_tokens: 1000, completion_tokens: 50, total_tokens: 1050, prompt_tokens_details: { cached_tokens: 600 }, completion_tokens_details: { reasoning_tokens: 20 } },
    400 * 150 + 600 * 50 + 50 * 600],
  responses: [{ input_tokens: 1000, input_tokens_details: { cached_tokens: 600, cache_write_tokens: 0 }, output_tokens: 50, output_tokens_details: { reasoning_tokens: 20 }, total_tokens: 1050 },
    400 * 150 + 600 * 50 + 50 * 600],
  messages: [{ input_tokens: 100, cache_read_input_tokens: 600, cache_creation_input_tokens: 300, cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 }, output_tokens: 50 },
    100 * 150 + 600 * 50 + 100 * 200 + 200 * 400 + 50 * 600],
  gemini: [{ promptTokenCount: 1000, cachedContentTokenCount: 600, candidatesTokenCount: 50, thoughtsTokenCount: 20, totalTokenCount: 1070 },
    400 * 150 + 600 * 50 + 70 * 600],
};

let gateway, sim;
before(async () => {
  sim = await startSim('sim-cost');
  const base = { api_key: providerKey, base_url: sim.url };
  const to = (model) => ({ deployments: [{ model, price }], retries: 0 });
  gateway = await startGateway({
    master_key: masterKey,
    providers: {
      openai: { ...base, base_url: `${sim.url}/v1`, dialect: 'openai' },
      responses: { ...base, type: 'openai', base_url: `${sim.url}/v1`, dialect: 'responses' },
      anthropic: base, gemini: base, cohere: base,
      local: { ...base, type: 'openai', base_url: `${sim.url}/v1` },
    },
    models: {
      chat: to('openai/m'), responses: to('responses/m'), messages: to('anthropic/m'), gemini: to('gemini/m'), cohere: to('cohere/m'), vectors: to('openai/v'),
      ranks: { deployments: [{ model: 'cohere/rerank', price: { request: '0.002' } }] },
      'told-chat': to('openai/told-chat'), 'told-responses': to('responses/told-responses'), 'told-messages': to('anthropic/told-messages'), 'told-gemini': to('gemini/told-gemini'),
    },
    keys: [{ name: 'app', key: appKey }],
  });
  for (const [provider, [usage]] of Object.entries(told)) await sim.script(`told-${provider}`, { usage });
});

// The surfaces: how each asks, whole and streamed.
const asking = {
  chat: (model, stream) => ['/v1/chat/completions', { model, stream, messages: [{ role: 'user', content: 'good morning' }] }],
  responses: (model, stream) => ['/v1/responses', { model, stream, input: 'good morning' }],
  messages: (model, stream) => ['/v1/messages', { model, stream, max_tokens: 100, messages: [{ role: 'user', content: 'good morning' }] }],
  gemini: (model, stream) => [`/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`, { contents: [{ role: 'user', parts: [{ text: 'good morning' }] }] }],
};

async function ask(surface, model, stream) {
  const [path, body] = asking[surface](model, stream);
  const answer = await gateway.post(path, body, { headers: { 'anthropic-version': '2023-06-01' } });
  assert.equal(answer.status, 200, answer.text);
  const log = await gateway.requestLog(answer.headers['x-sluice-request-id']);
  return { answer, log };
}

for (const surface of Object.keys(asking)) {
  describe(surface, () => {
    for (const provider of ['chat', 'responses', 'messages', 'gemini', 'cohere']) {
      test(`over ${provider}: what is told is charged, streamed as whole`, async () => {
        const whole = await ask(surface, provider, false);
        const { input_tokens: input, output_tokens: output, cost_usd: cost } = whole.log;
        assert.ok(input > 0 && output > 0, JSON.stringify(whole.log));
        assert.equal(cost, dollars(input * 150 + output * 600));
        assert.equal(whole.answer.headers['x-sluice-cost-usd'], cost);
        const streamed = await ask(surface, provider, true);
        assert.equal(streamed.log.cost_usd, cost);
        assert.equal(streamed.answer.headers['x-sluice-cost-usd'], undefined);
      });
    }
    for (const [provider, [, nanos]] of Object.entries(told)) {
      test(`over ${provider}, with a cache: by hand, streamed as whole`, async () => {
        assert.equal((await ask(surface, `told-${provider}`, false)).answer.headers['x-sluice-cost-usd'], dollars(nanos));
        assert.equal((await ask(surface, `told-${provider}`, true)).log.cost_usd, dollars(nanos));
      });
    }
  });
}

// 2,000 bytes: 500 tokens, and a few for what is around them.
const prompt = 'word '.repeat(400);
const answered = { chat: { completion_tokens: 50 }, responses: { output_tokens: 50 }, messages: { output_tokens: 50 }, gemini: { candidatesTokenCount: 50 } };
const inputOf = { chat: 'prompt_tokens', responses: 'input_tokens', messages: 'input_tokens', gemini: 'promptTokenCount' };
const longAsk = async (provider, usage, stream) => {
  await sim.script(`told-${provider}`, { usage });
  const [path, body] = asking[provider](`told-${provider}`, stream);
  const answer = await gateway.post(path, JSON.parse(JSON.stringify(body).replace('good morning', prompt)), { headers: { 'anthropic-version': '2023-06-01' } });
  assert.equal(answer.status, 200, answer.text);
  return { answer, log: await gateway.requestLog(answer.headers['x-sluice-request-id']) };
};

describe('input that is not told is estimated', () => {
  for (const provider of Object.keys(answered)) {
    for (const stream of [false, true]) {
      test(`${provider}${stream ? ', streamed' : ''}`, async () => {
        for (const input of [undefined, null, 0]) {
          const { answer, log } = await longAsk(provider, { ...answered[provider], ...(input !== undefined && { [inputOf[provider]]: input }) }, stream);
          assert.equal(log.usage_source, 'estimated', JSON.stringify(log));
          assert.ok(log.input_tokens >= 500 && log.input_tokens < 560, log.input_tokens);
          assert.equal(log.output_tokens, 50);
          assert.equal(log.cost_usd, dollars(log.input_tokens * 150 + 50 * 600));
          if (!stream) assert.equal(answer.headers['x-sluice-usage-source'], 'estimated');
        }
      });
    }
  }
});

describe('what a stream told once is not taken back', () => {
  const charged = async (provider, frames) => {
    await sim.script(`told-${provider}`, { sse: frames });
    const { log } = await ask(provider, `told-${provider}`, true);
    return [log.usage_source, log.input_tokens, log.output_tokens, log.cost_usd];
  };
  const event = (type, members) => `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`;
  const messages = (first, last) => event('message_start', { message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [], stop_reason: null, stop_sequence: null, ...(first && { usage: first }) } })
    + event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }) + event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'hello' } })
    + event('content_block_stop', { index: 0 }) + event('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: last }) + event('message_stop', {});
  const chunk = (more) => `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], ...more })}\n\n`;
  test('by zeros at the end', async () => {
    const first = { input_tokens: 5000, cache_read_input_tokens: 700, output_tokens: 1 };
    const nanos = 5000 * 150 + 700 * 50 + 100 * 600;
    for (const last of [{}, { input_tokens: 0 }, { input_tokens: 0, cache_read_input_tokens: 0 }, { input_tokens: null }])
      assert.deepEqual(await charged('messages', messages(first, { ...last, output_tokens: 100 })), ['provider', 5700, 100, dollars(nanos)]);
  });
  test('where the beginning told nothing, it is estimated', async () => {
    const [source, input, output] = await charged('messages', messages(null, { output_tokens: 100 }));
    assert.equal(source, 'estimated');
    assert.ok(input > 10 && input < 60, input);
    assert.equal(output, 100);
  });
  test('writes to the cache that are told by their terms are charged', async () => {
    const first = { input_tokens: 10, cache_creation: { ephemeral_5m_input_tokens: 300, ephemeral_1h_input_tokens: 200 }, output_tokens: 1 };
    assert.deepEqual(await charged('messages', messages(first, { output_tokens: 100 })), ['provider', 510, 100, dollars(10 * 150 + 300 * 200 + 200 * 400 + 100 * 600)]);
  });
  test('by usage that comes in two', async () => {
    const text = chunk({ choices: [{ index: 0, delta: { content: 'hello' }, finish_reason: 'stop' }] });
    for (const usages of [[{ prompt_tokens: 1000 }, { completion_tokens: 20 }], [{ prompt_tokens: 1000, completion_tokens: 1 }, { prompt_tokens: 0, completion_tokens: 20 }]]) {
      const frames = text + usages.map((usage) => chunk({ usage })).join('') + 'data: [DONE]\n\n';
      assert.deepEqual(await charged('chat', frames), ['provider', 1000, 20, dollars(1000 * 150 + 20 * 600)]);
    }
  });
});

test('embeddings', async () => {
  const answer = await gateway.post('/v1/embeddings', { model: 'vectors', input: ['good morning'] });
  const log = await gateway.requestLog(answer.headers['x-sluice-request-id']);
  assert.equal(answer.headers['x-sluice-cost-usd'], dollars(log.input_tokens * 150));
  assert.equal(log.cost_usd, dollars(answer.json.usage.prompt_tokens * 150));
});

test('rankings', async () => {
  const answer = await gateway.post('/v2/rerank', { model: 'ranks', query: 'capital', documents: ['Paris', 'Bread'] });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.headers['x-sluice-cost-usd'], '0.002');
});

test('known models have the catalogue\'s price', async () => {
  const { answer, log } = await ask('chat', 'openai/gpt-4o', false);
  assert.equal(answer.headers['x-sluice-cost-usd'], dollars(log.input_tokens * 2500 + log.output_tokens * 10000));
});

test('what has no price costs an unknown amount, streamed as whole', async () => {
  for (const model of ['openai/made-up', 'local/gpt-4o']) {
    const counted = () => gateway.metric('sluice_cost_unknown_total', { deployment: `${model.split('/')[0]}/*`, reason: 'no price of the model' });
    const before = await counted();
    const { answer, log } = await ask('chat', model, false);
    assert.equal(answer.headers['x-sluice-cost-usd'], 'unknown');
    assert.equal(log.cost_usd, undefined);
    assert.equal(log.cost_unknown, 'no price of the model');
    assert.equal((await ask('chat', model, true)).log.cost_unknown, 'no price of the model');
    assert.equal(await counted(), before + 2);
  }
});

test('what was refused costs nothing', async () => {
  const model = await sim.place({ status: 500, error: { error: { message: 'no' } } });
  const answer = await gateway.chat(`openai/${model.split('/')[1]}`);
  assert.ok(answer.status >= 500);
  assert.equal(answer.headers['x-sluice-cost-usd'], undefined);
  const log = await gateway.requestLog(answer.headers['x-sluice-request-id']);
  assert.equal(log.cost_usd, undefined);
  assert.equal(log.cost_unknown, undefined);
});

test('the metric is the sum of the log', async () => {
  const spent = async () => Math.round(1e9 * await gateway.metric('sluice_cost_usd_total', { route: 'messages' }));
  const before = await spent();
  let sum = 0;
  for (const stream of [false, true]) sum += Math.round(1e9 * Number((await ask('messages', 'messages', stream)).log.cost_usd));
  assert.equal(await spent(), before + sum);
});

test('C10: a file of prices that has lost half of its entries is refused at a reload, an empty one at a start too', async () => {
  const file = join(tempDir(), 'prices.json');
  const priced = (count) => writeFileSync(file, JSON.stringify({ schema: 1, date: '2026-11-22', models: Array.from({ length: count }, (_, i) => ({
    provider: 'openai', id: `m${i}`, mode: 'chat', context_window: 1000, max_output: 1000, can: [], cannot: [], prices: { input: `${count}`, output: '0' }, source: 'test', date: '2026-11-22' })) }));
  priced(8);
  const config = {
    master_key: masterKey, prices: { file }, providers: { openai: { api_key: providerKey, dialect: 'openai', base_url: `${sim.url}/v1` } },
    models: { m0: { deployments: ['openai/m0'], retries: 0 } }, keys: [{ name: 'app', key: appKey, budget: { usd: '10' } }],
  };
  const shrunk = await startGateway(config);
  const perToken = async () => {
    const answer = await shrunk.chat('m0', { max_tokens: 5 });
    assert.equal(answer.status, 200, answer.text);
    return Math.round(1e6 * Number(answer.headers['x-sluice-cost-usd']) / answer.json.usage.prompt_tokens);
  };
  const reloads = (result) => shrunk.metric('sluice_config_reloads_total', { result });
  const reloaded = async (count, result) => {
    const before = await reloads(result);
    priced(count);
    shrunk.signal('SIGHUP');
    await waitFor(`${result} of ${count}`, async () => (await reloads(result)) > before);
  };
  for (const count of [4, 1, 0]) {
    await reloaded(count, 'failed');
    assert.equal(await perToken(), 8);
  }
  const refusals = () => shrunk.logs.filter(({ msg }) => msg === 'configuration not reloaded').map((line) => JSON.stringify(line));
  await shrunk.output('the last refusal', () => refusals().some((line) => /it lists no models/.test(line)));
  assert.match(refusals()[0], /it has 4 entries, and had 8: .*restart, or name a file of another name/);
  await reloaded(5, 'ok');
  assert.equal(await perToken(), 5);
  // One of another name is another one.
  const other = join(tempDir(), 'other.json');
  priced(1);
  copyFileSync(file, other);
  priced(5);
  const before = await reloads('ok');
  writeConfig(shrunk.file, { ...config, prices: { file: other } });
  shrunk.signal('SIGHUP');
  await waitFor('the other file', async () => (await reloads('ok')) > before);
  assert.equal(await perToken(), 1);
  // A start takes what there is, but not nothing.
  priced(0);
  writeConfig(shrunk.file, config);
  const check = await run(['check', shrunk.file]);
  assert.equal(check.code, 1);
  assert.match(check.stderr, /prices\.json: it lists no models; take prices\.file out/);
});

test('C10: a file of prices that is cut, empty or wrong changes nothing; a good one goes live with the models and rights that came with it', async () => {
  const file = join(tempDir(), 'prices.json');
  const priced = (...inputs) => JSON.stringify({ schema: 1, date: '2026-11-22', models: inputs.map(([id, input]) => ({
    provider: 'openai', id, mode: 'chat', context_window: 1000, max_output: 1000, can: [], cannot: [], prices: { input, output: '0' }, source: 'test', date: '2026-11-22' })) });
  writeFileSync(file, priced(['fresh', '1']));
  const config = {
    master_key: masterKey, prices: { file },
    providers: { openai: { api_key: providerKey, dialect: 'openai', base_url: `${sim.url}/v1` } },
    models: { fresh: { deployments: ['openai/fresh'], retries: 0 } },
    keys: [{ name: 'app', key: appKey, models: ['fresh'] }],
  };
  const priceful = await startGateway(config);
  const perToken = async (model) => {
    const answer = await priceful.chat(model);
    return answer.status === 200 ? Math.round(1e9 * Number(answer.headers['x-sluice-cost-usd']) / answer.json.usage.prompt_tokens) : answer.status;
  };
  const reloads = (result) => priceful.metric('sluice_config_reloads_total', { result });
  assert.equal(await perToken('fresh'), 1000);
  const good = priced(['fresh', '2'], ['fresher', '3']);
  for (const bad of [good.slice(0, good.length / 2), '', '{"schema":1,"date":"2026-11-22","models":[{"provider":"openai"}]}', 'null']) {
    const failed = await reloads('failed');
    writeFileSync(file, bad);
    priceful.signal('SIGHUP');
    await waitFor('the refusal', async () => (await reloads('failed')) > failed);
    assert.equal(await perToken('fresh'), 1000, bad);
  }
  // Between the two there is no moment with the one and without the other.
  writeFileSync(file, good);
  writeConfig(priceful.file, { ...config, models: { ...config.models, fresher: { deployments: ['openai/fresher'], retries: 0 } }, keys: [{ name: 'app', key: appKey, models: ['fresh', 'fresher'] }] });
  const seen = new Set();
  const before = await reloads('ok');
  priceful.signal('SIGHUP');
  await waitFor('the good file', async () => {
    const fresher = await perToken('fresher');
    seen.add(fresher);
    return (await reloads('ok')) > before && fresher === 3000;
  });
  assert.equal(await perToken('fresh'), 2000);
  assert.ok([...seen].every((one) => one === 3000 || one === 403 || one === 404), `${[...seen]}`);
});
