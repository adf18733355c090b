// What a provider says with an error status, as its clients see it: bodies of any size, bodies that are no JSON, and what must not get out.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe } from 'node:test';
import { appKey, calm, call, masterKey, providerKey, startGateway, test, waitFor } from './lib.mjs';

// Answers every request as it is told: { status, headers, body, breaks }.
let answer;
const server = http.createServer(async (request, response) => {
  for await (const _ of request);
  const { status = 400, headers = { 'content-type': 'application/json' }, body = '', breaks = false } = answer(request);
  if (!breaks) return void response.writeHead(status, headers).end(body);
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) + 10 });
  response.write(body, () => response.destroy());
});
let gateway;
before(async () => {
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const url = `http://127.0.0.1:${server.address().port}`;
  const to = (model) => ({ deployments: [model], retries: 0, breaker: calm });
  gateway = await startGateway({
    master_key: masterKey, keys: [{ name: 'app', key: appKey }], limits: { answer: '4MiB' },
    providers: { rec: { type: 'openai', dialect: 'openai', base_url: `${url}/v1`, api_key: providerKey, headers: { 'x-team': 'hidden-team-0815' } }, ant: { type: 'anthropic', base_url: url, api_key: providerKey }, gem: { type: 'gemini', base_url: url, api_key: providerKey } },
    models: { chat: to('rec/m'), messages: to('ant/m'), gemini: to('gem/m') },
  });
});
after(() => server.close());

const text = 'hello';
const surfaces = {
  chat: (model) => gateway.post('/v1/chat/completions', { model, messages: [{ role: 'user', content: text }] }),
  responses: (model) => gateway.post('/v1/responses', { model, input: text }),
  messages: (model) => gateway.post('/v1/messages', { model, max_tokens: 9, messages: [{ role: 'user', content: text }] }),
  gemini: (model) => gateway.post(`/v1beta/models/${model}:generateContent`, { contents: [{ role: 'user', parts: [{ text }] }] }),
  converse: (model) => gateway.post(`/model/${model}/converse`, { messages: [{ role: 'user', content: [{ text }] }] }),
};
const conflict = {
  chat: [409, (json) => json.error.type, 'invalid_request_error'], responses: [409, (json) => json.error.type, 'invalid_request_error'],
  messages: [409, (json) => json.error.type, 'conflict_error'], gemini: [409, (json) => json.error.status, 'ABORTED'], converse: [400, (json) => json.message, 'busy'],
};
const messageOf = (json) => json.error?.message ?? json.message;
const through = () => call(gateway, { method: 'GET', path: '/rec/v1/files', headers: { authorization: `Bearer ${masterKey}` } });

describe('errors of any size', () => {
  const long = (length) => JSON.stringify({ error: { message: 'a'.repeat(length), type: 'invalid_request_error', param: null, code: 'long' } });

  for (const size of [900_000, 1_100_000, 3_000_000]) {
    test(`${size} bytes pass whole where the API is the same, and the message is cut where it is another`, async () => {
      const body = long(size);
      answer = () => ({ body });
      for (const said of [await surfaces.chat('chat'), await through()]) {
        assert.equal(said.status, 400);
        assert.ok(said.text === body, `${said.text.length} bytes: ${said.text.slice(-40)}`);
      }
      const told = await surfaces.messages('chat');
      assert.deepEqual([told.status, told.json.error.type], [400, 'invalid_request_error']);
      assert.match(told.json.error.message, /^a{1000,3000}/);
    });
  }

  test('one above limits.answer is told by its status', async () => {
    answer = () => ({ status: 422, body: long(5 << 20) });
    for (const said of [await surfaces.chat('chat'), await surfaces.messages('chat'), await through()]) {
      assert.match(messageOf(JSON.parse(said.text)), /status 422 .* larger than 4MiB \(limits\.answer\)/);
    }
  });

  test('one that breaks off is told by its status', async () => {
    answer = () => ({ status: 429, body: long(2_000_000), breaks: true });
    for (const said of [await surfaces.chat('chat'), await surfaces.messages('chat'), await through()]) {
      assert.equal(said.status, 429);
      assert.match(messageOf(JSON.parse(said.text)), /status 429 .* broke off/);
    }
  });
});

