// Streams: leaving, ending, silence, cutting, mixing.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { before, describe } from 'node:test';
import { appKey, baseConfig, chat, comments, errorOf, finishReasons, loadSdks, parseEvents, providerKey, refusing, scripted, sleep, startGateway, startPair, streamText, test, waitFor, wallUs, within } from './lib.mjs';

let gateway, a, b;
before(async () => {
  ({ gateway, sims: [a, b] } = await startPair((sims) => ({
    keep_alive: '300ms',
    threads: 1,
    pool: { connections: 400 },
    providers: {
      untold: { type: 'openai', base_url: sims[0].base, api_key: providerKey, quirks: { stream_options: false } },
      unasked: { type: 'mistral', base_url: sims[0].base, api_key: providerKey },
      fussy: { type: 'openai', base_url: sims[0].base, api_key: providerKey },
      picky: { type: 'openai', base_url: sims[0].base, api_key: providerKey },
      small: { type: 'openai', base_url: sims[1].base, api_key: providerKey },
    },
    models: {
      'untold/*': { deployments: ['untold/*'], retries: 0 },
      'unasked/*': { deployments: ['unasked/*'], retries: 0 },
      'fussy/*': { deployments: ['fussy/*'], retries: 0 },
      'picky/*': { deployments: ['picky/*'], retries: 0 },
      'hasty/*': { deployments: ['small/*'], retries: 0, timeout: { idle: '500ms' } },
    },
  })));
});

const streamed = (model, extra = {}, options) => gateway.chat(model, { stream: true, ...extra }, options);
const openFiles = (pid) => readdirSync(`/proc/${pid}/fd`).length;

describe('A1: the client leaves and the provider hears of it within 250 ms', () => {
  const seen = new Set();    // request ids of log lines that a test has found
  const phases = {
    'before the first byte of a stream': { stream: true, script: { delay_ms: 20_000 }, leave: () => {} },
    'before the head, over keep-alives': { stream: true, script: { delay_ms: 20_000 }, leave: (c) => c.head() },
    'in the middle of a stream': { stream: true, script: { events: 2000, event_delay_ms: 10 }, leave: async (c) => { await c.head(); await c.events(4); } },
    'in a silent stretch of a stream': { stream: true, script: { events: 5, break: { at: 'body', after: 2, how: 'hang' } }, leave: async (c) => { await c.head(); await c.events(3); } },
    'during a call that is not streamed': { stream: false, script: { delay_ms: 20_000 }, leave: () => {} },
  };
  for (const [phase, { stream, script, leave }] of Object.entries(phases)) {
    for (const how of ['destroy', 'reset']) {
      test(`A1: ${phase}, by ${how === 'reset' ? 'RST' : 'FIN'}`, async () => {
        const before = await a.stats();
        const connection = await gateway.open(scripted(script), { stream });
        await waitFor('the request at the provider', async () => (await a.stats()).requests > before.requests);
        await within('the phase', leave(connection) ?? Promise.resolve());
        const left = wallUs();
        connection[how]();
        const after = await waitFor('the abort', async () => { const s = await a.stats(); return s.aborted > before.aborted && s; });
        const took = (after.last_abort_us - left) / 1000;
        assert.ok(took <= 250, `took ${took} ms`);
        const line = await gateway.output('the log line', (g) => g.requestLogs.find((l) => l.outcome === 'client_gone' && !seen.has(l.request_id)));
        seen.add(line.request_id);
        assert.equal(line.stream, stream);
        await waitFor('nothing in flight', async () => (await a.stats()).in_flight === 0);
      });
    }
  }
});

