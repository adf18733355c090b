// What hurt users of other gateways, on every surface: a client of each vendor's SDK over a provider of each API.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { clientNames, clientsOf } from './clients.mjs';
import { Connection, appKey, loadSdks, providerKey, startGateway, masterKey, test, waitFor } from './lib.mjs';
import { models, startProviders } from './providers.mjs';

let gateway, sim, place, sdks, clients;
before(async () => {
  sdks = await loadSdks();
  ({ gateway, sim, place } = await startProviders('sim-surfaces', {
    providers: (simulator) => ({
      deepseek: { api_key: providerKey, base_url: `${simulator.url}/v1` },
      dead: { type: 'anthropic', api_key: providerKey, base_url: 'http://127.0.0.1:1' },
    }),
    models: { 'moves-to-gemini': { deployments: ['anthropic/claude-opus-4-5-moving', 'gemini/gemini-3-pro-moving'], retries: 0 } },
  }));
  clients = clientsOf(sdks, gateway);
});

const apis = Object.keys(models);
const pairs = clientNames.flatMap((client) => apis.map((api) => ({ client, api })));
const tool = (name) => ({
  chat: { tools: [{ type: 'function', function: { name, parameters: { type: 'object' } } }] },
  responses: { tools: [{ type: 'function', name, parameters: { type: 'object' }, strict: false }] },
  anthropic: { tools: [{ name, input_schema: { type: 'object' } }] },
  gemini: { config: { tools: [{ functionDeclarations: [{ name, parametersJsonSchema: { type: 'object' } }] }] } },
  converse: { toolConfig: { tools: [{ toolSpec: { name, inputSchema: { json: { type: 'object' } } } }] } },
});
const failure = (promise) => promise.then((seen) => assert.fail(`no error, but ${JSON.stringify(seen)}`), (error) => error);
const body = async (upstream) => JSON.parse((await sim.seen(upstream)).at(-1).body);

describe('A1: a client that leaves takes its provider\'s call with it, on every surface', () => {
  const asks = {
    chat: (model, stream) => ['/v1/chat/completions', { model, stream, messages: [{ role: 'user', content: 'x' }] }],
    responses: (model, stream) => ['/v1/responses', { model, stream, input: 'x' }],
    anthropic: (model, stream) => ['/v1/messages', { model, stream, max_tokens: 100, messages: [{ role: 'user', content: 'x' }] }],
    gemini: (model, stream) => [`/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`, { contents: [{ parts: [{ text: 'x' }] }] }],
    converse: (model, stream) => [`/model/${encodeURIComponent(model)}/converse${stream ? '-stream' : ''}`, { messages: [{ role: 'user', content: [{ text: 'x' }] }] }],
  };
  for (const { client, api } of pairs) {
    for (const stream of [false, true]) {
      test(`${client} over ${api}${stream ? ', streamed' : ''}`, async () => {
        const { asked, upstream } = await place(api, `a1-${client}${stream ? '-s' : ''}`, { text: 'one two three', break: { at: stream ? 'body' : 'head', after: 1, how: 'hang' } });
        const [path, request] = asks[client](asked, stream);
        const before = (await sim.stats()).requests;
        const connection = await Connection.open(gateway);
        connection.request({ method: 'POST', path, body: JSON.stringify(request), headers: { authorization: `Bearer ${appKey}`, 'content-type': 'application/json' } });
        await waitFor('the provider to be asked', async () => (await sim.stats()).requests > before);
        if (stream) await connection.head();
        connection.destroy();
        const left = performance.now();
        await waitFor('the call to end', async () => (await sim.seen(upstream)).some((entry) => entry.outcome === 'aborted'));
        assert.ok(performance.now() - left < 250, `${performance.now() - left} ms`);
      });
    }
  }
});

describe('whole answers of another API are counted as what they are', () => {
  const requests = { '/v1/chat/completions': { messages: [{ role: 'user', content: 'x' }] }, '/v1/responses': { input: 'x' }, '/v1/messages': { max_tokens: 100, messages: [{ role: 'user', content: 'x' }] } };
  for (const [path, request] of Object.entries(requests)) {
    test(path, async () => {
      const { asked } = await place('gemini', `counted-${path.length}`, {});
      const before = await gateway.metric('sluice_requests_total', { status: '200' });
      const answer = await gateway.post(path, { ...request, model: asked });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers['x-sluice-attempts'], '1');
      await waitFor('the request to be counted', async () => await gateway.metric('sluice_requests_total', { status: '200' }) > before);
      assert.equal(await gateway.metric('sluice_requests_total', { status: '0' }), 0);
    });
  }
});

