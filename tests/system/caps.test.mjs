// Budgets and limits at every door: each API, streamed and whole, what is not chat, what is free, and what is passed through; for the
// scopes that callers reach from outside, too: sessions and tags.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { calm, masterKey, providerKey, startGateway, startSim, test, waitFor } from './lib.mjs';
import { exchange } from './ledger.mjs';

// Output costs $0.001 a token and input nothing: 100 tokens are a tenth of a dollar, in the reckoning before as after.
const price = { input: '0', output: '1000' };
const user = (text) => [{ role: 'user', content: text }];
const chats = {
  chat: (model, stream) => ['/v1/chat/completions', { model, stream, max_tokens: 100, messages: user('hi') }],
  completions: (model, stream) => ['/v1/completions', { model, stream, max_tokens: 100, prompt: 'hi' }],
  responses: (model, stream) => ['/v1/responses', { model, stream, max_output_tokens: 100, input: 'hi' }],
  messages: (model, stream) => ['/v1/messages', { model, stream, max_tokens: 100, messages: user('hi') }],
  gemini: (model, stream) => [`/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    { contents: [{ role: 'user', parts: [{ text: 'hi' }] }], generationConfig: { maxOutputTokens: 100 } }],
  converse: (model, stream) => [`/model/${model}/converse${stream ? '-stream' : ''}`, { messages: [{ role: 'user', content: [{ text: 'hi' }] }], inferenceConfig: { maxTokens: 100 } }],
  invoke: (model, stream) => [`/model/${model}/invoke${stream ? '-with-response-stream' : ''}`, { anthropic_version: 'bedrock-2023-05-31', max_tokens: 100, messages: user('hi') }],
};
const form = (fields) => {
  const parts = Object.entries(fields).map(([name, value]) =>
    `--x\r\ncontent-disposition: form-data; name="${name}"${name === 'file' || name === 'image' ? '; filename="a.wav"\r\ncontent-type: audio/wav' : ''}\r\n\r\n${value}\r\n`);
  return `${parts.join('')}--x--\r\n`;
};
// What has a price but no chat, what has no bound, and what nobody charges for.
const others = {
  embeddings: ['/v1/embeddings', { model: 'vectors', input: 'x'.repeat(100) }],
  rerank: ['/v2/rerank', { model: 'ranks', query: 'q', documents: ['a', 'b'] }],
};
const unbounded = {
  images: ['/v1/images/generations', { model: 'any', prompt: 'a cat' }],
  'edits of images': ['/v1/images/edits', form({ model: 'any', prompt: 'a cat', image: 'RIFF' })],
  speech: ['/v1/audio/speech', { model: 'any', input: 'hi', voice: 'ash' }],
  transcriptions: ['/v1/audio/transcriptions', form({ model: 'any', file: 'RIFF' })],
  passthrough: ['/sim-a/v1/chat/completions', { model: 'tenth', messages: user('hi') }],
};
const free = {
  'counts of tokens': ['/v1/messages/count_tokens', { model: 'claude', messages: user('hi') }],
  'lists of models': ['/v1/models'],
  'passed through, and only looked at': ['/sim-a/v1/models'],
};

let sim, base;
before(async () => {
  sim = await startSim('sim-a');
  await sim.script('tenth', { usage: { prompt_tokens: 5, completion_tokens: 100, input_tokens: 5, output_tokens: 100, total_tokens: 105 } });
  const to = (model, more) => ({ deployments: [{ model, ...more }], retries: 0, breaker: calm });
  base = {
    master_key: masterKey,
    providers: {
      'sim-a': { type: 'openai', base_url: sim.base, api_key: providerKey },
      cohere: { base_url: sim.url, api_key: providerKey },
      anthropic: { base_url: sim.url, api_key: providerKey },
    },
    models: {
      tenth: to('sim-a/tenth', { price }), any: to('sim-a/any', { price }), vectors: to('sim-a/vectors', { price: { input: '1000' } }),
      ranks: to('cohere/rerank', { price: { request: '0.1' } }), claude: to('anthropic/claude-haiku-4-5', { price }),
    },
  };
});

const keyOf = (name) => `sk-sl-caps-${name}`;
const key = (name, more = {}) => ({ name, key: keyOf(name), ...more });
const send = (gateway, name, [path, body], headers = {}) => gateway.call({
  method: body === undefined ? 'GET' : 'POST', path, key: keyOf(name), body: typeof body === 'object' ? JSON.stringify(body) : body,
  headers: { ...(body === undefined ? {} : { 'content-type': typeof body === 'object' ? 'application/json' : 'multipart/form-data; boundary=x' }), ...(path.startsWith('/v1/messages') ? { 'anthropic-version': '2023-06-01' } : {}), ...headers },
});
const spent = (gateway, scope, account) => gateway.metric('sluice_budget_spent_usd', { scope, account });
const reserved = (gateway, scope, account) => gateway.metric('sluice_budget_reserved_usd', { scope, account });
const cases = Object.entries(chats).flatMap(([name, make]) => [false, true].map((stream) => ({ name, stream, label: `${name}${stream ? ', streamed' : ''}`, asked: make('tenth', stream) })));
// A name that a key, a team and a tag can have.
const id = ({ name, stream }) => `${name}${stream ? '-s' : ''}`;
const refusedBy = ({ name }) => (name === 'messages' ? 402 : 429);

describe('D2: a budget holds on every surface, and what is left is exactly what is left', () => {
  let gateway;
  before(async () => {
    gateway = await startGateway({
      ...base,
      keys: cases.flatMap((one) => [
        key(id(one), { budget: { usd: '0.25' } }), key(`team-${id(one)}`, { team: `team-${id(one)}` }), key(`out-${id(one)}`), key(`free-${id(one)}`),
      ]),
      teams: Object.fromEntries(cases.map((one) => [`team-${id(one)}`, { budget: { usd: '0.1' } }])),
      tags: { feature: { each: { budget: { usd: '0.1' } } } },
      sessions: { budget: { usd: '0.1' } },
    });
  });
  for (const one of cases) {
    test(`${one.label}: of the key`, async () => {
      for (let i = 0; i < 2; i++) {
        const served = await send(gateway, id(one), one.asked);
        assert.equal(served.status, 200, served.text);
      }
      const refused = await send(gateway, id(one), one.asked);
      assert.equal(refused.status, refusedBy(one), refused.text);
      assert.match(refused.text, /0\.2 USD are spent and 0 USD set aside: there is no room for 0\.1 USD/);
      assert.equal(refused.headers['x-should-retry'], 'false');
      assert.ok(Math.abs(await spent(gateway, 'key', id(one)) - 0.2) < 1e-9);
      assert.equal(await reserved(gateway, 'key', id(one)), 0);
      const row = await waitFor('the row', () => exchange(gateway.data, refused.headers['x-sluice-request-id']));
      assert.deepEqual([row.fault, row.status, row.key], ['rate_limited', refusedBy(one), id(one)]);
    });
    test(`${one.label}: of the team`, async () => {
      assert.equal((await send(gateway, `team-${id(one)}`, one.asked)).status, 200);
      assert.equal((await send(gateway, `team-${id(one)}`, one.asked)).status, refusedBy(one));
    });
    for (const [scope, header] of [['session', 'x-sluice-session'], ['tag', 'x-sluice-feature']]) {
      test(`${one.label}: of a ${scope} that the request names`, async () => {
        const ask = (value) => send(gateway, `out-${id(one)}`, one.asked, { [header]: value });
        assert.equal((await ask(`a-${id(one)}`)).status, 200);
        const refused = await ask(`a-${id(one)}`);
        assert.equal(refused.status, refusedBy(one), refused.text);
        assert.match(refused.text, new RegExp(`The budget of the ${scope} '(feature=)?a-${id(one)}' is 0\\.1 USD`));
        assert.equal((await ask(`b-${id(one)}`)).status, 200, 'another one has room');
        assert.equal((await send(gateway, `free-${id(one)}`, one.asked)).status, 200, 'and so has who names none');
      });
    }
  }
});

describe('what is not chat', () => {
  for (const [name, asked] of Object.entries(others)) {
    test(`${name}: a budget holds`, async () => {
      const gateway = await startGateway({ ...base, sessions: { budget: { usd: '0.15' } }, keys: [key('one', { budget: { usd: '0.25' } }), key('out')] });
      let served = 0, refused;
      while (!refused) {
        const answer = await send(gateway, 'one', asked);
        if (answer.status === 200) served += Number(answer.headers['x-sluice-cost-usd']);
        else refused = answer;
      }
      assert.equal(refused.status, 429, refused.text);
      assert.ok(served > 0 && served <= 0.25, `${served} USD`);
      assert.ok(Math.abs(await spent(gateway, 'key', 'one') - served) < 1e-9);
      const again = () => send(gateway, 'out', asked, { 'x-sluice-session': 's' });
      const statuses = [];
      for (let i = 0; i < 8; i++) statuses.push((await again()).status);
      assert.ok(statuses[0] === 200 && statuses.at(-1) === 429, statuses.join());
    });
  }
  for (const [name, asked] of Object.entries(unbounded)) {
    test(`${name}: what has no bound is let at no budget, and served where there is none`, async () => {
      const gateway = await startGateway({ ...base, keys: [key('hard', { budget: { usd: '100' } }), key('soft', { budget: { usd: '0.01', hard: false } }), key('none')] });
      for (const who of ['hard', 'soft']) {
        const refused = await send(gateway, who, asked);
        assert.equal(refused.status, 403, refused.text);
        assert.equal(refused.json.error.code, 'unpriced_model');
        assert.equal(await spent(gateway, 'key', who), 0);
      }
      assert.equal((await send(gateway, 'none', asked)).status, 200);
      assert.equal(await gateway.metric('sluice_budget_unpriced_total', { scope: 'key' }), 2);
    });
  }
  test('what nobody charges for is served when the budget is spent', async () => {
    const gateway = await startGateway({ ...base, keys: [key('one', { budget: { usd: '0.1' } })] });
    assert.equal((await send(gateway, 'one', chats.chat('tenth'))).status, 200);
    assert.equal((await send(gateway, 'one', chats.chat('tenth'))).status, 429);
    for (const [name, asked] of Object.entries(free)) assert.equal((await send(gateway, 'one', asked)).status, 200, name);
    assert.ok(Math.abs(await spent(gateway, 'key', 'one') - 0.1) < 1e-9);
  });
});

describe('C9: whatever is asked for has a row that says what it cost, or that nobody knows, and moves the budget', () => {
  const gatewayWith = (unpriced) => startGateway({ ...base, prices: { unpriced }, keys: [key('soft', { budget: { usd: '100', hard: false } })] });
  const asked = async (gateway, request) => {
    const before = await spent(gateway, 'key', 'soft');
    const answer = await send(gateway, 'soft', request);
    assert.equal(answer.status, 200, answer.text);
    const row = await waitFor('the row', () => exchange(gateway.data, answer.headers['x-sluice-request-id']));
    assert.equal(row.attempts.length, 1);
    return { answer, attempt: row.attempts[0], moved: Math.round((await spent(gateway, 'key', 'soft') - before) * 1e9) };
  };
  let gateway, lax;
  before(async () => { [gateway, lax] = await Promise.all([gatewayWith('estimate_high'), gatewayWith('allow_and_alert')]); });

  for (const { label, asked: request } of [...cases, ...Object.entries(others).map(([label, one]) => ({ label, asked: one }))]) {
    test(label, async () => {
      const { attempt, moved } = await asked(gateway, request);
      assert.ok(attempt.cost_nanos > 0, JSON.stringify(attempt));
      assert.equal(moved, attempt.cost_nanos);
    });
  }
  for (const [label, request] of Object.entries(unbounded)) {
    test(`${label}: what is not known is no zero, and is charged at its dearest where that is configured`, async () => {
      const { answer, attempt, moved } = await asked(gateway, request);
      if (attempt.cost_nanos === null) {
        assert.equal(answer.headers['x-sluice-cost-usd'], 'unknown');
        assert.ok(moved > 0 && attempt.held_nanos === moved, `${moved} ${JSON.stringify(attempt)}`);
      } else {
        assert.ok(attempt.cost_nanos > 0 && moved === attempt.cost_nanos, `${moved} ${JSON.stringify(attempt)}`);
      }
      const known = await asked(lax, request);
      assert.notEqual(known.attempt.cost_nanos, 0);
      assert.equal(known.moved, known.attempt.cost_nanos ?? 0);
    });
  }
  test('images whose usage is told', async () => {
    const usage = { input_tokens: 50, output_tokens: 100, total_tokens: 150, input_tokens_details: { text_tokens: 50, image_tokens: 0 } };
    await sim.script('any', { body: JSON.stringify({ created: 1, data: [{ b64_json: 'aGk=' }], usage }) });
    const { attempt, moved } = await asked(gateway, unbounded.images);
    assert.deepEqual([attempt.input_tokens, attempt.output_tokens, attempt.cost_nanos, moved], [50, 100, 100_000_000, 100_000_000]);
    await sim.script('any', {});
  });
  // There is no batch API of our own: a batch is passed through, which no hard budget pays for; looking at it is free however often.
  test('a batch: made, it is unknown; looked at fifty times, it costs nothing', async () => {
    await sim.script('', { body: '{"id":"batch_1","object":"batch","status":"completed"}' });
    const { attempt } = await asked(lax, ['/sim-a/v1/batches', { input_file_id: 'file_1', endpoint: '/v1/chat/completions', completion_window: '24h' }]);
    assert.equal(attempt.cost_nanos, null);
    await sim.script('', {});
    const before = await spent(lax, 'key', 'soft');
    for (let i = 0; i < 50; i++) assert.ok((await send(lax, 'soft', ['/sim-a/v1/models'])).status < 500);
    assert.equal(await spent(lax, 'key', 'soft'), before);
  });
});

describe('D5: limits hold at every door', () => {
  const { 'lists of models': own, ...asking } = free;    // the gateway's own pages ask nobody
  const all = { ...Object.fromEntries(cases.map((one) => [one.label, one.asked])), ...others, ...unbounded, ...asking };
  const named = Object.entries(all).map(([label, asked], i) => ({ label, asked, name: `n${i}` }));
  let gateway;
  before(async () => {
    gateway = await startGateway({
      ...base, keys: named.flatMap(({ name }) => [key(`r-${name}`, { limits: { rpm: 2 } }), key(`s-${name}`), key(`f-${name}`), key(`t-${name}`, { limits: { tpm: 100 } })]),
      sessions: { limits: { rpm: 1 } }, tags: { feature: { each: { limits: { rpm: 1 } } } },
    });
  });
  for (const { label, asked, name } of named) {
    test(`${label}: two a minute are two a minute`, async () => {
      for (let i = 0; i < 2; i++) assert.equal((await send(gateway, `r-${name}`, asked)).status, 200);
      const refused = await send(gateway, `r-${name}`, asked);
      assert.equal(refused.status, 429, refused.text);
      assert.match(refused.text, /may send 2 requests a minute/);
      assert.ok(Number(refused.headers['retry-after']) > 0);
    });
    test(`${label}: of a session and of a tag`, async () => {
      for (const [who, header] of [['s', 'x-sluice-session'], ['f', 'x-sluice-feature']]) {
        const ask = async (value) => (await send(gateway, `${who}-${name}`, asked, { [header]: `${value}-${name}` })).status;
        assert.deepEqual([await ask('a'), await ask('a'), await ask('b')], [200, 429, 200], header);
      }
    });
  }
  test('the gateway\'s own pages ask nobody, and are not limited', async () => {
    for (let i = 0; i < 5; i++) assert.equal((await send(gateway, 'r-n0', own)).status, 200);
  });
  for (const { label, asked, name } of named.filter((one) => cases.some(({ label: chat }) => chat === one.label))) {
    test(`${label}: tokens that were used are gone for the minute`, async () => {
      assert.equal((await send(gateway, `t-${name}`, asked)).status, 200);
      const refused = await send(gateway, `t-${name}`, asked);
      assert.equal(refused.status, 429, refused.text);
      assert.match(refused.text, /may use 100 tokens a minute/);
    });
  }
});

test('what is said of a deployment holds wherever its model is asked for', async () => {
  await sim.script('capped', { usage: { prompt_tokens: 5, completion_tokens: 100, total_tokens: 105 } });
  const gateway = await startGateway({
    ...base,
    models: { fast: { deployments: [{ model: 'sim-a/capped', price, budget: { usd: '0.15' } }], retries: 0, breaker: calm }, 'w/*': { deployments: ['sim-a/*'], retries: 0, breaker: calm } },
  });
  const ask = (model) => gateway.post(...chats.chat(model, false), { key: masterKey });
  const served = await ask('sim-a/capped');
  assert.equal(served.status, 200, served.text);
  assert.equal(served.headers['x-sluice-deployment'], 'sim-a/capped');
  assert.equal(served.headers['x-sluice-cost-usd'], '0.1');
  for (const model of ['fast', 'sim-a/capped', 'w/capped']) {
    const refused = await ask(model);
    assert.equal(refused.status, 503, `${model}: ${refused.text}`);
    assert.equal(refused.json.error.code, 'spend_cap', model);
  }
  for (const model of ['sim-a/other', 'w/other']) assert.equal((await ask(model)).status, 200, model);
});
