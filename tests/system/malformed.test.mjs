// Whole answers that are JSON and no answer: another deployment is asked; and answers that only look empty, which pass. Chats of all
// APIs are in faults.test.mjs.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { baseConfig, calm, providerKey, startGateway, startSim, test } from './lib.mjs';

const embedding = 'text-embedding-3-small';
const invoked = { openai: 'gpt-invoked', anthropic: 'claude-invoked', cohere: 'command-invoked', gemini: 'gemini-invoked', bedrock: 'anthropic.claude-invoked' };
let a, b, gateway;
before(async () => {
  [a, b] = [await startSim('sim-a'), await startSim('sim-b')];
  gateway = await startGateway(baseConfig([a, b], {
    providers: { gemini: { type: 'gemini', base_url: a.url, api_key: providerKey }, other: { type: 'gemini', base_url: b.url, api_key: providerKey },
      openai: { base_url: a.base, api_key: providerKey }, anthropic: { base_url: a.url, api_key: providerKey }, cohere: { base_url: a.url, api_key: providerKey },
      bedrock: { base_url: a.url, region: 'us-east-1', access_key_id: providerKey, secret_access_key: 'of-no-use' } },
    models: {
      vectors: { deployments: [`sim-a/${embedding}`, `sim-b/${embedding}`], retries: 0 },
      translated: { deployments: ['gemini/gemini-embedding-001', `sim-b/${embedding}`], retries: 0 },
      ...Object.fromEntries(Object.entries(invoked).map(([provider, model]) => [`invoked-${provider}`, { deployments: [`${provider}/${model}`, 'sim-b/gpt-4o-mini'], retries: 0, breaker: calm }])),
      alone: { deployments: ['sim-a/alone'], retries: 0 },
      answers: { deployments: ['sim-a/answers'], retries: 0 },
      streamed: { deployments: ['gemini/streamed', 'other/streamed'], retries: 0, breaker: { consecutive: 0, failure_percent: 0 } },
      'gemini-3-pro': { deployments: ['gemini/gemini-3-pro'], retries: 0 },
    },
  }));
});

describe('embeddings', () => {
  for (const body of ['null', '{}', '[]', ' {\n} ']) {
    for (const [model, upstream] of [['vectors', embedding], ['translated', 'gemini-embedding-001']]) {
      test(`${JSON.stringify(body)} for ${model}`, async () => {
        await a.script(upstream, { body });
        const answer = await gateway.post('/v1/embeddings', { model, input: 'good morning' });
        assert.equal(answer.status, 200, answer.text);
        assert.equal(answer.headers['x-sluice-deployment'], `sim-b/${embedding}`);
        assert.equal(answer.headers['x-sluice-attempts'], '2');
        assert.ok(answer.json.data[0].embedding.length > 0);
      });
    }
  }

  test('an answer without a vector, which would be translated into one', async () => {
    await a.script('gemini-embedding-001', { body: '{"embeddings":[]}' });
    const answer = await gateway.post('/v1/embeddings', { model: 'translated', input: 'good morning' });
    assert.deepEqual([answer.status, answer.headers['x-sluice-attempts']], [200, '2'], answer.text);
    assert.ok(answer.json.data[0].embedding.length > 0);
  });

  test('alone, it is a 502 to the client', async () => {
    await a.script('alone', { body: '{}' });
    const answer = await gateway.post('/v1/embeddings', { model: 'alone', input: 'x' });
    assert.equal(answer.status, 502);
    assert.match(answer.text, /cannot be read/);
  });
});

describe('InvokeModel', () => {
  const overloaded = '{"error":{"message":"overloaded","type":"overloaded_error"}}';
  const typed = '{"type":"error","error":{"type":"overloaded_error","message":"overloaded"}}';
  const none = '{"choices":[]}';
  const cases = { openai: [overloaded, none], anthropic: [overloaded, typed, none], cohere: [overloaded, none], gemini: ['{"error":"something bad"}', none], bedrock: [overloaded, typed] };
  for (const [provider, bodies] of Object.entries(cases)) {
    for (const body of bodies) {
      for (const way of ['invoke', 'invoke-with-response-stream']) {
        test(`${body} of ${provider} for ${way}`, async () => {
          await a.script(invoked[provider], { body });
          const answer = await gateway.post(`/model/invoked-${provider}/${way}`, { anthropic_version: 'bedrock-2023-05-31', max_tokens: 50, messages: [{ role: 'user', content: 'hi' }] });
          assert.deepEqual([answer.status, answer.headers['x-sluice-attempts'], answer.headers['x-sluice-provider']], [200, '2', 'sim-b'], answer.text);
        });
      }
    }
  }

  test('an answer of another vendor passes, whatever it is', async () => {
    const body = '{"images":["aGk="],"error":null}';
    await a.script(invoked.bedrock, { body, strict: false });
    const answer = await gateway.post('/model/invoked-bedrock/invoke', { taskType: 'TEXT_IMAGE' });
    assert.deepEqual([answer.status, answer.text, answer.headers['x-sluice-attempts']], [200, body, '1']);
  });
});