describe('A3: a stream that is cut off is an error to every client, never a complete answer', () => {
  for (const { client, api } of pairs) {
    for (const how of ['close', 'reset', 'end']) {
      test(`${client} over ${api}: ${how}`, async () => {
        const { asked } = await place(api, `a3-${client}-${how}`, { text: 'one two three four', break: { at: 'body', after: 2, how } });
        await failure(clients[client].ask(asked, true));
      });
    }
    test(`${client} over ${api}: a whole answer`, async () => {
      const { asked } = await place(api, `a3-${client}-whole`, { text: 'one two three four', break: { at: 'body', how: 'close' } });
      await failure(clients[client].ask(asked, false));
    });
  }
});

describe('A7 A9: a stream in single bytes says the same, in every script', () => {
  const text = '무엇을 도와드릴까요? 🚀é "\\" \u2028 end';
  for (const { client, api } of pairs) {
    test(`${client} over ${api}`, async () => {
      const { asked } = await place(api, `a7-${client}`, { text, chunk: 1 });
      assert.equal((await clients[client].ask(asked, true)).text, text);
    });
  }
});

describe('A10: an error inside a stream is told in the client\'s own way, with the provider\'s words', () => {
  const errors = {
    anthropic: { type: 'error', error: { type: 'overloaded_error', message: 'the backend burns' } },
    gemini: { error: { code: 503, status: 'UNAVAILABLE', message: 'the backend burns' } },
    bedrock: { __type: 'modelStreamErrorException', message: 'the backend burns' },
    cohere: undefined,
  };
  for (const { client, api } of pairs) {
    test(`${client} over ${api}`, async () => {
      const family = { 'bedrock-claude': client === 'anthropic' ? 'anthropic' : 'bedrock', vertex: 'gemini', 'vertex-claude': 'anthropic' }[api] ?? api;
      const error = family in errors ? errors[family] : { type: 'server_error', code: 'burning', message: 'the backend burns' };
      const { asked } = await place(api, `a10-${client}`, { text: 'one two three', error_after: 2, ...(error ? { error } : {}) });
      const thrown = await failure(clients[client].ask(asked, true));
      if (error) assert.match(`${thrown.message} ${JSON.stringify(thrown.error ?? '')}`, /the backend burns/);
    });
  }

  const raw = async (path, request) => (await gateway.post(path, request)).text;
  test('chat: an error object, then [DONE]', async () => {
    const { asked } = await place('anthropic', 'a10-raw', { text: 'one two', error_after: 1 });
    const events = (await raw('/v1/chat/completions', { model: asked, stream: true, messages: [{ role: 'user', content: 'x' }] })).trim().split('\n\n');
    assert.equal(events.at(-1), 'data: [DONE]');
    assert.ok(JSON.parse(events.at(-2).slice(6)).error.message);
  });
  test('messages: event: error', async () => {
    const { asked } = await place('openai', 'a10-raw', { text: 'one two', error_after: 1 });
    const events = (await raw('/v1/messages', { model: asked, stream: true, max_tokens: 9, messages: [{ role: 'user', content: 'x' }] })).trim().split('\n\n');
    assert.match(events.at(-1), /^event: error\ndata: \{"type":"error"/);
    assert.ok(!events.some((event) => event.includes('message_stop')));
  });
  test('responses: response.failed with the next sequence number', async () => {
    const { asked } = await place('anthropic', 'a10-raw-r', { text: 'one two', error_after: 1 });
    const events = (await raw('/v1/responses', { model: asked, stream: true, input: 'x' })).trim().split('\n\n').map((event) => JSON.parse(event.slice(event.indexOf('data: ') + 6)));
    assert.deepEqual(events.map((event) => event.sequence_number), events.map((_, index) => index));
    assert.equal(events.at(-1).type, 'response.failed');
    assert.equal(events.at(-1).response.status, 'failed');
  });
});

test('A14: 225 streams over all surfaces at once never mix', async () => {
  const jobs = pairs.flatMap((pair) => Array.from({ length: 5 }, (_, i) => ({ ...pair, nonce: `<${pair.client}-${pair.api}-${i}-${Math.random().toString(36).slice(2)}>` })));
  const placed = await Promise.all(jobs.map(async (job) => ({ ...job, ...await place(job.api, job.nonce.slice(1, -1), { events: 12, event_delay_ms: 5, text: 'a b c d e f g h i j k l', nonce: job.nonce }) })));
  await Promise.all(placed.map(async ({ client, asked, nonce }) => {
    const { text } = await clients[client].ask(asked, true);
    assert.equal(text.split(nonce).join(''), 'a b c d e f g h i j k l');
  }));
});

describe('B2: calls of a stream equal those of a whole answer, however the provider cuts them', () => {
  const calls = [{ name: 'get', arguments: { text: 'Zürich "x" \\ 1.50', n: [1, 2] } }, { name: 'get', arguments: {} }];
  for (const { client, api } of pairs) {
    for (const style of ['fragments', 'whole', 'with_finish', 'together']) {
      test(`${client} over ${api}: ${style}`, async () => {
        const { asked } = await place(api, `b2-${client}-${style}`, { tool_calls: calls, tool_style: style });
        const [streamed, whole] = [await clients[client].ask(asked, true, tool('get')[client]), await clients[client].ask(asked, false, tool('get')[client])];
        assert.deepEqual(streamed, whole);
        assert.deepEqual(streamed.calls, calls);
        assert.equal(streamed.finish, clients[client].finish.tool_calls);    // B4
      });
    }
  }
});

describe('B4: an answer that was cut says so', () => {
  const words = { openai: 'length', responses: 'max_output_tokens', anthropic: 'max_tokens', gemini: 'MAX_TOKENS', bedrock: 'max_tokens', cohere: 'MAX_TOKENS' };
  for (const { client, api } of pairs) {
    for (const stream of [false, true]) {
      test(`${client} over ${api}${stream ? ', streamed' : ''}`, async () => {
        const family = { vertex: 'gemini', 'vertex-claude': 'anthropic', 'bedrock-claude': 'bedrock' }[api] ?? api;
        const { asked } = await place(api, `b4-${client}${stream ? '-s' : ''}`, { text: 'cut', finish_reason: words[family] });
        assert.equal((await clients[client].ask(asked, stream)).finish, clients[client].finish.length);
      });
    }
  }
});

describe('B5: results of parallel calls stand together, in the order of the calls', () => {
  const history = {
    messages: [
      { role: 'user', content: 'go' },
      { role: 'assistant', content: null, tool_calls: ['a', 'b', 'c'].map((id) => ({ id, type: 'function', function: { name: 'get', arguments: '{}' } })) },
      ...['a', 'b', 'c'].map((id) => ({ role: 'tool', tool_call_id: id, content: `result ${id}` })),
      { role: 'user', content: 'and now?' },
    ],
    ...tool('get').chat,
  };
  const results = {
    anthropic: ({ messages }) => messages[2].content.map((block) => block.content ?? block.text),
    bedrock: ({ messages }) => messages[2].content.map((block) => (block.toolResult ? block.toolResult.content[0].text : block.text)),
    gemini: ({ contents }) => contents[2].parts.map((part) => (part.functionResponse ? Object.values(part.functionResponse.response)[0] : part.text)),
  };
  for (const [api, of] of Object.entries(results)) {
    test(api, async () => {
      const { asked, upstream } = await place(api === 'gemini' ? 'gemini' : api, 'b5', {});
      const answer = await gateway.post('/v1/chat/completions', { ...history, model: asked });
      assert.equal(answer.status, 200, answer.text);
      const said = of(await body(upstream)).map((content) => (Array.isArray(content) ? content[0].text : content));
      assert.deepEqual(said.slice(0, 3), ['result a', 'result b', 'result c']);
    });
  }
});

describe('B6: breakpoints of the cache keep their place and time to live', () => {
  const mark = (ttl) => ({ cache_control: { type: 'ephemeral', ...(ttl ? { ttl } : {}) } });
  const request = {
    max_tokens: 100,
    system: [{ type: 'text', text: 'Long instructions.', ...mark('1h') }],
    tools: [{ name: 'get', input_schema: { type: 'object' }, ...mark('1h') }],
    messages: [
      { role: 'user', content: 'an old message that is a plain text' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'get', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'r' }, { type: 'text', text: 'go on', ...mark() }] },
    ],
  };
  test('to Bedrock', async () => {
    const { asked, upstream } = await place('bedrock', 'b6', {});
    const answer = await gateway.post('/v1/messages', { ...request, model: asked });
    assert.equal(answer.status, 200, answer.text);
    const sent = await body(upstream);
    assert.deepEqual(sent.system, [{ text: 'Long instructions.' }, { cachePoint: { type: 'default', ttl: '1h' } }]);
    assert.deepEqual(sent.toolConfig.tools.at(-1), { cachePoint: { type: 'default', ttl: '1h' } });
    assert.deepEqual(sent.messages.at(-1).content.at(-1), { cachePoint: { type: 'default' } });
  });
  for (const [api, key] of [['vertex-claude', 'anthropic'], ['bedrock-claude', 'anthropic']]) {
    test(`to ${api}, where they are the API's own`, async () => {
      const { asked, upstream } = await place(api, 'b6', {});
      const answer = await gateway.post('/v1/messages', { ...request, model: asked });
      assert.equal(answer.status, 200, answer.text);
      const { system, tools, messages } = await body(upstream);
      assert.deepEqual({ system, tools, messages }, { system: request.system, tools: request.tools, messages: request.messages }, key);
    });
  }
});

