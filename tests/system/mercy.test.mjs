// Fallback models, last resorts, hedges and continued streams together; deployments without a share; conversations that moved.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { appKey, baseConfig, call, masterKey, providerKey, sleep, startGateway, startSim, streamText, test, waitFor } from './lib.mjs';

let a, b, c, gateway;
before(async () => {
  [a, b, c] = await Promise.all(['sim-a', 'sim-b', 'sim-c'].map((name) => startSim(name)));
  const plain = { retries: 0, breaker: { consecutive: 1, failure_percent: 0, cool_down: '1m' } };
  const claude = (sim) => ({ type: 'anthropic', api_key: providerKey, base_url: sim.url });
  gateway = await startGateway(baseConfig([a, b, c], {
    providers: { 'cl-a': claude(a), 'cl-b': claude(b), 'cl-c': claude(c) },
    models: {
      well: { deployments: ['sim-c/well'], retries: 0 },
      dead: { ...plain, deployments: ['sim-a/dead-1', 'sim-a/dead-2', 'sim-a/dead-3'], timeout: { first_byte: '1s', total: '4s' }, fallbacks: { any: ['well'] } },
      drained: { ...plain, deployments: ['sim-a/drained'], fallbacks: { any: ['well'] } },
      'drained-alone': { ...plain, deployments: ['sim-a/drained'] },
      spent: { ...plain, deployments: [{ model: 'sim-a/spent', price: { input: '1', output: '1' }, budget: { usd: '0' } }], fallbacks: { any: ['well'] } },
      blind: { ...plain, deployments: [{ model: 'sim-a/blind', capabilities: { vision: false } }], fallbacks: { any: ['well'] } },
      hedged: { deployments: ['cl-a/claude-opus-4-5-m', 'cl-b/claude-opus-4-5-m', 'cl-c/claude-opus-4-5-m'], retries: 0, continue: true, hedge: { after: '150ms', max_extra_percent: 100 } },
      goes: { deployments: ['cl-a/claude-opus-4-5-g', 'cl-b/claude-opus-4-5-g', 'cl-c/claude-opus-4-5-g'], retries: 0, continue: true },
      cheap: { strategy: 'least_cost', deployments: [{ model: 'sim-a/cheap', weight: 0, price: { input: '1', output: '1' } }, { model: 'sim-b/cheap', price: { input: '2', output: '2' } }], retries: 0 },
      quick: { strategy: 'least_latency', deployments: [{ model: 'sim-a/quick', weight: 0 }, 'sim-b/quick', 'sim-c/quick'], retries: 0 },
      sticky: { strategy: 'sticky', deployments: ['sim-a/st', 'sim-b/st'], retries: 0, breaker: { consecutive: 1, failure_percent: 0, cool_down: '300ms' } },
    },
  }));
});
const servedBy = ({ headers }) => headers['x-sluice-deployment'];

describe('fallback models', () => {
  test('come before deployments whose breakers are open', async () => {
    for (const name of ['dead-1', 'dead-2', 'dead-3']) await a.script(name, { status: 503 });
    await gateway.chat('dead');
    for (const name of ['dead-1', 'dead-2', 'dead-3']) await a.script(name, { break: { at: 'accept', how: 'hang' } });
    const began = performance.now();
    const answer = await gateway.chat('dead');
    assert.deepEqual([answer.status, servedBy(answer), answer.headers['x-sluice-attempts']], [200, 'sim-c/well', '1']);
    assert.ok(performance.now() - began < 900, 'nothing was waited for');
  });
  test('serve what a drained route, a spent one or one that cannot is asked', async () => {
    await gateway.call({ method: 'PUT', path: '/admin/v1/deployments/sim-a%2Fdrained/hold', key: masterKey, body: '{"hold":"drained"}', headers: { 'content-type': 'application/json' } });
    assert.equal(servedBy(await gateway.chat('drained')), 'sim-c/well');
    assert.equal((await gateway.chat('drained-alone')).json.error.code, 'drained');
    assert.equal(servedBy(await gateway.chat('spent', { max_tokens: 5 })), 'sim-c/well');
    const image = { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } }] }] };
    assert.equal(servedBy(await gateway.chat('blind', image)), 'sim-c/well');
  });
});

describe('a stream that breaks is continued', () => {
  const text = 'one two three four five six';
  const cut = { text, break: { at: 'body', after: 2, how: 'close' } };
  test('also behind a hedge', async () => {
    await a.script('claude-opus-4-5-m', { delay_ms: 3000, text });
    await b.script('claude-opus-4-5-m', cut);
    await c.script('claude-opus-4-5-m', { text: ' and the rest' });
    const answer = await gateway.chat('hedged', { stream: true });
    assert.match(streamText(answer.events), /^one two.* and the rest$/, answer.text);
  });
  test('by the third where the second refuses to', async () => {
    await a.script('claude-opus-4-5-g', cut);
    await b.script('claude-opus-4-5-g', { status: 400, error: { type: 'error', error: { type: 'invalid_request_error', message: 'no prefix' } } });
    await c.script('claude-opus-4-5-g', { text: ' and the rest' });
    const answer = await gateway.chat('goes', { stream: true });
    assert.match(streamText(answer.events), /^one two.* and the rest$/, answer.text);
  });
});

for (const model of ['cheap', 'quick']) {
  test(`a weight of 0 is no share: ${model}`, async () => {
    for (let i = 0; i < 20; ++i) assert.notEqual(servedBy(await gateway.chat(model)), `sim-a/${model}`);
    await Promise.all(['sim-b', 'sim-c'].map((name) => ({ 'sim-b': b, 'sim-c': c })[name].script(model, { status: 503 })));
    assert.equal(servedBy(await gateway.chat(model)), `sim-a/${model}`);
  });
}

test('a conversation that a fallback served stays there', async () => {
  for (let i = 0; i < 6; ++i) {
    const ask = () => gateway.chat('sticky', {}, { headers: { 'x-sluice-session': `conversation ${i}` } });
    const home = servedBy(await ask());
    const sim = home === 'sim-a/st' ? a : b;
    await sim.script('st', { status: 503 });
    const away = servedBy(await ask());
    assert.notEqual(away, home);
    await sim.script('st', {});
    await sleep(400);    // its breaker lets requests pass again
    for (let turn = 0; turn < 3; ++turn) assert.equal(servedBy(await ask()), away, `turn ${turn}`);
  }
});

test('K5: a key in the query of a passthrough goes no further, however it is spelled', async () => {
  for (const query of [`key=${appKey}`, `a=1&access_token=${appKey}&b=2`, `k%65y=${appKey}`, `api_key=${appKey}&token=${appKey}`]) {
    const answer = await call(gateway, { path: `/sim-a/v1/models?${query}`, headers: { authorization: `Bearer ${appKey}` } });
    assert.equal(answer.status, 200, answer.text);
  }
  const seen = await waitFor('the requests', async () => { const all = (await a.ledger?.()) ?? JSON.parse((await call(a, { path: '/_sim/ledger' })).text); const got = all.filter(({ path }) => path === '/v1/models'); return got.length >= 4 && got; });
  assert.deepEqual(seen.slice(-4).map(({ query }) => query ?? ''), ['', 'a=1&b=2', '', '']);
});