// Of what only providers of the same API serve.
const form = (fields) => ({ headers: { 'content-type': 'multipart/form-data; boundary=X' },
  body: `${Object.entries(fields).map(([name, value]) => `--X\r\ncontent-disposition: form-data; name="${name}"${name === 'file' ? '; filename="a.wav"' : ''}\r\n\r\n${value}\r\n`).join('')}--X--\r\n` });
const others = {
  completions: ['/v1/completions', { prompt: 'x' }],
  moderations: ['/v1/moderations', { input: 'x' }],
  images: ['/v1/images/generations', { prompt: 'x' }],
  speech: ['/v1/audio/speech', { input: 'x', voice: 'alloy' }],
  transcriptions: ['/v1/audio/transcriptions', { file: 'RIFF' }],
};
async function askOther(what, model, more = {}) {
  const [path, fields] = others[what];
  if (what !== 'transcriptions') return gateway.post(path, { model, ...fields, ...more });
  const { headers, body } = form({ model, ...fields, ...more });
  return gateway.post(path, body, { headers });
}

describe('a page in place of an answer', () => {
  for (const what of Object.keys(others)) {
    test(`of ${what}`, async () => {
      await a.script(`page-${what}`, { body: '<html>captive portal</html>', content_type: 'text/html; charset=utf-8' });
      const answer = await askOther(what, `pair/page-${what}`);
      assert.deepEqual([answer.status, answer.headers['x-sluice-attempts'], answer.headers['x-sluice-provider']], [200, '2', 'sim-b'], answer.text);
      assert.ok(!answer.text.includes('captive'));
      assert.equal((await askOther(what, `sim-a/page-${what}`)).status, 502);
    });
  }
});

describe('a stream that ends before it began', () => {
  for (const [what, more] of [['images', { stream: true }], ['transcriptions', { stream: 'true' }], ['speech', { stream_format: 'sse' }], ['completions', { stream: true }]]) {
    test(`of ${what}`, async () => {
      await a.script(`ends-${what}`, { sse: 'data: [DONE]\n\n' });
      const answer = await askOther(what, `pair/ends-${what}`, more);
      assert.deepEqual([answer.status, answer.headers['x-sluice-attempts'], answer.headers['x-sluice-provider']], [200, '2', 'sim-b'], answer.text);
    });
  }
});

