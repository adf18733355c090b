// Where things stand in a request and an answer of another API: breakpoints of caches, images in results, results beside texts, schemas, and
// the halves of characters.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { clientNames, clientsOf } from './clients.mjs';
import { loadSdks, test } from './lib.mjs';
import { models, startProviders } from './providers.mjs';

let gateway, sim, place, clients;
before(async () => {
  ({ gateway, sim, place } = await startProviders('sim-places'));
  clients = clientsOf(await loadSdks(), gateway);
});

const headers = { 'anthropic-version': '2023-06-01' };
const bodies = async (upstream) => (await sim.seen(upstream)).map(({ body }) => body);
async function sent(path, request, upstream) {
  const answer = await gateway.post(path, request, { headers });
  assert.equal(answer.status, 200, answer.text);
  return (await bodies(upstream)).at(-1);
}
// A byte changes nowhere but where the history ended.
function assertGrown(earlier, now) {
  let at = 0;
  while (at < earlier.length && earlier[at] === now[at]) ++at;
  assert.equal(`${earlier[at]}${now[at]}`, '],', `they differ at: ${earlier.slice(at - 80, at + 40)} | ${now.slice(at - 80, at + 40)}`);
}

const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const link = 'https://example.com/picture.png';

// ---- B6 ----

const marked = ['system', 'tool', 'text', 'image', 'result'];
// A conversation of each API that can mark a prefix, with a mark at one place; an old message is a plain text.
const conversations = {
  messages: (model, at, ttl) => {
    const mark = (name) => (name === at ? { cache_control: { type: 'ephemeral', ...(ttl ? { ttl } : {}) } } : {});
    return ['/v1/messages', {
      model, max_tokens: 100,
      system: [{ type: 'text', text: 'Long instructions.', ...mark('system') }],
      tools: [{ name: 'get', input_schema: { type: 'object' }, ...mark('tool') }],
      messages: [
        { role: 'user', content: 'an old message that is a plain text' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'get', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'r', ...mark('result') }] },
        { role: 'assistant', content: 'Seen.' },
        { role: 'user', content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: png }, ...mark('image') }, { type: 'text', text: 'go on', ...mark('text') }] },
      ],
    }];
  },
  chat: (model, at, ttl) => {
    const mark = (name) => (name === at ? { cache_control: { type: 'ephemeral', ...(ttl ? { ttl } : {}) } } : {});
    return ['/v1/chat/completions', {
      model, max_completion_tokens: 100,
      tools: [{ type: 'function', function: { name: 'get', parameters: { type: 'object' } }, ...mark('tool') }],
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Long instructions.', ...mark('system') }] },
        { role: 'user', content: 'an old message that is a plain text' },
        { role: 'assistant', content: null, tool_calls: [{ id: 'toolu_1', type: 'function', function: { name: 'get', arguments: '{}' } }] },
        { role: 'tool', tool_call_id: 'toolu_1', content: [{ type: 'text', text: 'r', ...mark('result') }] },
        { role: 'assistant', content: 'Seen.' },
        { role: 'user', content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${png}` }, ...mark('image') }, { type: 'text', text: 'go on', ...mark('text') }] },
      ],
    }];
  },
  converse: (model, at, ttl) => {
    const mark = (name) => (name === at ? [{ cachePoint: { type: 'default', ...(ttl ? { ttl } : {}) } }] : []);
    return [`/model/${encodeURIComponent(model)}/converse`, {
      system: [{ text: 'Long instructions.' }, ...mark('system')],
      toolConfig: { tools: [{ toolSpec: { name: 'get', inputSchema: { json: { type: 'object' } } } }, ...mark('tool')] },
      messages: [
        { role: 'user', content: [{ text: 'an old message that is a plain text' }] },
        { role: 'assistant', content: [{ toolUse: { toolUseId: 'toolu_1', name: 'get', input: {} } }] },
        { role: 'user', content: [{ toolResult: { toolUseId: 'toolu_1', content: [{ text: 'r' }] } }, ...mark('result')] },
        { role: 'assistant', content: [{ text: 'Seen.' }] },
        { role: 'user', content: [{ image: { format: 'png', source: { bytes: png } } }, ...mark('image'), { text: 'go on' }, ...mark('text')] },
      ],
    }];
  },
};
const turn = {
  messages: [{ role: 'assistant', content: 'Next.' }, { role: 'user', content: 'more' }],
  chat: [{ role: 'assistant', content: 'Next.' }, { role: 'user', content: 'more' }],
  converse: [{ role: 'assistant', content: [{ text: 'Next.' }] }, { role: 'user', content: [{ text: 'more' }] }],
};
// The marks of a request to a provider: [what bears it, its time to live].
const claudes = ({ system = [], tools = [], messages }) => {
  const blocks = messages.flatMap(({ content }) => (Array.isArray(content) ? content : []));
  const inner = blocks.flatMap((block) => (Array.isArray(block.content) ? block.content.map((one) => ({ ...one, type: 'inner' })) : []));
  const names = { text: 'text', image: 'image', tool_result: 'result' };
  return [...(Array.isArray(system) ? system : []).map((one) => ['system', one]), ...tools.map((one) => ['tool', one]), ...blocks.concat(inner).map((one) => [names[one.type] ?? one.type, one])]
    .filter(([, one]) => one.cache_control).map(([name, one]) => [name, one.cache_control.ttl ?? '5m']);
};
const converses = ({ system = [], toolConfig, messages }) => [system, toolConfig?.tools ?? [], ...messages.map(({ content }) => content)].flatMap((list, i) => list.flatMap((one, at) => {
  if (!one.cachePoint) return [];
  const [bearer] = Object.keys(list[at - 1]);
  return [[i === 0 ? 'system' : { toolSpec: 'tool', toolResult: 'result' }[bearer] ?? bearer, one.cachePoint.ttl ?? '5m']];
}));
const takers = { anthropic: claudes, 'vertex-claude': claudes, bedrock: converses, 'bedrock-claude': (body) => (body.anthropic_version ? claudes : converses)(body) };

describe('B6: a breakpoint stands where the client put it, and the prefix stays as it was', () => {
  for (const [client, conversation] of Object.entries(conversations)) {
    for (const [api, marks] of Object.entries(takers)) {
      for (const at of marked) {
        for (const ttl of [undefined, '1h']) {
          test(`${client} to ${api}: ${at}${ttl ? `, ${ttl}` : ''}`, async () => {
            const { asked, upstream } = await place(api, `b6-${client}-${at}${ttl ?? ''}`, {});
            const [path, request] = conversation(asked, at, ttl);
            const first = await sent(path, request, upstream);
            assert.deepEqual(marks(JSON.parse(first)), [[at, ttl ?? '5m']]);
            const second = await sent(path, { ...request, messages: [...request.messages, ...turn[client]] }, upstream);
            assertGrown(first, second);
          });
        }
      }
    }
  }
});

// ---- B9 ----

describe('B9: images in results of tools, as bytes and by their addresses', () => {
  const histories = {
    messages: (model) => ['/v1/messages', {
      model, max_tokens: 100, tools: [{ name: 'get', input_schema: { type: 'object' } }],
      messages: [
        { role: 'user', content: 'go' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'get', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: [
          { type: 'text', text: 'look' }, { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } }, { type: 'image', source: { type: 'url', url: link } }] }] },
      ],
    }],
    responses: (model) => ['/v1/responses', {
      model, tools: [{ type: 'function', name: 'get', parameters: { type: 'object' }, strict: false }],
      input: [
        { role: 'user', content: 'go' },
        { type: 'function_call', call_id: 'toolu_1', name: 'get', arguments: '{}' },
        { type: 'function_call_output', call_id: 'toolu_1', output: [
          { type: 'input_text', text: 'look' }, { type: 'input_image', image_url: `data:image/png;base64,${png}` }, { type: 'input_image', image_url: link }] },
      ],
    }],
  };
  // Converse and Gemini take bytes, and addresses in their own stores only.
  const takesLinks = ['openai', 'responses', 'anthropic', 'vertex-claude'];
  for (const [client, history] of Object.entries(histories)) {
    for (const api of Object.keys(models)) {
      test(`${client} to ${api}`, async () => {
        const { asked, upstream } = await place(api, `b9-${client}`, {});
        const [path, request] = history(asked);
        const answer = await gateway.post(path, request, { headers });
        const seen = await bodies(upstream);
        if (answer.status === 400) {
          assert.ok(!takesLinks.includes(api), answer.text);
          assert.match(answer.text, /image/);
          assert.equal(seen.length, 0, 'it was refused here');
          return;
        }
        assert.equal(answer.status, 200, answer.text);
        assert.ok(seen[0].includes(png), seen[0]);
        assert.match(seen[0], /image\/png|"format":"png"/);
        assert.ok(seen[0].includes(link), seen[0]);
        assert.ok(seen[0].indexOf('look') < seen[0].indexOf(png) && seen[0].indexOf(png) < seen[0].indexOf(link), 'in their order');
      });
    }
  }
});

describe('B9: documents in results of tools keep their titles and where they are from', () => {
  const messages = [
    { role: 'user', content: 'go' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'get', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: [
      { type: 'search_result', source: 'https://example.com/found', title: 'FOUND', content: [{ type: 'text', text: 'words found' }] },
      { type: 'document', title: 'DOCUMENT', context: 'CONTEXT', source: { type: 'text', media_type: 'text/plain', data: 'words of it' } }] }] },
  ];
  for (const api of Object.keys(models)) {
    test(`messages to ${api}`, async () => {
      const { asked, upstream } = await place(api, 'b9-documents', {});
      const body = await sent('/v1/messages', { model: asked, max_tokens: 100, tools: [{ name: 'get', input_schema: { type: 'object' } }], messages }, upstream);
      for (const word of ['FOUND', 'example.com/found', 'words found', 'DOCUMENT', 'CONTEXT', 'words of it']) assert.ok(body.includes(word), `${word}: ${body}`);
    });
  }
});

// ---- B5 ----

describe('B5: what the user says behind results is not moved before them', () => {
  const calls = ['a', 'b', 'c'];
  const histories = {
    chat: (model) => ['/v1/chat/completions', {
      model, tools: [{ type: 'function', function: { name: 'get', parameters: { type: 'object' } } }],
      messages: [
        { role: 'user', content: 'go' },
        { role: 'assistant', content: null, tool_calls: calls.map((id) => ({ id, type: 'function', function: { name: 'get', arguments: '{}' } })) },
        ...calls.map((id) => ({ role: 'tool', tool_call_id: id, content: `result ${id}` })),
        { role: 'user', content: 'and now?' },
      ],
    }],
    responses: (model) => ['/v1/responses', {
      model, tools: [{ type: 'function', name: 'get', parameters: { type: 'object' }, strict: false }],
      input: [
        { role: 'user', content: 'go' },
        ...calls.map((call_id) => ({ type: 'function_call', call_id, name: 'get', arguments: '{}' })),
        ...calls.map((call_id) => ({ type: 'function_call_output', call_id, output: `result ${call_id}` })),
        { role: 'user', content: 'and now?' },
      ],
    }],
    messages: (model) => ['/v1/messages', {
      model, max_tokens: 100, tools: [{ name: 'get', input_schema: { type: 'object' } }],
      messages: [
        { role: 'user', content: 'go' },
        { role: 'assistant', content: calls.map((id) => ({ type: 'tool_use', id: `toolu_${id}`, name: 'get', input: {} })) },
        { role: 'user', content: [...calls.map((id) => ({ type: 'tool_result', tool_use_id: `toolu_${id}`, content: `result ${id}` })), { type: 'text', text: 'and now?' }] },
      ],
    }],
    gemini: (model) => [`/v1beta/models/${model}:generateContent`, {
      tools: [{ functionDeclarations: [{ name: 'get' }] }],
      contents: [
        { role: 'user', parts: [{ text: 'go' }] },
        { role: 'model', parts: calls.map((id, i) => ({ functionCall: { id, name: 'get', args: {} }, ...(i === 0 ? { thoughtSignature: 'c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=' } : {}) })) },
        { role: 'user', parts: calls.map((id) => ({ functionResponse: { id, name: 'get', response: { output: `result ${id}` } } })) },
        { role: 'user', parts: [{ text: 'and now?' }] },
      ],
    }],
    converse: (model) => [`/model/${encodeURIComponent(model)}/converse`, {
      toolConfig: { tools: [{ toolSpec: { name: 'get', inputSchema: { json: { type: 'object' } } } }] },
      messages: [
        { role: 'user', content: [{ text: 'go' }] },
        { role: 'assistant', content: calls.map((toolUseId) => ({ toolUse: { toolUseId, name: 'get', input: {} } })) },
        { role: 'user', content: [...calls.map((toolUseId) => ({ toolResult: { toolUseId, content: [{ text: `result ${toolUseId}` }] } })), { text: 'and now?' }] },
      ],
    }],
  };
  const inOrder = ['result a', 'result b', 'result c', 'and now?'];
  for (const [client, history] of Object.entries(histories)) {
    for (const api of Object.keys(models)) {
      test(`${client} to ${api}`, async () => {
        const { asked, upstream } = await place(api, `b5-${client}`, {});
        const [path, request] = history(asked);
        const body = await sent(path, request, upstream);
        const at = inOrder.map((word) => body.indexOf(word));
        assert.ok(at.every((found, i) => found > (at[i - 1] ?? 0)), body);
        const roles = (JSON.parse(body).messages ?? JSON.parse(body).contents ?? []).map(({ role }) => role);
        const alternates = ['anthropic', 'bedrock', 'bedrock-claude', 'vertex-claude'].includes(api);
        if (alternates) assert.deepEqual(roles, ['user', 'assistant', 'user'], body);
      });
    }
  }
});

// ---- B4 ----

describe('B4: why an answer ended, in every way that providers tell it', () => {
  const chunk = (parts, more = {}) => `data: ${JSON.stringify({ candidates: [{ content: { role: 'model', parts }, index: 0, ...more }], usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 3, totalTokenCount: 8 }, modelVersion: 'gemini-3-pro', responseId: 'r1' })}\n\n`;
  const call = { functionCall: { name: 'get', args: { a: 1 } }, thoughtSignature: 'c2ln' };
  const streams = {
    'the call, then STOP with an empty text': chunk([call]) + chunk([{ text: '' }], { finishReason: 'STOP' }),
    'the call, then STOP without parts': chunk([call]) + chunk([], { finishReason: 'STOP' }),
    'the call with STOP': chunk([call], { finishReason: 'STOP' }),
  };
  const tools = {
    chat: { tools: [{ type: 'function', function: { name: 'get', parameters: { type: 'object' } } }] },
    responses: { tools: [{ type: 'function', name: 'get', parameters: { type: 'object' }, strict: false }] },
    anthropic: { tools: [{ name: 'get', input_schema: { type: 'object' } }] },
    gemini: { config: { tools: [{ functionDeclarations: [{ name: 'get', parametersJsonSchema: { type: 'object' } }] }] } },
    converse: { toolConfig: { tools: [{ toolSpec: { name: 'get', inputSchema: { json: { type: 'object' } } } }] } },
  };
  for (const client of clientNames) {
    for (const [what, sse] of Object.entries(streams)) {
      test(`Gemini to ${client}: ${what}`, async () => {
        const { asked } = await place('gemini', `b4-${client}-${what.length}`, { sse });
        const seen = await clients[client].ask(asked, true, tools[client]);
        assert.deepEqual(seen.calls, [{ name: 'get', arguments: { a: 1 } }]);
        assert.equal(seen.finish, clients[client].finish.tool_calls);
      });
    }
  }
  for (const api of Object.keys(models)) {
    test(`chat over ${api}: chunks before the last say finish_reason null`, async () => {
      const { asked } = await place(api, 'b4-null', { text: 'one two three' });
      const answer = await gateway.post('/v1/chat/completions', { model: asked, stream: true, messages: [{ role: 'user', content: 'x' }] });
      const reasons = answer.events.filter((data) => data !== '[DONE]').map((data) => JSON.parse(data)).filter(({ choices }) => choices.length > 0).map(({ choices: [choice] }) => ('finish_reason' in choice ? choice.finish_reason : 'absent'));
      assert.ok(reasons.length > 3, answer.text);
      assert.deepEqual(reasons, [...reasons.slice(1).map(() => null), 'stop'], answer.text);
    });
  }
});

describe('B4: a call that was cut off comes back, and the conversation goes on', () => {
  const cut = '{"path": "/tm';
  const histories = {
    chat: (model) => ['/v1/chat/completions', {
      model, tools: [{ type: 'function', function: { name: 'get', parameters: { type: 'object' } } }],
      messages: [{ role: 'user', content: 'go' }, { role: 'assistant', content: null, tool_calls: [{ id: 'a', type: 'function', function: { name: 'get', arguments: cut } }] }, { role: 'tool', tool_call_id: 'a', content: 'these arguments are cut off' }],
    }],
    responses: (model) => ['/v1/responses', {
      model, tools: [{ type: 'function', name: 'get', parameters: { type: 'object' }, strict: false }],
      input: [{ role: 'user', content: 'go' }, { type: 'function_call', call_id: 'a', name: 'get', arguments: cut }, { type: 'function_call_output', call_id: 'a', output: 'these arguments are cut off' }],
    }],
  };
  for (const [client, history] of Object.entries(histories)) {
    for (const api of Object.keys(models)) {
      if (api === { chat: 'openai', responses: 'responses' }[client]) continue;
      test(`${client} to ${api}`, async () => {
        const { asked, upstream } = await place(api, `b4-cut-${client}`, {});
        const body = await sent(...history(asked), upstream);
        assert.ok(body.includes('/tm') && body.includes('_raw'), body);
      });
    }
  }
});

// ---- B12 ----

describe('B12: a schema that refers to itself, may be null and has variants', () => {
  const schema = {
    type: 'object', additionalProperties: false, required: ['root', 'note', 'either'],
    properties: {
      root: { $ref: '#/$defs/node' }, note: { type: ['string', 'null'] },
      either: { anyOf: [{ type: 'object', additionalProperties: false, required: ['a'], properties: { a: { type: 'integer' } } }, { type: 'null' }] },
    },
    $defs: { node: { type: 'object', additionalProperties: false, required: ['id', 'children'], properties: { id: { type: 'integer' }, children: { type: 'array', items: { $ref: '#/$defs/node' } } } } },
  };
  const where = {
    openai: (body) => body.response_format.json_schema.schema,
    responses: (body) => body.text.format.schema,
    anthropic: (body) => body.output_config.format.schema,
    'vertex-claude': (body) => body.output_config.format.schema,
    gemini: (body) => body.generationConfig.responseJsonSchema,
    vertex: (body) => body.generationConfig.responseJsonSchema,
    bedrock: (body) => JSON.parse(body.outputConfig.textFormat.structure.jsonSchema.schema),
    'bedrock-claude': (body) => (body.output_config ? body.output_config.format.schema : JSON.parse(body.outputConfig.textFormat.structure.jsonSchema.schema)),
    cohere: (body) => body.response_format.json_schema ?? body.response_format.schema,
  };
  const asks = {
    chat: (model) => ['/v1/chat/completions', { model, messages: [{ role: 'user', content: 'json' }], response_format: { type: 'json_schema', json_schema: { name: 'tree', strict: true, schema } } }],
    responses: (model) => ['/v1/responses', { model, input: 'json', text: { format: { type: 'json_schema', name: 'tree', strict: true, schema } } }],
    messages: (model) => ['/v1/messages', { model, max_tokens: 100, messages: [{ role: 'user', content: 'json' }], output_config: { format: { type: 'json_schema', schema } } }],
    gemini: (model) => [`/v1beta/models/${model}:generateContent`, { contents: [{ role: 'user', parts: [{ text: 'json' }] }], generationConfig: { responseMimeType: 'application/json', responseJsonSchema: schema } }],
    converse: (model) => [`/model/${encodeURIComponent(model)}/converse`, { messages: [{ role: 'user', content: [{ text: 'json' }] }], outputConfig: { textFormat: { type: 'json_schema', structure: { jsonSchema: { name: 'tree', schema: JSON.stringify(schema) } } } } }],
  };
  for (const [client, ask] of Object.entries(asks)) {
    for (const [api, find] of Object.entries(where)) {
      test(`${client} to ${api}`, async () => {
        const { asked, upstream } = await place(api, `b12-${client}`, { text: '{"root":{"id":1,"children":[]},"note":null,"either":null}' });
        const [path, request] = ask(asked);
        const answer = await gateway.post(path, request, { headers });
        if (answer.status === 400) {
          assert.match(answer.text, /schema/);
          assert.match(answer.text, /\$ref|\$defs|anyOf|type/);
          assert.equal((await bodies(upstream)).length, 0, 'it was refused here');
          return;
        }
        assert.equal(answer.status, 200, answer.text);
        assert.deepEqual(find(JSON.parse((await bodies(upstream)).at(-1))), schema);
      });
    }
  }
});

// ---- A9 ----

describe('A9: a character whose two halves come in two events arrives whole', () => {
  const data = (value) => JSON.stringify(value).replace('HIGH', '\\ud83d').replace('LOW', '\\ude80');
  const named = (type, more) => `event: ${type}\ndata: ${data({ type, ...more })}\n\n`;
  const pieces = ['무엇을 ', 'HIGH', 'LOW', 'é'];
  const chat = (delta, finish_reason = null) => `data: ${data({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
  const streams = {
    openai: [chat({ role: 'assistant', content: '' }), ...pieces.map((content) => chat({ content })), chat({}, 'stop'), 'data: [DONE]\n\n'],
    anthropic: [
      named('message_start', { message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude', content: [], stop_reason: null, stop_sequence: null, usage: { input_tokens: 3, output_tokens: 1 } } }),
      named('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      ...pieces.map((text) => named('content_block_delta', { index: 0, delta: { type: 'text_delta', text } })),
      named('content_block_stop', { index: 0 }), named('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 5 } }), named('message_stop', {}),
    ],
    gemini: pieces.map((text, i) => `data: ${data({ candidates: [{ content: { role: 'model', parts: [{ text }] }, index: 0, ...(i === 3 ? { finishReason: 'STOP' } : {}) }], usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 5, totalTokenCount: 8 } })}\n\n`),
  };
  for (const client of clientNames) {
    for (const [api, events] of Object.entries(streams)) {
      for (const chunk of [undefined, 1]) {
        test(`${client} over ${api}${chunk ? ', in single bytes' : ''}`, async () => {
          const { asked } = await place(api, `a9-${client}${chunk ?? ''}`, { sse: events.join(''), ...(chunk ? { chunk } : {}) });
          assert.equal((await clients[client].ask(asked, true)).text, '무엇을 🚀é');
        });
      }
    }
  }
});

// ---- E8 ----

describe('E8: what a provider cannot open is left out, and the answer comes in the client\'s own framing', () => {
  const claude = { max_tokens: 4000, thinking: { type: 'enabled', budget_tokens: 2000 }, messages: [
    { role: 'user', content: 'go' }, { role: 'assistant', content: [{ type: 'thinking', thinking: 'Hm.', signature: 'c29tZWJvZHkgZWxzZQ==' }, { type: 'text', text: 'Well.' }] }, { role: 'user', content: 'and?' }] };
  const converse = { messages: [
    { role: 'user', content: [{ text: 'go' }] }, { role: 'assistant', content: [{ reasoningContent: { reasoningText: { text: 'Hm.', signature: 'c29tZWJvZHkgZWxzZQ==' } } }, { text: 'Well.' }] }, { role: 'user', content: [{ text: 'and?' }] }] };
  const gemini = { tools: [{ functionDeclarations: [{ name: 'get' }] }], contents: [
    { role: 'user', parts: [{ text: 'go' }] }, { role: 'model', parts: [{ functionCall: { id: 'a', name: 'get', args: {} }, thoughtSignature: 'c29tZWJvZHkgZWxzZQ==' }] }, { role: 'user', parts: [{ functionResponse: { id: 'a', name: 'get', response: { output: 'r' } } }] }] };
  const responses = { input: [{ role: 'user', content: 'go' }, { type: 'reasoning', summary: [], encrypted_content: 'c29tZWJvZHkgZWxzZQ==' }, { role: 'assistant', content: 'Well.' }, { role: 'user', content: 'and?' }] };
  const whole = (find) => (answer) => find(answer.json);
  const cases = {
    messages: ['anthropic', (model) => ['/v1/messages', { model, ...claude }], whole(({ content }) => content[0].text)],
    'messages, streamed': ['anthropic', (model) => ['/v1/messages', { model, stream: true, ...claude }], ({ events }) => events.map((data) => JSON.parse(data).delta?.text ?? '').join('')],
    'messages to Vertex': ['vertex-claude', (model) => ['/v1/messages', { model, ...claude }], whole(({ content }) => content[0].text)],
    InvokeModel: ['bedrock-claude', (model) => [`/model/${encodeURIComponent(model)}/invoke`, { anthropic_version: 'bedrock-2023-05-31', ...claude }], whole(({ content }) => content[0].text)],
    converse: ['bedrock-claude', (model) => [`/model/${encodeURIComponent(model)}/converse`, converse], whole(({ output }) => output.message.content[0].text)],
    gemini: ['gemini', (model) => [`/v1beta/models/${model}:generateContent`, gemini], whole(({ candidates }) => candidates[0].content.parts[0].text)],
    'gemini, streamed': ['gemini', (model) => [`/v1beta/models/${model}:streamGenerateContent?alt=sse`, gemini], ({ events }) => events.map((data) => JSON.parse(data).candidates?.[0].content?.parts?.[0]?.text ?? '').join('')],
    'gemini, as an array': ['gemini', (model) => [`/v1beta/models/${model}:streamGenerateContent`, gemini], whole((chunks) => chunks.map(({ candidates }) => candidates?.[0].content?.parts?.[0]?.text ?? '').join(''))],
    responses: ['responses', (model) => ['/v1/responses', { model, ...responses }], whole(({ output }) => output[0].content[0].text)],
  };
  for (const [name, [api, ask, find]] of Object.entries(cases)) {
    test(name, async () => {
      const { asked, upstream } = await place(api, `e8-${name.replaceAll(/[^a-z]/gi, '')}`, { text: 'all is well' });
      const [path, request] = ask(asked);
      const answer = await gateway.post(path, request, { headers });
      assert.equal(answer.status, 200, answer.text);
      assert.equal(find(answer), 'all is well', answer.text);
      assert.match(answer.headers['x-sluice-dropped'] ?? '', /reasoning state/);
      const seen = await sim.seen(upstream);
      assert.deepEqual(seen.map(({ status }) => status), [400, 200]);
      assert.ok(!seen[1].body.includes('c29tZWJvZHkgZWxzZQ'), seen[1].body);
    });
  }

  test('InvokeModel, streamed', async () => {
    const { asked } = await place('bedrock-claude', 'e8-invoke-s', { text: 'all is well' });
    const answer = await gateway.post(`/model/${encodeURIComponent(asked)}/invoke-with-response-stream`, { anthropic_version: 'bedrock-2023-05-31', ...claude }, { headers });
    assert.equal(answer.status, 200, answer.text);
    const said = [...answer.text.matchAll(/"bytes":"([^"]+)"/g)].map(([, bytes]) => JSON.parse(Buffer.from(bytes, 'base64')));
    assert.equal(said.map(({ delta }) => delta?.text ?? '').join(''), 'all is well');
    assert.equal(said.at(-1).type, 'message_stop');
  });

  test('what is to be kept by the provider is still kept', async () => {
    for (const [store, kept] of [[undefined, undefined], [true, undefined], [false, false]]) {
      const { asked, upstream } = await place('responses', `e8-store-${store}`, { text: 'all is well' });
      const answer = await gateway.post('/v1/responses', { model: asked, ...responses, ...(store === undefined ? {} : { store }) });
      assert.equal(answer.status, 200, answer.text);
      assert.equal(JSON.parse((await bodies(upstream)).at(-1)).store, kept);
      const again = await gateway.call({ path: `/v1/responses/${answer.json.id}`, headers: { 'x-sluice-provider': 'responses' } });
      assert.equal(again.status, store === false ? 404 : 200, again.text);
    }
  });

  test('what cannot be said without it is refused in the provider\'s words', async () => {
    const { asked } = await place('responses', 'e8-prompt', {});
    const answer = await gateway.post('/v1/responses', { model: asked, ...responses, prompt: { id: 'pmpt_1' } });
    assert.equal(answer.status, 400);
    assert.match(answer.text, /invalid_encrypted_content|could not be verified/);
  });
});
