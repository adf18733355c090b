// Every recorded answer and error of every provider's API, read by every vendor's official SDK through the gateway: the same text, the
// same tool calls, the same end; asked for as a stream and not, whichever way the provider answered.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import http from 'node:http';
import { dirname, join } from 'node:path';
import { after, before, describe } from 'node:test';
import { fileURLToPath } from 'node:url';
import { clientNames, clientsOf } from './clients.mjs';
import { appKey, loadSdks, masterKey, providerKey, startGateway, test } from './lib.mjs';

const fixtures = join(dirname(fileURLToPath(import.meta.url)), '../fixtures');
const folders = { openai: 'openai-chat', responses: 'openai-responses', anthropic: 'anthropic', gemini: 'gemini', bedrock: 'bedrock', cohere: 'cohere' };

// A provider that answers with the case its model is named after.
const cases = {};
for (const [api, folder] of Object.entries(folders)) {
  for (const file of readdirSync(join(fixtures, folder)).filter((name) => name.endsWith('.json'))) {
    const found = JSON.parse(readFileSync(join(fixtures, folder, file), 'utf8'));
    if (!found.response || !found.request) continue;
    const { body, bodyFile, text } = found.response;
    const bytes = bodyFile ? readFileSync(join(fixtures, folder, bodyFile)) : Buffer.from(text ?? JSON.stringify(body));
    cases[`${api}.${file.slice(0, -5)}`] = { ...found, api, name: file.slice(0, -5), bytes, received: [] };
  }
}

const provider = http.createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
    const body = JSON.parse(Buffer.concat(chunks).toString());
    const named = /\/models?\/([^/:]+)(?::|\/)/.exec(request.url);
    const found = cases[named ? decodeURIComponent(named[1]) : body.model];
    if (!found) {
      response.writeHead(500).end(`{"error":{"message":"no such case"}}`);
      return;
    }
    found.received.push({ url: request.url, headers: request.headers, body });
    response.writeHead(found.response.status, found.response.headers).end(found.bytes);
  });
});

let gateway, sdks, clients;
before(async () => {
  sdks = await loadSdks();
  await new Promise((resolve) => { provider.listen(0, '127.0.0.1', resolve); });
  const url = `http://127.0.0.1:${provider.address().port}`;
  const base = { api_key: providerKey, base_url: url };
  gateway = await startGateway({
    master_key: masterKey,
    log: { level: 'warn' },
    providers: {
      openai: { ...base, dialect: 'openai', base_url: `${url}/v1` },
      responses: { ...base, type: 'openai', dialect: 'responses', base_url: `${url}/v1` },
      anthropic: base, gemini: base, bedrock: { ...base, region: 'us-east-1' }, cohere: base,
    },
    models: Object.fromEntries(Object.keys(folders).flatMap((api) => [
      [`${api}.*`, { deployments: [{ model: `${api}/${api}.*` }], retries: 0 }], [`listed-${api}`, `${api}/some`],
    ])),
    keys: [{ name: 'app', key: appKey }],
  });
  clients = clientsOf(sdks, gateway);
});
after(() => { provider.close(); provider.closeAllConnections(); });

const isChat = ({ request, response, expect }) => response.status === 200 && expect.finish && !expect.error &&
  !/count|[Ee]mbed/.test(request.path) && !expect.partial_tool_call && expect.finish !== 'error' && !expect.audio_transcript;

