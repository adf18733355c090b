// Which deployment of a model a request goes to: strategies, conditions, capabilities, residency, conversations.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { providerKey, startPair, test } from './lib.mjs';

const legalKey = 'sk-sl-legal-aaaabbbbccccddddeeeeffff00002222';
let gateway, sims;
before(async () => {
  ({ gateway, sims } = await startPair((all) => ({
    providers: Object.fromEntries(all.map((sim, i) => [`region-${i}`, { type: 'openai', base_url: sim.base, api_key: providerKey, region: i < 2 ? `eu-${i}` : 'us' }])),
    models: {
      nested: { deployments: [{ strategy: 'weighted', deployments: ['sim-a/n', 'sim-b/n'] }, 'sim-c/n'], retries: 0 },
      canary: { deployments: [{ model: 'sim-b/canary', percent: 25 }, 'sim-a/canary'] },
      conditional: { deployments: [
        { model: 'sim-b/c', when: { teams: ['legal'] } },
        { model: 'sim-c/c', when: { headers: { 'x-tier': 'gold-*' } } },
        { model: 'sim-d/c', when: { min_tokens: 1000, stream: false } },
        'sim-a/c',
      ] },
      able: { deployments: [{ model: 'sim-a/able', capabilities: { vision: false, tools: false } }, { model: 'sim-b/able', capabilities: { audio: false, vision: false } }] },
      resident: { residency: ['eu-*'], strategy: 'weighted', deployments: ['region-0/r', 'region-1/r', 'region-2/r'], retries: 1, backoff: '1ms' },
      sticky: { strategy: 'sticky', deployments: ['sim-a/s', 'sim-b/s', 'sim-c/s', 'sim-d/s'], retries: 0 },
    },
    keys: [{ name: 'legal', key: legalKey, team: 'legal' }],
  }), 4));
});

const servedBy = (answer) => {
  assert.equal(answer.status, 200, answer.text);
  return answer.headers['x-sluice-deployment'].split('/')[0];
};
const image = [{ type: 'text', text: 'what is it?' }, { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } }];

describe('strategies', () => {
  test('a group of a group shares, and the rest follows', async () => {
    const seen = new Set();
    for (let i = 0; i < 20; i++) seen.add(servedBy(await gateway.chat('nested')));
    assert.deepEqual([...seen].sort(), ['sim-a', 'sim-b']);
    await Promise.all(sims.slice(0, 2).map((sim) => sim.script('n', { status: 500 })));
    const answer = await gateway.chat('nested');
    assert.equal(servedBy(answer), 'sim-c');
    assert.equal(answer.headers['x-sluice-attempts'], '3');
    await Promise.all(sims.slice(0, 2).map((sim) => sim.script('n', {})));
  });

  test('a canary has its share, and a named conversation stays with it', async () => {
    let drawn = 0;
    for (let i = 0; i < 60; i++) {
      const headers = { 'x-sluice-session': `s-${i}` };
      const first = servedBy(await gateway.chat('canary', {}, { headers }));
      assert.equal(servedBy(await gateway.chat('canary', { text: 'more' }, { headers })), first);
      drawn += first === 'sim-b' ? 1 : 0;
    }
    assert.ok(drawn >= 4 && drawn <= 28, `${drawn} of 60 were drawn`);
  });

  test('E7: conversations stay where they began, without any hint', async () => {
    const where = { };
    let turns = 0, stayed = 0;
    for (let session = 0; session < 40; session++) {
      const messages = [{ role: 'system', content: 'You are a support agent.' }, { role: 'user', content: `Question ${session}` }];
      let home;
      for (let turn = 0; turn < 5; turn++) {
        const served = servedBy(await gateway.post('/v1/chat/completions', { model: 'sticky', messages }));
        home ??= served;
        turns++;
        stayed += served === home ? 1 : 0;
        messages.push({ role: 'assistant', content: `Answer ${turn}` }, { role: 'user', content: `And ${turn}?` });
      }
      where[home] = (where[home] ?? 0) + 1;
    }
    assert.ok(stayed / turns >= 0.95, `${stayed} of ${turns}`);
    assert.equal(Object.keys(where).length, 4, JSON.stringify(where));
  });
});

test('conditions choose', async () => {
  assert.equal(servedBy(await gateway.chat('conditional')), 'sim-a');
  assert.equal(servedBy(await gateway.chat('conditional', {}, { key: legalKey })), 'sim-b');
  assert.equal(servedBy(await gateway.chat('conditional', {}, { headers: { 'x-tier': 'gold-1' } })), 'sim-c');
  assert.equal(servedBy(await gateway.chat('conditional', { text: 'a'.repeat(5000) })), 'sim-d');
});

describe('capabilities', () => {
  const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }];
  test('a deployment that cannot is not asked', async () => {
    assert.equal(servedBy(await gateway.chat('able')), 'sim-a');
    assert.equal(servedBy(await gateway.chat('able', { tools })), 'sim-b');
  });
  test('when none can, the client is told what is lacking, and nobody is asked', async () => {
    const before = await Promise.all(sims.map(async (sim) => (await sim.seen('able')).length));
    const answer = await gateway.post('/v1/chat/completions', { model: 'able', messages: [{ role: 'user', content: image }] });
    assert.equal(answer.status, 400, answer.text);
    assert.equal(answer.json.error.code, 'unsupported_capability');
    assert.match(answer.json.error.message, /vision/);
    assert.deepEqual(await Promise.all(sims.map(async (sim) => (await sim.seen('able')).length)), before);
  });
  test('the same from Anthropic\'s clients', async () => {
    const content = [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } }];
    const answer = await gateway.post('/v1/messages', { model: 'able', max_tokens: 10, messages: [{ role: 'user', content }] });
    assert.equal(answer.status, 400, answer.text);
    assert.match(answer.json.error.message, /vision/);
  });
});

test('no try ever leaves the residency', async () => {
  await Promise.all(sims.map((sim) => sim.script('r', { status: 503 })));
  for (let i = 0; i < 10; i++) assert.ok((await gateway.chat('resident')).status >= 500);
  await Promise.all(sims.map((sim) => sim.script('r', {})));
  for (let i = 0; i < 10; i++) await gateway.chat('resident');
  assert.ok((await sims[0].seen('r')).length > 0 && (await sims[1].seen('r')).length > 0);
  assert.equal((await sims[2].seen('r')).length, 0);
});