describe('B8: DeepSeek gets reasoning_content back, a plain OpenAI provider does not', () => {
  const messages = [
    { role: 'user', content: 'go' },
    { role: 'assistant', content: null, reasoning_content: 'Hm.', tool_calls: [{ id: 'a', type: 'function', function: { name: 'get', arguments: '{}' } }] },
    { role: 'tool', tool_call_id: 'a', content: 'r' },
  ];
  test('chat to DeepSeek', async () => {
    await gateway.post('/v1/chat/completions', { model: 'deepseek/deepseek-chat', messages, ...tool('get').chat });
    assert.equal((await body('deepseek-chat')).messages[1].reasoning_content, 'Hm.');
    await gateway.post('/v1/chat/completions', { model: 'deepseek/deepseek-chat', messages: messages.map(({ reasoning_content: _, ...message }) => message), ...tool('get').chat });
    assert.equal((await body('deepseek-chat')).messages[1].reasoning_content, '');
  });
  test('messages to DeepSeek: what is not known is empty', async () => {
    const answer = await gateway.post('/v1/messages', {
      model: 'deepseek/deepseek-chat', max_tokens: 9, tools: tool('get').anthropic.tools,
      messages: [{ role: 'user', content: 'go' }, { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'get', input: {} }] }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'r' }] }],
    });
    assert.equal(answer.status, 200, answer.text);
    assert.equal((await body('deepseek-chat')).messages[1].reasoning_content, '');
  });
});

