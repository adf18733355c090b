// Providers behind a proxy that wants a password, and what is exempt from one.
import assert from 'node:assert/strict';
import http from 'node:http';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { dialects, seen } from '../faults/dialects.mjs';
import { masterKey, providerKey, run, tempDir, test, writeConfig } from './lib.mjs';
import { startProviders } from './providers.mjs';

const password = 'proxy-canary-5566778899';
const apis = { chat: 'openai', responses: 'responses', anthropic: 'anthropic', gemini: 'gemini', converse: 'bedrock' };

// Passes on what comes in absolute form, to whom knows the password.
const asked = [];
const proxy = http.createServer((request, response) => {
  const { 'proxy-authorization': authorization, ...headers } = request.headers;
  asked.push(request.url);
  if (authorization !== `Basic ${Buffer.from(`gate:${password}`).toString('base64')}`) return response.writeHead(407).end();
  const on = http.request(request.url, { method: request.method, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  return request.pipe(on);
});
let url;
before(async () => {
  await new Promise((resolve) => { proxy.listen(0, '127.0.0.1', resolve); });
  url = `http://gate:${password}@127.0.0.1:${proxy.address().port}`;
});
after(() => {
  proxy.closeAllConnections();
  proxy.close();
});

const put = async (gateway, client, model) => {
  const { path, body, headers } = dialects[client];
  const answer = await gateway.post(path(model, false), body(model, 'well?', false), { headers });
  return { answer, ...seen(dialects[client], false, answer) };
};

describe('a proxy of the configuration', () => {
  let gateway, place;
  before(async () => {
    const through = (provider) => ({ ...provider, proxy: url });
    ({ gateway, place } = await startProviders('sim', {
      log: { level: 'trace' },
      providers: (sim) => Object.fromEntries(Object.values(apis).map((api) => {
        const versioned = api === 'openai' || api === 'responses';
        const named = versioned ? { type: 'openai', dialect: api, base_url: `${sim.url}/v1` } : { base_url: sim.url };
        const keys = api === 'bedrock' ? { access_key_id: providerKey, secret_access_key: 'secret', region: 'us-east-1' } : { api_key: providerKey };
        return [api, through({ ...named, ...keys })];
      })),
    }));
  });

  for (const [client, api] of Object.entries(apis)) {
    test(`${client}: its user and password are sent to it`, async () => {
      const { asked: model } = await place(api, `proxied-${client}`, { text: 'through' });
      asked.length = 0;
      const { answer, text } = await put(gateway, client, model);
      assert.deepEqual([answer.status, text, asked.length], [200, 'through', 1], answer.text);
    });
  }

  test('its password is nowhere to be seen', async () => {
    const seen = [gateway.stdout, gateway.stderr, await gateway.metrics()];
    for (const path of ['/admin/v1/deployments', '/admin/v1/exchanges']) seen.push((await gateway.call({ path, key: masterKey })).text);
    for (const text of seen) assert.ok(!text.includes(password));
    const file = join(tempDir(), 'sluice.yaml');
    writeConfig(file, { providers: { vllm: { base_url: 'http://127.0.0.1:1/v1', proxy: `${url}/path` } } });
    const { code, stdout, stderr } = await run(['check', file]);
    assert.equal(code, 1);
    assert.match(stderr, /providers\.vllm\.proxy/);
    assert.ok(!(stdout + stderr).includes(password));
  });
});

describe('a proxy of the environment', () => {
  for (const [no_proxy, through] of [['10.0.0.0/8', 1], ['localhost, 127.0.0.0/8', 0], ['127.0.0.1', 0], ['fd00::/8', 1]]) {
    test(`NO_PROXY=${no_proxy}`, async () => {
      const { gateway, place } = await startProviders('sim', {}, { env: { HTTP_PROXY: url, NO_PROXY: no_proxy } });
      const { asked: model } = await place('openai', 'exempt', { text: 'here' });
      asked.length = 0;
      const { text } = await put(gateway, 'chat', model);
      assert.deepEqual([text, asked.length], ['here', through]);
    });
  }
});
