// A budget is a budget: what is asked for at once never costs more than it, on every surface and through every door, and afterwards
// nothing is held back. SLUICE_ROUNDS=100 runs the long form of the first test.
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { before, describe } from 'node:test';
import { Connection, Gateway, appKey, calm, chat, masterKey, providerKey, startGateway, startSim, test, waitFor, writeConfig } from './lib.mjs';

// Output costs $0.001 a token and input nothing: what a request may cost is its max_tokens, what it did cost its usage.
const price = { input: '0', output: '1000' };
const rounds = Number(process.env.SLUICE_ROUNDS ?? 3);
const surfaces = {
  chat: (model, stream, tokens) => ['/v1/chat/completions', { model, stream, max_tokens: tokens, messages: [{ role: 'user', content: 'hi' }] }],
  responses: (model, stream, tokens) => ['/v1/responses', { model, stream, max_output_tokens: tokens, input: 'hi' }],
  messages: (model, stream, tokens) => ['/v1/messages', { model, stream, max_tokens: tokens, messages: [{ role: 'user', content: 'hi' }] }],
  gemini: (model, stream, tokens) => [`/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    { contents: [{ role: 'user', parts: [{ text: 'hi' }] }], generationConfig: { maxOutputTokens: tokens } }],
};
const version = { 'anthropic-version': '2023-06-01' };
// In the words of both of OpenAI's APIs.
const usage = (tokens) => ({ usage: { prompt_tokens: 5, completion_tokens: tokens, input_tokens: 5, output_tokens: tokens, total_tokens: tokens + 5 } });
const keyOf = (name) => `sk-sl-budget-${name}`;
const spent = (gateway, scope, account) => gateway.metric('sluice_budget_spent_usd', { scope, account });
const reserved = (gateway, scope, account) => gateway.metric('sluice_budget_reserved_usd', { scope, account });
const near = (value, wanted) => assert.ok(Math.abs(value - wanted) < 1e-9, `${value} is not ${wanted}`);

let sim, other, base;
before(async () => {
  sim = await startSim('sim-a');
  other = await startSim('sim-b');
  await sim.script('tenth', usage(100));
  await other.script('tenth', usage(100));
  await sim.script('half', usage(50));
  await sim.script('fails', { status: 500, error: { error: { message: 'no' } } });
  await sim.script('slow', { ...usage(100), events: 200, event_delay_ms: 20 });
  const to = (...models) => ({ deployments: models.map((model) => ({ model, price })), retries: 0, backoff: '1ms', breaker: calm });
  base = {
    master_key: masterKey,
    providers: {
      'sim-a': { type: 'openai', base_url: sim.base, api_key: providerKey },
      'sim-b': { type: 'openai', base_url: other.base, api_key: providerKey },
    },
    models: {
      tenth: to('sim-a/tenth'), half: to('sim-a/half'), slow: to('sim-a/slow'), failing: to('sim-a/fails', 'sim-b/tenth'),
      free: { deployments: [{ model: 'sim-a/fails', price: { input: '0', output: '0' } }], retries: 0, fallbacks: { any: ['tenth'] }, breaker: calm },
      unpriced: { deployments: ['sim-a/tenth'] },
      unbounded: to('sim-a/tenth'),
      vectors: { deployments: [{ model: 'sim-a/vectors', price: { input: '1000' } }] },
      strict: { deployments: [{ model: 'sim-a/strict', price, max_output: 5000 }] },
    },
  };
});

const key = (name, more = {}) => ({ name, key: keyOf(name), ...more });
const allowed = (usd, more = {}) => ({ budget: { usd, ...more } });
const ask = (gateway, name, model, { surface = 'chat', stream = false, tokens = 100, headers = {} } = {}) => {
  const [path, body] = surfaces[surface](model, stream, tokens);
  return gateway.post(path, body, { key: keyOf(name), headers: { ...version, ...headers } });
};

test('D1 D4: 500 at once with aborts, failures and fallbacks never cost more than the dollar there is', { timeout: 60_000 + rounds * 20_000 }, async () => {
  const names = Array.from({ length: rounds }, (_, i) => `round-${i}`);
  const gateway = await startGateway({ ...base, keys: names.map((name) => key(name, allowed('1'))) });
  for (const name of names) {
    const kinds = ['tenth', 'half', 'failing', 'abort', 'abort-early'];
    const all = await Promise.all(Array.from({ length: 500 }, async (_, i) => {
      const kind = kinds[(i * 7 + i % 3) % kinds.length];
      if (!kind.startsWith('abort')) return ask(gateway, name, kind, { stream: i % 2 === 0 });
      const connection = await Connection.open(gateway);
      const body = JSON.stringify(chat('slow', { stream: true, max_tokens: 100 }));
      connection.request({ method: 'POST', path: '/v1/chat/completions', body, headers: { authorization: `Bearer ${keyOf(name)}`, 'content-type': 'application/json' } });
      if (kind === 'abort-early') {
        connection.socket.destroy();
        return { status: 0 };
      }
      const head = await connection.head();
      connection.socket.destroy();
      return { status: head.status === 200 ? 0 : head.status };
    }));
    const statuses = new Set(all.map(({ status }) => status));
    for (const status of statuses) assert.ok([0, 200, 429].includes(status), `status ${status}`);
    assert.ok(statuses.has(200) && statuses.has(429));
    for (const { json } of all.filter(({ status, text }) => status === 429 && text)) assert.equal(json.error.code, 'budget_exceeded');
    await waitFor('nothing to be reserved', async () => (await reserved(gateway, 'key', name)) === 0);
    const total = await spent(gateway, 'key', name);
    assert.ok(total > 0 && total <= 1, `${total} of 1 USD were spent`);
    const known = gateway.requestLogs.filter((line) => line.key === name).reduce((sum, line) => sum + Number(line.cost_usd || 0), 0);
    assert.ok(known <= 1 + 1e-9, `the log has ${known} USD`);
    // What is left can be spent, to the last token.
    const left = Math.round((1 - total) * 1000);
    if (left > 0) {
      const last = await ask(gateway, name, 'half', { tokens: left });
      assert.equal(last.status, 200, last.text);
    }
    assert.equal((await ask(gateway, name, 'half', { tokens: 1000 })).status, 429);
  }
});

describe('D2: each scope, on every surface', () => {
  const scopes = {
    key: { keys: [key('one', allowed('0.1'))] },
    team: { keys: [key('one', { team: 't' })], teams: { t: allowed('0.1') } },
    user: { keys: [key('one', { user: 'u' })], users: { u: allowed('0.1') } },
    organisation: { keys: [key('one')], organisation: allowed('0.1') },
    tag: { keys: [key('one', { tags: { feature: 'search' } })], tags: { feature: { values: { search: allowed('0.1') } } } },
    'each value of a tag': { keys: [key('one', { tags: { feature: 'search' } })], tags: { feature: { each: allowed('0.1') } } },
    'one of several budgets': { keys: [key('one', { budget: [{ usd: '100' }, { usd: '0.1', window: 'day' }, { usd: '50', window: '24h' }] })] },
  };
  for (const [scope, config] of Object.entries(scopes)) {
    test(scope, async () => {
      for (const [surface, stream] of Object.keys(surfaces).flatMap((name) => [[name, false], [name, true]])) {
        const gateway = await startGateway({ ...base, ...config });
        const first = await ask(gateway, 'one', 'tenth', { surface, stream });
        assert.equal(first.status, 200, first.text);
        const second = await ask(gateway, 'one', 'tenth', { surface, stream });
        assert.equal(second.status, surface === 'messages' ? 402 : 429, `${surface}: ${second.text}`);
        assert.match(second.text, /The budget of the .* is 0\.1 USD|The budget of the organisation is 0\.1 USD/);
        assert.equal(second.headers['x-should-retry'], 'false');
        if (surface === 'messages') assert.equal(second.json.error.type, 'billing_error');
        if (surface === 'gemini') assert.equal(JSON.parse(second.text).error?.status ?? JSON.parse(second.text)[0].error.status, 'RESOURCE_EXHAUSTED');
        await gateway.stop();
      }
    });
  }
});

test('embeddings are bound by the bytes of their texts', async () => {
  const gateway = await startGateway({ ...base, keys: [key('one', allowed('1'))] });
  const embed = (text) => gateway.post('/v1/embeddings', { model: 'vectors', input: text }, { key: keyOf('one') });
  const served = await embed('good morning');
  assert.equal(served.status, 200);
  near(await spent(gateway, 'key', 'one'), Number(served.headers['x-sluice-cost-usd']));
  assert.equal((await embed('x'.repeat(1000))).status, 429);
});

test('D1: a member whose name is spelled with escapes counts like any other', async () => {
  const gateway = await startGateway({ ...base, keys: [key('escaped', allowed('0.5'))] });
  const hi = '"messages":[{"role":"user","content":"hi"}]';
  const bodies = {
    '/v1/chat/completions': [`{"model":"tenth","max_tokens":10,"max\\u005ftokens":9000,${hi}}`, `{"model":"tenth","max_tokens":10,"\\u006e":128,${hi}}`, `{"model":"tenth","m\\u0061x_completion_tokens":9000,${hi}}`],
    '/v1/responses': ['{"model":"tenth","max_output_tokens":20,"max\\u005foutput_tokens":9000,"input":"hi"}'],
    '/v1/messages': [`{"model":"tenth","max_tokens":10,"max\\u005ftokens":9000,${hi}}`],
    '/v1beta/models/tenth:generateContent': ['{"contents":[{"parts":[{"text":"hi"}]}],"gener\\u0061tionConfig":{"max\\u004futputTokens":9000},"generationConfig":{"maxOutputTokens":10}}'],
  };
  for (const [path, ways] of Object.entries(bodies)) {
    for (const body of ways) {
      const answer = await gateway.post(path, body, { key: keyOf('escaped'), headers: version });
      assert.equal(answer.status, path === '/v1/messages' ? 402 : 429, `${body}: ${answer.text}`);
      assert.match(answer.text, /there is no room for/);
    }
  }
  near(await spent(gateway, 'key', 'escaped'), 0);
});

test('D7: a fallback does not escape the budget', async () => {
  const gateway = await startGateway({ ...base, keys: [key('one', allowed('0.05'))] });
  const before = (await sim.seen('tenth')).length;
  const answer = await ask(gateway, 'one', 'free');
  assert.equal(answer.status, 429, answer.text);
  assert.equal((await sim.seen('tenth')).length, before);
});

test('what remains is told, and when there is room again', async () => {
  const gateway = await startGateway({ ...base, keys: [key('one', allowed('0.25', { window: 'month', zone: 'Europe/Berlin' }))] });
  const remaining = async (options) => (await ask(gateway, 'one', 'tenth', options)).headers['x-sluice-budget-remaining-usd'];
  assert.equal(await remaining(), '0.15');
  assert.equal(await remaining({ stream: true }), '0.05');
  const refused = await ask(gateway, 'one', 'tenth');
  assert.equal(refused.status, 429);
  const renews = new Date(/It renews at (\S+)\./.exec(refused.json.error.message)[1]);
  const local = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', day: 'numeric', hour: 'numeric', minute: 'numeric' }).formatToParts(renews);
  const part = (type) => Number(local.find((one) => one.type === type).value);
  assert.deepEqual([part('day'), part('hour') % 24, part('minute')], [1, 0, 0], renews.toISOString());
  const wait = Number(refused.headers['retry-after']);
  assert.ok(Math.abs(Date.now() + wait * 1000 - renews) < 5000, `${wait}`);
});

test('no time to come again is told where one of the budgets has no room by then', async () => {
  const gateway = await startGateway({ ...base, keys: [key('both', { budget: [{ usd: '0.25', window: '1m' }, { usd: '0.25' }] }), key('two', { budget: [{ usd: '0.25', window: '1m' }, { usd: '0.25', window: '2m' }] })] });
  const refused = async (name) => {
    for (let i = 0; i < 2; i++) assert.equal((await ask(gateway, name, 'tenth')).status, 200);
    return ask(gateway, name, 'tenth');
  };
  const never = await refused('both');
  assert.deepEqual([never.status, never.headers['retry-after']], [429, undefined]);
  const later = Number((await refused('two')).headers['retry-after']);
  assert.ok(later > 100, `${later}: the longer of the two`);
});

describe('strict budgets', () => {
  for (const [surface, field] of [['chat', 'max_tokens'], ['responses', 'max_output_tokens'], ['messages', 'max_tokens'], ['gemini', 'maxOutputTokens']]) {
    test(`${surface}: as long an answer as what is left can pay is asked for`, async () => {
      await sim.script('strict', usage(30));
      const gateway = await startGateway({ ...base, keys: [key('one', allowed('0.5', { strict: true }))] });
      const answer = await ask(gateway, 'one', 'strict', { surface, tokens: 900 });
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.headers['x-sluice-max-tokens'], '500');
      const { body } = (await sim.seen('strict')).at(-1);
      const seen = typeof body === 'string' ? JSON.parse(body) : body;
      assert.equal(seen.max_tokens ?? seen.max_completion_tokens ?? seen.max_output_tokens, 500, `${field}: ${JSON.stringify(seen)}`);
      near(await spent(gateway, 'key', 'one'), 0.03);
      // Not given: the model's own limit is the bound.
      const [path, request] = surfaces.chat('strict', false, undefined);
      const open = await gateway.post(path, request, { key: keyOf('one') });
      assert.equal(open.status, 200, open.text);
      assert.equal(open.headers['x-sluice-max-tokens'], '470');
      const short = await ask(gateway, 'one', 'strict', { surface, tokens: 20 });
      assert.equal(short.headers['x-sluice-max-tokens'], undefined);
    });
  }
  test('one that is not strict refuses', async () => {
    const gateway = await startGateway({ ...base, keys: [key('one', allowed('0.5'))] });
    assert.equal((await ask(gateway, 'one', 'strict', { tokens: 900 })).status, 429);
  });
});

test('a strict budget that cannot pay more than a model may think refuses, and lowers to no less', async () => {
  const gateway = await startGateway({ ...base, models: { claude: { deployments: [{ model: 'claude/claude-opus-4-5-b', price }], retries: 0 } },
    providers: { claude: { type: 'anthropic', base_url: sim.url, api_key: providerKey } }, keys: [key('thin', allowed('2', { strict: true })), key('wide', allowed('4', { strict: true }))] });
  const asked = { model: 'claude', max_tokens: 20_000, thinking: { type: 'enabled', budget_tokens: 2000 }, messages: [{ role: 'user', content: 'hi' }] };
  const thin = await gateway.post('/v1/messages', asked, { key: keyOf('thin'), headers: version });
  assert.equal(thin.status, 402, thin.text);
  assert.match(thin.text, /there is no room for/);
  const wide = await gateway.post('/v1/messages', asked, { key: keyOf('wide'), headers: version });
  assert.equal(wide.status, 200, wide.text);
  assert.ok(Number(wide.headers['x-sluice-max-tokens']) > 2000, wide.headers['x-sluice-max-tokens']);
});

test('a strict budget asks for no less than the Responses API takes', async () => {
  const responses = { ...base.providers['sim-a'], dialect: 'responses' };
  const gateway = await startGateway({ ...base, providers: { 'sim-a': responses }, models: { strict: base.models.strict },
    keys: [key('few', allowed('0.0155', { strict: true })), key('enough', allowed('0.0165', { strict: true })), key('plain', allowed('0.0155'))] });
  for (const surface of ['responses', 'chat', 'messages', 'gemini']) {
    const refused = await ask(gateway, 'few', 'strict', { surface, tokens: 900 });
    assert.equal(refused.status, surface === 'messages' ? 402 : 429, `${surface}: ${refused.text}`);
  }
  // Translated it is asked for sixteen, whatever the client says.
  assert.equal((await ask(gateway, 'plain', 'strict', { tokens: 5 })).status, 429);
  await sim.script('strict', usage(10));
  const answer = await ask(gateway, 'enough', 'strict', { surface: 'responses', tokens: 900 });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.headers['x-sluice-max-tokens'], '16');
});

test('moderations are bound by the bytes of their texts, and OpenAI takes nothing for them', async () => {
  const openai = { base_url: sim.base, api_key: providerKey };
  const gateway = await startGateway({ ...base, providers: { ...base.providers, openai }, keys: [key('one', allowed('0.5')), key('broke', allowed('0'))],
    models: { free: { deployments: ['openai/omni-moderation-latest'] }, stated: { deployments: [{ model: 'sim-a/moderation', price: { input: '0', output: '0', request: '0' } }] },
      paid: { deployments: [{ model: 'openai/omni-moderation-2024-09-26', price: { input: '1000' } }] }, unknown: { deployments: ['sim-a/moderation-2'] } } });
  const moderate = async (name, model, input = 'hi') => (await gateway.post('/v1/moderations', { model, input }, { key: keyOf(name) })).status;
  assert.deepEqual([await moderate('broke', 'free'), await moderate('broke', 'stated'), await moderate('broke', 'paid'), await moderate('broke', 'unknown')], [200, 200, 429, 403]);
  assert.equal(await spent(gateway, 'key', 'broke'), 0);
  assert.deepEqual([await moderate('one', 'paid'), await moderate('one', 'paid', 'x'.repeat(1000))], [200, 429]);
});

describe('what is not priced', () => {
  const serve = (prices, budget = {}) => startGateway({ ...base, ...(prices ? { prices } : {}), keys: [key('one', allowed('1', budget)), key('none')] });
  test('is refused where a budget would have to pay', async () => {
    const gateway = await serve();
    const refused = await ask(gateway, 'one', 'unpriced');
    assert.equal(refused.status, 403);
    assert.equal(refused.json.error.code, 'unpriced_model');
    assert.equal((await ask(gateway, 'none', 'unpriced')).status, 200);
    // A price without a bound is none: how long an answer can be is not known.
    const [path, body] = surfaces.chat('unbounded', false, undefined);
    assert.equal((await gateway.post(path, body, { key: keyOf('one') })).json.error.code, 'unpriced_model');
    assert.equal((await gateway.post('/v1/images/generations', { model: 'unbounded', prompt: 'x' }, { key: keyOf('one') })).status, 403);
    assert.equal((await gateway.call({ method: 'POST', path: '/sim-a/v1/chat/completions', key: keyOf('one'), body: JSON.stringify(chat('tenth')), headers: { 'content-type': 'application/json' } })).status, 403);
  });
  test('is refused where only a soft one would', async () => {
    const gateway = await serve(undefined, { hard: false });
    assert.equal((await ask(gateway, 'one', 'unpriced')).json.error.code, 'unpriced_model');
    assert.equal(await gateway.metric('sluice_budget_unpriced_total', { scope: 'key' }), 1);
  });
  test('is let through where the budgets say so, and told once', async () => {
    const gateway = await serve(undefined, { unpriced: 'allow_and_alert' });
    for (let i = 0; i < 2; i++) assert.equal((await ask(gateway, 'one', 'unpriced')).status, 200);
    const told = () => gateway.logs.filter(({ msg }) => msg === 'a budget does not count what has no price');
    await waitFor('the line in the log', () => told().length > 0);
    assert.deepEqual(told().map(({ account, model }) => [account, model]), [['one', 'tenth']]);
    const made = await gateway.post('/admin/v1/keys', { name: 'strict', budget: { usd: '1', unpriced: 'block' } }, { key: masterKey });
    assert.equal(made.json.budget.unpriced, 'block');
    const refused = await gateway.post('/v1/chat/completions', chat('unpriced', { max_tokens: 10 }), { key: made.json.key });
    assert.equal(refused.json.error.code, 'unpriced_model');
  });
  test('allow_and_alert', async () => {
    const gateway = await serve({ unpriced: 'allow_and_alert' });
    assert.equal((await ask(gateway, 'one', 'unpriced')).status, 200);
    assert.equal(await gateway.metric('sluice_budget_unpriced_total', { scope: 'key' }), 1);
  });
  test('estimate_high: at the dearest prices there are', async () => {
    const gateway = await serve({ unpriced: 'estimate_high' });
    assert.equal((await ask(gateway, 'one', 'unpriced', { tokens: 10 })).status, 200);
    assert.ok((await spent(gateway, 'key', 'one')) > 0);
    assert.equal(await gateway.metric('sluice_budget_estimated_total', { scope: 'key' }), 1);
  });
});

describe('caps of deployments and providers', () => {
  const capped = ({ first = {}, ...config }) => startGateway({
    ...base, ...config, models: { both: { deployments: [{ model: 'sim-a/tenth', price, ...first }, { model: 'sim-b/tenth', price }], retries: 0 } }, keys: [key('one')],
  });
  for (const [name, config] of [
    ['a deployment', { first: allowed('0.15') }],
    ['a provider', {}],
  ]) {
    test(`${name} that has spent what it may is passed by`, async () => {
      const providers = { ...base.providers, 'sim-a': { ...base.providers['sim-a'], ...(config.first ? {} : allowed('0.15')) } };
      const gateway = await capped({ ...config, providers });
      const at = async () => {
        const answer = await ask(gateway, 'one', 'both');
        assert.equal(answer.status, 200, answer.text);
        return answer.headers['x-sluice-provider'];
      };
      assert.deepEqual([await at(), await at(), await at()], ['sim-a', 'sim-b', 'sim-b']);
    });
  }
  test('what is spent is left out, and the reason is told', async () => {
    const gateway = await capped({ first: allowed('0.1') });
    assert.equal((await ask(gateway, 'one', 'both')).headers['x-sluice-provider'], 'sim-a');
    const second = await ask(gateway, 'one', 'both');
    assert.equal(second.headers['x-sluice-provider'], 'sim-b');
    assert.equal(second.headers['x-sluice-attempts'], '1');
    const story = await gateway.call({ path: `/admin/v1/exchanges/${second.headers['x-sluice-request-id']}`, key: masterKey });
    assert.match(story.text, /its budget is spent/);
  });
  test('rates of a deployment send on, too', async () => {
    const gateway = await capped({ first: { limits: { rpm: 1 } } });
    const at = async () => (await ask(gateway, 'one', 'both')).headers['x-sluice-provider'];
    assert.deepEqual([await at(), await at()], ['sim-a', 'sim-b']);
  });
});

test('D10: a changed budget keeps what was spent', async () => {
  const config = (usd, more = {}) => ({ ...base, keys: [key('one', allowed(usd, { window: 'month', ...more }))] });
  const gateway = await startGateway(config('1'));
  for (let i = 0; i < 3; i++) assert.equal((await ask(gateway, 'one', 'tenth')).status, 200);
  const reload = async (next, loaded) => {
    writeConfig(gateway.file, next);
    await waitFor('the reload', async () => (await gateway.metric('sluice_config_reloads_total', { result: 'ok' })) === loaded);
  };
  await reload(config('0.35'), 1);
  near(await spent(gateway, 'key', 'one'), 0.3);
  assert.equal((await ask(gateway, 'one', 'tenth')).status, 429);
  await waitFor('the rows to be stored', async () => (await gateway.metric('sluice_ledger_rows_total', { state: 'stored' })) >= 4);
  await reload(config('0.45', { window: 'day' }), 2);
  near(await gateway.metric('sluice_budget_spent_usd', { account: 'one', window: 'day' }), 0.3);
  assert.equal((await ask(gateway, 'one', 'tenth')).status, 200);
  assert.equal((await ask(gateway, 'one', 'tenth')).status, 429);
});

test('D10: a budget that is taken away and comes back has spent what was spent between', async () => {
  const config = { ...base, keys: [key('away', allowed('0.5'))] };
  const gateway = await startGateway(config);
  const reload = async (keys) => {
    const loaded = await gateway.metric('sluice_config_reloads_total', { result: 'ok' }) + 1;
    writeConfig(gateway.file, { ...config, keys });
    await waitFor('the reload', async () => (await gateway.metric('sluice_config_reloads_total', { result: 'ok' })) === loaded);
  };
  assert.equal((await ask(gateway, 'away', 'tenth')).status, 200);
  await reload([key('away')]);
  for (let i = 0; i < 2; ++i) assert.equal((await ask(gateway, 'away', 'tenth')).status, 200);
  await waitFor('the rows to be stored', async () => (await gateway.metric('sluice_ledger_rows_total', { state: 'stored' })) >= 3);
  await reload([key('away', allowed('0.5'))]);
  near(await spent(gateway, 'key', 'away'), 0.3);
});

test('G5: a budget with a mistake changes nothing, and the log names the line', async () => {
  const gateway = await startGateway({ ...base, keys: [key('one', allowed('1'))] });
  writeConfig(gateway.file, { ...base, keys: [key('one', allowed('1', { window: 'fortnight', zone: 'Europe/Nowhere', alerts: ['0'] }))] });
  for (const field of ['window', 'zone', 'alerts'])
    await gateway.output(`the mistake in ${field}`, (c) => c.logs.find(({ problem }) => new RegExp(`sluice.yaml:\\d+: keys\\[0\\]\\.budget\\.${field}.*expected`).test(problem ?? '')));
  assert.equal((await ask(gateway, 'one', 'tenth')).status, 200);
});

test('G5: a file that is refused for a name that is taken leaves the limits as they were', async () => {
  const gateway = await startGateway({ ...base, keys: [key('one', allowed('1'))] });
  const made = await gateway.post('/admin/v1/teams', { name: 'taken' }, { key: masterKey });
  assert.ok(made.status < 300, made.text);
  writeConfig(gateway.file, { ...base, teams: { taken: {} }, keys: [key('one', { ...allowed('0.01'), limits: { rpm: 1 } })] });
  await gateway.output('the refusal', (c) => c.logs.find((line) => JSON.stringify(line).includes("'taken'")));
  for (let i = 0; i < 3; i++) assert.equal((await ask(gateway, 'one', 'tenth')).status, 200);
});

test('G7: after a restart, and after a kill, budgets are the sums of the rows in their windows', async () => {
  const config = { ...base, keys: [key('one', allowed('1', { window: 'month' })), key('two', { team: 't', ...allowed('1', { window: '24h' }) })], teams: { t: allowed('5') }, organisation: allowed('9', { window: 'week' }) };
  let gateway = await startGateway(config);
  const { file } = gateway;
  for (let i = 0; i < 3; i++) {
    await ask(gateway, 'one', 'tenth', { stream: i === 1 });
    await ask(gateway, 'two', 'half');
  }
  for (const end of ['stop', 'kill']) {
    await gateway[end]();
    gateway = await new Gateway(['serve', '--config', file, '--listen', '127.0.0.1:0', '--data', join(dirname(file), 'data')]).ready();
    near(await spent(gateway, 'key', 'one'), 0.3);
    near(await spent(gateway, 'key', 'two'), 0.15);
    near(await spent(gateway, 'team', 't'), 0.15);
    near(await spent(gateway, 'organisation', ''), 0.45);
    assert.equal(await reserved(gateway, 'key', 'one'), 0);
  }
  assert.equal((await ask(gateway, 'one', 'tenth', { tokens: 701 })).status, 429);
  assert.equal((await ask(gateway, 'one', 'tenth', { tokens: 700 })).status, 200);
});

test('thresholds are told', async () => {
  const gateway = await startGateway({ ...base, keys: [key('one', allowed('0.4', { alerts: [50, 100] }))] });
  for (let i = 0; i < 4; i++) await ask(gateway, 'one', 'tenth');
  await gateway.output('both alerts', (c) => c.logs.filter(({ msg }) => msg === 'budget threshold passed').map(({ percent }) => percent).join() === '50,100');
  assert.equal(await gateway.metric('sluice_budget_alerts_total', { account: 'one', percent: '50' }), 1);
});

test('the limit is the default key\'s too: a key without terms is not held up', async () => {
  const gateway = await startGateway({ ...base, keys: [{ name: 'app', key: appKey }, key('one', allowed('0.1'))] });
  assert.equal((await gateway.chat('tenth', { max_tokens: 5000 })).status, 200);
  assert.equal((await gateway.chat('tenth', { max_tokens: 5000 })).headers['x-sluice-budget-remaining-usd'], undefined);
});
