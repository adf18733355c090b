// The end of a stream: an answer is complete with the event that ends it, whatever the provider does with its connection then.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, describe } from 'node:test';
import { frame } from './aws_frame.mjs';
import { appKey, call, calm, Connection, loadSdks, masterKey, providerKey, sleep, startGateway, startSim, test, waitFor, within } from './lib.mjs';

const sse = (data, event) => `${event ? `event: ${event}\n` : ''}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
const typed = (data) => sse(data, data.type);

const chunk = (delta, finish_reason = null) => sse({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason }] });
const response = (status, more = {}) => ({ id: 'resp_1', object: 'response', created_at: 1, model: 'm', status, output: [], ...more });
const candidate = (text, more = {}) => ({ candidates: [{ index: 0, content: { role: 'model', parts: [{ text }] }, ...more }], modelVersion: 'm', usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 4, totalTokenCount: 7 } });

// What each API streams: the answer's parts, the last of which ends it.
const streams = {
  openai: [chunk({ role: 'assistant', content: '' }), chunk({ content: 'said' }), chunk({}, 'stop'),
    sse({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 } }), sse('[DONE]')],
  responses: [typed({ type: 'response.created', sequence_number: 0, response: response('in_progress') }),
    typed({ type: 'response.output_item.added', sequence_number: 1, output_index: 0, item: { id: 'msg_1', type: 'message', status: 'in_progress', role: 'assistant', content: [] } }),
    typed({ type: 'response.output_text.delta', sequence_number: 2, item_id: 'msg_1', output_index: 0, content_index: 0, delta: 'said' }),
    typed({ type: 'response.output_item.done', sequence_number: 3, output_index: 0, item: { id: 'msg_1', type: 'message', status: 'completed', role: 'assistant', content: [{ type: 'output_text', text: 'said', annotations: [] }] } }),
    typed({ type: 'response.completed', sequence_number: 4, response: response('completed', { output: [{ id: 'msg_1', type: 'message', status: 'completed', role: 'assistant', content: [{ type: 'output_text', text: 'said', annotations: [] }] }], usage: { input_tokens: 3, output_tokens: 4, total_tokens: 7 } }) })],
  anthropic: [typed({ type: 'message_start', message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [], stop_reason: null, stop_sequence: null, usage: { input_tokens: 3, output_tokens: 1 } } }),
    typed({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    typed({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'said' } }),
    typed({ type: 'content_block_stop', index: 0 }),
    typed({ type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 4 } }),
    typed({ type: 'message_stop' })],
  bedrock: [frame('messageStart', { role: 'assistant' }), frame('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'said' } }), frame('contentBlockStop', { contentBlockIndex: 0 }),
    frame('messageStop', { stopReason: 'end_turn' }), frame('metadata', { usage: { inputTokens: 3, outputTokens: 4, totalTokens: 7 }, metrics: { latencyMs: 1 } })],
  gemini: [`[${JSON.stringify(candidate('said'))}`, `,${JSON.stringify(candidate('', { finishReason: 'STOP' }))}`, ']'],
};
// Gemini's other form, which no event ends.
const geminiEvents = [sse(candidate('said')), sse(candidate('', { finishReason: 'STOP' })), sse({ modelVersion: 'm', usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 5, totalTokenCount: 8 } })];

// A provider of every API. A model's name says how it streams: all at once, or with a pause (ms) before one of the parts, and what comes
// behind the parts: nothing for as long as the connection is there, or its end after some ms.
class Provider {
  connections = 0;
  closed = 0;
  async start() {
    this.server = net.createServer((socket) => {
      ++this.connections;
      let bytes = '';
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => ++this.closed);
      socket.on('data', (piece) => {
        bytes += piece.toString('latin1');
        const end = bytes.indexOf('\r\n\r\n');
        const length = Number(/^content-length: *(\d+)/im.exec(bytes)?.[1] ?? 0);
        if (end < 0 || bytes.length < end + 4 + length) return;
        const request = bytes;
        bytes = '';
        this.#answer(socket, request);
      });
    });
    await new Promise((resolve) => { this.server.listen(0, '127.0.0.1', resolve); });
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }
  async #answer(socket, request) {
    const path = request.slice(0, request.indexOf('\r\n'));
    const api = /chat\/completions/.test(path) ? 'openai' : /responses/.test(path) ? 'responses' : /messages/.test(path) ? 'anthropic' : /converse/.test(path) ? 'bedrock' : 'gemini';
    const parts = /alt=sse/.test(path) ? geminiEvents : streams[api];
    const [, pause, at, ends] = /behave-(\d+)-(\d+)-(\d+|hang)/.exec(request);
    const type = { bedrock: 'application/vnd.amazon.eventstream', gemini: parts === geminiEvents ? undefined : 'application/json' }[api] ?? 'text/event-stream';
    socket.write(`HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ntransfer-encoding: chunked\r\n\r\n`);
    for (const [i, part] of parts.entries()) {
      if (Number(at) === i) await sleep(Number(pause));
      const data = Buffer.from(part);
      socket.write(Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from('\r\n')]));
    }
    if (ends === 'hang') return;
    await sleep(Number(ends));
    socket.write('0\r\n\r\n');
  }
  stop() { this.server.close(); }
}

const says = [{ role: 'user', content: 'x' }];
const clients = {
  openai: (model) => ['/v1/chat/completions', { model, stream: true, messages: says }],
  responses: (model) => ['/v1/responses', { model, stream: true, input: 'x' }],
  anthropic: (model) => ['/v1/messages', { model, stream: true, max_tokens: 9, messages: says }],
  bedrock: (model) => [`/model/${model}/converse-stream`, { messages: [{ role: 'user', content: [{ text: 'x' }] }] }],
  gemini: (model) => [`/v1beta/models/${model}:streamGenerateContent`, { contents: [{ role: 'user', parts: [{ text: 'x' }] }] }],
};
clients.gemini_sse = (model) => [`/v1beta/models/${model}:streamGenerateContent?alt=sse`, clients.gemini(model)[1]];
const terminal = { gemini_sse: '"finishReason":"STOP"', openai: '[DONE]', responses: 'response.completed', anthropic: 'message_stop', bedrock: 'metadata', gemini: ']' };

let gateway, provider;
before(async () => {
  provider = await new Provider().start();
  const { url } = provider;
  const route = (api) => ({ deployments: [`${api}/*`], retries: 0, breaker: calm });
  gateway = await startGateway({
    master_key: masterKey,
    providers: {
      openai: { api_key: providerKey, dialect: 'openai', base_url: `${url}/v1` },
      responses: { type: 'openai', api_key: providerKey, dialect: 'responses', base_url: `${url}/v1` },
      anthropic: { api_key: providerKey, base_url: url },
      gemini: { api_key: providerKey, base_url: url },
      bedrock: { access_key_id: providerKey, secret_access_key: 'secret', region: 'us-east-1', base_url: url },
    },
    models: Object.fromEntries(Object.keys(streams).map((api) => [`${api}.*`, route(api)])),
    keys: [{ name: 'app', key: appKey }],
    threads: 1,
  });
});
after(() => provider.stop());

// When each of the words came, in ms since the request was sent, and when the answer ended.
async function follow(client, model, words) {
  const [path, body] = clients[client](model);
  const connection = await Connection.open(gateway);
  const began = performance.now();
  connection.request({ method: 'POST', path, body: JSON.stringify(body), headers: { authorization: `Bearer ${appKey}`, 'content-type': 'application/json' } });
  const { status, headers } = await within('the head', connection.head());
  assert.equal(status, 200);
  const came = {};
  let text = '';
  await within('the end', (async () => {
    for await (const piece of connection.body()) {
      text += piece.toString('latin1');
      for (const word of words) if (!(word in came) && text.includes(word)) came[word] = performance.now() - began;
    }
  })());
  connection.destroy();
  return { came, text, end: performance.now() - began, id: headers['x-sluice-request-id'] };
}

describe('a provider that keeps its connection open behind the event that ends the answer', () => {
  for (const client of Object.keys(clients)) {
    for (const api of Object.keys(streams)) {
      if (api === 'gemini' && client !== 'gemini') continue;    // its event streams have no such event
      test(`${client} over ${api}`, async () => {
        const { closed } = provider;
        const { text, end, id } = await follow(client, `${api}.behave-0-0-hang`, []);
        assert.ok(text.includes('said'), text);
        assert.ok(text.includes(terminal[client]), text);
        assert.ok(end < 1000, `took ${end} ms`);
        const { outcome, output_tokens } = await gateway.requestLog(id);
        assert.deepEqual([outcome, output_tokens], ['ok', 4]);
        await waitFor('the connection to be given up', () => provider.closed > closed, 3000);
      });
    }
  }
});

describe('events leave when they come', () => {
  const last = { openai: [2, '"finish_reason":"stop"'], anthropic: [4, '"end_turn"'], bedrock: [3, 'messageStop'], responses: [3, 'response.output_item.done'], gemini: [1, '"STOP"'] };
  for (const [api, [at, word]] of Object.entries(last)) {
    test(`${api}: the one before the last is not held`, async () => {
      const { came, end } = await follow(api, `${api}.behave-700-${at + 1}-0`, [word]);
      assert.ok(came[word] < 500, `came after ${came[word]} ms`);
      assert.ok(end > 650, `ended after ${end} ms`);
    });
  }
});

describe('a Gemini event stream ends with the provider\'s: something may follow a finish reason', () => {
  const finish = { gemini_sse: '"STOP"', openai: '"finish_reason":"stop"' };
  for (const [client, word] of Object.entries(finish)) {
    test(client, async () => {
      const { came, text, end, id } = await follow(client, 'gemini.behave-400-2-400', [word]);
      assert.ok(came[word] < 300, `came after ${came[word]} ms`);
      assert.ok(text.includes(terminal[client]), text);
      assert.ok(end > 750, `ended after ${end} ms`);
      assert.equal((await gateway.requestLog(id)).output_tokens, 5);
      if (client === 'gemini_sse') assert.ok(text.includes('"candidatesTokenCount":5'), text);
    });
  }
});

test('a connection whose end comes a little later is used again', async () => {
  await waitFor('others to be given up', () => provider.closed === provider.connections - 1 || provider.closed === provider.connections, 3000).catch(() => {});
  const { connections } = provider;
  for (let i = 0; i < 3; ++i) {
    const { end } = await follow('openai', 'openai.behave-0-0-150', []);
    assert.ok(end < 140, `took ${end} ms`);
    await sleep(300);
  }
  assert.ok(provider.connections <= connections + 1, `${provider.connections - connections} new connections`);
});

test('silence on an AWS event stream is filled, and the SDK does not see with what', async () => {
  const sim = await startSim('quiet');
  const quiet = await startGateway({
    master_key: masterKey,
    keep_alive: '200ms',
    providers: { bedrock: { access_key_id: providerKey, secret_access_key: 'secret', region: 'us-east-1', base_url: sim.url } },
    models: { 'bedrock.*': { deployments: ['bedrock/*'], retries: 0 } },
    keys: [{ name: 'app', key: appKey }],
  });
  await sim.script('amazon.nova-pro-v1:0', { delay_ms: 700, event_delay_ms: 500, text: 'slow but fine' });
  const model = 'bedrock.amazon.nova-pro-v1:0';
  const [path, body] = clients.bedrock(encodeURIComponent(model));
  const answer = await call(quiet, { method: 'POST', path, body: JSON.stringify(body), headers: { authorization: `Bearer ${appKey}`, 'content-type': 'application/json' }, limit: 15_000 });
  assert.equal(answer.headers['content-type'], 'application/vnd.amazon.eventstream');
  const frames = answer.text.split('keepAlive').length - 1;
  assert.ok(frames >= 4, `${frames} frames`);
  const sdks = await loadSdks();
  const client = new sdks.bedrock.BedrockRuntimeClient({ region: 'us-east-1', endpoint: quiet.url, maxAttempts: 1, requestHandler: new sdks.NodeHttpHandler(), credentials: { accessKeyId: appKey, secretAccessKey: 'of no use' } });
  const { stream } = await client.send(new sdks.bedrock.ConverseStreamCommand({ modelId: model, messages: [{ role: 'user', content: [{ text: 'x' }] }] }));
  let text = '';
  const kinds = new Set();
  for await (const event of stream) {
    for (const kind of Object.keys(event)) kinds.add(kind);
    text += event.contentBlockDelta?.delta?.text ?? '';
  }
  assert.equal(text, 'slow but fine');
  assert.ok([...kinds].every((kind) => ['messageStart', 'contentBlockStart', 'contentBlockDelta', 'contentBlockStop', 'messageStop', 'metadata'].includes(kind)), [...kinds].join());
});