describe('B9: images in results of tools arrive', () => {
  const data = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data } };
  const messages = [
    { role: 'user', content: 'go' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'get', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'text', text: 'look' }, image] }] },
  ];
  for (const api of ['openai', 'responses', 'gemini', 'vertex', 'bedrock', 'vertex-claude', 'bedrock-claude']) {
    test(`messages to ${api}`, async () => {
      const { asked, upstream } = await place(api, 'b9', {});
      const answer = await gateway.post('/v1/messages', { model: asked, max_tokens: 100, tools: tool('get').anthropic.tools, messages });
      assert.equal(answer.status, 200, answer.text);
      const sent = JSON.stringify(await body(upstream));
      assert.ok(sent.includes(data), sent);
      assert.match(sent, /image\/png|"format":"png"/);
    });
  }
});

describe('B12: schemas of answers reach the provider\'s own field', () => {
  const schema = {
    type: 'object', additionalProperties: false, required: ['name', 'child'],
    properties: { name: { type: 'string' }, child: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } },
    $defs: { node: { type: 'object', additionalProperties: false, required: ['id'], properties: { id: { type: 'integer' } } } },
  };
  const where = {
    responses: (sent) => sent.text.format.schema,
    anthropic: (sent) => sent.output_config.format.schema,
    gemini: (sent) => sent.generationConfig.responseJsonSchema,
    bedrock: (sent) => JSON.parse(sent.outputConfig.textFormat.structure.jsonSchema.schema),
    cohere: (sent) => sent.response_format.json_schema ?? sent.response_format.schema,
  };
  for (const [api, find] of Object.entries(where)) {
    test(`chat to ${api}`, async () => {
      const { asked, upstream } = await place(api, 'b12', { text: '{"name":"a","child":null}' });
      const answer = await gateway.post('/v1/chat/completions', { model: asked, messages: [{ role: 'user', content: 'json' }], response_format: { type: 'json_schema', json_schema: { name: 'tree', strict: true, schema } } });
      if (answer.status === 400) {
        assert.match(answer.json.error.param, /response_format/);
        assert.equal((await sim.seen(upstream)).length, 0, 'it was refused here');
        return;
      }
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(find(await body(upstream)), schema);
    });
  }
});

