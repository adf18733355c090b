// What is set aside for a request is the most that it can cost, whatever its body is written like: the refusal of a budget that cannot
// pay says how much that is.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { calm, masterKey, providerKey, startGateway, startSim, test, waitFor } from './lib.mjs';

// A token of output is $0.001, a search a dollar, a token of input nothing; or input is what costs, and the window is 50 dollars.
const price = { input: '0', output: '1000', web_search: '1' };
const byInput = { price: { input: '1000', output: '0' }, context_window: 50_000, max_output: 10 };
const keyOf = (name) => `sk-sl-worst-${name}`;
const version = { 'anthropic-version': '2023-06-01' };
const user = (content) => [{ role: 'user', content }];

let sim, gateway, config;
before(async () => {
  sim = await startSim('worst');
  const base = { api_key: providerKey, base_url: sim.url };
  const one = (model, more = { price, max_output: 5000, context_window: 50_000 }) => ({ deployments: [{ model, ...more }], retries: 0, breaker: calm });
  config = {
    master_key: masterKey,
    providers: { plain: { ...base, type: 'openai', base_url: sim.base }, native: { ...base, type: 'openai', base_url: sim.base, dialect: 'responses' },
      claude: { ...base, type: 'anthropic' }, google: { ...base, type: 'gemini' }, openai: { ...base, base_url: sim.base }, azure: { ...base, base_url: sim.url } },
    models: { chat: one('plain/gpt'), responses: one('native/gpt'), claude: one('claude/claude-opus-4-5-b'), google: one('google/gemini-2.5-pro'),
      'chat-in': one('plain/gpt', byInput), 'responses-in': one('native/gpt', byInput), 'claude-in': one('claude/claude-opus-4-5-b', byInput),
      'google-in': one('google/gemini-2.5-pro', byInput),
      ...Object.fromEntries(['openai/gpt-4o', 'openai/ft:gpt-4o-mini-2024-07-18:acme::x1', 'plain/openai/GPT-4o-Mini', 'azure/gpt-4o', 'azure/seen'].map((name) => [name, one(name, byInput)])) },
    keys: [{ name: 'poor', key: keyOf('poor'), budget: { usd: '0.000001' } }, { name: 'some', key: keyOf('some'), budget: { usd: '1' } },
      { name: 'strict', key: keyOf('strict'), budget: { usd: '1', strict: true } }, { name: 'other', key: keyOf('other'), budget: { usd: '1', strict: true } }],
  };
  gateway = await startGateway(config);
});

// In dollars.
const worst = async (path, body) => {
  const refused = await gateway.post(path, body, { key: keyOf('poor'), headers: version });
  assert.ok([402, 429].includes(refused.status), `${refused.status} ${refused.text}`);
  const told = /there is no room for ([0-9.]+) USD/.exec(refused.text);
  assert.ok(told, refused.text);
  return Number(told[1]);
};
const gemini = (model, more, parts = [{ text: 'hi' }]) => [`/v1beta/models/${model}:generateContent`, { contents: [{ role: 'user', parts }], ...more }];
const exchange = (answer) => waitFor('the row', async () => {
  const row = await gateway.call({ path: `/admin/v1/exchanges/${answer.headers['x-sluice-request-id']}`, key: masterKey });
  return row.status === 200 && row.json;
});
const spent = (account) => gateway.metric('sluice_budget_spent_usd', { scope: 'key', account });

