// What an answer costs whose provider did not say, or not all: it is estimated from what was delivered, and never nothing. The rows are read
// from the ledger; what is true, the simulator knows: it counts a token for four bytes.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { exchange } from './ledger.mjs';
import { Connection, appKey, masterKey, providerKey, startGateway, startSim, test, waitFor, within } from './lib.mjs';

const nanos = { input: 150, output: 600 };
const price = { input: '0.15', output: '0.60' };
const prompt = 'word '.repeat(400);    // 500 tokens
const words = 300;
const text = 'zqx '.repeat(words);    // a token each, and an event of a stream each
const slow = { text, event_delay_ms: 15 };

const providers = ['chat', 'responses', 'messages', 'gemini', 'converse', 'cohere'];
const folderOf = { chat: 'openai', responses: 'responses', messages: 'anthropic', gemini: 'gemini', converse: 'bedrock', cohere: 'cohere' };
// The surfaces: how each asks.
const asking = {
  chat: (model, stream) => ['/v1/chat/completions', { model, stream, messages: [{ role: 'user', content: prompt }] }],
  responses: (model, stream) => ['/v1/responses', { model, stream, input: prompt }],
  messages: (model, stream) => ['/v1/messages', { model, stream, max_tokens: 1000, messages: [{ role: 'user', content: prompt }] }],
  gemini: (model, stream) => [`/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`, { contents: [{ role: 'user', parts: [{ text: prompt }] }] }],
  converse: (model, stream) => [`/model/${model}/converse${stream ? '-stream' : ''}`, { messages: [{ role: 'user', content: [{ text: prompt }] }] }],
};
// Passed through, and translated.
const pairs = [['chat', 'chat'], ['responses', 'responses'], ['messages', 'messages'], ['gemini', 'gemini'], ['converse', 'converse'],
  ['chat', 'messages'], ['responses', 'chat'], ['messages', 'gemini'], ['gemini', 'converse'], ['converse', 'responses'], ['chat', 'cohere']];

const scripts = {
  leaves: slow,
  closes: { ...slow, break: { at: 'body', after: 60, how: 'close' } },
  resets: { ...slow, break: { at: 'body', after: 60, how: 'reset' } },
  ends: { ...slow, break: { at: 'body', after: 60, how: 'end' } },
  fails: { ...slow, error_after: 60, error: { error: { message: 'overloaded '.repeat(500), type: 'server_error' } } },
  'fails-first': { text, error_after: 0, error: { error: { message: 'overloaded '.repeat(500), type: 'server_error' } } },
  untold: { text, usage: null },
};

let gateway, sim, other;
before(async () => {
  [sim, other] = await Promise.all([startSim('sim-untold'), startSim('sim-other')]);
  const base = { api_key: providerKey, base_url: sim.url };
  const to = (model) => ({ deployments: [{ model, price }], retries: 0 });
  const routes = Object.keys(scripts).flatMap((what) => providers.map((provider) => [`${what}-${provider}`, to(`${folderOf[provider]}/${what}-${provider}`)]));
  gateway = await startGateway({
    master_key: masterKey,
    providers: {
      openai: { ...base, base_url: `${sim.url}/v1`, dialect: 'openai' },
      responses: { ...base, type: 'openai', base_url: `${sim.url}/v1`, dialect: 'responses' },
      anthropic: base, gemini: base, cohere: base, bedrock: { ...base, region: 'us-east-1' },
      other: { ...base, type: 'openai', base_url: other.base },
    },
    models: {
      ...Object.fromEntries(routes),
      vectors: to('openai/vectors'),
      hedged: { deployments: [{ model: 'anthropic/hedged', price }, { model: 'other/hedged', price }], retries: 0, hedge: { after: '150ms', max_extra_percent: 100 } },
      continued: { deployments: [{ model: 'openai/continued', price }, { model: 'anthropic/claude-opus-4-5-on', price }], retries: 0, continue: true },
    },
    keys: [{ name: 'app', key: appKey }],
  });
  for (const [what, script] of Object.entries(scripts)) for (const provider of providers) await sim.script(`${what}-${provider}`, script);
});

// The row of a request, once it is in the ledger.
const rowOf = (id) => waitFor(`the row of ${id}`, () => exchange(gateway.data, id), 10_000);

// What a try is charged is what its tokens cost.
function assertPriced({ cost_nanos: cost, input_tokens: input, output_tokens: output }) {
  assert.equal(cost, input * nanos.input + output * nanos.output);
}
// The prompt, with what surrounds it in the request: not zero and not absurd.
function assertInput({ input_tokens: input }) {
  assert.ok(input >= 500 && input <= 560, `${input} tokens of input`);
}