test('A2: abandoned streams leave their connections: the next request is served at once', async () => {
  const { gateway: tight, sims: [sim] } = await startPair({ threads: 1, pool: { connections: 2, idle: 2 } }, 1);
  await tight.chat(scripted({}));
  const files = openFiles(tight.pid);
  for (let i = 0; i < 100; i++) {
    const connection = await tight.open(scripted({ events: 5000, event_delay_ms: 5 }), { stream: true });
    await within(`stream ${i}`, (async () => { await connection.head(); await connection.events(3); })());
    connection.destroy();
  }
  const began = performance.now();
  const answer = await tight.chat(scripted({ delay_ms: 20 }));
  assert.equal(answer.status, 200);
  assert.ok(performance.now() - began < 20 + 250, `took ${performance.now() - began} ms`);
  await waitFor('the simulator to be idle', async () => (await sim.stats()).in_flight === 0);
  await waitFor('open files back to where they were', () => openFiles(tight.pid) <= files + 2);
});

describe('A3: a stream that is cut off is never a complete answer', () => {
  const ends = {
    FIN: { break: { at: 'body', after: 3, how: 'close' } },
    RST: { break: { at: 'body', after: 3, how: 'reset' } },
    'a clean end without finish_reason': { break: { at: 'body', after: 3, how: 'end' } },
    'right after the head': { break: { at: 'head', how: 'close' } },
  };
  for (const [name, script] of Object.entries(ends)) {
    for (const path of ['/v1/chat/completions', '/v1/completions']) {
      test(`A3: ${name} on ${path}`, async () => {
        const model = scripted({ events: 6, ...script });
        const body = path.endsWith('chat/completions') ? chat(model, { stream: true }) : { model, prompt: 'x', stream: true };
        const answer = await gateway.post(path, body);
        if (answer.status === 200) {
          assert.ok(errorOf(answer.events)?.message, answer.text);
          assert.equal(answer.events.at(-1), '[DONE]');
          assert.deepEqual(finishReasons(answer.events), []);
        } else {
          assert.equal(name, 'right after the head');
          assert.ok(answer.status >= 500 && answer.json.error.message);
        }
        const line = await gateway.requestLog(answer.id);
        assert.equal(line.outcome, 'error');
        assert.ok(line.error);
      });
    }
  }

  test('A3: a whole answer that is cut off is a 502, not half a JSON', async () => {
    for (const script of [{ content_length: 100_000 }, { break: { at: 'body', how: 'close' } }, { break: { at: 'body', how: 'reset' } }, { break: { at: 'body', how: 'end' } }, { break: { at: 'head', how: 'close' } }, { break: { at: 'head', how: 'reset' } }]) {
      const answer = await gateway.chat(scripted(script));
      assert.equal(answer.status, 502, answer.text);
      assert.ok(answer.json.error.message);
    }
  });

  const chunk = (delta, finish_reason = null) => `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
  const finished = chunk({ role: 'assistant', content: 'all of it' }) + chunk({}, 'stop');
  for (const [name, how] of Object.entries({ ends: 'end', closes: 'close', resets: 'reset', 'stands still': 'hang' })) {
    test(`A3: a stream that ${name} behind its finish reason is complete, and the client gets its [DONE]`, async () => {
      const answer = await streamed(scripted({ sse: `${finished}: more`, break: { at: 'body', after: finished.length, how } }, 'hasty'));
      assert.equal(answer.text.replace(/^:.*\n\n/gm, ''), `${finished}data: [DONE]\n\n`);
      assert.equal((await gateway.requestLog(answer.id)).outcome, 'ok');
    });
  }
});

describe('A4: silence is filled', () => {
  const watch = async (model, extra = {}) => {
    const began = performance.now();
    const connection = await gateway.open(model, { stream: true, ...extra });
    const head = await within('the head', connection.head(), 1500);
    const headAfter = performance.now() - began;
    await within('the whole stream', connection.events());
    const gaps = connection.arrivals.map(({ at }, i) => at - (connection.arrivals[i - 1]?.at ?? began));
    connection.destroy();
    return { head, headAfter, gaps, text: connection.text, events: parseEvents(connection.text) };
  };

  test('A4: headers and then nothing', async () => {
    const { head, gaps, text, events } = await watch(scripted({ event_delay_ms: 800, text: 'finally' }));
    assert.equal(head.status, 200);
    assert.match(head.headers['content-type'], /^text\/event-stream/);
    assert.ok(comments(text).length >= 3, `only ${comments(text).length} comments`);
    assert.ok(Math.max(...gaps) < 300 + 250, `a gap of ${Math.max(...gaps)} ms`);
    assert.equal(streamText(events), 'finally');
    assert.equal(events.at(-1), '[DONE]');
  });

  test('A4: not even headers', async () => {
    const { head, headAfter, gaps, text, events } = await watch(scripted({ delay_ms: 1200, text: 'at last' }));
    assert.equal(head.status, 200);
    assert.ok(headAfter < 300 + 250, `head after ${headAfter} ms`);
    assert.ok(Math.max(...gaps) < 300 + 250, `a gap of ${Math.max(...gaps)} ms`);
    assert.ok(comments(text).length >= 3);
    assert.equal(streamText(events), 'at last');
  });

  test('A4: speech as events', async () => {
    const spoken = ['{"type":"speech.audio.delta","audio":"aaaa"}', '{"type":"speech.audio.done","usage":{"input_tokens":1,"output_tokens":2,"total_tokens":3}}'];
    const sse = spoken.map((data) => `data: ${data}\n\n`).join('');
    await a.script('speaks-late', { delay_ms: 1000, sse, split: sse.indexOf('\n\n') + 2, chunk_delay_ms: 800 });
    const answer = await gateway.post('/v1/audio/speech', { model: `${a.name}/speaks-late`, input: 'x', voice: 'alloy', stream_format: 'sse' });
    assert.deepEqual(answer.events, spoken);
    assert.ok(comments(answer.text).length >= 4, `only ${comments(answer.text).length} comments`);
    const line = await gateway.requestLog(answer.id);
    assert.deepEqual([line.stream, line.outcome], [true, 'ok']);
  });

  test('A4: speech as bytes gets no filler', async () => {
    await a.script('speaks-bytes', { delay_ms: 800, body: 'audio', content_type: 'audio/mpeg' });
    const answer = await gateway.post('/v1/audio/speech', { model: `${a.name}/speaks-bytes`, input: 'x', voice: 'alloy' });
    assert.deepEqual([answer.status, answer.text], [200, 'audio']);
  });

  test('A4: a 429 after the silence is an error event in the client\'s protocol', async () => {
    const { events } = await watch(scripted(refusing(429, { message: 'too many tokens', type: 'tokens', code: 'rate_limit_exceeded' }, { delay_ms: 1500 })));
    assert.deepEqual([errorOf(events).message, errorOf(events).code], ['too many tokens', 'rate_limit_exceeded']);
    assert.equal(events.at(-1), '[DONE]');
  });

  test('A4: a fallback is still possible after keep-alives', async () => {
    await a.script('quiet-503', { delay_ms: 1500, status: 503 });
    await b.script('quiet-503', { text: 'from b' });
    const { events } = await watch('pair/quiet-503');
    assert.equal(errorOf(events), undefined);
    assert.equal(streamText(events), 'from b');
  });

  test('A4: the SDK reads a stream with comments as if there were none', async () => {
    const { OpenAI } = await loadSdks();
    const client = new OpenAI({ apiKey: appKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    let text = '';
    for await (const chunk of await client.chat.completions.create(chat(scripted({ delay_ms: 800, event_delay_ms: 400, text: 'slow but fine' }), { stream: true }))) text += chunk.choices[0]?.delta?.content ?? '';
    assert.equal(text, 'slow but fine');
  });

  test('A4: a call that is not streamed gets no filler', async () => {
    const answer = await gateway.chat(scripted({ delay_ms: 800, text: 'whole' }));
    assert.equal(answer.json.choices[0].message.content, 'whole');
    assert.ok(answer.text.startsWith('{'));
  });
});

describe('A5: usage of streams', () => {
  const usage = { prompt_tokens: 1234, completion_tokens: 77, total_tokens: 1311, prompt_tokens_details: { cached_tokens: 1000 }, completion_tokens_details: { reasoning_tokens: 50 } };
  for (const usage_style of ['separate', 'finish', 'always']) {
    test(`A5: not asked for, reported "${usage_style}": recorded exactly, hidden from the client`, async () => {
      const answer = await streamed(scripted({ usage, usage_style, text: 'hi there' }));
      const chunks = answer.events.filter((data) => data !== '[DONE]').map((data) => JSON.parse(data));
      assert.ok(chunks.every((chunk) => !chunk.usage), answer.text);
      assert.ok(chunks.every((chunk) => chunk.choices.length), 'no chunk without choices');
      assert.equal(streamText(answer.events), 'hi there');
      assert.deepEqual(finishReasons(answer.events), ['stop']);
      assert.equal(answer.events.at(-1), '[DONE]');
      const line = await gateway.requestLog(answer.id);
      assert.deepEqual([line.input_tokens, line.output_tokens, line.stream, line.outcome], [1234, 77, true, 'ok']);
    });
  }

  for (const provider of ['untold', 'unasked', 'fussy']) {
    const scriptOf = (usage_style) => ({ usage, usage_style, text: 'hi there', ...(provider === 'fussy' ? { reject: ['stream_options'] } : {}) });
    test(`A5: told by ${provider} unasked: hidden from a client that did not ask either, and recorded`, async () => {
      const name = `told-by-${provider}`;
      await a.script(name, scriptOf('always'));
      for (const [path, said] of [['/v1/chat/completions', { messages: [{ role: 'user', content: 'x' }] }], ['/v1/completions', { prompt: 'x' }]]) {
        const answer = await gateway.post(path, { model: `${provider}/${name}`, stream: true, ...said });
        const chunks = answer.events.filter((data) => data !== '[DONE]').map((data) => JSON.parse(data));
        assert.ok(chunks.every((chunk) => !chunk.usage && chunk.choices.length), answer.text);
        const line = await gateway.requestLog(answer.id);
        assert.deepEqual([line.input_tokens, line.output_tokens, line.outcome], [1234, 77, 'ok']);
      }
    });
    test(`A5: told by ${provider} and asked for: shown`, async () => {
      const name = `shown-by-${provider}`;
      await a.script(name, scriptOf('always'));
      const answer = await streamed(`${provider}/${name}`, { stream_options: { include_usage: true } });
      assert.ok(answer.events.some((data) => data !== '[DONE]' && JSON.parse(data).usage?.completion_tokens === 77), answer.text);
    });
  }

  test('A5: asked upstream without losing the client\'s other stream options', async () => {
    const model = scripted({ text: 'opts' });
    await streamed(model, { stream_options: { include_usage: false } });
    const [, upstream] = model.split(/\/(.*)/s);
    const [entry] = await a.seen(upstream);
    assert.deepEqual(JSON.parse(entry.body).stream_options, { include_usage: true });
  });

  test('A5: asked for by the client: passed on, and recorded the same', async () => {
    const answer = await streamed(scripted({ usage }), { stream_options: { include_usage: true } });
    assert.deepEqual(JSON.parse(answer.events.at(-2)).usage, usage);
    const line = await gateway.requestLog(answer.id);
    assert.deepEqual([line.input_tokens, line.output_tokens], [1234, 77]);
  });

  test('A5: streamed and whole count the same', async () => {
    const whole = await gateway.chat(scripted({ usage }));
    const line = await gateway.requestLog(whole.id);
    assert.deepEqual([line.input_tokens, line.output_tokens, line.stream], [1234, 77, false]);
  });

  test('A5: a provider that rejects stream_options is asked again without, once, and remembered', async () => {
    const name = 'no-options';
    await a.script(name, { reject: ['stream_options'], text: 'fine' });
    const first = await streamed(`picky/${name}`);
    assert.equal(first.status, 200, first.text);
    assert.equal(streamText(first.events), 'fine');
    assert.deepEqual((await a.seen(name)).map((entry) => 'stream_options' in JSON.parse(entry.body)), [true, false]);
    const second = await streamed(`picky/${name}`);
    assert.equal(streamText(second.events), 'fine');
    assert.deepEqual((await a.seen(name)).map((entry) => 'stream_options' in JSON.parse(entry.body)), [true, false, false]);
  });
});

// Each with a gateway that has learned nothing yet.
describe('A5: what refuses stream_options', () => {
  const sent = async (name) => (await a.seen(name)).map((entry) => 'stream_options' in JSON.parse(entry.body));
  const asking = async (name, script) => {
    await a.script(name, script);
    const own = await startGateway(baseConfig([a], { log: { level: 'error' } }));
    return { own, ask: (extra = {}) => own.chat(`${a.name}/${name}`, { stream: true, ...extra }) };
  };

  test("is not learned from a client's own mistake", async () => {
    const { ask } = await asking('own-mistake', { reject: ['stream_options_x'], text: 'fine' });
    assert.equal((await ask({ stream_options_x: 1 })).status, 400);
    assert.equal((await ask()).status, 200);
    assert.deepEqual(await sent('own-mistake'), [true, true]);
  });

  test('is not learned where the provider refuses without them too', async () => {
    const { ask } = await asking('refuses-all', { status: 400, error: { error: { message: 'no', type: 'invalid_request_error', param: 'stream_options' } } });
    assert.equal((await ask()).status, 400);
    await a.script('refuses-all', { text: 'fine' });
    assert.equal((await ask()).status, 200);
    assert.deepEqual((await sent('refuses-all')).slice(-1), [true]);
  });

  test('is asked again without, and remembered, also where requests are translated', async () => {
    const { own } = await asking('translated-options', { reject: ['stream_options'], text: 'fine' });
    const body = { model: `${a.name}/translated-options`, max_tokens: 50, stream: true, messages: [{ role: 'user', content: 'hello' }] };
    for (let i = 0; i < 2; i++) {
      const answer = await own.post('/v1/messages', body, { headers: { 'anthropic-version': '2023-06-01' } });
      assert.equal(answer.status, 200, answer.text);
    }
    assert.deepEqual(await sent('translated-options'), [true, false, false]);
  });

  test('is told to a client that asked for usage', async () => {
    const { ask } = await asking('told-options', { reject: ['stream_options'], text: 'fine' });
    assert.equal((await ask()).headers['x-sluice-dropped'], undefined);
    const answer = await ask({ stream_options: { include_usage: true } });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['x-sluice-dropped'], 'stream_options');
  });
});

describe('A6: nothing is held back', () => {
  for (const gzip of [undefined, 'event']) {
    test(`A6: each event leaves when it came${gzip ? ', also out of a gzip stream' : ''}`, async () => {
      const events = 25, gap = 30;
      const connection = await gateway.open(scripted({ events, event_delay_ms: gap, gzip }), { stream: true });
      const began = performance.now();
      await connection.head();
      await connection.events(2);
      assert.ok(performance.now() - began < 400, 'the first content came late');
      await connection.events();
      connection.destroy();
      assert.ok(connection.arrivals.length >= events * 0.8, `${connection.arrivals.length} reads for ${events} events`);
    });
  }
});

describe('A7 A9: cut anywhere, the same bytes', () => {
  const text = '무엇을 도와드릴까요? 🚀é';
  const chunk = (delta, finish = null) => `data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":${delta},"finish_reason":${finish}}],"x_unknown":1.50}\n\n`;
  const tool = '{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":"{\\"a\\": 1}"}}]}';
  const sse = [
    ': hello\n\n', chunk('{"role":"assistant","content":""}'), chunk(JSON.stringify({ content: text })), chunk('{"content":"\\ud83d"}'), chunk('{"content":"\\ude80"}'),
    chunk(tool), chunk('{}', '"tool_calls"'),
    'data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}}\n\n', 'data: [DONE]\n\n',
  ].join('');
  const shown = { stream_options: { include_usage: true } };

  test('A7: an unedited stream is the provider\'s very bytes', async () => {
    const answer = await streamed(await a.place({ sse }), shown);
    assert.equal(answer.text, sse);
    assert.equal((await gateway.requestLog(answer.id)).output_tokens, 7);
  });

  for (const size of [1, 2, 3, 7, 64]) {
    test(`A7 A9: in pieces of ${size}`, async () => {
      const answer = await streamed(await a.place({ sse, chunk: size }), shown);
      assert.equal(answer.text, sse);
      assert.equal((await gateway.requestLog(answer.id)).output_tokens, 7);
    });
  }

  test('A7 A9: at every single position', async () => {
    const bytes = Buffer.byteLength(sse);
    let next = 1;
    const one = async () => {
      while (next < bytes) {
        const split = next++;
        const answer = await streamed(await a.place({ sse, split }), shown);
        assert.ok(answer.text === sse, `split at ${split}: ${answer.text}`);
      }
    };
    await Promise.all([one(), one(), one(), one()]);
  });

  test('A7: usage hidden, the rest is the same bytes however it is cut', async () => {
    const outputs = new Set();
    for (const size of [undefined, 1, 5]) outputs.add((await streamed(await a.place({ sse, chunk: size }))).text);
    assert.equal(outputs.size, 1);
    const [output] = outputs;
    assert.ok(!output.includes('usage'));
    assert.equal(output, sse.split(/(?<=\n\n)/).filter((event) => !event.includes('usage')).join(''));
  });

  test('A7: line ends of every kind, a BOM, comments, several data lines', async () => {
    const variants = {
      crlf: sse.replaceAll('\n', '\r\n'),
      cr: sse.replaceAll('\n', '\r'),
      bom: `\ufeff${sse}`,
      'no space': sse.replaceAll('data: ', 'data:'),
      'event names and ids': sse.replaceAll('data: {', 'event: message\nid: 7\nretry: 10\ndata: {'),
    };
    for (const [name, variant] of Object.entries(variants)) {
      for (const size of [undefined, 1]) {
        const answer = await streamed(await a.place({ sse: variant, chunk: size }), shown);
        assert.equal(answer.text, variant, name);
      }
    }
  });

  test('A7: a last event without its blank line still counts', async () => {
    const answer = await streamed(await a.place({ sse: sse.trimEnd() }), shown);
    assert.ok(answer.text.trimEnd().endsWith('data: [DONE]'), answer.text.slice(-200));
    assert.ok(!answer.text.includes('"error"'));
    assert.equal((await gateway.requestLog(answer.id)).outcome, 'ok');
  });

  test('A7: one event of 300 KB, in small pieces', async () => {
    const answer = await streamed(scripted({ size: 300_000, events: 1, chunk: 1000 }));
    assert.equal(streamText(answer.events).length, 300_000);
    assert.equal(answer.events.at(-1), '[DONE]');
  });
});

