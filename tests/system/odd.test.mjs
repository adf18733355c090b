// On every surface: what a client's API has and we never heard of reaches a provider of that API byte for byte, and what no provider should
// say ends nothing but the request that met it.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe } from 'node:test';
import { appKey, call, masterKey, providerKey, startGateway, test } from './lib.mjs';
import { models, startProviders } from './providers.mjs';

// ---- B15, B19 ----

describe('B15 B19: bodies of unknown shapes, same API on both sides', () => {
  // Keeps what it is sent, and refuses it.
  const bodies = [];
  const server = http.createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    bodies.push(Buffer.concat(pieces).toString());
    response.writeHead(400, { 'content-type': 'application/json' }).end('{"message":"kept","error":{"message":"kept","type":"invalid_request_error"}}');
  });
  let gateway;
  before(async () => {
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    const url = `http://127.0.0.1:${server.address().port}`;
    const base = { api_key: providerKey, base_url: url };
    const to = (model) => ({ deployments: [model], retries: 0 });
    gateway = await startGateway({
      master_key: masterKey, log: { level: 'warn' }, keys: [{ name: 'app', key: appKey }],
      providers: {
        openai: { ...base, dialect: 'openai', base_url: `${url}/v1` }, responses: { ...base, type: 'openai', dialect: 'responses', base_url: `${url}/v1` },
        anthropic: base, gemini: base, cohere: base, bedrock: { access_key_id: providerKey, secret_access_key: 'secret', region: 'us-east-1', base_url: url },
      },
      models: { chat: to('openai/upstream'), responses: to('responses/upstream'), messages: to('anthropic/upstream'), gemini: to('gemini/upstream'), converse: to('bedrock/upstream'), rerank: to('cohere/upstream') },
    });
  });
  after(() => server.close());

  // Where each surface takes a body, and whether the model stands in it.
  const surfaces = {
    chat: ['/v1/chat/completions', true], responses: ['/v1/responses', true], messages: ['/v1/messages', true], count: ['/v1/messages/count_tokens', true, 'messages'],
    gemini: ['/v1beta/models/gemini:generateContent', false], 'gemini, streamed': ['/v1beta/models/gemini:streamGenerateContent?alt=sse', false],
    converse: ['/model/converse/converse', false], 'converse, streamed': ['/model/converse/converse-stream', false], rerank: ['/v2/rerank', true],
  };
  const odd = {
    'unknown fields, items and types': '"messages":[{"role":"user","content":[{"type":"hologram","hologram":{"z":1}}]}],"input":[{"type":"hologram"}],"contents":[{"parts":[{"hologram":{}}]}],"never_heard_of":{"deep":[1,{"er":null}]}',
    'odd numbers': '"a":9223372036854775807,"b":18446744073709551616,"c":1e400,"d":-0,"e":1.0,"f":0.1000000000000000055,"g":1E+2,"h":123456789012345678901234567890',
    'duplicate keys': '"x":1,"x":2,"messages":[],"x":3',
    'white space': ' "z" : 1 ,\n\n "messages"\t:\t[ ] , "a" : [ 1 , 2 ] ',
    escapes: '"messages":[{"role":"user","content":"\\u00e9\\/\\ud83d\\ude80 \\"model\\":\\"fake\\" \\u0000"}]',
    'nulls and empties': '"messages":[],"tools":null,"stop":null,"temperature":null,"user":"","metadata":{}',
    'raw UTF-8': '"messages":[{"role":"user","content":"무엇을 🚀 é \u2028"}]',
    'half of a character': '"messages":[{"role":"user","content":"\\ud83d"}]',
  };
  for (const [surface, [path, named, model = surface]] of Object.entries(surfaces)) {
    for (const [what, members] of Object.entries(odd)) {
      test(`${surface}: ${what}`, async () => {
        const body = (name) => (named ? `\r\n{ "model":"${name}",${members}}\n` : `\r\n{${members}}\n`);
        const before = bodies.length;
        const answer = await gateway.post(path, body(model), { headers: { 'anthropic-version': '2023-06-01' } });
        assert.equal(answer.status, 400, answer.text);
        assert.match(answer.text, /kept/);
        assert.deepEqual(bodies.slice(before), [body('upstream')]);
      });
    }
    test(`${surface}: exactly the fields of the client, each alone`, async () => {
      const fields = ['temperature', 'top_p', 'tools', 'tool_choice', 'metadata', 'stop', 'stop_sequences', 'thinking', 'system', 'instructions', 'reasoning', 'text', 'include', 'store', 'safetySettings', 'generationConfig', 'toolConfig', 'inferenceConfig',
        'additionalModelRequestFields', 'guardrailConfig', 'documents', 'query', 'top_n', 'cachedContent', 'service_tier', 'made_up'];
      for (const field of fields) {
        const before = bodies.length;
        const request = { ...(named ? { model } : {}), [field]: null };
        await gateway.post(path, JSON.stringify(request), { headers: { 'anthropic-version': '2023-06-01' } });
        assert.deepEqual(bodies.slice(before).map((body) => JSON.parse(body)), [{ ...request, ...(named ? { model: 'upstream' } : {}) }], field);
      }
    });
  }
});

