// What providers charge beside a model's tokens, and at prices that depend on the request: it is set aside before, charged after, and never taken for free.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe } from 'node:test';
import { appKey, masterKey, providerKey, startGateway, startSim, tempDir, test } from './lib.mjs';

const keyOf = (name) => `sk-sl-charged-${name}`;
const user = (content) => [{ role: 'user', content }];

let sim, gateway;
before(async () => {
  sim = await startSim('charged');
  const base = { api_key: providerKey, base_url: sim.base };
  const prices = join(tempDir(), 'prices.json');
  const entry = (id, more) => ({ provider: 'openai', id, mode: 'chat', context_window: 100_000, max_output: 1000, source: 'here', date: '2026-11-30', ...more });
  writeFileSync(prices, JSON.stringify({ schema: 1, date: '2026-11-30', models: [
    // A thousandth of a dollar for a token, but for requests of more than a thousand: they pay a millionth.
    entry('tiered', { prices: { input: '1000', output: '1000' }, tiers: [{ above: 1000, prices: { input: '1', output: '1' } }] }),
  ] }));
  gateway = await startGateway({
    master_key: masterKey,
    prices: { file: prices },
    providers: { openai: { ...base, dialect: 'openai' } },
    keys: [{ name: 'app', key: appKey }, { name: 'poor', key: keyOf('poor'), budget: { usd: '0.000001' } }],
  });
});

// In dollars.
const worst = async (path, body) => {
  const refused = await gateway.post(path, body, { key: keyOf('poor') });
  const told = /there is no room for ([0-9.]+) USD/.exec(refused.text);
  assert.ok(told, `${refused.status} ${refused.text}`);
  return Number(told[1]);
};

describe('a tier that is cheaper from a size on', () => {
  const ask = (letters, max_tokens) => worst('/v1/chat/completions', { model: 'openai/tiered', max_tokens, messages: user('x'.repeat(letters)) });
  test('is no bound of what is below it', async () => {
    assert.equal(await ask(5000, 10), 1.01);
    assert.ok(await ask(10, 10) < 0.2);
  });
});