describe('A10: errors inside a stream', () => {
  const error = { message: 'the model is overloaded', type: 'server_error', param: null, code: 'overloaded' };
  for (const path of ['/v1/chat/completions', '/v1/completions']) {
    test(`A10: on ${path} the provider's error comes as an event, then [DONE]`, async () => {
      const model = scripted({ events: 6, error_after: 2, error });
      const answer = await gateway.post(path, path.includes('chat') ? chat(model, { stream: true }) : { model, prompt: 'a b c d e f', stream: true });
      assert.equal(answer.status, 200);
      const told = errorOf(answer.events);
      assert.deepEqual([told.message, told.code, told.type], [error.message, error.code, error.type]);
      assert.equal(answer.events.at(-1), '[DONE]');
      assert.equal(answer.events.filter((data) => data.includes('"error"')).length, 1);
      assert.deepEqual(finishReasons(answer.events), []);
    });
  }

  test('A10: an error before the stream is an error answer, not a stream', async () => {
    const answer = await streamed(scripted(refusing(400, { message: 'bad idea', code: 'bad' })));
    assert.equal(answer.status, 400);
    assert.match(answer.headers['content-type'], /^application\/json/);
    assert.equal(answer.json.error.code, 'bad');
  });

  test('A10: an error object in a 200 body is an error answer', async () => {
    const answer = await gateway.chat(scripted({ body: '{"error": {"message": "quota gone", "type": "insufficient_quota", "param": null, "code": "insufficient_quota"}}' }));
    assert.equal(answer.status, 502, answer.text);
    assert.match(answer.json.error.message, /no quota left/);
    const limited = await gateway.chat(scripted({ body: '{"error": {"message": "slow down", "type": "rate_limit_error", "param": null, "code": "rate_limit_exceeded"}}' }));
    assert.deepEqual([limited.status, limited.json.error.code], [429, 'rate_limit_exceeded'], limited.text);
    assert.match(limited.json.error.message, /slow down/);
  });

  test('A10: an HTML error page of a proxy becomes a JSON error', async () => {
    const answer = await gateway.chat(scripted({ status: 502, error: '<html><h1>502 Bad Gateway</h1></html>' }));
    assert.equal(answer.status, 502);
    assert.ok(answer.json.error.message);
  });
});

