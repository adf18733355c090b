// One limit of time for all that is tried, under clients of every API; and hedges beside failures.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { dialects, seen } from '../faults/dialects.mjs';
import { startPair, test } from './lib.mjs';

const clients = Object.keys(dialects);
const hangs = { break: { at: 'accept', how: 'hang' } };
const limited = { 'tries that hang': { route: 'hanging', script: hangs }, 'tries that fail and pauses between them': { route: 'failing', script: { status: 503 } }, 'one slow try': { route: 'unhedged', script: { delay_ms: 5000 } } };

// Each test has deployments of its own: what is learned of one is nobody else's.
const kinds = {
  hedged: { retries: 0, hedge: { after: '100ms', max_extra_percent: 100 } },
  unhedged: { retries: 0 },
  hanging: { retries: 5, backoff: '50ms', timeout: { first_byte: '250ms' } },
  failing: { retries: 20, max_attempts: 50, backoff: '100ms' },
};
const names = [
  ...clients.flatMap((client) => Object.values(limited).map(({ route }) => `${route}-${client}`)), 'hedged-fails', 'hedged-patient', 'unhedged-sdk',
];
let gateway, a, b;
before(async () => {
  const models = Object.fromEntries(names.map((name) => [name, { deployments: [`sim-a/${name}`, `sim-b/${name}`], ...kinds[name.split('-')[0]] }]));
  ({ gateway, sims: [a, b] } = await startPair({ models }));
});
const put = async (client, model, stream, headers) => {
  const { path, body, headers: own } = dialects[client];
  const began = performance.now();
  const answer = await gateway.post(path(model, stream), body(model, 'well?', stream), { headers: { ...own, ...headers } });
  return { answer, took: performance.now() - began, ...seen(dialects[client], stream, answer) };
};
const by = (answer) => answer.headers['x-sluice-deployment'].slice(0, 5);

describe('hedging where something fails', () => {
  test('a first one that fails at once is followed by the second at once', async () => {
    await a.script('hedged-fails', { status: 500 });
    const { answer } = await put('chat', 'hedged-fails', false);
    assert.deepEqual([answer.status, by(answer), answer.headers['x-sluice-attempts']], [200, 'sim-b', '2']);
  });

  test('a hedge that fails leaves the first one its time', async () => {
    await a.script('hedged-patient', { delay_ms: 600 });
    await b.script('hedged-patient', { status: 500 });
    const { answer } = await put('chat', 'hedged-patient', true);
    assert.deepEqual([answer.status, by(answer)], [200, 'sim-a']);
  });
});

describe('one deadline for all tries', () => {
  for (const [what, { route, script }] of Object.entries(limited)) {
    for (const client of clients) {
      test(`${what}: ${client}`, async () => {
        const model = `${route}-${client}`;
        for (const sim of [a, b]) await sim.script(model, script);
        const { answer, took, error } = await put(client, model, false, { 'x-sluice-timeout': '400ms' });
        assert.ok(answer.status >= 400, answer.text);
        assert.match(error, /\w/);
        assert.ok(took < 400 + 400, `took ${took} ms`);
        assert.ok((await gateway.requestLog(answer.id)).duration_us < 500_000);
      });
    }
  }

  for (const [field, value] of [['x-litellm-timeout', '0.4'], ['x-stainless-timeout', '0.4'], ['x-server-timeout', '.4']]) {
    for (const client of clients) {
      test(`${field} may be a part of a second: ${client}`, async () => {
        const model = `unhedged-${client}`;
        for (const sim of [a, b]) await sim.script(model, limited['one slow try'].script);
        const { answer, took } = await put(client, model, false, { [field]: value });
        assert.ok(answer.status >= 400, answer.text);
        assert.ok(took > 350 && took < 800, `took ${took} ms`);
      });
    }
  }

  test('the limit that an SDK tells is one too', async () => {
    await a.script('unhedged-sdk', { delay_ms: 5000 });
    const { answer, took } = await put('chat', 'unhedged-sdk', false, { 'x-stainless-timeout': '1' });
    assert.equal(answer.status, 504);
    assert.ok(took > 950 && took < 1500, `took ${took} ms`);
  });
});