describe('errors that are no JSON', () => {
  const words = 'Failed to parse: max_tokens must be below 4096 here.';
  const plain = (body, type = 'text/plain; charset=utf-8') => ({ headers: { 'content-type': type }, body });

  for (const [surface, ask] of Object.entries(surfaces)) {
    for (const model of ['chat', 'messages']) {
      test(`a line of text, to ${surface} over ${model}`, async () => {
        answer = () => plain(words);
        const said = await ask(model);
        assert.equal(said.status, 400);
        assert.match(said.headers['content-type'], /^application\/json/);
        assert.equal(messageOf(said.json), `The provider answered with status 400 (Bad Request): ${words}`);
      });
    }
  }

  test('a page stays out, and so do keys', async () => {
    answer = () => plain('<html><body>Bad <b>gateway</b> 10.0.0.7</body></html>', 'text/html');
    for (const ask of [surfaces.chat, surfaces.messages]) {
      assert.equal(messageOf((await ask('chat')).json), 'The provider answered with status 400 (Bad Request).');
    }
    answer = (request) => plain(`Cannot use ${request.headers.authorization}, says this server`);
    for (const ask of [surfaces.chat, surfaces.messages]) {
      assert.equal(messageOf((await ask('chat')).json), 'The provider answered with status 400 (Bad Request): Cannot use Bearer ***, says this server');
    }
  });

  test('a passthrough gives out the text itself', async () => {
    answer = () => plain(words);
    const said = await through();
    assert.deepEqual([said.status, said.text, said.headers['content-type']], [400, words, 'text/plain; charset=utf-8']);
  });
});

describe('the provider\'s id of a request', () => {
  const seen = (said) => said.headers['x-sluice-provider-request-id'];
  for (const status of [200, 400, 500]) {
    test(`holds no key, with status ${status}`, async () => {
      const body = status === 200
        ? '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"yes"},"finish_reason":"stop"}]}'
        : '{"error":{"message":"no","type":"x","param":null,"code":null}}';
      answer = (request) => ({ status, body, headers: { 'content-type': 'application/json', 'x-request-id': `req-1 of ${request.headers.authorization}, ${request.headers['x-team']}` } });
      for (const said of [await surfaces.chat('chat'), await surfaces.messages('chat'), await through()]) {
        assert.deepEqual([said.status, seen(said)], [status, 'req-1 of Bearer ***, ***']);
        const row = await waitFor('its line', () => gateway.requestLogs.find((line) => line.request_id === said.id));
        assert.equal(row.provider_request_id, 'req-1 of Bearer ***, ***');
      }
      answer = () => ({ status, body, headers: { 'content-type': 'application/json', 'x-request-id': 'req_011CSHoEeqs5C35K2UUqR7Fy' } });
      assert.equal(seen(await surfaces.chat('chat')), 'req_011CSHoEeqs5C35K2UUqR7Fy');
    });
  }
});

// DeepSeek and OpenRouter say it with a 402, OpenAI with words of its own.
describe('an account without money is told as such and no refusal of credentials', () => {
  const told = 'The account that this gateway has with the provider has no quota left.';
  const code = { messages: (json) => json.error.details.error_code, gemini: (json) => json.error.details[0].reason, converse: () => 'upstream_quota_exhausted' };
  const more = {
    embeddings: (model) => gateway.post('/v1/embeddings', { model, input: text }),
    completions: (model) => gateway.post('/v1/completions', { model, prompt: text }),
    images: (model) => gateway.post('/v1/images/generations', { model, prompt: text }),
  };
  const bodies = { chat: [{ error: { message: 'Insufficient Balance', type: 'unknown_error', param: null, code: 'invalid_request_error' } }, { error: { message: 'No credits', code: 402 } }], messages: [{ type: 'error', error: { type: 'billing_error', message: 'No credits' } }] };
  const ways = Object.entries({ ...surfaces, ...more }).flatMap(([surface, ask]) => (surface in more ? ['chat'] : ['chat', 'messages']).map((model) => ({ surface, ask, model })));
  for (const { surface, ask, model } of ways) {
    test(`to ${surface} over ${model}`, async () => {
      for (const body of bodies[model]) {
        answer = () => ({ status: 402, body: JSON.stringify(body) });
        const said = await ask(model);
        assert.deepEqual([messageOf(said.json), (code[surface] ?? (({ error }) => error.code))(said.json), said.headers['x-should-retry']], [told, 'upstream_quota_exhausted', 'false'], said.text);
        answer = () => ({ status: 401, body: '{"type":"error","error":{"type":"authentication_error","message":"No such key"}}' });
        assert.match(messageOf((await ask(model)).json), /credentials \(status 401\)/);
      }
    });
  }
});