describe('B17: system prompts at the top and between turns both reach the model, in their order', () => {
  for (const api of apis) {
    test(`chat to ${api}`, async () => {
      const { asked, upstream } = await place(api, 'b17', {});
      const answer = await gateway.post('/v1/chat/completions', {
        model: asked, messages: [{ role: 'system', content: 'FIRST' }, { role: 'user', content: 'SECOND' }, { role: 'assistant', content: 'THIRD' }, { role: 'system', content: 'FOURTH' }, { role: 'user', content: 'FIFTH' }],
      });
      assert.equal(answer.status, 200, answer.text);
      const sent = JSON.stringify(await body(upstream));
      const at = ['FIRST', 'SECOND', 'THIRD', 'FOURTH', 'FIFTH'].map((word) => sent.indexOf(word));
      assert.ok(at.every((place) => place >= 0), sent);
      const turns = at.slice(1);
      if (!['gemini', 'vertex'].includes(api)) assert.deepEqual(turns, turns.toSorted((a, b) => a - b), sent);
    });
  }
});

test('B21: the same request has the same bytes every time, at every gateway', async () => {
  const other = await startGateway({
    master_key: masterKey, log: { level: 'warn' }, keys: [{ name: 'app', key: appKey }],
    providers: { anthropic: { api_key: providerKey, base_url: sim.url }, gemini: { api_key: providerKey, base_url: sim.url }, bedrock: { api_key: providerKey, region: 'us-east-1', base_url: sim.url } },
    models: Object.fromEntries(['anthropic', 'gemini', 'bedrock'].map((api) => [`${api}.*`, { deployments: [`${api}/*`], retries: 0 }])),
  });
  for (const api of ['anthropic', 'gemini', 'bedrock']) {
    const { asked, upstream } = await place(api, 'b21', {});
    const request = {
      model: asked, reasoning_effort: 'low', temperature: 1, messages: [{ role: 'system', content: 'S' }, { role: 'user', content: 'go' }, { role: 'assistant', content: null, tool_calls: [{ id: 'a', type: 'function', function: { name: 'get', arguments: '{"b":1,"a":2}' } }] }, { role: 'tool', tool_call_id: 'a', content: 'r' }],
      tools: ['zeta', 'get', 'alpha'].flatMap((name) => tool(name).chat.tools),
    };
    await Promise.all(Array.from({ length: 100 }, (_, i) => (i % 2 ? gateway : other).post('/v1/chat/completions', request)));
    const sent = new Set((await sim.seen(upstream)).map((entry) => entry.body));
    assert.equal(sent.size, 1, [...sent].join('\n'));
  }
});