const apis = (process.env.TRANSLATE_APIS ?? Object.keys(folders).join(',')).split(',');
for (const api of apis) {
  describe(`answers of ${api}`, () => {
    for (const [model, found] of Object.entries(cases)) {
      if (found.api !== api || !isChat(found)) continue;
      for (const name of clientNames) {
        if (name === { openai: 'chat', bedrock: 'converse' }[api] || name === api) continue;    // passes through: other suites
        for (const stream of [false, true]) {
          test(`${found.name} for a client of ${name}${stream ? ', streamed' : ''}`, async () => {
            const client = clients[name];
            const seen = await client.ask(model, stream);
            const { expect } = found;
            assert.equal(seen.text + seen.refusal, (expect.text ?? '') + (expect.refusal ?? ''));
            // A tool that takes free text is one with a single argument elsewhere.
            const own = ['chat', 'responses'].includes(name);
            const argumentsOf = (call) => call.arguments ?? (own ? call.custom_input : { input: call.custom_input });
            assert.deepEqual(seen.calls, (expect.tool_calls ?? []).map((call) => ({ name: call.name, arguments: argumentsOf(call) })));
            const finish = expect.tool_calls?.length && expect.finish === 'stop' ? 'tool_calls' : expect.finish;
            if (finish === 'refusal' && own) return assert.ok(['stop', 'completed', 'content_filter'].includes(seen.finish), seen.finish);
            const matched = expect.stop_sequence || JSON.stringify(found.response.body ?? '').includes('STOP_SEQUENCE');
            assert.equal(seen.finish, matched && ['anthropic', 'converse'].includes(name) ? 'stop_sequence' : client.finish[finish]);
          });
        }
      }
    }
  });
}

// ---- errors ----

// What a client is told of what the provider said; nothing: it is about the gateway's own account.
const statusOf = {
  invalid_request: 400, context_length: 400, content_policy: 400, not_found: 404, request_too_large: 413, rate_limit: 429,
  overloaded: 503, timeout: 504, server_error: 500, cancelled: 499,
};
const ownAccount = ['authentication', 'permission', 'billing', 'quota_exhausted'];

// Of each SDK's error: the status and all of its words.
const told = (error) => ({
  status: error.status ?? error.statusCode ?? error.$metadata?.httpStatusCode,
  words: `${error.message} ${JSON.stringify(error.error ?? error.body ?? '')}`,
});

for (const api of apis) {
  describe(`errors of ${api}`, () => {
    for (const [model, found] of Object.entries(cases)) {
      const kind = found.expect?.error?.kind;
      if (found.api !== api || found.response.status < 400 || !kind) continue;
      for (const name of clientNames) {
        if (name === { openai: 'chat', bedrock: 'converse' }[api] || name === api || (api === 'responses' && name === 'chat')) continue;
        for (const stream of [false, true]) {
          test(`${found.name} for a client of ${name}${stream ? ', streamed' : ''}`, async () => {
            const error = await clients[name].ask(model, stream).then(() => assert.fail('no error'), (caught) => caught);
            const { status, words } = told(error);
            assert.ok(!words.includes(providerKey), words);
            if (ownAccount.includes(kind)) {
              assert.ok([500, 502, 503].includes(status), `${status}: the client's key is good`);
              assert.match(words, /this gateway/);
              return;
            }
            // Chat and Responses are one API's: there the provider's own status stays.
            const own = api === 'openai' && name === 'responses' ? found.response.status : statusOf[kind] ?? 500;
            const spelled = { anthropic: { 503: 529 }, converse: { 504: 408 } }[name]?.[own] ?? own;
            assert.ok([spelled, own].includes(status), `${status} instead of ${spelled}: ${words}`);
            const message = found.response.body?.error?.message ?? found.response.body?.message;
            if (message) assert.ok(words.replaceAll('\\', '').includes(message.slice(0, 30)), words);
          });
        }
      }
    }
  });
}

// ---- the list of models ----

describe('models in each API\'s own shape', () => {
  const names = Object.keys(folders).map((api) => `listed-${api}`);
  const all = async (pages) => {
    const found = [];
    for await (const model of await pages) found.push(model.id ?? model.name);
    return found;
  };

  test('openai', async () => {
    assert.deepEqual((await all(new sdks.OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: appKey }).models.list())).sort(), names.sort());
  });
  test('anthropic', async () => {
    assert.deepEqual((await all(new sdks.Anthropic({ baseURL: gateway.url, apiKey: appKey }).models.list())).sort(), names.sort());
  });
  test('gemini', async () => {
    const found = await all(new sdks.GoogleGenAI({ apiKey: appKey, httpOptions: { baseUrl: gateway.url } }).models.list());
    assert.deepEqual(found.sort(), names.map((name) => `models/${name}`).sort());
  });
});
