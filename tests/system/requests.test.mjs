// Every recorded request of every API, sent through the gateway to every provider's API: either the gateway says what that provider
// cannot do, or the provider, as strict as the real one, takes the translation.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, describe } from 'node:test';
import { fileURLToPath } from 'node:url';
import { appKey, masterKey, providerKey, startGateway, startSim, test } from './lib.mjs';

const fixtures = join(dirname(fileURLToPath(import.meta.url)), '../fixtures');
const clients = { openai: 'openai-chat', responses: 'openai-responses', anthropic: 'anthropic', gemini: 'gemini', bedrock: 'bedrock' };
const models = {
  openai: 'gpt-5', responses: 'gpt-5', anthropic: 'claude-opus-4-5', gemini: 'gemini-3-pro', bedrock: 'amazon.nova-pro-v1:0',
  'bedrock-claude': 'anthropic.claude-opus-4-5', cohere: 'command-a',
};

let gateway, sim;
before(async () => {
  sim = await startSim('sim-requests');
  const key = { api_key: providerKey };
  const base = { ...key, base_url: sim.url };
  gateway = await startGateway({
    master_key: masterKey,
    log: { level: 'warn' },
    providers: {
      openai: { ...key, dialect: 'openai', base_url: `${sim.url}/v1` },
      responses: { ...key, type: 'openai', dialect: 'responses', base_url: `${sim.url}/v1` },
      anthropic: base, gemini: base, cohere: base, bedrock: { ...base, region: 'us-east-1' },
    },
    models: Object.fromEntries(Object.entries(models).map(([name, model]) => [`to-${name}`, { deployments: [`${name.replace('-claude', '')}/${model}`], retries: 0 }])),
    keys: [{ name: 'app', key: appKey }],
  });
});

// The same request for a model of ours, where this API has it.
function aimed({ request }, model) {
  const path = request.path.replace(/\/models?\/[^/:]+/, (found) => `${found.startsWith('/models') ? '/models' : '/model'}/${model}`);
  const body = request.body.model ? { ...request.body, model } : request.body;
  const { authorization, 'x-api-key': a, 'x-goog-api-key': b, host, 'content-length': c, ...headers } = request.headers ?? {};
  return { path, body, headers };
}

const asked = (process.env.REQUEST_PAIRS ?? '').split(',').filter(Boolean);    // "openai>gemini"
for (const [client, folder] of Object.entries(clients)) {
  for (const provider of Object.keys(models)) {
    if (provider.replace('-claude', '') === client || (provider === 'bedrock-claude' && client === 'anthropic')) continue;    // passes through
    if (asked.length && !asked.includes(`${client}>${provider}`)) continue;
    describe(`requests of ${client} to ${provider}`, () => {
      for (const file of readdirSync(join(fixtures, folder)).filter((name) => name.endsWith('.json'))) {
        const found = JSON.parse(readFileSync(join(fixtures, folder, file), 'utf8'));
        if (!found.request?.body || found.response?.status !== 200 || /error/.test(file)) continue;
        test(file.slice(0, -5), async () => {
          const { path, body, headers } = aimed(found, `to-${provider}`);
          const answer = await gateway.post(path, body, { headers });
          const [last] = (await sim.ledger()).slice(-1);
          await sim.reset();
          assert.ok(!last || last.status === 200, `${answer.text}\n${last?.path} ${last?.body}`);
          if (!last) assert.ok([400, 404].includes(answer.status), `${answer.status} ${answer.text}`);
        });
      }
    });
  }
}
