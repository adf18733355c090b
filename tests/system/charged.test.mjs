// What providers charge beside a model's tokens, and at prices that depend on the request: it is set aside before, charged after, and never taken for free.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe } from 'node:test';
import { appKey, masterKey, providerKey, startGateway, startSim, tempDir, test } from './lib.mjs';

const keyOf = (name) => `sk-sl-charged-${name}`;
const user = (content) => [{ role: 'user', content }];

let sim, gateway;
before(async () => {
  sim = await startSim('charged');
  const base = { api_key: providerKey, base_url: sim.base };
  const prices = join(tempDir(), 'prices.json');
  const entry = (id, more) => ({ provider: 'openai', id, mode: 'chat', context_window: 100_000, max_output: 1000, source: 'here', date: '2026-11-30', ...more });
  writeFileSync(prices, JSON.stringify({ schema: 1, date: '2026-11-30', models: [
    // A thousandth of a dollar for a token, but for requests of more than a thousand: they pay a millionth.
    entry('tiered', { prices: { input: '1000', output: '1000' }, tiers: [{ above: 1000, prices: { input: '1', output: '1' } }] }),
  ] }));
  const one = (model, more) => ({ deployments: [{ model, max_output: 1000, context_window: 50_000, ...more }], retries: 0 });
  const price = { input: '0', output: '1000' };  // a thousandth of a dollar for a token of output
  gateway = await startGateway({
    master_key: masterKey,
    prices: { file: prices },
    providers: { openai: { ...base, dialect: 'responses' }, native: { ...base, type: 'openai', dialect: 'responses', base_url: sim.base },
      perplexity: base, openrouter: base },
    models: { sonar: one('perplexity/sonar'), 'sonar-pro': one('perplexity/sonar-pro'), 'sonar-deep-research': one('perplexity/sonar-deep-research'),
      cheap: one('openrouter/x/cheap', { price }), online: one('openrouter/x/cheap:online', { price }), priced: one('openrouter/x/cheap', { price: { ...price, web_search: '1' } }),
       bare: one('native/bare', { price }), full: one('native/full', { price: { ...price, web_search: '1', file_search: '2', tool_call: '3' } }), },
    keys: [{ name: 'app', key: appKey }, { name: 'rich', key: keyOf('rich'), budget: { usd: '1000' } },
      { name: 'high', key: keyOf('high'), budget: { usd: '100000', unpriced: 'estimate_high' } }, { name: 'poor', key: keyOf('poor'), budget: { usd: '0.000001' } },
      { name: 'own', key: keyOf('own'), budget: { usd: '5', unpriced: 'estimate_high' } }, { name: 'told', key: keyOf('told'), budget: { usd: '0.08', unpriced: 'allow_and_alert' } }],
  });
});

// In dollars.
const worst = async (path, body) => {
  const refused = await gateway.post(path, body, { key: keyOf('poor') });
  const told = /there is no room for ([0-9.]+) USD/.exec(refused.text);
  assert.ok(told, `${refused.status} ${refused.text}`);
  return Number(told[1]);
};

describe('a tier that is cheaper from a size on', () => {
  const ask = (letters, max_tokens) => worst('/v1/chat/completions', { model: 'openai/tiered', max_tokens, messages: user('x'.repeat(letters)) });
  test('is no bound of what is below it', async () => {
    assert.equal(await ask(5000, 20), 1.02);
    assert.ok(await ask(10, 10) < 0.2);
  });
});

