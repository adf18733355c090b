// The administrator's side: the API under /admin/v1, sluice why, injected faults and sluice drill, on a real gateway before
// simulated providers.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { appKey, masterKey, refusing, run, startPair, tempDir, test, waitFor, writeConfig } from './lib.mjs';

const drillable = {
  drill: { enabled: true },
  models: {
    safe: { deployments: ['sim-a/safe', 'sim-b/safe'], retries: 0, backoff: '10ms' },
    alone: { deployments: ['sim-a/alone'], retries: 0, timeout: { first_byte: '20s' } },
  },
};

let sims, gateway;
before(async () => ({ sims, gateway } = await startPair(drillable)));

const admin = (method, path, body, key = masterKey, on = gateway) =>
  on.call({ method, path: `/admin/v1${path}`, key, body: body && JSON.stringify(body), headers: { 'content-type': 'application/json' } });
const command = (...args) => run([...args, '--gateway', gateway.url], { env: { SLUICE_MASTER_KEY: masterKey } });
// What became of a request: told once its record is written, which is after its answer.
const exchange = (id) => waitFor(`exchange ${id}`, async () => {
  const answer = await admin('GET', `/exchanges/${id}`);
  return answer.status === 200 && answer.json;
});

describe('who may', () => {
  test('K2: every operation wants the master key', async () => {
    const { paths } = (await admin('GET', '/openapi.json')).json;
    const targets = Object.entries(paths).flatMap(([path, item]) => Object.keys(item).map((method) => [method.toUpperCase(), path.replace(/\{\w+\}/, 'x')]));
    assert.ok(targets.length >= 7);
    for (const [method, path] of [...targets, ['GET', ''], ['GET', '/nothing'], ['POST', '/faults'], ['PATCH', '/deployments'], ['BREW', '/x'], ['HEAD', '/deployments']]) {
      for (const [key, status] of [[null, 401], ['sk-sl-unknown', 401], ['', 401], [appKey, 403]]) {
        const answer = await admin(method, path, undefined, key);
        assert.equal(answer.status, status, `${method} ${path} with ${key}`);
        if (method === 'HEAD') continue;
        assert.deepEqual(Object.keys(answer.json), ['error']);
        assert.deepEqual(Object.keys(answer.json.error), ['code', 'message', 'field']);
      }
    }
    assert.deepEqual((await admin('GET', '/faults')).json, { faults: [] });
  });

  test('errors tell what is there', async () => {
    const wrong = await admin('POST', '/faults');
    assert.equal(wrong.status, 405);
    assert.equal(wrong.headers.allow, 'GET, PUT, DELETE');
    assert.equal(wrong.json.error.code, 'method_not_allowed');
    assert.equal((await admin('GET', '/nothing')).status, 404);
    const typo = await admin('PUT', '/faults', { deployment: 'sim-a/sfae', kind: 'slow' });
    assert.equal(typo.status, 404);
    assert.match(typo.json.error.message, /Did you mean 'sim-a\/safe'\?/);
    assert.equal(typo.json.error.field, 'deployment');
  });
});

describe('deployments', () => {
  test('the list has all of them with their routes', async () => {
    const { deployments } = (await admin('GET', '/deployments')).json;
    const safe = deployments.find((one) => one.name === 'sim-a/safe');
    assert.equal(safe.provider, 'sim-a');
    assert.deepEqual(safe.routes, ['safe']);
    assert.deepEqual(safe.breaker, { state: 'closed', hold: 'none', remaining_ms: 0, openings: 0 });
    assert.equal(safe.in_flight, 0);
    assert.equal(safe.headroom, 1);
    assert.equal(safe.gate, null);
    assert.ok(deployments.find((one) => one.name === 'sim-b/*').routes.includes('pair/*'));
  });
});

describe('hold', () => {
  const hold = (word) => admin('PUT', '/deployments/sim-a%2Fsafe/hold', { hold: word });

  test('a drained or open deployment gets nothing until it is let go', async () => {
    for (const word of ['drained', 'open']) {
      const held = await hold(word);
      assert.equal(held.status, 200, held.text);
      assert.equal(held.json.breaker.hold, word);
      assert.equal((await gateway.chat('safe')).headers['x-sluice-deployment'], 'sim-b/safe');
      assert.equal((await hold('none')).json.breaker.hold, 'none');
      assert.equal((await gateway.chat('safe')).headers['x-sluice-deployment'], 'sim-a/safe');
    }
    await waitFor('the log says so', async () => gateway.logs.some((line) => line.msg === 'deployment held' && line.hold === 'drained'));
  });

  test('what is no hold, and what is no deployment, is told', async () => {
    const word = await hold('shut');
    assert.equal(word.status, 400);
    assert.equal(word.json.error.field, 'hold');
    assert.equal((await admin('PUT', '/deployments/sim-a%2Fnone/hold', { hold: 'open' })).status, 404);
    assert.equal((await admin('PUT', '/deployments/sim-a%2Fsafe/hold')).status, 400);
  });
});