test('A14: 300 streams at once never mix, whatever their clients do', async () => {
  let foreign = 0, complete = 0;
  const one = async (i) => {
    const nonce = `<${i}:${crypto.randomUUID()}>`;
    const connection = await gateway.open(scripted({ nonce, events: 12, event_delay_ms: 15 }, i % 2 ? 'sim-a' : 'sim-b'), { stream: true });
    const check = () => {
      for (const found of (connection.text ?? '').matchAll(/<\d+:[0-9a-f-]{36}>/g)) if (found[0] !== nonce) foreign++;
    };
    try {
      assert.equal((await connection.head()).status, 200);
      if (i % 10 < 3) {
        await connection.events(1 + (i % 9));
        connection[i % 4 ? 'destroy' : 'reset']();
        check();
        return;
      }
      if (i % 10 === 9) {
        connection.pause();
        setTimeout(() => connection.resume(), 400);
      }
      const events = await connection.events();
      check();
      assert.equal(events.at(-1), '[DONE]');
      assert.ok(connection.text.includes(nonce));
      complete++;
    } finally {
      connection.destroy();
    }
  };
  await within('all streams', Promise.all(Array.from({ length: 300 }, (_, i) => one(i))), 40_000);
  assert.equal(foreign, 0);
  assert.equal(complete, 210);
  await waitFor('both simulators to be idle', async () => (await a.stats()).in_flight + (await b.stats()).in_flight === 0);
});

