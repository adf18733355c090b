// Streams that fail before anything of an answer was seen: another deployment is asked, whatever events came before that.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { appKey, baseConfig, calm, chat, Connection, providerKey, startGateway, startSim, test, within } from './lib.mjs';

const sse = (data, event) => `${event ? `event: ${event}\n` : ''}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
const typed = (data) => sse(data, data.type);
const nameless = sse({ error: { message: 'Overloaded', type: 'overloaded_error' } });

const started = typed({ type: 'message_start', message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [], stop_reason: null, usage: { input_tokens: 3, output_tokens: 1 } } });
const block = typed({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } });
const overloaded = typed({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } });
const created = typed({ type: 'response.created', sequence_number: 0, response: { id: 'resp_1', object: 'response', created_at: 1, model: 'm', status: 'in_progress', output: [] } });
const added = typed({ type: 'response.output_item.added', sequence_number: 1, output_index: 0, item: { id: 'msg_1', type: 'message', status: 'in_progress', role: 'assistant', content: [] } });
const part = typed({ type: 'response.content_part.added', sequence_number: 2, item_id: 'msg_1', output_index: 0, content_index: 0, part: { type: 'output_text', text: '', annotations: [] } });
const broken = typed({ type: 'error', sequence_number: 3, code: 'server_error', message: 'broken', param: null });
const begun = typed({ type: 'message-start', id: 'c', delta: { message: { role: 'assistant' } } });
const said = (text) => typed({ type: 'content-delta', index: 0, delta: { message: { content: { text } } } });

const scripts = {
  anthropic: {
    'an event nobody knows': { sse: started + sse({ type: 'new_thing' }, 'new_thing') + overloaded },
    'a text with nothing in it': { sse: started + block + typed({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: '' } }) + overloaded },
    'a block that ends at once': { sse: started + block + typed({ type: 'content_block_stop', index: 0 }) + overloaded },
    'an error without a name': { sse: nameless },
  },
  responses: {
    'the part that the text is for': { sse: created + added + part + broken },
    'a text with nothing in it': { sse: created + added + part + typed({ type: 'response.output_text.delta', sequence_number: 3, item_id: 'msg_1', output_index: 0, content_index: 0, delta: '' }) + broken },
  },
  gemini: { 'an end that is not of the API': { sse: sse('[DONE]') }, 'a null': { sse: sse('null') } },
  cohere: {
    'a null': { sse: begun + sse('null') },
    'an event nobody knows': { sse: begun + sse({ type: 'new-thing' }, 'new-thing') },
    'a text with nothing in it': { sse: begun + said('') },
    'an error without a name': { sse: begun + nameless },
  },
  bedrock: { 'a text with nothing in it': { text: '', events: 2, error_after: 1, error: { message: 'broken' } } },
};
const named = { anthropic: 'claude-sonnet-4-5', responses: 'gpt-4o-mini', gemini: 'gemini-2.5-flash', cohere: 'command-r-plus', bedrock: 'amazon.nova-pro-v1:0' };
const hosted = 'anthropic.claude-sonnet-4-5-20250929-v1:0';

const clients = {
  chat: (model) => ['/v1/chat/completions', chat(model, { stream: true })],
  responses: (model) => ['/v1/responses', { model, stream: true, input: 'hello' }],
  messages: (model) => ['/v1/messages', { model, stream: true, max_tokens: 9, messages: [{ role: 'user', content: 'hello' }] }],
  gemini: (model) => [`/v1beta/models/${model}:streamGenerateContent?alt=sse`, { contents: [{ role: 'user', parts: [{ text: 'hello' }] }] }],
  converse: (model) => [`/model/${model}/converse-stream`, { messages: [{ role: 'user', content: [{ text: 'hello' }] }] }],
  invoke: (model) => [`/model/${model}/invoke-with-response-stream`, { anthropic_version: 'bedrock-2023-05-31', max_tokens: 9, messages: [{ role: 'user', content: 'hello' }] }],
};

let a, gateway;
before(async () => {
  a = await startSim('sim-a');
  const b = await startSim('sim-b');
  const route = (provider) => ({ deployments: [`${provider}/${named[provider]}`, 'sim-b/gpt-4o-mini'], retries: 0, breaker: calm });
  gateway = await startGateway(baseConfig([a, b], {
    providers: {
      anthropic: { base_url: a.url, api_key: providerKey },
      responses: { type: 'openai', dialect: 'responses', base_url: a.base, api_key: providerKey },
      gemini: { base_url: a.url, api_key: providerKey },
      cohere: { base_url: a.url, api_key: providerKey },
      bedrock: { access_key_id: providerKey, secret_access_key: 'of-no-use', region: 'us-east-1', base_url: a.url },
    },
    models: {
      ...Object.fromEntries(Object.keys(scripts).map((provider) => [provider, route(provider)])),
      hosted: { deployments: [`bedrock/${hosted}`, 'sim-b/gpt-4o-mini'], retries: 0, breaker: calm },
    },
  }));
});

async function falls_back(client, route) {
  const [path, body] = clients[client](route);
  const answer = await gateway.post(path, body);
  assert.deepEqual([answer.status, answer.headers['x-sluice-attempts'], answer.headers['x-sluice-deployment']], [200, '2', 'sim-b/gpt-4o-mini'], answer.text);
  assert.equal((await gateway.requestLog(answer.id)).outcome, 'ok');
  return answer;
}

for (const [provider, cases] of Object.entries(scripts)) {
  describe(provider, () => {
    for (const [name, script] of Object.entries(cases)) {
      for (const client of Object.keys(clients)) {
        test(`${name}, for a client of ${client}`, async () => {
          await a.script(named[provider], script);
          await falls_back(client, provider);
        });
      }
    }
  });
}

describe('InvokeModel whose bytes pass to Bedrock', () => {
  test('an error behind the first events of a message', async () => {
    await a.script(hosted, { error_after: 0 });
    await falls_back('invoke', 'hosted');
  });

  test('an answer passes as it comes', async () => {
    await a.script(hosted, { text: 'all is well' });
    const answer = await gateway.post(...clients.invoke('hosted'));
    assert.deepEqual([answer.status, answer.headers['x-sluice-attempts'], answer.headers['x-sluice-provider']], [200, '1', 'bedrock']);
    assert.ok(answer.bytes.includes('"bytes"'));
  });
});

describe('speech as events', () => {
  const speak = async (events) => {
    await a.script('tts-1', { sse: events });
    return gateway.post('/v1/audio/speech', { model: 'sim-a/tts-1', input: 'hi', voice: 'ash', stream_format: 'sse' });
  };
  test('without a type, as others have it, is an answer', async () => {
    const spoken = sse({ object: 'audio.tts.chunk', model: 'm', b64: 'UklGRg==' }) + sse('[DONE]');
    const answer = await speak(spoken);
    assert.deepEqual([answer.status, answer.text], [200, spoken]);
  });
});

test('what nobody knows before an answer reaches the client with it', async () => {
  await a.script(named.anthropic, { sse: started + sse({ type: 'new_thing' }, 'new_thing') + block
    + typed({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hi' } }) + typed({ type: 'content_block_stop', index: 0 })
    + typed({ type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 4 } }) + typed({ type: 'message_stop' }) });
  const answer = await gateway.post(...clients.messages('anthropic'));
  assert.deepEqual([answer.status, answer.headers['x-sluice-attempts']], [200, '1']);
  assert.deepEqual(answer.events.map((data) => JSON.parse(data).type),
    ['message_start', 'new_thing', 'content_block_start', 'content_block_delta', 'content_block_stop', 'message_delta', 'message_stop']);
});

test('an event of audio is seen: what passes leaves with it', async () => {
  const audio = typed({ type: 'response.audio.delta', sequence_number: 1, delta: 'aaaa' });
  const done = typed({ type: 'response.completed', sequence_number: 2, response: { id: 'resp_1', object: 'response', created_at: 1, model: 'm', status: 'completed', output: [] } });
  await a.script(named.responses, { sse: created + audio + done, split: (created + audio).length, chunk_delay_ms: 3000 });
  const [path, body] = clients.responses('responses');
  const connection = await Connection.open(gateway);
  connection.request({ method: 'POST', path, body: JSON.stringify(body), headers: { authorization: `Bearer ${appKey}`, 'content-type': 'application/json' } });
  await within('the head', connection.head(), 1500);
  assert.match((await within('the audio', connection.events(2), 1500))[1], /audio/);
  connection.destroy();
});