describe('why', () => {
  test('an exchange tells each try, and never what was said', async () => {
    await sims[0].script('safe', refusing(503, {}, { times: 1 }));
    const answer = await gateway.chat('safe', { text: 'the-secret-prompt' });
    assert.equal(answer.status, 200);
    const story = await exchange(answer.headers['x-sluice-request-id']);
    assert.equal(story.key, 'app');
    assert.equal(story.route, 'safe');
    assert.equal(story.deployment, 'sim-b/safe');
    assert.equal(story.outcome, 'ok');
    assert.deepEqual(story.candidates, ['sim-a/safe', 'sim-b/safe']);
    assert.deepEqual(story.tries.map((one) => [one.deployment, one.why, one.status, one.outcome]),
      [['sim-a/safe', 'first', 503, 'provider_status'], ['sim-b/safe', 'fallback', 200, 'served']]);
    assert.ok(!JSON.stringify(story).includes('the-secret-prompt'));
    assert.ok(!JSON.stringify(story).includes(appKey));
    const list = (await admin('GET', '/exchanges?limit=1000')).json.exchanges;
    assert.deepEqual(list.find((one) => one.request_id === story.request_id), story);
  });

  test('the command prints it for people and as JSON', async () => {
    const answer = await gateway.chat('alone');
    const id = answer.headers['x-sluice-request-id'];
    await exchange(id);
    const shown = await command('why', id);
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, new RegExp(`^${id}  \\d{4}-.*Z  chat\n  caller    app\n  asked     alone\n  route     alone\n  answered  sim-a/alone`));
    assert.match(shown.stdout, /tries\n {2}1\. sim-a\/alone .* 200 served\n/);
    const json = await command('why', id, '--json');
    assert.equal(JSON.parse(json.stdout).request_id, id);
  });

  test('requests that no provider was asked for are told too', async () => {
    const answer = await gateway.chat('safe', {}, { key: 'sk-sl-unknown' });
    assert.equal(answer.status, 401);
    const story = await exchange(answer.headers['x-sluice-request-id']);
    assert.equal(story.fault, 'unauthenticated');
    assert.equal(story.key, null);
    assert.deepEqual(story.tries, []);
  });

  test('an unknown id, a wrong key and wrong usage end with 1 and 2', async () => {
    const unknown = await command('why', 'req_unknown');
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /Nothing is known of a request 'req_unknown'/);
    assert.equal((await run(['why', 'x', '--key', appKey, '--gateway', gateway.url])).code, 1);
    assert.equal((await run(['why'])).code, 2);
    assert.equal((await run(['why', 'x', '--key', 'k', '--gateway', 'gateway'])).code, 2);
    assert.equal((await run(['why', 'x', '--gateway', gateway.url])).code, 2);
  });
});