describe('tools that a provider runs and charges', () => {
  const calls = {
    none: [],
    web: [{ type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'x' } }],
    files: [1, 2, 3].map((i) => ({ type: 'file_search_call', id: `fs_${i}`, status: 'completed', queries: ['x'], results: null })),
    code: [{ type: 'code_interpreter_call', id: 'ci_1', status: 'completed', code: '1', container_id: 'c', outputs: null }],
    image: [{ type: 'image_generation_call', id: 'ig_1', status: 'completed', result: 'iVBORw0KGgo=' }],
  };
  const tools = { none: [], web: [{ type: 'web_search' }], files: [{ type: 'file_search', vector_store_ids: ['vs_1'] }],
    code: [{ type: 'code_interpreter', container: { type: 'auto' } }], image: [{ type: 'image_generation' }] };
  const response = (output) => ({ id: 'resp_1', object: 'response', created_at: 1, status: 'completed', model: 'm',
    output: [...output, { id: 'msg_1', type: 'message', status: 'completed', role: 'assistant', content: [{ type: 'output_text', text: 'hi', annotations: [] }] }],
    usage: { input_tokens: 10, input_tokens_details: { cached_tokens: 0 }, output_tokens: 5, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 15 } });
  const event = (type, more) => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
  // Its items as they begin and end, and then whole.
  const stream = (whole) => [...whole.output.flatMap((item, output_index) => [event('response.output_item.added', { output_index, item: { ...item, status: 'in_progress' } }),
    event('response.output_item.done', { output_index, item })]), event('response.completed', { response: whole })].join('');
  const shapes = {
    'whole': (whole) => ({ body: JSON.stringify(whole) }),
    'streamed': (whole) => ({ body: stream(whole), content_type: 'text/event-stream' }),
    'a stream whose end has no items': (whole) => ({ body: stream(whole).replace(/"output":\[.*\],"usage"/, '"output":[],"usage"'), content_type: 'text/event-stream' }),
  };
  const ask = async (model, what, shape, key = appKey, path = '/v1/responses') => {
    await sim.script(model, { strict: false, ...shapes[shape](response(calls[what])) });
    const asked = path === '/v1/responses' ? { input: 'hi', tools: tools[what], max_output_tokens: 50 } : { messages: user('hi'), max_tokens: 50 };
    const answer = await gateway.post(path, { model, stream: shape !== 'whole', ...asked }, { key });
    return { answer, log: await gateway.requestLog(answer.headers['x-sluice-request-id']) };
  };
  // The dearest tokens of the catalogue would be more than the budget; none would be free.
  test('whose calls have no price leave the tokens theirs', async () => {
    const { answer, log } = await ask('bare', 'code', 'whole', keyOf('own'));
    assert.deepEqual([answer.status, log.cost_usd], [200, undefined], answer.text);
    assert.equal((await ask('bare', 'code', 'whole', keyOf('told'))).answer.status, 200);
    assert.equal((await ask('bare', 'code', 'whole', keyOf('told'))).answer.status, 429, 'the tokens of the first were counted');
  });

  const unpriced = { web: 'no price of web_search', files: 'no price of file_search', code: 'no price of tool_call', image: 'no price of tool_call' };
  const costs = { none: '0.005', web: '1.005', files: '6.005', code: '3.005', image: '3.005' };

  for (const shape of Object.keys(shapes)) {
    describe(shape, () => {
      for (const [what, cost] of Object.entries(costs)) {
        test(`${what}: at their price, else unknown`, async () => {
          const { answer, log } = await ask('full', what, shape);
          assert.equal(answer.status, 200, answer.text);
          assert.equal(log.cost_usd, cost, JSON.stringify(log));
          const bare = (await ask('bare', what, shape)).log;
          assert.equal(what === 'none' ? bare.cost_usd : bare.cost_unknown, unpriced[what] ?? '0.005', JSON.stringify(bare));
        });
        test(`${what}: to a client of chat`, async () => assert.equal((await ask('full', what, shape, appKey, '/v1/chat/completions')).log.cost_usd, cost));
      }
    });
  }

  test('are counted in the row', async () => {
    const { answer } = await ask('full', 'files', 'whole');
    const row = await gateway.call({ path: `/admin/v1/exchanges/${answer.headers['x-sluice-request-id']}`, key: masterKey });
    assert.equal(row.json.tries[0].usage.file_searches, 3);
    assert.equal(row.json.tries[0].usage.tool_calls, 0);
  });

  const set = (more) => worst('/v1/responses', { model: 'full', input: 'hi', max_output_tokens: 1, ...more });
  test('are set aside before, ten calls or as many as are allowed', async () => {
    assert.equal(await set({ tools: tools.files }), 20.001);
    assert.equal(await set({ tools: [...tools.code, ...tools.image] }), 60.001);
    assert.equal(await set({ tools: tools.image, max_tool_calls: 20 }), 60.001);
    assert.equal(await set({ tools: [{ type: 'shell', environment: { type: 'container_auto' } }] }), 30.001);
    assert.equal(await set({ tools: [{ type: 'shell' }, { type: 'mcp', server_label: 'x', server_url: 'https://x' }] }), 0.001);
    assert.equal(await set({ input: [...user('hi'), { type: 'additional_tools', role: 'developer', tools: tools.files }] }), 20.001);
  });
  for (const [what, item] of Object.entries({ web: 'web_search', files: 'file_search', code: 'tool_call', image: 'tool_call' })) {
    test(`${what} without a price has no bound: a budget refuses it, or takes what is known`, async () => {
      const { answer } = await ask('bare', what, 'whole', keyOf('rich'));
      assert.equal(answer.status, 403, answer.text);
      assert.equal(answer.json.error.code, 'unpriced_model');
      assert.match(answer.json.error.message, new RegExp(`none of ${item}.*price\\.${item}`));
      assert.equal((await ask('bare', what, 'whole', keyOf('high'))).answer.status, 200);
    });
  }
  test('gpt-5 searches files at the price of the catalogue', async () => {
    await sim.script('gpt-5', { strict: false, body: JSON.stringify(response(calls.files)) });
    const answer = await gateway.post('/v1/responses', { model: 'openai/gpt-5', input: 'hi', tools: tools.files, max_output_tokens: 50 }, { key: keyOf('rich') });
    assert.equal(answer.headers['x-sluice-cost-usd'], '0.0075625');  // 10 × $1.25 and 5 × $10 for a million, 3 × $2.50 for a thousand
  });
});

