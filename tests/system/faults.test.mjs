// Every way in which a provider fails (tests/faults/table.mjs), under clients of each API: what the client sees, who is asked and how
// often, and what is recorded. Each case has deployments of its own, so that its metrics are its own, and what one taught the
// gateway is nobody else's.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, describe } from 'node:test';
import { apis, providersAt } from '../faults/apis.mjs';
import { dialects, seen } from '../faults/dialects.mjs';
import { longText, phases, toldStatus } from '../faults/table.mjs';
import { appKey, masterKey, startGateway, startSim, test } from './lib.mjs';

const ownApi = { chat: 'openai', responses: 'responses', anthropic: 'anthropic', gemini: 'gemini', converse: 'bedrock' };
// A provider of another API, whose answers are translated.
const otherApi = { chat: 'anthropic', responses: 'gemini', anthropic: 'openai', gemini: 'bedrock', converse: 'responses' };
const clients = Object.keys(dialects);
const question = 'well?';
const answerText = `You said: ${question}`;

// All cases: a row of the table under a client, streamed or not, over a provider of its own API or of another. In `pair` a healthy
// deployment stands behind the failing one, in `alone` none does, in `passing` the only one
// fails once, and in `continued` the route wants broken streams continued by a deployment that can.
const cases = [];
for (const [phase, rows] of Object.entries(phases)) {
  for (const row of rows) {
    for (const client of clients) {
      for (const stream of [false, true]) {
        if (row.only && (row.only === 'streamed') !== stream) continue;
        for (const api of [ownApi[client], otherApi[client]]) {
          if (row.apis && !row.apis.includes(api)) continue;
          for (const setting of ['pair', 'alone', 'passing', 'continued']) {
            if (setting === 'continued' && row.then !== 'told') continue;
            if (setting === 'passing' && (row.then !== 'again' || row.at || row.replaced)) continue;
            cases.push({ phase, row, client, stream, api, setting, name: `case-${cases.length}` });
          }
        }
      }
    }
  }
}
const names = Object.keys(apis);
for (const it of cases) {
  it.upstream = `${apis[it.api]}-${it.name}`;
  it.first = `${it.row.at ?? 'a'}-${it.api}/${it.upstream}`;
  const next = it.setting === 'continued' ? 'anthropic' : names[(names.indexOf(it.api) + 1) % names.length];
  it.second = `b-${next}/${apis[next]}-${it.name}`;
}

const routeOf = ({ row, setting, first, second }) => ({
  deployments: setting === 'pair' || setting === 'continued' ? [first, second] : [first],
  retries: 1, backoff: '10ms', max_backoff: '500ms',
  timeout: row.timeout ?? {}, continue: setting === 'continued',
});

// A gateway for the clients of each API: there is a limit to the series of a metric, and each case wants its own.
const gateways = {};
let a, b;
const mute = net.createServer((socket) => { socket.on('error', () => {}); });    // accepts, and never shakes hands
after(() => mute.close());
before(async () => {
  const spare = net.createServer();
  for (const server of [mute, spare]) await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const closedPort = spare.address().port;
  await new Promise((resolve) => { spare.close(resolve); });
  [a, b] = await Promise.all([startSim('sim-a', { record: false }), startSim('sim-b', { record: false })]);
  const providers = {
    ...providersAt('a', a.url), ...providersAt('b', b.url), ...providersAt('refused', `http://127.0.0.1:${closedPort}`),
    ...providersAt('mute', `https://127.0.0.1:${mute.address().port}`), ...providersAt('plain', a.url.replace('http:', 'https:')),
  };
  await Promise.all(clients.map(async (client) => {
    gateways[client] = await startGateway({
      master_key: masterKey, threads: 1, providers, retry_budget: { min_per_second: 1000 },
      models: Object.fromEntries(cases.filter((it) => it.client === client).map((it) => [it.name, routeOf(it)])),
      keys: [{ name: 'app', key: appKey }],
    });
  }));
});

// What must come of it: who serves (nobody: undefined), how many tries there are, and how the first of them is recorded.
function expected({ row, setting, first, second }) {
  if (row.then === 'served') return { served: first, tries: 1 };
  if (row.then === 'never') return { tries: 1, fails: 1 };
  if (setting === 'continued') return { continued: second, tries: 2, fails: 1 };
  if (row.then === 'told') return { broken: first, tries: 1, fails: 1 };
  if (setting === 'pair') return { served: second, tries: 2, fails: 1 };
  if (setting === 'passing') return { served: first, tries: 2, fails: 1 };
  const tries = row.then === 'again' ? 2 : 1;
  return { tries, fails: tries };
}

