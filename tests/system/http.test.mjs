// What HTTP allows and forbids, and how errors are named, under clients of each API: translated and passed through.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { dialects, seen } from '../faults/dialects.mjs';
import { Connection, appKey, call, chat, providerKey, test, within } from './lib.mjs';
import { startProviders } from './providers.mjs';

const own = { chat: 'openai', responses: 'responses', anthropic: 'anthropic', gemini: 'gemini', converse: 'bedrock' };
const other = { chat: 'anthropic', responses: 'gemini', anthropic: 'openai', gemini: 'bedrock', converse: 'responses' };
const clients = Object.keys(dialects);
// Every client over a provider of its own API and of another.
const ways = clients.flatMap((client) => [own[client], other[client]].map((api) => ({ client, api, name: `${client} over ${api}` })));

let sim, gateway, place;
before(async () => { ({ sim, gateway, place } = await startProviders('sim', { limits: { event: '64KiB' } })); });

const put = async (client, model, stream, { before: base = '', method = 'POST' } = {}) => {
  const { path, body, headers } = dialects[client];
  const answer = await gateway.call({ method, path: base + path(model, stream), body: JSON.stringify(body(model, 'well?', stream)), headers: { 'content-type': 'application/json', ...headers } });
  return { answer, ...seen(dialects[client], stream, answer) };
};

describe('a target that is a whole URL', () => {
  for (const { client, api, name } of ways) {
    for (const stream of [false, true]) {
      test(`${name}${stream ? ', streamed' : ''}`, async () => {
        const { asked } = await place(api, `whole-url-${client}-${stream}`, { text: 'as ever' });
        for (const base of [gateway.url, 'HTTPS://another.test']) {
          const { answer, text, complete } = await put(client, asked, stream, { before: base });
          assert.deepEqual([answer.status, text, complete], [200, 'as ever', true], answer.text);
        }
      });
    }
  }

  test('the simulator takes it too', async () => {
    const headers = { authorization: `Bearer ${providerKey}`, 'content-type': 'application/json' };
    const answer = await call(sim, { method: 'POST', path: `${sim.url}/v1/chat/completions`, headers, body: JSON.stringify(chat('m')) });
    assert.equal(answer.json.choices[0].message.content, 'You said: hello');
    assert.equal((await call(sim, { path: 'http://sim.test/_sim/stats' })).status, 200);
  });

  test('one without a host is none', async () => {
    assert.equal((await gateway.call({ path: 'http:///v1/models' })).status, 400);
  });
});

const codes = { chat: (json) => json.error.code, responses: (json) => json.error.code, anthropic: (json) => json.error.details.error_code };
describe('a method that is not possible', () => {
  for (const client of clients) {
    test(client, async () => {
      const { answer } = await put(client, 'any', false, { method: 'DELETE' });
      assert.deepEqual([answer.status, answer.headers.allow], [405, 'POST'], answer.text);
      assert.ok(!answer.text.includes('"POST"'), answer.text);
      assert.equal((codes[client] ?? (() => 'method_not_allowed'))(answer.json), 'method_not_allowed');
    });
  }
});

describe('what is not there is told in the words of the API that its path begins as, or whose fields the client sends', () => {
  const [anthropic, google, aws] = [{ 'anthropic-version': '2023-06-01', 'x-api-key': appKey }, { 'x-goog-api-key': appKey }, { 'x-amzn-bedrock-trace': 'DISABLED' }];
  const shapes = {
    openai: ({ json }) => 'param' in json.error && !json.type,
    anthropic: ({ json }) => json.type === 'error' && Boolean(json.error.type) && Boolean(json.request_id),
    gemini: ({ json, status }) => json.error.code === status && Boolean(json.error.status),
    bedrock: ({ json, headers }) => typeof json.message === 'string' && Boolean(headers['x-amzn-errortype']),
  };
  for (const [shape, status, method, path, headers] of [
    ['anthropic', 404, 'POST', '/v1/messages/batches', anthropic],
    ['anthropic', 404, 'POST', '/v1/messages/batches', {}],
    ['anthropic', 404, 'GET', '/v1/messages/batches/one/results', {}],
    ['anthropic', 404, 'POST', '/v1/messages/', {}],
    ['anthropic', 404, 'GET', '/v1/files', anthropic],
    ['anthropic', 404, 'GET', '/nobody/v1/files', anthropic],
    ['anthropic', 405, 'POST', '/v1/models', anthropic],
    ['anthropic', 405, 'DELETE', '/v1/models/one', anthropic],
    ['anthropic', 401, 'GET', '/v1/files', { ...anthropic, 'x-api-key': 'wrong', authorization: undefined }],
    ['bedrock', 404, 'POST', '/model/one/foo', {}],
    ['bedrock', 404, 'POST', '/model/one/converse/', {}],
    ['bedrock', 404, 'POST', '/model/one/foo', anthropic],
    ['bedrock', 404, 'GET', '/guardrail/one', aws],
    ['gemini', 404, 'POST', '/v1beta/models/one:nothing', {}],
    ['gemini', 404, 'POST', '/v1/models/one:nothing', {}],
    ['gemini', 405, 'POST', '/v1/models', google],
    ['openai', 405, 'POST', '/v1/models', {}],
    ['openai', 404, 'GET', '/v1/files', {}],
    ['openai', 404, 'POST', '/v1/chat/completions/', anthropic],
    ['openai', 404, 'POST', '/v1/responses/one/nothing', {}],
  ]) {
    test(`${method} ${path} with ${Object.keys(headers).join(', ') || 'nothing'}: ${shape}`, async () => {
      const answer = await gateway.call({ method, path, headers: { 'content-type': 'application/json', ...headers }, ...(method === 'POST' ? { body: '{}' } : {}) });
      assert.equal(answer.status, status, answer.text);
      assert.ok(shapes[shape](answer), answer.text);
    });
  }
});

