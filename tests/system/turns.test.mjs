// What a model thought, with all that its provider signs, over many turns: every block comes back to the provider that made it as it was,
// whichever vendor's SDK keeps the history; and what was cut off before it was signed does not.
import assert from 'node:assert/strict';
import http from 'node:http';
import { before, describe } from 'node:test';
import { agents } from './agents.mjs';
import { frame } from './aws_frame.mjs';
import { appKey, loadSdks, masterKey, providerKey, startGateway, test } from './lib.mjs';
import { serviceAccount } from './providers.mjs';

// ---- a provider that says what it is told to, as Claude, Converse or Gemini ----

const usage = { input_tokens: 10, output_tokens: 5 };
const isCall = (block) => block.type === 'tool_use';
const stopOf = (blocks) => (blocks.some(isCall) ? 'tool_use' : 'end_turn');

function claudeEvents(blocks) {
  const events = [{ type: 'message_start', message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude', content: [], stop_reason: null, stop_sequence: null, usage } }];
  blocks.forEach((block, index) => {
    const delta = (one) => events.push({ type: 'content_block_delta', index, delta: one });
    const start = { thinking: { thinking: '', signature: '' }, tool_use: { input: {} }, text: { text: '' } }[block.type] ?? {};
    events.push({ type: 'content_block_start', index, content_block: { ...block, ...start } });
    if (block.thinking) for (const piece of block.thinking.split(/(?<= )/)) delta({ type: 'thinking_delta', thinking: piece });
    if (block.signature) delta({ type: 'signature_delta', signature: block.signature });
    if (block.text) delta({ type: 'text_delta', text: block.text });
    if (isCall(block)) delta({ type: 'input_json_delta', partial_json: JSON.stringify(block.input) });
    events.push({ type: 'content_block_stop', index });
  });
  return [...events, { type: 'message_delta', delta: { stop_reason: stopOf(blocks), stop_sequence: null }, usage }, { type: 'message_stop' }];
}

const asConverse = (block) => ({
  thinking: () => ({ reasoningContent: { reasoningText: { text: block.thinking, signature: block.signature } } }),
  redacted_thinking: () => ({ reasoningContent: { redactedContent: block.data } }),
  text: () => ({ text: block.text }),
  tool_use: () => ({ toolUse: { toolUseId: block.id, name: block.name, input: block.input } }),
}[block.type]());

function converseEvents(blocks) {
  const events = [['messageStart', { role: 'assistant' }]];
  blocks.forEach((block, contentBlockIndex) => {
    const delta = (one) => events.push(['contentBlockDelta', { contentBlockIndex, delta: one }]);
    if (isCall(block)) events.push(['contentBlockStart', { contentBlockIndex, start: { toolUse: { toolUseId: block.id, name: block.name } } }]);
    if (isCall(block)) delta({ toolUse: { input: JSON.stringify(block.input) } });
    if (block.thinking) delta({ reasoningContent: { text: block.thinking } });
    if (block.signature) delta({ reasoningContent: { signature: block.signature } });
    if (block.data) delta({ reasoningContent: { redactedContent: block.data } });
    if (block.text) delta({ text: block.text });
    events.push(['contentBlockStop', { contentBlockIndex }]);
  });
  return [...events, ['messageStop', { stopReason: stopOf(blocks) }], ['metadata', { usage: { inputTokens: 10, outputTokens: 5, totalTokens: 15 }, metrics: { latencyMs: 1 } }]];
}

const geminiAnswer = (parts, finishReason) => ({
  candidates: [{ index: 0, content: { role: 'model', parts }, ...(finishReason ? { finishReason } : {}) }], usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 }, modelVersion: 'gemini', responseId: 'r1',
});

// Scripts by model: what each turn of the model is; `cut`: a stream breaks off after so many events; `apart`: each part comes alone.
const scripts = {};
const seen = {};
const sse = (events) => events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
const writers = [
  [/\/converse$/, ({ blocks }) => ['application/json', [JSON.stringify({ output: { message: { role: 'assistant', content: blocks.map(asConverse) } }, stopReason: stopOf(blocks), usage: { inputTokens: 10, outputTokens: 5, totalTokens: 15 }, metrics: { latencyMs: 1 } })]]],
  [/\/converse-stream$/, ({ blocks }) => ['application/vnd.amazon.eventstream', converseEvents(blocks).map(([type, payload]) => frame(type, payload))]],
  [/\/invoke-with-response-stream$/, ({ blocks }) => ['application/vnd.amazon.eventstream', claudeEvents(blocks).map((event) => frame('chunk', { bytes: Buffer.from(JSON.stringify(event)).toString('base64') }))]],
  [/streamGenerateContent/, ({ parts, apart }) => ['text/event-stream', (apart ? parts.map((part, i) => geminiAnswer([part], i === parts.length - 1 && 'STOP')) : [geminiAnswer(parts, 'STOP')]).map((answer) => `data: ${JSON.stringify(answer)}\n\n`)]],
  [/generateContent/, ({ parts }) => ['application/json', [JSON.stringify(geminiAnswer(parts, 'STOP'))]]],
  [/streamRawPredict/, ({ blocks }) => ['text/event-stream', sse(claudeEvents(blocks))]],
  [/./, ({ blocks }, stream) => (stream ? ['text/event-stream', sse(claudeEvents(blocks))]
    : ['application/json', [JSON.stringify({ id: 'msg_1', type: 'message', role: 'assistant', model: 'claude', content: blocks, stop_reason: stopOf(blocks), stop_sequence: null, usage })]])],
];

const provider = http.createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
    const text = Buffer.concat(chunks).toString();
    const body = JSON.parse(text);
    const model = decodeURIComponent(/\/models?\/([^/:]+)/.exec(request.url)?.[1] ?? body.model);
    const turns = scripts[model];
    const turn = turns[Math.min((seen[model] ??= []).length, turns.length - 1)];
    seen[model].push({ url: request.url, body, text });
    const [type, pieces] = writers.find(([path]) => path.test(request.url))[1](turn, body.stream);
    response.writeHead(200, { 'content-type': type });
    for (const piece of pieces.slice(0, turn.cut)) response.write(piece);
    if (turn.cut) setTimeout(() => response.destroy(), 50);    // what was written is on its way
    else response.end();
  });
});
provider.unref();

