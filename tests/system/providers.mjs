// A gateway in front of a provider of every API, all of them one simulator, which is as strict as the real providers. A model named
// PROVIDER.NAME is the provider's model NAME.
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { appKey, masterKey, providerKey, startGateway, startSim, tempDir } from './lib.mjs';

// The name of a model that speaks each API, and the provider that has it where that is not of the same name.
export const models = {
  openai: { model: 'gpt-5' }, responses: { model: 'gpt-5' }, anthropic: { model: 'claude-opus-4-5' }, gemini: { model: 'gemini-3-pro' },
  bedrock: { model: 'amazon.nova-pro-v1:0' }, 'bedrock-claude': { provider: 'bedrock', model: 'anthropic.claude-opus-4-5' },
  vertex: { model: 'gemini-3-pro' }, 'vertex-claude': { provider: 'vertex', model: 'claude-opus-4-5' }, cohere: { model: 'command-a-reasoning' },
};

// A service account whose tokens are all the provider's key.
export async function serviceAccount() {
  const tokens = http.createServer((request, response) => response.writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ access_token: providerKey, expires_in: 3600, token_type: 'Bearer' })));
  await new Promise((resolve) => { tokens.listen(0, '127.0.0.1', resolve); });
  tokens.unref();
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
  const file = join(tempDir(), 'account.json');
  writeFileSync(file, JSON.stringify({ type: 'service_account', project_id: 'p', private_key_id: '1', private_key: privateKey, client_email: 'a@p.iam.gserviceaccount.com', token_uri: `http://127.0.0.1:${tokens.address().port}/token` }));
  return file;
}

export async function startProviders(name, { providers = {}, models: more = {}, ...config } = {}, options = {}) {
  const sim = await startSim(name);
  const key = { api_key: providerKey };
  const base = { ...key, base_url: sim.url };
  const gateway = await startGateway({
    master_key: masterKey,
    log: { level: 'warn' },
    providers: {
      openai: { ...key, dialect: 'openai', base_url: `${sim.url}/v1` },
      responses: { ...key, type: 'openai', dialect: 'responses', base_url: `${sim.url}/v1` },
      anthropic: base, gemini: base, cohere: base,
      bedrock: { access_key_id: providerKey, secret_access_key: 'secret', region: 'us-east-1', base_url: sim.url },
      vertex: { project: 'p', region: 'europe-west1', credentials_file: await serviceAccount(), base_url: `${sim.url}/v1/projects/p/locations/europe-west1` },
      ...(typeof providers === 'function' ? providers(sim) : providers),
    },
    models: {
      ...Object.fromEntries(Object.entries(models).map(([api, { provider = api }]) => [`${api}.*`, { deployments: [`${provider}/*`], retries: 0 }])),
      ...more,
    },
    keys: [{ name: 'app', key: appKey }],
    ...config,
  }, options);
  // The model of the gateway behind which the provider follows a script; `label` makes it one of its own.
  const place = async (api, label, script) => {
    const model = `${models[api].model}-${label}`;
    await sim.script(model, script);
    return { asked: `${api}.${model}`, upstream: model };
  };
  return { sim, gateway, place };
}
