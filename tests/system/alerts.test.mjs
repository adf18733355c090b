// Thresholds of budgets told to a webhook: signed, once, off the path of requests, whatever the webhook does.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { baseConfig, calm, sleep, startGateway, startSim, tempDir, test, waitFor, writeConfig } from './lib.mjs';

const coded = Buffer.from('a key of the test, 32 bytes long');
const secret = `whsec_${coded.toString('base64')}`;
const hookPath = '/services/T0-canary?token=canary-of-the-url';
const keyOf = (name) => `sk-sl-alert-${name}`;

const servers = [];
// `answers(n)` is what the nth request (from 0) gets: a status, or nothing at all.
async function hook(answers = () => 200, tls) {
  const got = [];
  const server = (tls ? https.createServer(tls) : http.createServer()).on('request', (request, response) => {
    const pieces = [];
    request.on('data', (piece) => pieces.push(piece));
    request.on('end', () => {
      const body = Buffer.concat(pieces).toString();
      const answer = answers(got.length);
      got.push({ at: performance.now(), path: request.url, headers: request.headers, body });
      if (answer === undefined) return;    // it hangs
      response.writeHead(answer, { location: '/elsewhere' }).end('ok');
    });
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  servers.push(server);
  return { got, bodies: () => got.map(({ body }) => JSON.parse(body)), url: `${tls ? 'https://localhost' : 'http://127.0.0.1'}:${server.address().port}${hookPath}` };
}
after(() => servers.forEach((server) => { server.closeAllConnections(); server.close(); }));

let sim;
before(async () => {
  sim = await startSim('sim-a');
  await sim.script('tenth', { usage: { prompt_tokens: 5, completion_tokens: 100, total_tokens: 105 } });
});
// Each request to `tenth` costs ten cents.
const config = (alerts, names, budget) => baseConfig([sim], {
  models: { tenth: { deployments: [{ model: 'sim-a/tenth', price: { input: '0', output: '1000' } }], retries: 0, breaker: calm } },
  keys: names.map((name) => ({ name, key: keyOf(name), budget: { usd: '0.4', window: 'month', alerts: [50, 100], ...budget } })),
  alerts: { timeout: '500ms', give_up: '20s', ...alerts },
});
const spend = async (gateway, name, times = 1) => {
  for (let i = 0; i < times; i++) assert.equal((await gateway.chat('tenth', { max_tokens: 100 }, { key: keyOf(name) })).status, 200);
};
const result = (gateway, name) => gateway.metric('sluice_alerts_total', { result: name });
const notSent = (gateway) => waitFor('the line in the log', () => gateway.logs.find(({ msg }) => msg === 'alert not sent'));
const verified = ({ headers, body }) => {
  const wanted = createHmac('sha256', coded).update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`).digest('base64');
  assert.equal(headers['webhook-signature'], `v1,${wanted}`);
  assert.ok(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000) < 30);
};

test('each threshold is told once, signed, for chats and for programs', async () => {
  const { got, bodies, url } = await hook();
  const gateway = await startGateway(config({ webhook: url, secret }, ['one']));
  await spend(gateway, 'one', 4);
  await waitFor('both', () => got.length === 2);
  got.forEach(verified);
  assert.deepEqual([got[0].path, got[0].headers['content-type']], [hookPath, 'application/json']);
  assert.notEqual(got[0].headers['webhook-id'], got[1].headers['webhook-id']);
  const [half, whole] = bodies();
  assert.equal(half.text, "Budget of the key 'one' (month): 50 % passed, 0.2 of 0.4 USD are spent.");
  assert.match(whole.text, /100 % passed, 0\.4 of 0\.4 USD are spent; what there is no room for is refused\.$/);
  assert.equal(half.type, 'budget.threshold');
  const { window_from: from, window_until: until, ...rest } = half.data;
  assert.deepEqual(rest, { scope: 'key', account: 'one', window: 'month', percent: 50, spent_usd: '0.2', limit_usd: '0.4', hard: true });
  assert.ok(new Date(from) <= new Date() && new Date(until) > new Date(), `${from} ${until}`);
  assert.equal(await result(gateway, 'sent'), 2);
  const texts = [gateway.stdout, gateway.stderr, await gateway.metrics()];
  for (const canary of [secret, 'T0-canary', 'canary-of-the-url']) for (const text of texts) assert.ok(!text.includes(canary));
});

test('what was told is not told again after a restart; what was not is', async () => {
  const down = await hook(() => 500);
  const given = { webhook: down.url, give_up: '300ms' };
  const first = await startGateway(config({ ...given }, ['one', 'two']));
  await spend(first, 'one', 2);
  await waitFor('giving up', async () => (await result(first, 'failed')) === 1);
  await first.stop();

  const up = await hook();
  const second = await startGateway(config({ webhook: up.url }, ['one', 'two']), { data: first.data });
  await spend(second, 'two', 2);
  await waitFor('that of two', () => up.got.length === 1);
  await spend(second, 'one');    // three of four: 50 % was passed and never told
  await waitFor('that of one', () => up.got.length === 2);
  assert.deepEqual(up.bodies().map(({ data }) => [data.account, data.percent]), [['two', 50], ['one', 50]]);
  await waitFor('both written down', async () => (await result(second, 'sent')) === 2);
  await second.stop();

  const third = await startGateway(config({ webhook: up.url }, ['one', 'two']), { data: first.data });
  await spend(third, 'two');     // 50 % is passed, and was told
  await spend(third, 'one');     // the whole
  await waitFor('the third', () => up.got.length === 3);
  await sleep(200);
  assert.deepEqual(up.bodies().slice(2).map(({ data }) => [data.account, data.percent]), [['one', 100]]);
  assert.equal(await result(third, 'sent'), 1);
});

test('what budgets do not count is told once an hour', async () => {
  const { bodies, got, url } = await hook();
  const settings = config({ webhook: url }, ['one'], { unpriced: 'allow_and_alert' });
  const gateway = await startGateway({ ...settings, models: { tenth: { ...settings.models.tenth, deployments: ['sim-a/tenth'] } } });
  await spend(gateway, 'one', 3);
  await waitFor('it', () => got.length > 0);
  await sleep(300);
  const [{ type, text, data }, ...more] = bodies();
  assert.equal(more.length, 0);
  assert.equal(type, 'budget.unpriced');
  assert.match(text, /^The budget of the key 'one' does not count what 'tenth' costs at sim-a\/tenth/);
  assert.deepEqual(data, { scope: 'key', account: 'one', deployment: 'sim-a/tenth', model: 'tenth' });
});

test('a webhook that fails is tried again, with the same id, a new signature and longer pauses', async () => {
  const { got, url } = await hook((n) => [500, 429, 200][n]);
  const gateway = await startGateway(config({ webhook: url, secret }, ['one']));
  await spend(gateway, 'one', 2);
  await waitFor('the third try', () => got.length === 3, 8000);
  got.forEach(verified);
  assert.equal(new Set(got.map(({ headers }) => headers['webhook-id'])).size, 1);
  const pauses = [got[1].at - got[0].at, got[2].at - got[1].at];
  assert.ok(pauses[0] >= 450 && pauses[1] >= 950, `${pauses}`);
  await waitFor('it is counted', async () => (await result(gateway, 'sent')) === 1);
  assert.equal(await result(gateway, 'failed'), 0);
});

test('what is refused for good is not tried again, and nobody is sent elsewhere', async () => {
  for (const status of [404, 302]) {
    const { got, url } = await hook(() => status);
    const gateway = await startGateway(config({ webhook: url }, ['one']));
    await spend(gateway, 'one', 2);
    await waitFor('it is counted', async () => (await result(gateway, 'failed')) === 1);
    await sleep(700);
    assert.equal(got.length, 1);
    const line = await notSent(gateway);
    assert.deepEqual([line.account, line.percent, line.reason], ['one', 50, `it answered with status ${status}`]);
    await gateway.stop();
  }
});

test('a webhook that hangs or is not there slows no request; the queue is bounded, and the end of the process does not wait', async () => {
  const hangs = await hook(() => undefined);
  const gone = await hook();
  servers.pop().close();
  const names = Array.from({ length: 8 }, (_, i) => `key-${i}`);
  for (const { url } of [hangs, gone]) {
    const gateway = await startGateway(config({ webhook: url, queue: 3 }, names));
    await spend(gateway, names[0]);    // warm
    const before = performance.now();
    await Promise.all(names.map((name) => spend(gateway, name, 2)));
    const took = performance.now() - before;
    assert.ok(took < 450, `${took} ms: less than the time-out of a single try`);
    await waitFor('some are dropped', async () => (await result(gateway, 'dropped')) >= 4);
    assert.ok((await result(gateway, 'dropped')) <= 5);
    assert.equal((await gateway.call({ path: '/healthz', key: null })).status, 200);
    const ending = performance.now();
    await gateway.stop();
    assert.ok(performance.now() - ending < 4000);
  }
  assert.ok(hangs.got.length >= 1);
});

test('a certificate that nobody vouches for is refused; with ca_file it is taken', async () => {
  const folder = tempDir();
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'], { stdio: 'ignore' });
  const { got, url } = await hook(() => 200, { cert: readFileSync(cert), key: readFileSync(key) });
  const distrusting = await startGateway(config({ webhook: url, give_up: '300ms' }, ['one']));
  await spend(distrusting, 'one', 2);
  await waitFor('it is given up', async () => (await result(distrusting, 'failed')) === 1);
  assert.match((await notSent(distrusting)).reason, /certificate/i);
  assert.equal(got.length, 0);
  const trusting = await startGateway(config({ webhook: url, ca_file: cert }, ['one']));
  await spend(trusting, 'one', 2);
  await waitFor('it arrives', () => got.length === 1);
});

test('a reload changes where alerts go; the URL is told nobody when it is wrong', async () => {
  const [one, two] = [await hook(), await hook()];
  const gateway = await startGateway(config({ webhook: one.url }, ['one']));
  await spend(gateway, 'one', 2);
  await waitFor('the first', () => one.got.length === 1);
  writeConfig(gateway.file, config({ webhook: two.url }, ['one']));
  gateway.signal('SIGHUP');
  await waitFor('the reload', () => gateway.logs.some(({ msg }) => msg === 'configuration reloaded'), 10_000);
  await spend(gateway, 'one', 2);
  await waitFor('the second', () => two.got.length === 1);
  assert.equal(one.got.length, 1);
  writeConfig(gateway.file, config({ webhook: 'ftp://hooks.example/T0-canary' }, ['one']));
  gateway.signal('SIGHUP');
  await waitFor('the refusal', () => gateway.logs.some(({ problem }) => /alerts\.webhook: is no http or https URL/.test(problem ?? '')), 10_000);
  assert.ok(!gateway.stderr.includes('T0-canary'));
});