describe('background responses', () => {
  const ask = (more) => gateway.post('/v1/responses', { model: 'responses', input: 'hi', max_output_tokens: 400, store: true, background: true, ...more }, { key: keyOf('some') });
  test('what is not finished is counted as the worst case until a look tells what it used; looking costs nothing', async () => {
    await sim.script('gpt', { text: 'word '.repeat(100) });
    const answer = await ask();
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json.status, 'queued');
    assert.equal(answer.headers['x-sluice-cost-usd'], 'unknown');
    assert.equal(await spent('some'), 0.4);
    const row = await exchange(answer);
    assert.ok(row.cost_unknown, JSON.stringify(row));
    assert.equal(row.tries[0].cost_usd, null);
    assert.equal(row.tries[0].held_usd, '0.4');
    assert.ok(!row.tries[0].usage?.source, 'no estimate of what nobody saw');
    assert.equal((await ask()).status, 200);
    assert.equal((await ask()).status, 429, 'the third has no room');
    let used;
    for (let i = 0; i < 2; i++) {
      const look = await gateway.call({ path: `/v1/responses/${answer.json.id}`, key: keyOf('some') });
      assert.equal(look.status, 200, look.text);
      used = look.json.usage.output_tokens;
      assert.ok(used > 0 && used < 400, used);
      const seen = await exchange(look);
      assert.equal(seen.cost_usd, '0');
      assert.ok(!seen.tries[0].usage?.output_tokens, JSON.stringify(seen.tries[0].usage));
    }
    const booked = await waitFor('what it cost', async () => {
      const then = await exchange(answer);
      return !then.cost_unknown && then;
    }, 15_000);
    assert.equal(Number(booked.cost_usd), used / 1000);
    assert.equal(booked.tries[0].usage.output_tokens, used);
    await waitFor('the budget to follow', async () => Math.abs(await spent('some') - 0.4 - used / 1000) < 1e-9, 15_000);
    assert.equal((await ask()).status, 200, 'there is room again');
  });
  test('so is a stream whose client left', async () => {
    await sim.script('gpt', { text: 'word '.repeat(40), event_delay_ms: 200 });
    const client = new AbortController();
    const answer = await fetch(`${gateway.url}/v1/responses`, { method: 'POST', signal: client.signal, headers: { authorization: `Bearer ${keyOf('other')}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'responses', input: 'hi', max_output_tokens: 400, store: true, background: true, stream: true }) });
    const first = new TextDecoder().decode((await answer.body.getReader().read()).value);
    const id = /"id":"(resp_[^"]+)"/.exec(first)[1];
    client.abort();
    const headers = Object.fromEntries(answer.headers);
    assert.ok((await exchange({ headers })).cost_unknown);
    const look = await waitFor('the answer', async () => {
      const seen = await gateway.call({ path: `/v1/responses/${id}`, key: keyOf('other') });
      return seen.json?.usage && seen;
    }, 15_000);
    await waitFor('what it cost', async () => Number((await exchange({ headers })).cost_usd) === look.json.usage.output_tokens / 1000, 15_000);
  });
});

describe('lists of prompts', () => {
  test('are as many answers', async () => {
    const ask = (more) => worst('/v1/completions', { model: 'chat', max_tokens: 100, ...more });
    assert.equal(await ask({ prompt: 'a' }), 0.1);
    assert.equal(await ask({ prompt: ['a', 'b', 'c'] }), 0.3);
    assert.equal(await ask({ prompt: ['a', 'b', 'c'], n: 2 }), 0.6);
    assert.equal(await ask({ prompt: [[1, 2], [3]], best_of: 3 }), 0.6);
    assert.equal(await ask({ prompt: [1, 2, 3] }), 0.1);
  });
  test('are lowered each', async () => {
    const answer = await gateway.post('/v1/completions', { model: 'chat', max_tokens: 2000, prompt: ['a', 'b', 'c', 'd'] }, { key: keyOf('strict') });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.headers['x-sluice-max-tokens'], '250');
  });
});

describe('a limit that is no whole number', () => {
  const surfaces = {
    chat: (limit) => ['/v1/chat/completions', `{"model":"claude","messages":[{"role":"user","content":"hi"}],"max_completion_tokens":${limit}}`],
    'chat, the older name': (limit) => ['/v1/chat/completions', `{"model":"claude","messages":[{"role":"user","content":"hi"}],"max_tokens":${limit}}`],
    responses: (limit) => ['/v1/responses', `{"model":"claude","input":"hi","max_output_tokens":${limit}}`],
    messages: (limit) => ['/v1/messages', `{"model":"chat","messages":[{"role":"user","content":"hi"}],"max_tokens":${limit}}`],
    gemini: (limit) => ['/v1beta/models/claude:generateContent', `{"contents":[{"role":"user","parts":[{"text":"hi"}]}],"generationConfig":{"maxOutputTokens":${limit}}}`],
    converse: (limit) => ['/model/claude/converse', `{"messages":[{"role":"user","content":[{"text":"hi"}]}],"inferenceConfig":{"maxTokens":${limit}}}`],
  };
  for (const [name, of] of Object.entries(surfaces)) {
    test(`is refused where the request is translated: ${name}`, async () => {
      for (const limit of ['100.0', '1e2', '1.5', '-1', '1e400', '99999999999999999999999']) {
        const asked = (await sim.ledger()).length;
        const [path, body] = of(limit);
        const answer = await gateway.call({ method: 'POST', path, body, key: masterKey, headers: { ...version, 'content-type': 'application/json' } });
        assert.equal(answer.status, 400, `${limit}: ${answer.status} ${answer.text}`);
        assert.match(answer.text, /whole number/);
        assert.equal((await sim.ledger()).length, asked, 'no provider is asked');
      }
    });
  }
});

describe('a limit of 0', () => {
  const warm = (model, more) => gateway.post('/v1/messages', { model, max_tokens: 0, messages: user('hi'), ...more }, { key: keyOf('some'), headers: version });
  test('is one in the Messages API: what is read is what it costs', async () => {
    const asked = { model: 'claude-in', max_tokens: 0, messages: user('hi') };
    assert.ok(Math.abs(await worst('/v1/messages', asked) - JSON.stringify(asked).length / 1000) < 0.01);
    const answer = await warm('claude');
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual([answer.json.content, answer.json.usage.output_tokens, answer.headers['x-sluice-cost-usd']], [[], 0, '0']);
  });
  test('bounds nothing elsewhere', async () => {
    for (const [path, body] of [['/v1/chat/completions', { model: 'chat', max_tokens: 0, messages: user('hi') }], ['/v1/responses', { model: 'responses', input: 'hi', max_output_tokens: 0 }]])
      assert.equal((await gateway.post(path, body, { key: keyOf('some') })).json.error.code, 'unpriced_model');
    assert.equal((await warm('chat')).status, 400, 'where it is translated it is refused');
  });
});

describe('numbers within quotes', () => {
  test('count as what they are', async () => {
    assert.equal(await worst(...gemini('google', { generationConfig: { maxOutputTokens: '1000', candidateCount: '8' } })), 8);
    assert.equal(await worst(...gemini('google', { generation_config: { max_output_tokens: '1000', candidate_count: '8' } })), 8);
    assert.equal(await worst(...gemini('chat', { generationConfig: { maxOutputTokens: '1000', candidateCount: '8' } })), 8);
  });
  for (const model of ['google', 'chat']) {
    test(`are lowered where they stand, to ${model}`, async () => {
      const answer = await gateway.post(...gemini(model, { generation_config: { max_output_tokens: '10000' } }), { key: keyOf('other') });
      assert.equal(answer.status, 200, answer.text);
      const told = Number(answer.headers['x-sluice-max-tokens']);
      assert.ok(told > 100 && told <= 1000, answer.headers['x-sluice-max-tokens']);
      const body = JSON.stringify((await sim.ledger()).at(-1).body);
      assert.equal(body.match(/max[A-Za-z_\\]*[tT]okens/g).length, 1, body);
      assert.ok(body.includes(String(told)) && !body.includes('10000'), body);
    });
  }
});

describe('what brings more than the body holds is bound by the window', () => {
  const items = { reference: { type: 'item_reference', id: 'msg_1' }, id: { id: 'msg_1' }, reasoning: { type: 'reasoning', id: 'rs_1', summary: [] } };
  for (const [name, item] of Object.entries(items))
    test(`an item of Responses: ${name}`, async () => assert.equal(await worst('/v1/responses', { model: 'responses-in', input: [item, ...user('hi')] }), 50));
  test('the sound of an earlier answer', async () =>
    assert.equal(await worst('/v1/chat/completions', { model: 'chat-in', messages: [{ role: 'assistant', audio: { id: 'audio_1' } }, ...user('hi')] }), 50));
  for (const mimeType of ['application/pdf', 'video/mp4', 'audio/flac'])
    test(`a file of ${mimeType}`, async () => assert.equal(await worst(...gemini('google-in', {}, [{ inlineData: { mimeType, data: 'AAAA'.repeat(100) } }])), 50));
  test('not a text', async () => {
    assert.ok(await worst(...gemini('google-in', {}, [{ inlineData: { mimeType: 'text/plain', data: 'AAAA'.repeat(100) } }])) < 1);
    assert.ok(await worst('/v1/responses', { model: 'responses-in', input: [{ role: 'assistant', id: 'msg_1', content: 'x' }, ...user('hi')] }) < 1);
  });
});

describe('images', () => {
  const image = 'https://example.com/a.png';
  const seen = (name, part) => worst('/v1/chat/completions', { model: name, max_tokens: 5, messages: user([part ?? { type: 'image_url', image_url: { url: image } }]) });
  test('are counted however they are written', async () => {
    assert.ok(await seen('chat-in') > 5);
    assert.ok(await seen('chat-in', { type: 'image_url', image_url: image }) > 5, 'as Mistral has it');
    assert.ok(await worst('/v1/responses', { model: 'responses-in', max_output_tokens: 16, input: [{ type: 'computer_call_output', call_id: 'c', output: { type: 'computer_screenshot', image_url: image } }] }) > 5);
  });
  test('are as long as gpt-4o-mini counts them, whatever it is called', async () => {
    for (const name of ['openai/ft:gpt-4o-mini-2024-07-18:acme::x1', 'plain/openai/GPT-4o-Mini', 'azure/seen']) assert.ok(await seen(name) > 50, name);
    for (const name of ['openai/gpt-4o', 'azure/gpt-4o', 'chat-in']) assert.ok(await seen(name) < 6, name);
  });
});

describe('searches', () => {
  const config = { generationConfig: { maxOutputTokens: 1 } };
  const claude = (more) => worst('/v1/messages', { model: 'claude', max_tokens: 1, messages: user('hi'), tools: [{ type: 'web_search_20250305', name: 'web_search', ...more }] });
  test('are as many as the request allows, else ten', async () => {
    assert.equal(await claude({}), 10.001);
    assert.equal(await claude({ max_uses: 50 }), 50.001);
    assert.equal(await claude({ max_uses: 2 }), 2.001);
    assert.equal(await worst('/v1/responses', { model: 'responses', input: 'hi', max_output_tokens: 1, tools: [{ type: 'web_search' }], max_tool_calls: 30 }), 30.001);
  });
  for (const tool of ['googleSearch', 'enterpriseWebSearch', 'google_maps'])
    test(tool, async () => assert.equal(await worst(...gemini('google', { ...config, tools: [{ [tool]: {} }] })), 10.001));
});

test('a tier that is left open is set aside at the dearest', async () => {
  const ask = (model, more) => worst('/v1/chat/completions', { model, max_tokens: 1000, messages: user('hi'), ...more });
  const usual = await ask('openai/gpt-5.4', { service_tier: 'default' });
  for (const more of [{ service_tier: 'priority' }, { service_tier: 'auto' }, {}, { service_tier: null }]) {
    const open = await ask('openai/gpt-5.4', more);
    assert.ok(open > usual * 1.9, `${JSON.stringify(more)}: ${open} of ${usual}`);
  }
});