describe('what is not called what it is', () => {
  const whole = '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi there"},"finish_reason":"stop"}]}';
  const chunks = ['{"role":"assistant","content":"hi there"}', '{}'].map((delta, i) => `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":${delta},"finish_reason":${i ? '"stop"' : null}}]}\n\n`).join('') + 'data: [DONE]\n\n';
  const vector = '{"object":"list","data":[{"object":"embedding","index":0,"embedding":[1,0]}],"model":"m","usage":{"prompt_tokens":1,"total_tokens":1}}';
  const asked = {
    chat: ['/v1/chat/completions', { messages: [{ role: 'user', content: 'x' }] }],
    messages: ['/v1/messages', { max_tokens: 9, messages: [{ role: 'user', content: 'x' }] }],
  };
  for (const [how, script] of [['text', { content_type: 'text/plain; charset=utf-8' }], ['nothing', { content_type: '' }]]) {
    for (const [client, [path, fields]] of Object.entries(asked)) {
      test(`an answer as ${how}, for ${client}`, async () => {
        await a.script('answers', { body: whole, ...script });
        const answer = await gateway.post(path, { model: 'answers', ...fields });
        assert.equal(answer.status, 200, answer.text);
        assert.equal(answer.headers['content-type'], 'application/json');
        assert.match(answer.text, /hi there/);
      });
      test(`a stream as ${how}, for ${client}`, async () => {
        await a.script('answers', { body: chunks, ...script });
        const answer = await gateway.post(path, { model: 'answers', stream: true, ...fields });
        assert.equal(answer.status, 200, answer.text);
        assert.match(answer.headers['content-type'], /^text\/event-stream/);
        assert.match(answer.text, /hi there/);
      });
    }
    test(`a completion as ${how}, and streamed`, async () => {
      const completion = (text, finish) => `{"id":"c","object":"text_completion","created":1,"model":"m","choices":[{"index":0,"text":"${text}","finish_reason":${finish}}]}`;
      await a.script('answers', { body: completion('hi there', '"stop"'), ...script });
      const answer = await gateway.post('/v1/completions', { model: 'answers', prompt: 'x' });
      assert.deepEqual([answer.status, answer.headers['content-type']], [200, 'application/json'], answer.text);
      await a.script('answers', { body: `data: ${completion('hi there', null)}\n\ndata: ${completion('', '"stop"')}\n\ndata: [DONE]\n\n`, ...script });
      const streamed = await gateway.post('/v1/completions', { model: 'answers', prompt: 'x', stream: true });
      assert.deepEqual([streamed.status, /^text\/event-stream/.test(streamed.headers['content-type'])], [200, true], streamed.text);
      assert.match(streamed.text, /hi there/);
    });
    test(`a vector as ${how}`, async () => {
      await a.script('alone', { body: vector, ...script });
      const answer = await gateway.post('/v1/embeddings', { model: 'alone', input: 'x' });
      assert.deepEqual([answer.status, answer.text], [200, vector]);
    });
    test(`a page as ${how} is none`, async () => {
      await a.script(`vague-${how}`, { body: '<html>captive portal</html>', ...script });
      for (const stream of [false, true]) {
        const answer = await gateway.chat(`pair/vague-${how}`, { stream });
        assert.deepEqual([answer.status, answer.headers['x-sluice-attempts']], [200, '2'], answer.text);
      }
    });
  }
  test('a byte order mark before an answer', async () => {
    await a.script('answers', { body: `\ufeff${whole}` });
    const answer = await gateway.chat('answers');
    assert.deepEqual([answer.status, answer.text], [200, whole]);
    const translated = await gateway.post(asked.messages[0], { model: 'answers', ...asked.messages[1] });
    assert.match(translated.text, /hi there/);
  });
});

describe('streams of the Gemini API', () => {
  const ask = (how) => gateway.post(`/v1beta/models/streamed:${how}`, { contents: [{ role: 'user', parts: [{ text: 'x' }] }] });
  for (const body of ['{"candidates":[],"modelVersion":"m"}', '[{"candidates":[],"modelVersion":"m"}]', '{}', '[]', '[{}]', 'null', '"x"']) {
    test(`${body} in place of events, and of an array`, async () => {
      await a.script('streamed', { body });
      for (const how of ['streamGenerateContent?alt=sse', 'streamGenerateContent']) {
        const answer = await ask(how);
        assert.deepEqual([answer.status, answer.headers['x-sluice-deployment'], answer.headers['x-sluice-attempts']], [200, 'other/streamed', '2'], answer.text);
        assert.match(answer.headers['content-type'], how.endsWith('sse') ? /^text\/event-stream/ : /^application\/json/);
      }
    });
  }

  test('a whole answer in place of events passes', async () => {
    const body = '{"candidates":[{"content":{"role":"model","parts":[{"text":"hi"}]},"finishReason":"STOP"}]}';
    await a.script('streamed', { body });
    const answer = await ask('streamGenerateContent?alt=sse');
    assert.deepEqual([answer.status, answer.text, answer.headers['x-sluice-attempts']], [200, body, '1']);
  });
});

describe('what only looks empty', () => {
  test('a response that goes on in the background', async () => {
    const body = '{"id":"resp_1","object":"response","status":"queued","background":true,"model":"answers","output":[]}';
    await a.script('answers', { body });
    const answer = await gateway.post('/v1/responses', { model: 'answers', input: 'x', background: true });
    assert.deepEqual([answer.status, answer.text], [200, body]);
  });

  test('an answer without a word, with a reason to end', async () => {
    const body = '{"id":"c","object":"chat.completion","created":1,"model":"answers","choices":[{"index":0,"message":{"role":"assistant","content":""},"finish_reason":"stop"}]}';
    await a.script('answers', { body });
    const answer = await gateway.chat('answers');
    assert.deepEqual([answer.status, answer.text], [200, body]);
  });

  test('a prompt that Gemini blocks', async () => {
    const body = '{"promptFeedback":{"blockReason":"SAFETY"}}';
    await a.script('gemini-3-pro', { body });
    const answer = await gateway.post('/v1beta/models/gemini-3-pro:generateContent', { contents: [{ role: 'user', parts: [{ text: 'x' }] }] });
    assert.deepEqual([answer.status, answer.text], [200, body]);
  });
});
