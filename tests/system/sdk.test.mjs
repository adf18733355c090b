// The SDKs people use, unchanged but for base URL and key, against the real binary.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { appKey, loadSdks, refusing, scripted, startPair, test, waitFor, within } from './lib.mjs';

const { OpenAI, toFile, createOpenAI, embedMany, generateSpeech, transcribe, generateText, streamText: aiStream, tool, stepCountIs, ChatOpenAI,
  OpenAIEmbeddings, z } = await loadSdks();

let gateway, sim, client;
before(async () => {
  ({ gateway, sims: [sim] } = await startPair({
    models: { fast: { deployments: ['sim-a/gpt-4o-mini'], retries: 0 }, 'gpt-image-1': { deployments: ['sim-a/gpt-image-1'] }, 'dall-e-2': { deployments: ['sim-a/dall-e-2'] },
      'omni-moderation-latest': { deployments: ['sim-a/omni-moderation-latest'] } },
    keys: [{ name: 'narrow', key: 'sk-sl-narrow-0123456789abcdef0123456789abcdef', models: ['fast'] }],
  }, 1));
  client = new OpenAI({ apiKey: appKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
});

const say = (text, model = 'fast') => ({ model, messages: [{ role: 'user', content: text }] });
const weather = { type: 'function', function: { name: 'weather', description: 'Weather of a place', parameters: { type: 'object', properties: { text: { type: 'string' } } } } };

describe('openai SDK', () => {
  test('a chat completion is answered, with usage, ids and our headers', async () => {
    const { data, response } = await client.chat.completions.create(say('good morning')).withResponse();
    assert.equal(data.choices[0].message.content, 'You said: good morning');
    assert.equal(data.choices[0].finish_reason, 'stop');
    assert.equal(data.usage.total_tokens, data.usage.prompt_tokens + data.usage.completion_tokens);
    assert.ok(data.usage.prompt_tokens > 0);
    const header = (name) => response.headers.get(name);
    assert.equal(header('x-sluice-route'), 'fast');
    assert.equal(header('x-sluice-deployment'), 'sim-a/gpt-4o-mini');
    assert.equal(header('x-sluice-attempts'), '1');
    assert.match(header('x-sluice-overhead-us'), /^\d+$/);
    assert.ok(header('x-sluice-request-id').length >= 16);
    assert.equal(header('x-sluice-model'), data.model);
    assert.ok(data._request_id, 'the SDK finds the request id');
  });

  test('the base URL works without /v1 too', async () => {
    const bare = new OpenAI({ apiKey: appKey, baseURL: gateway.url, maxRetries: 0 });
    assert.equal((await bare.chat.completions.create(say('x'))).choices[0].message.content, 'You said: x');
  });

  test('a stream gives the same text as the whole answer, and ends', async () => {
    const stream = await client.chat.completions.create({ ...say('one two three'), stream: true });
    let text = '';
    const finishes = [];
    for await (const chunk of stream) {
      assert.ok(!chunk.usage, 'usage that was not asked for is not shown');
      text += chunk.choices[0]?.delta?.content ?? '';
      if (chunk.choices[0]?.finish_reason) finishes.push(chunk.choices[0].finish_reason);
    }
    assert.equal(text, 'You said: one two three');
    assert.deepEqual(finishes, ['stop']);
  });

  test('usage asked for on a stream comes in the last chunk', async () => {
    const whole = await client.chat.completions.create(say('count me'));
    const stream = await client.chat.completions.create({ ...say('count me'), stream: true, stream_options: { include_usage: true } });
    const chunks = await collect(stream);
    assert.deepEqual(chunks.at(-1).choices, []);
    assert.equal(chunks.at(-1).usage.total_tokens, whole.usage.total_tokens);
  });

  test('the stream helper assembles the final message', async () => {
    const final = await client.chat.completions.stream({ ...say('helper') }).finalChatCompletion();
    assert.equal(final.choices[0].message.content, 'You said: helper');
  });

  for (const style of ['fragments', 'whole', 'with_finish', 'together']) {
    test(`B2: tool calls streamed "${style}" equal the whole answer's`, async () => {
      const script = { tool_style: style, tool_calls: [{ name: 'weather', arguments: { text: 'Zürich 🚀' } }, { name: 'time', arguments: '{"zone": "CET"}' }] };
      const tools = [weather, { type: 'function', function: { name: 'time', parameters: { type: 'object' } } }];
      const body = { ...say('go', scripted(script)), tools };
      const whole = (await client.chat.completions.create(body)).choices[0];
      assert.equal(whole.finish_reason, 'tool_calls');
      const stream = await client.chat.completions.create({ ...body, stream: true });
      const calls = [];
      let finish;
      for await (const chunk of stream) {
        for (const part of chunk.choices[0]?.delta?.tool_calls ?? []) {
          const call = (calls[part.index] ??= { name: '', arguments: '' });
          call.name += part.function?.name ?? '';
          call.arguments += part.function?.arguments ?? '';
        }
        finish = chunk.choices[0]?.finish_reason ?? finish;
      }
      assert.deepEqual(calls, whole.message.tool_calls.map((call) => ({ name: call.function.name, arguments: call.function.arguments })));
      assert.equal(finish, 'tool_calls');
    });
  }

  test('a tool conversation goes round: call, result, answer', async () => {
    const messages = [{ role: 'user', content: 'call:weather' }];
    const first = await client.chat.completions.create({ model: 'fast', messages, tools: [weather] });
    const [call] = first.choices[0].message.tool_calls;
    assert.equal(call.function.name, 'weather');
    messages.push(first.choices[0].message, { role: 'tool', tool_call_id: call.id, content: 'sunny' }, { role: 'user', content: 'thanks' });
    const second = await client.chat.completions.create({ model: 'fast', messages, tools: [weather] });
    assert.equal(second.choices[0].message.content, 'You said: thanks');
  });

  test('reasoning_content of a compatible provider survives', async () => {
    const answer = await client.chat.completions.create(say('x', scripted({ reasoning: 'hmm, let me see', text: 'ok' })));
    assert.equal(answer.choices[0].message.reasoning_content, 'hmm, let me see');
    let reasoning = '';
    for await (const chunk of await client.chat.completions.create({ ...say('x', scripted({ reasoning: 'hmm, let me see', text: 'ok' })), stream: true })) {
      reasoning += chunk.choices[0]?.delta?.reasoning_content ?? '';
    }
    assert.equal(reasoning, 'hmm, let me see');
  });

  test('completions, whole and streamed', async () => {
    const whole = await client.completions.create({ model: 'fast', prompt: 'once upon' });
    assert.ok(whole.choices[0].text.includes('once upon'));
    let text = '';
    for await (const chunk of await client.completions.create({ model: 'fast', prompt: 'once upon', stream: true })) text += chunk.choices[0]?.text ?? '';
    assert.equal(text, whole.choices[0].text);
  });

  test('embeddings as numbers and as base64, one and many', async () => {
    const numbers = await client.embeddings.create({ model: 'fast', input: ['a', 'bb', 'ccc'], encoding_format: 'float' });
    assert.equal(numbers.data.length, 3);
    assert.ok(numbers.data[0].embedding.every((x) => typeof x === 'number'));
    const decoded = await client.embeddings.create({ model: 'fast', input: ['a', 'bb', 'ccc'] });    // the SDK asks for base64 and decodes
    assert.equal(decoded.data[2].embedding.length, numbers.data[2].embedding.length);
    for (const [i, value] of numbers.data[1].embedding.entries()) assert.ok(Math.abs(value - decoded.data[1].embedding[i]) < 1e-6);
    const raw = await client.embeddings.create({ model: 'fast', input: 'a', encoding_format: 'base64' });
    assert.equal(typeof raw.data[0].embedding, 'string');
    assert.ok(numbers.usage.prompt_tokens > 0);
  });

  test('moderations', async () => {
    const answer = await client.moderations.create({ model: 'omni-moderation-latest', input: 'be nice' });
    assert.equal(answer.results.length, 1);
    assert.equal(typeof answer.results[0].flagged, 'boolean');
    assert.equal((await client.moderations.create({ input: 'be nice' })).results.length, 1, 'without a model the default is used');
  });

  test('images: generate, edit and variation', async () => {
    const made = await client.images.generate({ model: 'gpt-image-1', prompt: 'a cat' });
    assert.ok(made.data[0].b64_json ?? made.data[0].url);
    const png = () => toFile(Buffer.from('89504e470d0a1a0a0000', 'hex'), 'cat.png', { type: 'image/png' });
    const edited = await client.images.edit({ model: 'gpt-image-1', image: await png(), prompt: 'with a hat' });
    assert.ok(edited.data.length >= 1);
    const varied = await client.images.createVariation({ model: 'dall-e-2', image: await png() });
    assert.ok(varied.data.length >= 1);
  });

  test('audio: speech gives the bytes, transcription and translation take a file', async () => {
    const speech = await client.audio.speech.create({ model: 'fast', voice: 'alloy', input: 'hello there' });
    assert.match(speech.headers.get('content-type'), /^audio\//);
    assert.ok((await speech.arrayBuffer()).byteLength > 0);
    const bytes = Buffer.alloc(300_000, 7);
    const file = () => toFile(bytes, 'speech ü.wav', { type: 'audio/wav' });
    await sim.reset();
    const heard = await client.audio.transcriptions.create({ model: 'fast', file: await file(), language: 'de' });
    assert.equal(typeof heard.text, 'string');
    const translated = await client.audio.translations.create({ model: 'fast', file: await file() });
    assert.equal(typeof translated.text, 'string');
    const [entry] = await sim.ledger();
    const received = entry.body_base64 ? Buffer.from(entry.body_base64, 'base64') : Buffer.from(entry.body);
    assert.ok(received.includes(bytes), 'the file reached the provider whole');
    assert.ok(received.includes('gpt-4o-mini'), 'the model field was rewritten');
    assert.ok(!received.includes('\r\n\r\nfast\r\n'));
  });

  test('models: list and retrieve, only those the key may use', async () => {
    const ids = (await client.models.list()).data.map((model) => model.id);
    assert.ok(ids.includes('fast'), `${ids}`);
    const one = await client.models.retrieve('fast');
    assert.equal(one.object, 'model');
    await assert.rejects(client.models.retrieve('no-such-model'), OpenAI.NotFoundError);
    const narrow = new OpenAI({ apiKey: 'sk-sl-narrow-0123456789abcdef0123456789abcdef', baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    assert.deepEqual((await narrow.models.list()).data.map((model) => model.id), ['fast']);
  });

  const classes = { 400: 'BadRequestError', 404: 'NotFoundError', 409: 'ConflictError', 422: 'UnprocessableEntityError', 429: 'RateLimitError', 500: 'InternalServerError', 503: 'InternalServerError' };
  for (const [status, name] of Object.entries(classes)) {
    test(`a provider's ${status} becomes ${name} with the provider's message, code and param`, async () => {
      const error = { message: `provider says ${status}`, type: 'some_type', param: 'messages', code: `code_${status}` };
      const caught = await client.chat.completions.create(say('x', scripted(refusing(Number(status), error)))).then(() => assert.fail('no error'), (e) => e);
      assert.ok(caught instanceof OpenAI[name], `${caught.constructor.name} ${caught.status}`);
      assert.equal(caught.code, `code_${status}`);
      assert.ok(caught.message.includes(`provider says ${status}`));
      assert.equal(caught.param, 'messages');
    });
  }

  test('a provider that refuses the gateway\'s own key is a 502: the caller\'s key is fine', async () => {
    for (const status of [401, 403]) {
      const caught = await client.chat.completions.create(say('x', scripted({ status }))).catch((e) => e);
      assert.ok(caught instanceof OpenAI.InternalServerError, caught.constructor.name);
      assert.equal(caught.status, 502);
      assert.equal(caught.code, 'upstream_auth_error');
    }
  });

  test('an unknown key, an unknown model and a model the key may not use have their classes', async () => {
    const stranger = new OpenAI({ apiKey: 'sk-sl-wrong', baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    const unknown = await stranger.chat.completions.create(say('x')).catch((e) => e);
    assert.ok(unknown instanceof OpenAI.AuthenticationError);
    const missing = await client.chat.completions.create(say('x', 'fasst')).catch((e) => e);
    assert.ok(missing instanceof OpenAI.NotFoundError);
    assert.ok(missing.message.includes('fasst'));
    const narrow = new OpenAI({ apiKey: 'sk-sl-narrow-0123456789abcdef0123456789abcdef', baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    const refused = await narrow.chat.completions.create(say('x', 'sim-a/gpt-4o-mini')).catch((e) => e);
    assert.ok(refused instanceof OpenAI.PermissionDeniedError || refused instanceof OpenAI.NotFoundError, refused.constructor.name);
  });

  test('A10: an error inside a stream is thrown as APIError with the provider\'s message', async () => {
    const stream = await client.chat.completions.create({ ...say('x', scripted({ events: 5, error_after: 2, error: { message: 'the GPU melted', type: 'server_error', param: null, code: 'melted' } })), stream: true });
    let chunks = 0;
    const caught = await (async () => { for await (const _ of stream) chunks++; })().catch((e) => e);
    assert.ok(caught instanceof OpenAI.APIError, `${caught}`);
    assert.ok(caught.message.includes('the GPU melted'));
    assert.ok(chunks >= 2);
  });

  test('A3: a stream that is cut off is thrown, not ended', async () => {
    const stream = await client.chat.completions.create({ ...say('x', scripted({ events: 5, break: { at: 'body', after: 3, how: 'end' } })), stream: true });
    const caught = await (async () => { for await (const _ of stream); })().then(() => null, (e) => e);
    assert.ok(caught instanceof OpenAI.APIError, `${caught}`);
  });

  test('A1: abort() of a stream and of a call closes the provider\'s socket', async () => {
    for (const stream of [true, false]) {
      await sim.reset();
      const controller = new AbortController();
      const model = scripted(stream ? { events: 1000, event_delay_ms: 20 } : { delay_ms: 20_000 });
      const pending = client.chat.completions.create({ ...say('x', model), stream }, { signal: controller.signal });
      if (stream) {
        let seen = 0;
        await (async () => { for await (const _ of await pending) if (++seen === 3) controller.abort(); })().catch(() => {});
      } else {
        await waitFor('the request at the provider', async () => (await sim.stats()).requests >= 1);
        controller.abort();
        await assert.rejects(pending, OpenAI.APIUserAbortError);
      }
      await waitFor('the abort at the provider', async () => (await sim.stats()).aborted === 1, 1500);
    }
  });

  test('a client whose time runs out closes too', async () => {
    await sim.reset();
    await assert.rejects(client.chat.completions.create(say('x', scripted({ delay_ms: 20_000 })), { timeout: 200 }), OpenAI.APIConnectionTimeoutError);
    await waitFor('the abort at the provider', async () => (await sim.stats()).aborted === 1, 1500);
  });

  test('many calls over few connections, all right', async () => {
    const answers = await within('200 calls', Promise.all(Array.from({ length: 200 }, (_, i) => client.chat.completions.create(say(`number ${i}`)))), 20_000);
    answers.forEach((answer, i) => assert.equal(answer.choices[0].message.content, `You said: number ${i}`));
  });
});

describe('AI SDK', () => {
  const model = (name = 'fast') => createOpenAI({ apiKey: appKey, baseURL: `${gateway.url}/v1` }).chat(name);

  test('generateText and streamText', async () => {
    const whole = await generateText({ model: model(), prompt: 'hello', maxRetries: 0 });
    assert.equal(whole.text, 'You said: hello');
    assert.ok(whole.usage.inputTokens > 0 && whole.usage.outputTokens > 0);
    const stream = aiStream({ model: model(), prompt: 'hello', maxRetries: 0 });
    let text = '';
    for await (const piece of stream.textStream) text += piece;
    assert.equal(text, whole.text);
    assert.equal((await stream.usage).totalTokens, whole.usage.totalTokens);
  });

  test('a tool is called and its result goes back', async () => {
    const calls = [];
    const tools = { weather: tool({ description: 'weather', inputSchema: z.object({ text: z.string() }), execute: async (input) => { calls.push(input); return 'sunny'; } }) };
    const result = await generateText({ model: model(), prompt: 'call:weather', tools, stopWhen: stepCountIs(2), maxRetries: 0 });
    assert.deepEqual(calls[0], { text: 'call:weather' });
    assert.ok(result.steps.length >= 1);
    const streamed = aiStream({ model: model(), prompt: 'call:weather', tools, stopWhen: stepCountIs(1), maxRetries: 0 });
    const names = [];
    for await (const part of streamed.fullStream) if (part.type === 'tool-call') names.push(part.toolName);
    assert.deepEqual(names, ['weather']);
  });

  test('embeddings, speech and transcription', async () => {
    const openai = createOpenAI({ apiKey: appKey, baseURL: `${gateway.url}/v1` });
    const { embeddings } = await embedMany({ model: openai.embedding('fast'), values: ['a', 'b'], maxRetries: 0 });
    assert.equal(embeddings.length, 2);
    const speech = await generateSpeech({ model: openai.speech('fast'), text: 'hi', voice: 'alloy', maxRetries: 0 });
    assert.ok(speech.audio.uint8Array.length > 0);
    const heard = await transcribe({ model: openai.transcription('fast'), audio: speech.audio.uint8Array, maxRetries: 0 });
    assert.equal(typeof heard.text, 'string');
  });

  test('an error inside a stream arrives as an error part', async () => {
    const errors = [];
    const stream = aiStream({ model: model(scripted({ events: 4, error_after: 2 })), prompt: 'x', maxRetries: 0, onError: ({ error }) => errors.push(error) });
    for await (const part of stream.fullStream) if (part.type === 'error') errors.push(part.error);
    assert.ok(errors.length > 0);
  });
});

describe('LangChain', () => {
  const model = (fields = {}) => new ChatOpenAI({ model: 'fast', apiKey: appKey, maxRetries: 0, configuration: { baseURL: `${gateway.url}/v1` }, ...fields });

  test('invoke and stream', async () => {
    const whole = await model().invoke('hello');
    assert.equal(whole.content, 'You said: hello');
    assert.ok(whole.usage_metadata.total_tokens > 0);
    let text = '';
    let usage;
    for await (const chunk of await model().stream('hello')) {
      text += chunk.content;
      usage = chunk.usage_metadata ?? usage;
    }
    assert.equal(text, 'You said: hello');
    assert.equal(usage.total_tokens, whole.usage_metadata.total_tokens);
  });

  test('bound tools and embeddings', async () => {
    const answer = await model().bindTools([weather]).invoke('call:weather');
    assert.equal(answer.tool_calls[0].name, 'weather');
    assert.deepEqual(answer.tool_calls[0].args, { text: 'call:weather' });
    const vectors = await new OpenAIEmbeddings({ model: 'fast', apiKey: appKey, maxRetries: 0, configuration: { baseURL: `${gateway.url}/v1` } }).embedDocuments(['a', 'b']);
    assert.equal(vectors.length, 2);
  });
});

async function collect(stream) {
  const all = [];
  for await (const item of stream) all.push(item);
  return all;
}