function check(it, answer) {
  const { row, client, stream } = it;
  const want = expected(it);
  const got = seen(dialects[client], stream, answer);
  const about = `${it.api}, ${it.setting}: ${answer.status} ${answer.text.slice(0, 400)}`;
  // The head of a stream is gone when another deployment goes on with it.
  assert.equal(answer.headers['x-sluice-attempts'], String(want.continued ? 1 : want.tries), about);
  if (want.continued) {
    assert.deepEqual([answer.status, got], [200, { text: longText, error: undefined, complete: true }], about);
  } else if (want.served) {
    assert.deepEqual([answer.status, got], [200, { text: answerText, error: undefined, complete: true }], about);
    assert.equal(answer.headers['x-sluice-deployment'], want.served);
  } else if (want.broken) {
    assert.equal(answer.status, 200, about);
    assert.ok(got.text.length > 0 && longText.startsWith(got.text.trimEnd()), about);
    assert.match(got.error ?? '', row.words ?? /\w/, about);
    assert.equal(got.complete, false, about);
  } else {
    assert.equal(answer.status, toldStatus(client, row, it.api === ownApi[client]), about);
    assert.match(got.error ?? '', row.words ?? /\w/, about);
    assert.equal(answer.headers['retry-after'], row.waits, about);
  }
}

for (const [phase, rows] of Object.entries(phases)) {
  describe(phase, { concurrency: 4 }, () => {
    for (const row of rows) {
      for (const client of clients) {
        for (const stream of [false, true]) {
          const mine = cases.filter((it) => it.row === row && it.client === client && it.stream === stream);
          if (mine.length === 0) continue;
          test(`${row.name}: ${client}${stream ? ', streamed' : ''}`, async () => {
            const { path, body, headers } = dialects[client];
            await Promise.all(mine.map(async (it) => {
              const script = row.script?.(it.api);
              if (script) await a.script(it.upstream, it.setting === 'passing' ? { sequence: [script, {}] } : script);
              if (it.setting === 'continued') await b.script(it.second.slice(it.second.indexOf('/') + 1), { text: ' three four' });
              const answer = await gateways[client].post(path(it.name, stream), body(it.name, question, stream), { headers });
              it.id = answer.id;
              check(it, answer);
            }));
          });
        }
      }
    }
  });
}

for (const client of clients) {
  describe(`what is recorded of ${client}`, () => {
    const mine = cases.filter((it) => it.client === client);
    const about = (it) => `${it.row.name}: over ${it.api}, ${it.setting}${it.stream ? ', streamed' : ''}`;

    test('one log line a request: who served it, after how many tries, and how it ended', async () => {
      await Promise.all(mine.slice(-20).map((it) => gateways[client].requestLog(it.id)));
      const lines = new Map(gateways[client].requestLogs.map((line) => [line.request_id, line]));
      for (const it of mine) {
        const { served, continued = served, tries } = expected(it);
        const { attempts, outcome, fault = '', deployment, stream, route } = lines.get(it.id) ?? assert.fail(`no line: ${about(it)}`);
        assert.deepEqual({ attempts, outcome, fault, deployment, stream, route }, {
          attempts: tries, outcome: continued ? 'ok' : 'error', fault: continued ? '' : it.row.fault, deployment: continued ?? it.first, stream: it.stream, route: it.name,
        }, about(it));
      }
    });

    test('each attempt is counted once, under its deployment and how it ended', async () => {
      const counted = {};
      for (const [, deployment, outcome, number] of (await gateways[client].metrics()).matchAll(/^sluice_attempts_total\{deployment="([^"]*)",outcome="([^"]*)"\} (\d+)/gm)) {
        (counted[deployment] ??= {})[outcome] = Number(number);
      }
      for (const it of mine) {
        const { served, continued = served, fails } = expected(it);
        assert.deepEqual(counted[it.first], { ...(fails ? { [it.row.fault]: fails } : {}), ...(served === it.first ? { ok: 1 } : {}) }, about(it));
        assert.deepEqual(counted[it.second], continued === it.second ? { ok: 1 } : undefined, about(it));
      }
    });

    test('nothing is left: no request in flight, no connection in use', async () => {
      assert.ok(await gateways[client].metric('sluice_in_flight') <= 1);
      assert.equal(await gateways[client].metric('sluice_pool_connections', { state: 'in_use' }), 0);
    });
  });
}