async function open(surface, model) {
  const [path, body] = asking[surface](model, true);
  const connection = await Connection.open(gateway);
  connection.request({ method: 'POST', path, body: JSON.stringify(body),
    headers: { authorization: `Bearer ${appKey}`, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' } });
  const head = await connection.head();
  assert.equal(head.status, 200);
  return { connection, id: head.headers['x-sluice-request-id'] };
}

// Reads until so many words have come, or the end; how many came.
async function read(connection, most) {
  let seen = '';
  const count = () => seen.split('zqx').length - 1;
  try {
    for await (const bytes of connection.body()) {
      seen += bytes.toString('latin1');
      if (count() >= most) break;
    }
  } catch {
    // broken off
  }
  return count();
}

for (const [surface, provider] of pairs) {
  const way = surface === provider ? surface : `${surface} over ${provider}`;
  describe(way, () => {
    test('C4: a client that leaves is charged what was delivered', async () => {
      const { connection, id } = await open(surface, `leaves-${provider}`);
      const seen = await within('the words', read(connection, 60), 20_000);
      connection.reset();
      const row = await rowOf(id);
      assert.deepEqual([row.client_left, row.fault], [1, 'client_gone']);
      const [one] = row.attempts;
      assert.ok(['provider', 'estimated'].includes(one.usage_source), one.usage_source);
      const [truth] = (await sim.seen(`leaves-${provider}`)).slice(-1);
      assert.ok(seen >= 60 && truth.events_sent < words, `${seen} words of ${truth.events_sent} events`);
      // Between what the client has seen and what the provider has sent, and within 5 % of either, but for what was on its way.
      assert.ok(one.output_tokens >= seen && one.output_tokens <= truth.events_sent, `${one.output_tokens} of ${seen}…${truth.events_sent}`);
      assert.ok(one.output_tokens <= seen * 1.05 + 8, `${one.output_tokens} for ${seen}`);
      assertInput(one);
      assertPriced(one);
    });

    test('A3 C4: a provider that breaks off is charged what it delivered, and not the text of its error', async () => {
      await Promise.all(['closes', 'resets', 'ends', 'fails'].map(async (what) => {
        const { connection, id } = await open(surface, `${what}-${provider}`);
        assert.ok(await within('the words', read(connection, words), 20_000) >= 60);    // some APIs say all again with the failure
        connection.destroy();
        const row = await rowOf(id);
        const [one] = row.attempts;
        assert.notEqual(one.fault, '', what);
        assert.equal(one.output_tokens, 60, what);
        assertInput(one);
        assertPriced(one);
      }));
    });

    test('C1: a provider that tells no usage is not free, streamed as whole', async () => {
      const model = `untold-${provider}`;
      const estimated = await gateway.metric('sluice_usage_estimated_total', { route: model });
      const [path, body] = asking[surface](model, false);
      const answer = await gateway.post(path, body, { headers: { 'anthropic-version': '2023-06-01' } });
      assert.equal(answer.status, 200, answer.text);
      const { connection, id } = await open(surface, model);
      await within('the answer', connection.whole(), 20_000);
      connection.destroy();
      const [whole] = (await rowOf(answer.id)).attempts;
      const [streamed] = (await rowOf(id)).attempts;
      for (const one of [whole, streamed]) {
        assert.equal(one.usage_source, 'estimated');
        assert.equal(one.output_tokens, words);
        assertInput(one);
        assertPriced(one);
      }
      const log = await gateway.requestLog(answer.id);
      assert.equal(log.usage_source, 'estimated');
      assert.equal(Math.round(1e9 * Number(answer.headers['x-sluice-cost-usd'])), whole.cost_nanos);
      assert.equal(Math.round(1e9 * Number(log.cost_usd)), whole.cost_nanos);
      assert.equal(answer.headers['x-sluice-usage-source'], 'estimated');
      assert.equal(await gateway.metric('sluice_usage_estimated_total', { route: model }), estimated + 2);
    });
  });
}

test('C4: a provider that fails before any token costs nothing', async () => {
  for (const provider of ['chat', 'responses', 'gemini', 'converse', 'cohere']) {
    const [path, body] = asking.chat(`fails-first-${provider}`, true);
    const answer = await gateway.post(path, body);
    const [one] = (await rowOf(answer.id)).attempts;
    assert.notEqual(one.fault, '', provider);
    assert.deepEqual([one.cost_nanos, one.output_tokens, one.usage_source], [0, 0, ''], provider);
  }
});

test('the loser of a hedge is charged what its provider had counted', async () => {
  // hedges are a share of the route's requests
  for (let i = 0; i < 2; ++i) assert.equal((await gateway.chat('hedged')).status, 200);
  await sim.script('hedged', { text, event_delay_ms: 3000 });    // its first event tells the input
  await other.script('hedged', { text });
  const { connection, id } = await open('chat', 'hedged');
  assert.equal(await read(connection, Infinity), words);
  const { attempts: [loser, winner] } = await rowOf(id);
  assert.deepEqual([loser.fault, winner.fault, loser.usage_source], ['superseded', '', 'provider']);
  assert.equal(loser.input_tokens, 500);
  assertPriced(loser);
  assertPriced(winner);
});

test('both halves of a continued stream are charged', async () => {
  await sim.script('continued', { text, break: { at: 'body', after: 60 } });
  await sim.script('claude-opus-4-5-on', { text: 'more', usage: null });
  const { connection, id } = await open('chat', 'continued');
  await within('the answer', connection.whole(), 20_000);
  const { attempts: [first, second] } = await rowOf(id);
  assert.deepEqual([first.usage_source, first.output_tokens], ['estimated', 60]);
  assert.equal(second.usage_source, 'estimated');
  assert.ok(second.input_tokens >= first.input_tokens + 55, 'it has read what was said before');
  for (const one of [first, second]) assertPriced(one);
});

test('vectors without usage are charged for what was read', async () => {
  await sim.script('vectors', { usage: null });
  const answer = await gateway.post('/v1/embeddings', { model: 'vectors', input: [prompt] });
  assert.equal(answer.status, 200, answer.text);
  const [one] = (await rowOf(answer.id)).attempts;
  assert.deepEqual([one.usage_source, one.output_tokens], ['estimated', 0]);
  assertInput(one);
  assertPriced(one);
});