describe('TRACE, CONNECT and what is no method of HTTP go no further', () => {
  const passed = 'GET, HEAD, POST, PUT, PATCH, DELETE';
  // The head and the body of the answer to a request without a body.
  const ask = async (method, target, headers = {}) => {
    const connection = await Connection.open(gateway);
    const fields = Object.entries({ host: 'x', authorization: `Bearer ${appKey}`, ...headers });
    await connection.write(`${method} ${target} HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
    const head = await within('the refusal', connection.head(), 2000);
    const text = (await within('its body', connection.whole(), 2000)).toString();
    connection.destroy();
    return { ...head, text };
  };

  for (const method of ['TRACE', 'CONNECT', 'BREW', 'get']) {
    test(method, async () => {
      await sim.reset();
      for (const client of clients) {
        const { path, headers } = dialects[client];
        const answer = await ask(method, path('any', false), headers);
        assert.deepEqual([answer.status, answer.headers.allow], [405, 'POST'], answer.text);
        assert.equal((codes[client] ?? (() => 'method_not_allowed'))(JSON.parse(answer.text)), 'method_not_allowed');
      }
      for (const target of ['/openai/v1/files', '/anthropic', '/v1/nowhere', ...(method === 'CONNECT' ? ['127.0.0.1:80'] : [])]) {
        const answer = await ask(method, target);
        assert.deepEqual([answer.status, answer.headers.allow], [405, passed], `${target} ${answer.text}`);
        assert.equal(JSON.parse(answer.text).error.code, 'method_not_allowed');
      }
      assert.equal((await sim.stats()).requests, 0);
    });
  }
});

describe('a chunk whose line ends in LF alone is refused at once', () => {
  for (const client of clients) {
    test(client, async () => {
      const { path, headers = {} } = dialects[client];
      const fields = Object.entries({ host: 'x', authorization: `Bearer ${appKey}`, 'content-type': 'application/json', 'transfer-encoding': 'chunked', ...headers });
      for (const body of ['2\n{}\n0\n\n', '2\r\n{}\r\n0\n\n']) {
        const connection = await Connection.open(gateway);
        await connection.write(`POST ${path('any', false)} HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`);
        const { status } = await within('the refusal', connection.head(), 2000);
        assert.equal(status, 400);
        assert.match((await connection.whole()).toString(), /LF alone/);
        connection.destroy();
      }
    });
  }
});

describe('an event that is larger than its limit names it', () => {
  for (const { client, api, name } of ways) {
    test(name, async () => {
      const { asked } = await place(api, `large-event-${client}`, { size: 200_000, events: 1 });
      const { answer, error, complete } = await put(client, asked, true);
      assert.match(error ?? '', /^An event of the provider's stream is larger than 64KiB \(limits\.event\)\.$/, answer.text.slice(0, 500));
      assert.equal(complete, false);
      const { answer: whole, text } = await put(client, asked, false);
      assert.deepEqual([whole.status, text.length], [200, 200_000]);
    });
  }
});

describe('errors of the Anthropic API hold the id of the request', () => {
  const idIn = (json) => {
    assert.equal(json.type, 'error');
    return json.request_id;
  };

  test('refused here', async () => {
    for (const stream of [false, true]) {
      const { answer } = await put('anthropic', 'nowhere', stream);
      assert.equal(answer.status, 404);
      assert.equal(idIn(answer.json), answer.headers['request-id']);
    }
    const { answer } = await put('anthropic', 'any', false, { method: 'PUT' });
    assert.deepEqual([answer.status, idIn(answer.json)], [405, answer.id]);
  });

  for (const api of ['anthropic', 'openai', 'gemini', 'bedrock']) {
    test(`a stream of ${api} that breaks off`, async () => {
      const { asked } = await place(api, 'breaks-off', { text: 'one two three four', events: 4, error_after: 2, error: { message: 'over' } });
      const { answer, text } = await put('anthropic', asked, true);
      assert.equal(answer.status, 200);
      assert.ok(text.length > 0);
      const last = JSON.parse(answer.events.at(-1));
      assert.equal(idIn(last), answer.headers['request-id']);
      assert.equal(idIn(last), answer.id);
    });
  }
});