let gateway, sdks;
before(async () => {
  sdks = await loadSdks();
  await new Promise((resolve) => { provider.listen(0, '127.0.0.1', resolve); });
  const url = `http://127.0.0.1:${provider.address().port}`;
  const base = { api_key: providerKey, base_url: url };
  gateway = await startGateway({
    master_key: masterKey, log: { level: 'warn' }, keys: [{ name: 'app', key: appKey }],
    providers: {
      anthropic: base, gemini: base, bedrock: { ...base, region: 'us-east-1' },
      vertex: { project: 'p', region: 'europe-west1', credentials_file: await serviceAccount(), base_url: `${url}/v1/projects/p/locations/europe-west1` },
    },
    models: Object.fromEntries(['anthropic', 'gemini', 'bedrock', 'vertex'].map((name) => [`${name}.*`, { deployments: [`${name}/*`], retries: 0, breaker: { consecutive: 0, failure_percent: 0 } }])),
  });
});

let placed = 0;
function place(name, family, turns) {
  const model = `${family}-${++placed}`;
  scripts[model] = turns;
  return { asked: `${name}.${model}`, requests: () => seen[model] ?? [] };
}

// ---- B1 ----

const signature = (n) => Buffer.from(`signature ${n} ÿþ/+=`.repeat(6)).toString('base64');
const call = (n, name, input) => ({ type: 'tool_use', id: `toolu_0${n}`, name, input });
const claudeTurns = [
  { blocks: [{ type: 'thinking', thinking: 'Both at "once"?\nZürich 🚀 first.', signature: signature(1) }, { type: 'redacted_thinking', data: signature(2) }, { type: 'thinking', thinking: '', signature: signature(3) },
    { type: 'text', text: 'Let me look.' }, call(1, 'get_weather', { city: 'Zürich' }), { type: 'thinking', thinking: 'And the sum.', signature: signature(4) }, call(2, 'add', { a: 1, b: 2.5 })] },
  { blocks: [{ type: 'redacted_thinking', data: signature(5) }, call(3, 'add', { a: 2, b: 3 })] },
  { blocks: [{ type: 'thinking', thinking: '', signature: signature(6) }, call(4, 'get_weather', { city: 'Bern' })] },
  { blocks: [{ type: 'thinking', thinking: 'Done.', signature: signature(7) }, { type: 'text', text: 'It is 21.5.' }] },
];
const turnsOf = ({ messages }) => messages.filter(({ role }) => role === 'assistant').map(({ content }) => content);
const apis = {
  anthropic: ['anthropic', 'claude-opus-4-5'], 'vertex-claude': ['vertex', 'claude-opus-4-5'], bedrock: ['bedrock', 'anthropic.claude-opus-4-5'],
};

