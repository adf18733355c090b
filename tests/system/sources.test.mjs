// Sources of an answer's text: every client is told the same words of them, streamed and not. And what else an answer says in a way that
// only its own API has: characters cut in two, and that the model's output is malformed.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { baseConfig, providerKey, startGateway, startSim, test } from './lib.mjs';

const model = 'claude-sonnet-4-5';
let a, b, gateway;
before(async () => {
  [a, b] = [await startSim('sim-a'), await startSim('sim-b')];
  const provider = (sim, type) => ({ type, base_url: type === 'gemini' ? sim.url : `${sim.url}/v1`, api_key: providerKey });
  gateway = await startGateway(baseConfig([a, b], {
    providers: { claude: provider(a, 'anthropic'), gemini: provider(a, 'gemini'), second: provider(b, 'gemini'), plain: { ...provider(a, 'openai'), dialect: 'openai' } },
    models: {
      claude: { deployments: [`claude/${model}`], retries: 0 },
      gemini: { deployments: ['gemini/gemini-3-pro'], retries: 0 },
      both: { deployments: ['gemini/gemini-3-pro', 'second/gemini-3-pro'], retries: 0, breaker: { consecutive: 0, failure_percent: 0 } },
      chat: { deployments: ['plain/chat'], retries: 0 },
    },
  }));
});