describe('injected faults', () => {
  after(() => admin('DELETE', '/faults'));

  test('each kind is met as a real one', async () => {
    const cases = [
      [{ kind: 'unreachable' }, 'unreachable', 0],
      [{ kind: 'reset' }, 'connection_lost', 0],
      [{ kind: 'status', status: 429 }, 'provider_status', 429],
      [{ kind: 'truncate' }, 'truncated', 200],
    ];
    for (const [fault, outcome, status] of cases) {
      const put = await admin('PUT', '/faults', { deployment: 'sim-a/safe', for: '30s', ...fault });
      assert.equal(put.status, 200, put.text);
      assert.equal(put.json.faults.length, 1);
      const answer = await gateway.chat('safe');
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.headers['x-sluice-deployment'], 'sim-b/safe');
      const story = await exchange(answer.headers['x-sluice-request-id']);
      assert.deepEqual([story.tries[0].outcome, story.tries[0].status], [outcome, status], fault.kind);
      assert.equal(await gateway.metric('sluice_injected_faults', { deployment: 'sim-a/safe', kind: fault.kind }), 1);
      assert.ok(await gateway.metric('sluice_injected_fault_hits_total', { deployment: 'sim-a/safe', kind: fault.kind }) >= 1);
      await admin('DELETE', '/faults?deployment=sim-a%2Fsafe');
      assert.equal((await gateway.chat('safe')).headers['x-sluice-deployment'], 'sim-a/safe');
    }
  });

  test('truncate cuts a stream after its first words', async () => {
    await admin('PUT', '/faults', { deployment: 'sim-a/alone', kind: 'truncate', for: '30s' });
    const answer = await gateway.chat('alone', { stream: true });
    assert.match(answer.text, /"content":"[^"]+"/);
    assert.match(answer.text, /"error":\{"message":"The provider closed the connection before its answer was complete/);
    await admin('DELETE', '/faults');
  });

  test('one ends by itself, and begin and end are logged', async () => {
    await admin('PUT', '/faults', { deployment: 'sim-a/alone', kind: 'unreachable', for: '300ms' });
    assert.equal((await gateway.chat('alone')).status, 502);
    await waitFor('the end of the fault', async () => (await gateway.chat('alone')).status === 200);
    await gateway.output('the log of its end', (c) => c.logs.find((line) => line.msg === 'injected fault ended' && line.why === 'its time is over'), 3000);
    assert.ok(gateway.logs.find((line) => line.msg === 'injected fault begins' && line.deployment === 'sim-a/alone'));
    assert.equal(await gateway.metric('sluice_injected_faults', { deployment: 'sim-a/alone' }), 0);
  });

  test('without drill: { enabled: true } there is no way, and taking it away ends them', async () => {
    const { gateway: strict } = await startPair({ models: { alone: drillable.models.alone } }, 1);
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await admin(method, '/faults', method === 'PUT' ? { deployment: 'sim-a/alone', kind: 'slow' } : undefined, masterKey, strict);
      assert.equal(answer.status, 403, method);
      assert.equal(answer.json.error.code, 'drill_disabled');
    }
    await strict.stop();
    await admin('PUT', '/faults', { deployment: 'sim-a/alone', kind: 'unreachable', for: '1h' });
    const config = JSON.parse(readFileSync(gateway.file, 'utf8'));
    writeConfig(gateway.file, { ...config, drill: { enabled: false } });
    await waitFor('the reload', async () => (await admin('GET', '/faults')).status === 403);
    assert.equal((await gateway.chat('alone')).status, 200);
    writeConfig(gateway.file, config);
    await waitFor('the reload', async () => (await admin('GET', '/faults')).status === 200);
    assert.deepEqual((await admin('GET', '/faults')).json, { faults: [] });
  });
});

describe('drill', () => {
  const drill = (...args) => command('drill', '--seconds', '3', '--rate', '20', ...args);

  test('a route with a fallback is found to be safe', async () => {
    const report = join(tempDir(), 'drill.md');
    const done = await drill('--deployment', 'sim-a/safe', '--fault', 'unreachable', '--report', report);
    assert.equal(done.code, 0, done.stdout + done.stderr);
    const text = readFileSync(report, 'utf8');
    assert.match(text, /^# Drill: sim-a\/safe unreachable\n\nThe application would not have noticed: no request was lost/);
    assert.match(text, /\| fault \| 20 \| 0 \| \d+ \| .* \| sim-b\/safe \(20\) \|/);
    assert.ok(done.stdout.includes(text.trim()));
    assert.deepEqual((await admin('GET', '/faults')).json, { faults: [] });
  });

  test('a route without one is found out, with what to mend', async () => {
    const done = await drill('--deployment', 'sim-a/alone', '--fault', 'status', '--status', '500', '--json');
    assert.equal(done.code, 1, done.stdout + done.stderr);
    const found = JSON.parse(done.stdout);
    assert.equal(found.result, 'noticed');
    assert.equal(found.model, 'alone');
    assert.deepEqual([found.phases.before.lost, found.phases.fault.lost, found.phases.after.lost], [0, 20, 0]);
    assert.match(found.findings.join('\n'), /No fallback for route 'alone': sim-a\/alone is the only deployment/);
  });

  test('a time-out longer than the application waits is found out', async () => {
    const done = await drill('--deployment', 'sim-a/alone', '--fault', 'timeout', '--patience', '300ms', '--json');
    assert.equal(done.code, 1, done.stdout + done.stderr);
    assert.match(JSON.parse(done.stdout).findings.join('\n'), /not answered within the 300ms .*models\.alone\.timeout\.first_byte/);
  });

  test('a drill that cannot be made ends with 2 and says why', async () => {
    const missing = await drill('--deployment', 'sim-a/none', '--fault', 'reset');
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /the gateway has no deployment 'sim-a\/none'/);
    const many = await drill('--deployment', 'sim-a/*', '--fault', 'reset');
    assert.equal(many.code, 2);
    assert.match(many.stderr, /--model/);
    assert.equal((await drill('--deployment', 'sim-a/safe', '--fault', 'explode')).code, 2);
    await admin('PUT', '/deployments/sim-a%2Fsafe/hold', { hold: 'closed' });
    const idle = await drill('--deployment', 'sim-b/safe', '--fault', 'reset');
    await admin('PUT', '/deployments/sim-a%2Fsafe/hold', { hold: 'none' });
    assert.equal(idle.code, 2);
    assert.match(idle.stdout, /proves nothing: no request for 'safe' went to sim-b\/safe/);
  });
});