describe('B1: what was thought comes back block by block, signed, redacted, empty or interleaved', () => {
  for (const [client, agent] of Object.entries(agents)) {
    for (const [api, [name, family]] of Object.entries(apis)) {
      for (const stream of [false, true]) {
        test(`${client} over ${api}${stream ? ', streamed' : ''}`, async () => {
          const { asked, requests } = place(name, family, claudeTurns);
          const answers = await agent(sdks, { url: gateway.url, key: appKey, model: asked, stream })('Go.');
          assert.equal(answers.at(-1).text, 'It is 21.5.');
          assert.equal(requests().length, claudeTurns.length);
          requests().forEach(({ url, body }, turn) => {
            const said = claudeTurns.slice(0, turn).map(({ blocks }) => (url.includes('/converse') ? blocks.map(asConverse) : blocks));
            assert.deepEqual(turnsOf(body), said, `what request ${turn + 1} holds`);
          });
        });
      }
    }
  }
});

describe('B1: what was cut off before it was signed is not sent back', () => {
  const cutTurn = { blocks: [{ type: 'thinking', thinking: 'half of a tho', signature: signature(1) }, { type: 'text', text: 'never' }], cut: 4 };
  // What each vendor's client has of such a stream, as its next request says it.
  const histories = {
    chat: (model) => ['/v1/chat/completions', { model, messages: [{ role: 'user', content: 'a' }, { role: 'assistant', content: '', reasoning_content: 'half of a tho' }, { role: 'user', content: 'b' }] }],
    responses: (model) => ['/v1/responses', { model, store: false, include: ['reasoning.encrypted_content'], input: [{ role: 'user', content: 'a' }, { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'half of a tho' }] }, { role: 'user', content: 'b' }] }],
    messages: (model) => ['/v1/messages', { model, max_tokens: 4000, thinking: { type: 'enabled', budget_tokens: 1024 }, messages: [{ role: 'user', content: 'a' }, { role: 'assistant', content: [{ type: 'thinking', thinking: 'half of a tho', signature: '' }] }, { role: 'user', content: 'b' }] }],
    'messages, with a text': (model) => ['/v1/messages', { model, max_tokens: 4000, messages: [{ role: 'user', content: 'a' }, { role: 'assistant', content: [{ type: 'thinking', thinking: 'half of a tho', signature: '' }, { type: 'text', text: 'Well' }] }, { role: 'user', content: 'b' }] }],
    gemini: (model) => [`/v1beta/models/${model}:generateContent`, { contents: [{ role: 'user', parts: [{ text: 'a' }] }, { role: 'model', parts: [{ text: 'half of a tho', thought: true }] }, { role: 'user', parts: [{ text: 'b' }] }] }],
    converse: (model) => [`/model/${model}/converse`, { messages: [{ role: 'user', content: [{ text: 'a' }] }, { role: 'assistant', content: [{ reasoningContent: { reasoningText: { text: 'half of a tho', signature: '' } } }, { text: 'Well' }] }, { role: 'user', content: [{ text: 'b' }] }] }],
  };
  for (const [client, history] of Object.entries(histories)) {
    for (const [api, [name, family]] of Object.entries(apis)) {
      test(`${client} over ${api}`, async () => {
        const { asked, requests } = place(name, family, [{ blocks: [{ type: 'text', text: 'Good.' }] }]);
        const answer = await gateway.post(...history(asked));
        assert.equal(answer.status, 200, answer.text);
        const { body, text } = requests().at(-1);
        assert.ok(!text.includes('half of a tho') && !/"signature":\s*""/.test(text), text);
        assert.ok(body.messages.every(({ content }) => content.length > 0), text);
      });
    }
  }

  // The SDK's own history of such a stream.
  for (const [api, [name, family]] of Object.entries(apis)) {
    test(`Anthropic's SDK over ${api}, after a stream that broke`, async () => {
      const { asked, requests } = place(name, family, [cutTurn, { blocks: [{ type: 'text', text: 'Good.' }] }]);
      const client = new sdks.Anthropic({ baseURL: gateway.url, apiKey: appKey, maxRetries: 0 });
      const messages = [{ role: 'user', content: 'a' }];
      const request = { model: asked, max_tokens: 4000, thinking: { type: 'enabled', budget_tokens: 1024 }, messages };
      const stream = client.messages.stream(request);
      await assert.rejects(stream.done());
      const { role, content } = stream.currentMessage;
      assert.ok(content[0].thinking.length > 0 && content[0].signature === '', JSON.stringify(content));
      messages.push({ role, content }, { role: 'user', content: 'b' });
      assert.equal((await client.messages.create(request)).content[0].text, 'Good.');
      assert.ok(!requests().at(-1).text.includes('half'), requests().at(-1).text);
    });
  }
});