describe('Perplexity', () => {
  // Of its page "Pricing" and answers it shows: by hand, in billionths of a dollar.
  const told = {
    'sonar-deep-research': [{ prompt_tokens: 33, completion_tokens: 7163, total_tokens: 7196, citation_tokens: 20016, reasoning_tokens: 73997, num_search_queries: 18 },
      33 * 2000 + 7163 * 8000 + 20016 * 2000 + 73997 * 3000 + 18 * 5e6],
    'sonar': [{ prompt_tokens: 500, completion_tokens: 200, total_tokens: 700, search_context_size: 'high' }, 500 * 1000 + 200 * 1000 + 12e6],
    'sonar-pro': [{ prompt_tokens: 15, completion_tokens: 98, total_tokens: 113, search_context_size: 'low',
      cost: { input_tokens_cost: 0, output_tokens_cost: 0.001, request_cost: 0.014, total_cost: 0.015 } }, 15 * 3000 + 98 * 15000 + 14e6],
  };
  const surfaces = {
    chat: (model, stream) => ['/v1/chat/completions', { model, stream, messages: user('hi') }],
    responses: (model, stream) => ['/v1/responses', { model, stream, input: 'hi' }],
    messages: (model, stream) => ['/v1/messages', { model, stream, max_tokens: 100, messages: user('hi') }],
    gemini: (model, stream) => [`/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`, { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] }],
  };
  const chunk = (more) => `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', ...more })}\n\n`;
  const answers = (usage) => ({
    whole: { body: JSON.stringify({ id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }], usage }) },
    // Every chunk tells the usage so far, the last one all of it.
    streamed: { content_type: 'text/event-stream', body: chunk({ choices: [{ index: 0, delta: { role: 'assistant', content: 'hi' } }], usage: { prompt_tokens: usage.prompt_tokens, completion_tokens: 1, total_tokens: usage.prompt_tokens + 1 } }) +
      chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage }) + 'data: [DONE]\n\n' },
  });
  for (const [model, [usage, nanos]] of Object.entries(told)) {
    for (const [surface, asking] of Object.entries(surfaces)) {
      test(`${model} over ${surface}: what it charges, streamed as whole`, async () => {
        for (const shape of ['whole', 'streamed']) {
          await sim.script(model, { strict: false, ...answers(usage)[shape] });
          const [path, body] = asking(model, shape === 'streamed');
          const answer = await gateway.post(path, body, { headers: { 'anthropic-version': '2023-06-01' } });
          assert.equal(answer.status, 200, answer.text);
          const log = await gateway.requestLog(answer.headers['x-sluice-request-id']);
          assert.equal(Math.round(Number(log.cost_usd) * 1e9), nanos, `${shape}: ${JSON.stringify(log)}`);
        }
      });
    }
  }
  const ask = { max_tokens: 10, messages: user('hi') };
  test('a request sets the dearest fee aside, and what it is to search costs nothing more', async () => {
    const usual = await worst('/v1/chat/completions', { model: 'perplexity/sonar', ...ask });
    assert.ok(usual > 0.012 && usual < 0.0125, usual);
    assert.ok((await worst('/v1/chat/completions', { model: 'perplexity/sonar-pro', ...ask })) > 0.022);
    const searching = await worst('/v1/chat/completions', { model: 'perplexity/sonar', ...ask, web_search_options: { search_context_size: 'low' } });
    assert.ok(searching < 0.15, `the window, which is 130,000 tokens: ${searching}`);
  });
  test('nothing bounds sonar-deep-research', async () => {
    const asking = (name) => gateway.post('/v1/chat/completions', { model: 'perplexity/sonar-deep-research', ...ask }, { key: keyOf(name) });
    const refused = await asking('rich');
    assert.equal(refused.status, 403, refused.text);
    assert.match(refused.json.error.message, /nothing bounds how much this model searches.*estimate_high/);
    await sim.script('sonar-deep-research', { strict: false });
    assert.equal((await asking('high')).status, 200);
  });
});

