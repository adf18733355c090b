// Hedging and deadlines: a second deployment for answers that are late, and one limit of time for all that is tried.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { dialects, seen } from '../faults/dialects.mjs';
import { startPair, test, waitFor } from './lib.mjs';

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
  ...clients.flatMap((client) => [`hedged-${client}-false`, `hedged-${client}-true`, ...Object.values(limited).map(({ route }) => `${route}-${client}`)]),
  ...['quick', 'fails', 'patient', 'acting'].map((name) => `hedged-${name}`), 'unhedged-sdk', 'unhedged-x',
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

describe('hedging', () => {
  for (const client of clients) {
    for (const stream of [false, true]) {
      test(`${client}${stream ? ', streamed' : ''}: the first to begin answers, and the other is called off`, async () => {
        const model = `hedged-${client}-${stream}`;
        await a.script(model, { delay_ms: 5000 });
        const { answer, took, text, complete } = await put(client, model, stream);
        assert.deepEqual([answer.status, text, complete, by(answer)], [200, 'You said: well?', true, 'sim-b']);
        assert.equal(answer.headers['x-sluice-attempts'], '2');
        assert.ok(took < 3000, `took ${took} ms`);
        await waitFor('the late call to be called off', async () => (await a.seen(model)).some(({ outcome }) => outcome === 'aborted'));
      });
    }
  }

  test('an answer in time is not hedged', async () => {
    for (let i = 0; i < 5; i++) assert.equal((await put('chat', 'hedged-quick', true)).answer.headers['x-sluice-attempts'], '1');
    assert.equal((await b.seen('hedged-quick')).length, 0);
  });

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

  test('what a model may do through tools is not done twice', async () => {
    await a.script('hedged-acting', { delay_ms: 500 });
    const tools = [{ type: 'function', function: { name: 'pay', parameters: { type: 'object', properties: {} } } }];
    const answer = await gateway.chat('hedged-acting', { tools });
    assert.deepEqual([answer.status, by(answer), (await b.seen('hedged-acting')).length], [200, 'sim-a', 0]);
  });

  test('each try is counted as it ended', async () => {
    assert.equal(await gateway.metric('sluice_attempts_total', { outcome: 'superseded' }), 2 * clients.length);
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

  test('the limit that an SDK tells is one too', async () => {
    await a.script('unhedged-sdk', { delay_ms: 5000 });
    const { answer, took } = await put('chat', 'unhedged-sdk', false, { 'x-stainless-timeout': '1' });
    assert.equal(answer.status, 504);
    assert.ok(took > 950 && took < 1500, `took ${took} ms`);
  });

  test('a limit that cannot be read is a 400 that names it', async () => {
    const { answer, error } = await put('chat', 'unhedged-x', false, { 'x-sluice-timeout': 'soon' });
    assert.equal(answer.status, 400);
    assert.match(error, /x-sluice-timeout/);
  });
});