// ---- B7 ----

describe('B7: a thought signature comes back on the call it stood on, through clients that keep only what their API has', () => {
  const parts = [
    { functionCall: { name: 'get_weather', args: { city: 'Zürich' } }, thoughtSignature: signature(1) },
    { functionCall: { name: 'add', args: { a: 1, b: 2.5 } } },
  ];
  const done = [{ parts: [{ text: 'Good.' }] }];
  const results = ['21.5', '3.5'];
  const names = ['get_weather', 'add'];
  const post = async (path, body) => {
    const answer = await gateway.post(path, body);
    assert.equal(answer.status, 200, answer.text);
    return answer;
  };
  const events = (answer) => answer.events.filter((data) => data !== '[DONE]').map((data) => JSON.parse(data));
  const clients = {
    async chat(model, stream) {
      const messages = [{ role: 'user', content: 'Go.' }];
      const request = () => ({ model, messages, stream, tools: names.map((name) => ({ type: 'function', function: { name, parameters: { type: 'object' } } })) });
      const answer = await post('/v1/chat/completions', request());
      const calls = [];
      if (!stream) calls.push(...answer.json.choices[0].message.tool_calls);
      for (const chunk of stream ? events(answer) : []) {
        for (const { index, ...call } of chunk.choices[0]?.delta.tool_calls ?? []) {
          calls[index] ??= { id: call.id, function: { name: call.function.name, arguments: '' } };
          calls[index].function.arguments += call.function.arguments ?? '';
        }
      }
      // The fields of the API, and no others.
      messages.push({ role: 'assistant', content: null, tool_calls: calls.map(({ id, function: { name, arguments: text } }) => ({ id, type: 'function', function: { name, arguments: text } })) });
      calls.forEach(({ id }, i) => messages.push({ role: 'tool', tool_call_id: id, content: results[i] }));
      return (await post('/v1/chat/completions', { ...request(), stream: false })).json.choices[0].message.content;
    },
    async responses(model, stream) {
      const input = [{ role: 'user', content: 'Go.' }];
      const request = () => ({ model, input, stream, store: false, tools: names.map((name) => ({ type: 'function', name, parameters: { type: 'object' }, strict: false })) });
      const answer = await post('/v1/responses', request());
      const { output } = stream ? events(answer).at(-1).response : answer.json;
      const calls = output.filter(({ type }) => type === 'function_call');
      for (const { call_id, name, arguments: text } of calls) input.push({ type: 'function_call', call_id, name, arguments: text });
      calls.forEach(({ call_id }, i) => input.push({ type: 'function_call_output', call_id, output: results[i] }));
      return (await post('/v1/responses', { ...request(), stream: false })).json.output.at(-1).content[0].text;
    },
    async anthropic(model, stream) {
      const client = new sdks.Anthropic({ baseURL: gateway.url, apiKey: appKey, maxRetries: 0 });
      const messages = [{ role: 'user', content: 'Go.' }];
      const request = { model, max_tokens: 100, messages, tools: names.map((name) => ({ name, input_schema: { type: 'object' } })) };
      const { content } = stream ? await client.messages.stream(request).finalMessage() : await client.messages.create(request);
      const calls = content.filter(isCall);
      messages.push({ role: 'assistant', content: calls.map(({ type, id, name, input }) => ({ type, id, name, input })) });
      messages.push({ role: 'user', content: calls.map(({ id }, i) => ({ type: 'tool_result', tool_use_id: id, content: results[i] })) });
      return (await client.messages.create(request)).content[0].text;
    },
    async converse(model, stream) {
      const client = new sdks.bedrock.BedrockRuntimeClient({ region: 'us-east-1', endpoint: gateway.url, maxAttempts: 1, requestHandler: new sdks.NodeHttpHandler(), credentials: { accessKeyId: appKey, secretAccessKey: 'of no use' } });
      const messages = [{ role: 'user', content: [{ text: 'Go.' }] }];
      const request = { modelId: model, messages, toolConfig: { tools: names.map((name) => ({ toolSpec: { name, inputSchema: { json: { type: 'object' } } } })) } };
      const calls = [];
      if (!stream) calls.push(...(await client.send(new sdks.bedrock.ConverseCommand(request))).output.message.content.flatMap(({ toolUse }) => toolUse ?? []));
      for await (const { contentBlockStart: start, contentBlockDelta: delta } of stream ? (await client.send(new sdks.bedrock.ConverseStreamCommand(request))).stream : []) {
        if (start?.start.toolUse) calls.push({ ...start.start.toolUse, text: '' });
        if (delta?.delta.toolUse) calls.at(-1).text += delta.delta.toolUse.input;
      }
      messages.push({ role: 'assistant', content: calls.map(({ toolUseId, name, input, text }) => ({ toolUse: { toolUseId, name, input: input ?? JSON.parse(text) } })) });
      messages.push({ role: 'user', content: calls.map(({ toolUseId }, i) => ({ toolResult: { toolUseId, content: [{ text: results[i] }] } })) });
      return (await client.send(new sdks.bedrock.ConverseCommand(request))).output.message.content[0].text;
    },
    async gemini(model, stream) {
      const contents = [{ role: 'user', parts: [{ text: 'Go.' }] }];
      const request = () => ({ contents, tools: [{ functionDeclarations: names.map((name) => ({ name })) }] });
      const answer = await post(`/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`, request());
      const said = (stream ? events(answer) : [answer.json]).flatMap(({ candidates }) => candidates[0].content?.parts ?? []);
      contents.push({ role: 'model', parts: said });
      contents.push({ role: 'user', parts: names.map((name, i) => ({ functionResponse: { name, response: { output: results[i] } } })) });
      return (await post(`/v1beta/models/${model}:generateContent`, request())).json.candidates[0].content.parts[0].text;
    },
  };
  for (const [client, talk] of Object.entries(clients)) {
    for (const name of ['gemini', 'vertex']) {
      for (const how of ['not streamed', 'streamed in one piece', 'streamed call by call']) {
        test(`${client} over ${name}, ${how}`, async () => {
          const { asked, requests } = place(name, 'gemini-3-pro', [{ parts, apart: how.endsWith('call') }, ...done]);
          assert.equal(await talk(asked, how !== 'not streamed'), 'Good.');
          const { contents } = requests().at(-1).body;
          assert.deepEqual(contents.map(({ role }) => role), ['user', 'model', 'user']);
          assert.deepEqual(contents[1].parts, parts);
          assert.deepEqual(contents[2].parts.map(({ functionResponse }) => functionResponse.name), names);
        });
      }
    }
  }
});