describe('OpenRouter', () => {
  const ask = (more, name = 'rich', model = 'cheap') => gateway.post('/v1/chat/completions', { model, max_tokens: 1, messages: user('hi'), ...more }, { key: keyOf(name) });
  for (const [member, value] of Object.entries({ models: ['anthropic/claude-opus-4.7'], route: 'fallback', preset: 'mine' })) {
    for (const path of ['/v1/chat/completions', '/v1/completions']) {
      test(`${member} of ${path} would have another model answer: refused`, async () => {
        const answer = await gateway.post(path, { model: 'cheap', max_tokens: 1, ...(path.includes('chat') ? { messages: user('hi') } : { prompt: 'hi' }), [member]: value }, { key: keyOf('rich') });
        assert.equal(answer.status, 400, answer.text);
        assert.equal(answer.json.error.param, member);
        assert.match(answer.json.error.message, /neither allowed nor priced.*several deployments/);
      });
    }
  }
  test('what costs nothing passes', async () => {
    for (const more of [{ models: [] }, { provider: { order: ['x'] }, transforms: ['middle-out'], usage: { include: true } }, { plugins: [{ id: 'response-healing' }] }]) {
      await sim.script('x/cheap', { strict: false });
      const answer = await ask(more);
      assert.equal(answer.status, 200, answer.text);
    }
  });
  test('what reaches out needs a price', async () => {
    for (const more of [{ plugins: [{ id: 'web', max_results: 10 }] }, { plugins: [{ id: 'file-parser' }] }, { tools: [{ type: 'openrouter:web_search' }] }])
      assert.equal((await ask(more)).json.error.code, 'unpriced_model');
    assert.equal((await ask({}, 'rich', 'online')).json.error.code, 'unpriced_model');
    assert.equal(await worst('/v1/chat/completions', { model: 'priced', max_tokens: 1, messages: user('hi'), plugins: [{ id: 'web' }] }), 10.001);
  });
});