// ---- A15 ----

describe('A15: what no provider should say', () => {
  let gateway, sim, place;
  before(async () => { ({ gateway, sim, place } = await startProviders('sim-odd', { models: {} })); });

  const question = {
    chat: (model, stream) => ['/v1/chat/completions', { model, stream, messages: [{ role: 'user', content: 'x' }], tools: [{ type: 'function', function: { name: 'get', parameters: { type: 'object' } } }] }],
    responses: (model, stream) => ['/v1/responses', { model, stream, input: 'x', store: false, reasoning: { summary: 'auto' }, tools: [{ type: 'function', name: 'get', parameters: { type: 'object' }, strict: false }] }],
    messages: (model, stream) => ['/v1/messages', { model, stream, max_tokens: 4000, thinking: { type: 'enabled', budget_tokens: 2000 }, messages: [{ role: 'user', content: 'x' }], tools: [{ name: 'get', input_schema: { type: 'object' } }] }],
    gemini: (model, stream) => [`/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`, { contents: [{ role: 'user', parts: [{ text: 'x' }] }], generationConfig: { thinkingConfig: { includeThoughts: true } }, tools: [{ functionDeclarations: [{ name: 'get', parametersJsonSchema: { type: 'object' } }] }] }],
    converse: (model, stream) => [`/model/${encodeURIComponent(model)}/converse${stream ? '-stream' : ''}`, { messages: [{ role: 'user', content: [{ text: 'x' }] }], toolConfig: { tools: [{ toolSpec: { name: 'get', inputSchema: { json: { type: 'object' } } } }] } }],
  };
  const speaks = { openai: 'chat', responses: 'responses', anthropic: 'messages', 'vertex-claude': 'messages', gemini: 'gemini', vertex: 'gemini', bedrock: 'converse' };
  const ask = (path, request) => gateway.post(path, request, { headers: { 'anthropic-version': '2023-06-01' } });
  const script = { reasoning: 'Hm.', text: 'one two', tool_calls: [{ name: 'get', arguments: { a: [1, 'b'] } }] };

  // What a provider says when it is well, in its very bytes.
  async function well(api, stream) {
    const { asked, upstream } = await place(api, `well${stream ? '-s' : ''}`, script);
    if (api !== 'cohere') {
      const answer = await ask(...question[speaks[api]](asked, stream));
      assert.equal(answer.status, 200, answer.text);
      return answer.text;
    }
    const answer = await call(sim, { method: 'POST', path: '/v2/chat', headers: { authorization: `Bearer ${providerKey}`, 'content-type': 'application/json' }, body: JSON.stringify({ model: upstream, stream, messages: [{ role: 'user', content: 'x' }], tools: question.chat('m', stream)[1].tools }) });
    assert.equal(answer.status, 200, answer.text);
    return answer.text;
  }

  const wrongs = [undefined, null, true, -1, 1e300, 'str', [], {}, 'y'.repeat(3000), [null], [[[]]], [{}], { type: 'x' }];
  // Each place in a value with each kind of wrong value.
  function mutants(good) {
    const found = [];
    const walk = (value, path) => {
      for (const key of Object.keys(value)) {
        for (const wrong of wrongs) {
          const copy = structuredClone(good);
          let parent = copy;
          for (const step of path) parent = parent[step];
          if (wrong !== undefined) parent[key] = wrong; else if (Array.isArray(parent)) parent.splice(Number(key), 1); else delete parent[key];
          found.push(JSON.stringify(copy));
        }
        if (value[key] && typeof value[key] === 'object') walk(value[key], [...path, key]);
      }
    };
    walk(good, []);
    return found;
  }
  // Every n-th, so that many places are seen and a run stays short.
  const some = (list, most) => list.filter((_, i) => i % Math.ceil(list.length / most) === 0);

  // An answer the client's own reader can read: an error, or whole events, the last of which says how it ended.
  const ends = {
    chat: (text) => text.endsWith('data: [DONE]\n\n'),
    responses: (text) => /\nevent: (response\.(completed|incomplete|failed)|error)\n.*\n\n$/.test(text),
    messages: (text) => /(^|\n)event: (message_stop|error)\n.*\n\n$/.test(text),
    gemini: (text) => /"finishReason"|"error"|"blockReason"/.test(text.trim().split('\n').at(-1)),
  };
  function assertReadable(client, stream, answer, what) {
    assert.ok(answer.status === 200 || answer.status === 502 || answer.status === 500, `${answer.status} for ${what}: ${answer.text.slice(0, 300)}`);
    if (answer.status !== 200 || !stream) {
      assert.doesNotThrow(() => JSON.parse(answer.text), what);
    } else if (client !== 'converse') {
      for (const data of answer.events) if (data !== '[DONE]') assert.doesNotThrow(() => JSON.parse(data), `${what}: ${data}`);
      assert.ok(ends[client](answer.text), `no end for ${what}: ${answer.text.slice(-500)}`);
    }
  }
  async function all(jobs, run) {
    const queue = [...jobs];
    await Promise.all([0, 1, 2, 3].map(async () => { for (let job = queue.pop(); job; job = queue.pop()) await run(job); }));
  }

  // Cohere's clients are none of ours; Bedrock's streams are binary, and are fuzzed.
  const apis = Object.keys(models).filter((api) => api !== 'bedrock-claude');
  for (const api of apis) {
    for (const stream of api === 'bedrock' ? [false] : [false, true]) {
      test(`${api}${stream ? ', streamed' : ''}: each field absent, null, of a wrong type or huge`, async () => {
        const text = await well(api, stream);
        const bad = [];
        if (!stream) {
          bad.push(...some(mutants(JSON.parse(text)), 250));
        } else {
          const frames = text.split(/(?<=\n\r?\n)/);
          for (const [at, frame] of frames.entries()) {
            const data = /^data: (\{.*)$/m.exec(frame)?.[1];
            if (!data) continue;
            bad.push(...some(mutants(JSON.parse(data)), 24).map((mutant) => [...frames.slice(0, at), frame.replace(data, () => mutant), ...frames.slice(at + 1)].join('')));
          }
        }
        assert.ok(bad.length > 60, `${bad.length}`);
        const clients = Object.keys(question);
        let number = 0;
        await all(bad, async (body) => {
          const client = clients[number++ % clients.length];
          const { asked } = await place(api, `odd-${stream ? 's-' : ''}${number % 8}-${client}-${Math.random()}`, stream ? { sse: body } : { body });
          assertReadable(client, stream, await ask(...question[client](asked, stream)), body);
        });
        const { asked } = await place(api, 'well-again', script);
        for (const client of clients) assert.equal((await ask(...question[client](asked, stream))).status, 200, client);
        assert.ok(gateway.alive);
      });
    }
  }
});