const clients = {
  chat: (route, stream) => ['/v1/chat/completions', { model: route, stream, messages: [{ role: 'user', content: 'x' }] }],
  responses: (route, stream) => ['/v1/responses', { model: route, stream, input: 'x' }],
  messages: (route, stream) => ['/v1/messages', { model: route, stream, max_tokens: 99, messages: [{ role: 'user', content: 'x' }] }],
  gemini: (route, stream) => [`/v1beta/models/${route}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    { contents: [{ role: 'user', parts: [{ text: 'x' }] }] }],
  converse: (route, stream) => [`/model/${route}/converse${stream ? '-stream' : ''}`, { messages: [{ role: 'user', content: [{ text: 'x' }] }] }],
};
async function answered(client, route, stream) {
  const answer = await gateway.post(...clients[client](route, stream));
  assert.equal(answer.status, 200, answer.text);
  return answer.text;
}
const events = (text) => text.split(/\r?\n/).filter((line) => line.startsWith('data: {')).map((line) => JSON.parse(line.slice(6)));

// What each client is told of the one source: the words it is of, in the client's own way of counting.
const slice = (text, from, to) => [...text].slice(from, to).join('');
const cited = {
  chat(text, stream) {
    const told = stream ? events(text).map((event) => event.choices[0]?.delta ?? {}) : [JSON.parse(text).choices[0].message];
    const [source] = told.flatMap((message) => message.annotations ?? []);
    return [slice(told.map((message) => message.content ?? '').join(''), source.url_citation.start_index, source.url_citation.end_index), source.url_citation.url];
  },
  responses(text, stream) {
    const response = stream ? events(text).at(-1).response : JSON.parse(text);
    const [part] = response.output.at(-1).content;
    const [source] = part.annotations;
    return [slice(part.text, source.start_index, source.end_index), source.url];
  },
  messages(text, stream) {
    if (!stream) {
      const block = JSON.parse(text).content.find((one) => one.citations);
      return [block.text, block.citations[0].url];
    }
    const told = events(text);
    const { index, delta } = told.find((event) => event.delta?.type === 'citations_delta');
    const words = told.filter((event) => event.index === index && event.delta?.type === 'text_delta').map((event) => event.delta.text).join('');
    return [words, delta.citation.url];
  },
  gemini(text, stream) {
    const told = stream ? events(text) : [JSON.parse(text)];
    const parts = told.flatMap((event) => event.candidates[0].content?.parts ?? []).map((part) => part.text);
    const { groundingChunks: [chunk], groundingSupports: [{ segment }] } = told.at(-1).candidates[0].groundingMetadata;
    const words = Buffer.from(stream ? parts.join('') : parts[segment.partIndex ?? 0]);
    return [words.subarray(segment.startIndex, segment.endIndex).toString(), chunk.web.uri];
  },
  converse(text, stream) {
    if (!stream) {
      const { citationsContent } = JSON.parse(text).output.message.content.find((block) => block.citationsContent);
      return [citationsContent.content[0].text, citationsContent.citations[0].location.web.url];
    }
    const deltas = [...text.matchAll(/\{"contentBlockIndex":(\d+),"delta":(\{.*?\})\}(?=[^,\]}])/gs)].map(([, index, delta]) => [index, JSON.parse(delta)]);
    const [index, { citation }] = deltas.find(([, delta]) => delta.citation);
    return [deltas.filter(([at, delta]) => at === index && delta.text).map(([, delta]) => delta.text).join(''), citation.location.web.url];
  },
};

const sse = (...all) => all.map(([name, data]) => `${name ? `event: ${name}\n` : ''}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`).join('');
const source = { type: 'web_search_result_location', url: 'https://a.test/x', title: 'A', encrypted_index: 'e', cited_text: 'q' };
const usage = { input_tokens: 1, output_tokens: 1 };
const claude = {
  whole: { body: JSON.stringify({ id: 'msg_1', type: 'message', role: 'assistant', model, stop_reason: 'end_turn', usage,
    content: [{ type: 'text', text: 'I é ' }, { type: 'text', text: 'found', citations: [source] }, { type: 'text', text: ' it.' }] }) },
  stream: { sse: sse(
    ['message_start', { type: 'message_start', message: { id: 'msg_1', type: 'message', role: 'assistant', model, content: [], stop_reason: null, usage } }],
    ...[['I é '], ['found', source], [' it.']].flatMap(([text, citation], index) => [
      ['content_block_start', { type: 'content_block_start', index, content_block: { type: 'text', text: '' } }],
      ...(citation ? [['content_block_delta', { type: 'content_block_delta', index, delta: { type: 'citations_delta', citation } }]] : []),
      ...[text.slice(0, 2), text.slice(2)].map((half) => ['content_block_delta', { type: 'content_block_delta', index, delta: { type: 'text_delta', text: half } }]),
      ['content_block_stop', { type: 'content_block_stop', index }],
    ]),
    ['message_delta', { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage }], ['message_stop', { type: 'message_stop' }]) },
};
const candidate = (text, more = {}) => ({ candidates: [{ content: { role: 'model', parts: [{ text }] }, index: 0, ...more }], usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1 } });
const grounding = { groundingChunks: [{ web: { uri: 'https://a.test/x', title: 'A' } }],
  groundingSupports: [{ segment: { startIndex: 5, endIndex: 10, text: 'found' }, groundingChunkIndices: [0] }] };
const gemini = {
  whole: { body: JSON.stringify(candidate('I é found it.', { finishReason: 'STOP', groundingMetadata: grounding })) },
  stream: { sse: sse(['', candidate('I é fo')], ['', candidate('und it.', { finishReason: 'STOP', groundingMetadata: grounding })]) },
};

for (const [provider, upstream, answers] of [['claude', model, claude], ['gemini', 'gemini-3-pro', gemini]]) {
  describe(`the words of a source that ${provider} tells`, () => {
    for (const client of Object.keys(clients).filter((name) => name !== (provider === 'claude' ? 'messages' : 'gemini'))) {
      for (const stream of [false, true]) {
        test(`to ${client}, ${stream ? 'streamed' : 'whole'}`, async () => {
          await a.script(upstream, stream ? answers.stream : answers.whole);
          const [words, url] = cited[client](await answered(client, provider, stream), stream);
          assert.equal(url, 'https://a.test/x');
          // A stream that has no blocks of its own has been sent before its sources are known.
          const blocks = provider === 'gemini' && stream && ['messages', 'converse'].includes(client);
          assert.equal(words, blocks ? 'I é found it.' : 'found');
        });
      }
    }
  });
}

test('a source of one of several parts', async () => {
  const parts = [{ text: 'Hm', thought: true }, { text: 'Aé one.' }, { executableCode: { language: 'PYTHON', code: '1' } }, { text: 'Bé two.' }];
  const support = { segment: { partIndex: 3, startIndex: 4, endIndex: 7, text: 'two' }, groundingChunkIndices: [0] };
  await a.script('gemini-3-pro', { body: JSON.stringify({ candidates: [{ content: { role: 'model', parts }, index: 0, finishReason: 'STOP',
    groundingMetadata: { groundingChunks: grounding.groundingChunks, groundingSupports: [support] } }], usageMetadata: { promptTokenCount: 1 } }) });
  for (const client of ['chat', 'messages', 'converse']) {
    assert.equal(cited[client](await answered(client, 'gemini', false), false)[0], 'two', client);
  }
});

describe('characters cut in two', () => {
  const chunk = (content, finish) => `{"id":"c","object":"chat.completion.chunk","created":1,"model":"chat","choices":[{"index":0,"delta":{"content":"${content}"},"finish_reason":${finish}}]}`;
  for (const client of ['responses', 'messages', 'gemini', 'converse']) {
    test(`reach ${client} whole`, async () => {
      await a.script('chat', { sse: sse(['', chunk('go \\ud83d', 'null')], ['', chunk('\\ude80!', 'null')], ['', chunk('', '"stop"')], ['', '[DONE]']) });
      const text = await answered(client, 'chat', true);
      assert.doesNotMatch(text, /\\ud83d"/);
      assert.match(text, /\\ud83d\\ude80!/);
    });
  }
});

describe('output of a model that is malformed', () => {
  const malformed = { candidates: [{ content: {}, finishReason: 'MALFORMED_FUNCTION_CALL', index: 0 }], usageMetadata: { promptTokenCount: 1 } };
  for (const client of ['chat', 'responses', 'messages', 'converse']) {
    for (const stream of [false, true]) {
      const script = stream ? { sse: sse(['', malformed]) } : { body: JSON.stringify(malformed) };
      test(`another deployment is asked for ${client}, ${stream ? 'streamed' : 'whole'}`, async () => {
        await a.script('gemini-3-pro', script);
        const answer = await gateway.post(...clients[client]('both', stream));
        assert.deepEqual([answer.status, answer.headers['x-sluice-deployment'], answer.headers['x-sluice-attempts']], [200, 'second/gemini-3-pro', '2'], answer.text);
      });
      test(`alone it is an error for ${client}, ${stream ? 'streamed' : 'whole'}`, async () => {
        await a.script('gemini-3-pro', script);
        const answer = await gateway.post(...clients[client]('gemini', stream));
        assert.equal(answer.status, client === 'converse' ? 500 : 502, answer.text);
        assert.match(answer.text, /The model's output was malformed \(MALFORMED_FUNCTION_CALL\)/);
      });
    }
  }
});