describe('C2: cached tokens are counted once, in every API\'s way of counting', () => {
  // 100 tokens of a prompt, of which 60 were read from the cache; 7 of an answer.
  const usages = {
    openai: { prompt_tokens: 100, completion_tokens: 7, total_tokens: 107, prompt_tokens_details: { cached_tokens: 60 } },
    responses: { input_tokens: 100, output_tokens: 7, total_tokens: 107, input_tokens_details: { cached_tokens: 60 }, output_tokens_details: { reasoning_tokens: 0 } },
    anthropic: { input_tokens: 40, cache_read_input_tokens: 60, cache_creation_input_tokens: 0, output_tokens: 7 },
    gemini: { promptTokenCount: 100, cachedContentTokenCount: 60, candidatesTokenCount: 7, totalTokenCount: 107 },
    bedrock: { inputTokens: 40, cacheReadInputTokens: 60, cacheWriteInputTokens: 0, outputTokens: 7, totalTokens: 107 },
  };
  const said = 'one two three';
  const ask = {
    async chat(model, stream) {
      const client = new sdks.OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: appKey, maxRetries: 0 });
      const request = { model, messages: [{ role: 'user', content: 'x' }] };
      let usage;
      if (stream) for await (const chunk of await client.chat.completions.create({ ...request, stream: true, stream_options: { include_usage: true } })) usage = chunk.usage ?? usage;
      else ({ usage } = await client.chat.completions.create(request));
      return [usage.prompt_tokens, usage.prompt_tokens_details.cached_tokens, usage.completion_tokens];
    },
    async responses(model, stream) {
      const client = new sdks.OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: appKey, maxRetries: 0 });
      const { usage } = stream ? await client.responses.stream({ model, input: 'x' }).finalResponse() : await client.responses.create({ model, input: 'x' });
      return [usage.input_tokens, usage.input_tokens_details.cached_tokens, usage.output_tokens];
    },
    async anthropic(model, stream) {
      const client = new sdks.Anthropic({ baseURL: gateway.url, apiKey: appKey, maxRetries: 0 });
      const request = { model, max_tokens: 100, messages: [{ role: 'user', content: 'x' }] };
      const { usage } = stream ? await client.messages.stream(request).finalMessage() : await client.messages.create(request);
      return [usage.input_tokens + usage.cache_read_input_tokens, usage.cache_read_input_tokens, usage.output_tokens];
    },
    async gemini(model, stream) {
      const client = new sdks.GoogleGenAI({ apiKey: appKey, httpOptions: { baseUrl: gateway.url } });
      let usage;
      if (stream) for await (const chunk of await client.models.generateContentStream({ model, contents: 'x' })) usage = chunk.usageMetadata ?? usage;
      else usage = (await client.models.generateContent({ model, contents: 'x' })).usageMetadata;
      return [usage.promptTokenCount, usage.cachedContentTokenCount, usage.candidatesTokenCount];
    },
    async converse(model, stream) {
      const client = new sdks.bedrock.BedrockRuntimeClient({ region: 'us-east-1', endpoint: gateway.url, maxAttempts: 1, requestHandler: new sdks.NodeHttpHandler(), credentials: { accessKeyId: appKey, secretAccessKey: 'of no use' } });
      const request = { modelId: model, messages: [{ role: 'user', content: [{ text: 'x' }] }] };
      let usage;
      if (stream) for await (const event of (await client.send(new sdks.bedrock.ConverseStreamCommand(request))).stream) usage = event.metadata?.usage ?? usage;
      else ({ usage } = await client.send(new sdks.bedrock.ConverseCommand(request)));
      return [usage.inputTokens + (usage.cacheReadInputTokens ?? 0), usage.cacheReadInputTokens, usage.outputTokens];
    },
  };
  for (const client of clientNames) {
    for (const [api, usage] of Object.entries(usages)) {
      for (const stream of [false, true]) {
        test(`${client} over ${api}${stream ? ', streamed' : ''}`, async () => {
          const { asked } = await place(api, `c2-${client}${stream ? '-s' : ''}`, { text: said, usage });
          assert.deepEqual(await ask[client](asked, stream), [100, 60, 7]);
        });
      }
    }
  }
});

describe('E8: state of a provider that is down is left out where the request goes instead, and that is told', () => {
  for (const stream of [false, true]) {
    test(stream ? 'streamed' : 'not streamed', async () => {
      await sim.script('claude-opus-4-5-moving', { sequence: [{ reasoning: 'Hm.', tool_calls: [{ name: 'get', arguments: {} }] }, { status: 529 }] });
      await sim.script('gemini-3-pro-moving', { text: 'Done.' });
      const client = new sdks.Anthropic({ baseURL: gateway.url, apiKey: appKey, maxRetries: 0 });
      const request = { model: 'moves-to-gemini', max_tokens: 4000, thinking: { type: 'enabled', budget_tokens: 1024 }, tools: tool('get').anthropic.tools, messages: [{ role: 'user', content: 'go' }] };
      const ask = async () => {
        const call = stream ? client.messages.stream(request).withResponse() : client.messages.create(request).withResponse();
        const { data, response } = await call;
        return { message: stream ? await data.finalMessage() : data, headers: response.headers };
      };
      const first = await ask();
      assert.equal(first.headers.get('x-sluice-provider'), 'anthropic');
      request.messages.push({ role: 'assistant', content: first.message.content });
      request.messages.push({ role: 'user', content: [{ type: 'tool_result', tool_use_id: first.message.content.at(-1).id, content: 'r' }] });
      const second = await ask();
      assert.equal(second.message.content.at(-1).text, 'Done.');
      assert.equal(second.headers.get('x-sluice-provider'), 'gemini');
      assert.match(second.headers.get('x-sluice-dropped') ?? '', /reasoning state/);
      await waitFor('the simulator to be idle', async () => (await sim.stats()).in_flight === 0);
    });
  }
});