describe('A15: bad bytes of a provider end their own request only', () => {
  const good = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: { role: 'assistant', content: 'x', tool_calls: [{ index: 0, id: 'i', type: 'function', function: { name: 'f', arguments: '{}' } }] }, finish_reason: 'stop' }], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } };
  // Every place in the event, replaced by every kind of wrong value.
  const mutants = [];
  const walk = (value, path) => {
    for (const key of Object.keys(value)) {
      const here = [...path, key];
      for (const wrong of [undefined, null, true, -1, 1e300, 'str', [], {}, 'y'.repeat(5000), [null], [[[]]]]) {
        const copy = structuredClone(good);
        let parent = copy;
        for (const step of path) parent = parent[step];
        if (wrong === undefined) delete parent[key]; else parent[key] = wrong;
        mutants.push(JSON.stringify(copy));
      }
      if (value[key] && typeof value[key] === 'object') walk(value[key], here);
    }
  };
  walk(good, []);

  test('A15: each field null, absent, of a wrong type or huge, in a stream', async () => {
    const batches = Array.from({ length: Math.ceil(mutants.length / 8) }, (_, i) => mutants.slice(i * 8, i * 8 + 8));
    const queue = batches.map((batch) => batch.map((data) => `data: ${data}\n\n`).join('') + 'data: [DONE]\n\n');
    await Promise.all([0, 1, 2, 3].map(async () => {
      for (let sse = queue.pop(); sse; sse = queue.pop()) {
        const answer = await streamed(await a.place({ sse }));
        assert.ok(answer.status === 200 || answer.status === 502, `${answer.status}`);
        if (answer.status === 200) assert.equal(answer.events.at(-1), '[DONE]');
      }
    }));
    assert.ok(gateway.alive);
  });

  test('A15: the same in whole answers', async () => {
    const queue = mutants.filter((_, i) => i % 4 === 0);
    await Promise.all([0, 1, 2, 3].map(async () => {
      for (let body = queue.pop(); body; body = queue.pop()) {
        const answer = await gateway.chat(await a.place({ body }));
        assert.ok(answer.status === 200 || answer.status === 502, `${answer.status} for ${body}`);
      }
    }));
  });

  const streams = {
    'not JSON': 'data: {oops\n\ndata: [DONE]\n\n',
    'half an event': 'data: {"choices":[{"index":0,"delta":{"content":"x',
    'deep nesting': `data: ${'['.repeat(5000)}\n\ndata: [DONE]\n\n`,
    'invalid UTF-8 as Latin-1': 'data: {"choices":[{"index":0,"delta":{"content":"\u0000\u0001"}}]}\n\ndata: [DONE]\n\n',
    'only [DONE]': 'data: [DONE]\n\n',
    'empty events': '\n\n\n\ndata:\n\ndata: \n\ndata: [DONE]\n\n',
    'lone surrogates': 'data: {"choices":[{"index":0,"delta":{"content":"\\ud83d"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
    'nothing': '',
  };
  for (const [name, sse] of Object.entries(streams)) {
    test(`A15: a stream with ${name}`, async () => {
      const answer = await streamed(await a.place({ sse }));
      assert.ok([200, 502].includes(answer.status), `${answer.status}`);
      if (answer.status === 200) assert.equal(answer.events.at(-1), '[DONE]');
      assert.equal((await gateway.chat(scripted({}))).status, 200);
    });
  }

  test('A15: whole answers that are no answers', async () => {
    for (const body of ['', 'null', '[]', '"x"', '{', 'plain text', '<html>', '{"choices": 1}', `{"a": ${'['.repeat(3000)}`, '\u0000']) {
      const answer = await gateway.chat(await a.place({ body }));
      assert.ok([200, 502].includes(answer.status), `${answer.status} for ${body.slice(0, 30)}`);
      if (answer.status === 502) assert.ok(answer.json.error.message);
    }
  });
});