describe('a conflict with another request', () => {
  const bodies = {
    chat: { error: { message: 'busy', type: 'invalid_request_error', param: null, code: null } },
    messages: { type: 'error', error: { type: 'conflict_error', message: 'busy' }, request_id: null },
    gemini: { error: { code: 409, message: 'busy', status: 'ABORTED' } },
  };
  for (const [model, body] of Object.entries(bodies)) {
    for (const [surface, [status, word, expected]] of Object.entries(conflict)) {
      test(`over ${model}, to ${surface}`, async () => {
        answer = () => ({ status: 409, body: JSON.stringify(body) });
        const said = await surfaces[surface](model);
        assert.deepEqual([said.status, word(said.json), messageOf(said.json)], [status, expected, 'busy'], said.text);
      });
    }
  }
});

describe('a provider key that may be a part of any word', () => {
  const error = { message: "This model's maximum context length is 128 tokens, none of which is left", type: 'invalid_request_error', param: 'messages', code: 'context_length_exceeded' };
  let short;
  before(async () => {
    const url = `http://127.0.0.1:${server.address().port}`;
    const providers = {
      x: { type: 'openai', base_url: `${url}/v1`, api_key: 'x' }, one: { type: 'openai', base_url: `${url}/v1`, api_key: '1' },
      none: { type: 'openai', base_url: `${url}/v1`, api_keys: ['none', 'no'] },
      aws: { type: 'bedrock', base_url: url, region: 'us-east-1', access_key_id: 'AKIDEXAMPLE', secret_access_key: 's' },
    };
    const routes = Object.keys(providers).flatMap((name) => [
      [name, { deployments: [`${name}/m`], retries: 0, breaker: calm }],
      [`long-${name}`, { deployments: [`${name}/m`], retries: 0, breaker: calm, fallbacks: { context_window: ['larger'] } }]]);
    short = await startGateway({ master_key: masterKey, keys: [{ name: 'app', key: appKey }],
      providers: { ...providers, other: { type: 'openai', base_url: `${url}/v1`, api_key: providerKey } },
      models: { ...Object.fromEntries(routes), larger: { deployments: ['other/larger'], retries: 0 } } });
  });
  const whole = { id: 'c', object: 'chat.completion', created: 1, model: 'larger', choices: [{ index: 0, message: { role: 'assistant', content: 'fits' }, finish_reason: 'stop' }] };
  const refuse = (body) => { answer = (request) => (request.headers.authorization === `Bearer ${providerKey}` ? { status: 200, body: JSON.stringify(whole) } : { status: 400, body: JSON.stringify(body) }); };

  for (const name of ['x', 'one', 'none']) {
    test(`${name}: the provider's words reach the client`, async () => {
      refuse({ error });
      const said = await short.chat(name);
      assert.deepEqual([said.status, said.json], [400, { error }], said.text);
      const messages = await short.post('/v1/messages', { model: name, max_tokens: 9, messages: [{ role: 'user', content: text }] });
      assert.deepEqual([messages.status, messages.json.error.message], [400, error.message], messages.text);
    });
  }
  for (const name of ['x', 'one', 'none', 'aws']) {
    test(`${name}: a prompt that is too long goes where it fits`, async () => {
      refuse(name === 'aws' ? { message: 'Input is too long for requested model.' } : { error });
      for (const stream of name === 'aws' ? [false] : [false, true]) {
        const said = await short.chat(`long-${name}`, { stream });
        assert.deepEqual([said.status, said.headers['x-sluice-deployment']], [200, 'other/larger'], said.text);
      }
    });
  }
});