describe('A16: lengths and codings of the provider', () => {
  for (const gzip of ['whole', 'event']) {
    for (const stream of [true, false]) {
      test(`A16: gzip by ${gzip}${stream ? ', streamed' : ''}: the client gets identity`, async () => {
        const answer = await gateway.chat(scripted({ gzip, text: 'packed up well' }), { stream }, { headers: { 'accept-encoding': 'identity' } });
        assert.equal(answer.headers['content-encoding'] ?? 'identity', 'identity');
        const text = stream ? streamText(answer.events) : answer.json.choices[0].message.content;
        assert.equal(text, 'packed up well');
      });
    }
  }

  test('A16: a content-length that is too long does not lose an event', async () => {
    const answer = await streamed(scripted({ content_length: 100_000, text: 'every single word' }));
    assert.equal(answer.headers['content-length'], undefined);
    assert.equal(streamText(answer.events), 'every single word');
    assert.equal(answer.events.at(-1), '[DONE]');
  });

  test('A16: a content-length that is too short is an error, not a shorter answer', async () => {
    const answer = await streamed(scripted({ content_length: 400, text: 'every single word and then some more' }));
    if (answer.status === 200) assert.ok(errorOf(answer.events), answer.text);
    else assert.equal(answer.status, 502);
  });
});

test('a slow reader slows its own provider and nobody else', async () => {
  const slow = await gateway.open(scripted({ size: 30_000_000, events: 3000 }), { stream: true });
  await slow.head();
  slow.pause();
  await waitFor('the simulator to be held back', async () => {
    const one = (await a.stats()).in_flight;
    await sleep(100);
    return one === 1;
  });
  const fast = await within('a fast stream', streamed(scripted({ text: 'quick' })), 1500);
  assert.equal(streamText(fast.events), 'quick');
  slow.resume();
  const events = await within('the slow stream', slow.events(100));
  assert.ok(events.length >= 100);
  slow.destroy();
});
