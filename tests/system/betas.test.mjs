// What is new in the Anthropic API: its own servers get every byte; hosts of it (Bedrock, Vertex AI), which refuse what they do not know, get
// what they take, and the client is told of the rest. The list can be changed without a restart.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe } from 'node:test';
import { appKey, loadSdks, test, waitFor, writeConfig } from './lib.mjs';
import { models, startProviders } from './providers.mjs';

let gateway, sim, place, sdks;
before(async () => {
  sdks = await loadSdks();
  ({ gateway, sim, place } = await startProviders('sim-betas', {
    log: { level: 'info' },
    models: { strict: { deployments: ['bedrock/anthropic.claude-opus-4-5-strict'], drop: 'refuse', retries: 0 } },
  }));
});

const [known, renamed, fresh] = ['context-1m-2025-08-07', 'advanced-tool-use-2025-11-20', 'brand-new-2031-01-01'];
const asked = [known, renamed, fresh].join(',');
const taken = [known, 'tool-search-tool-2025-10-19'];
// As no serializer writes it: every byte has to come through.
const members = `"max_tokens" : 100,\t"messages": [ {"role":"user","content":"Z\\u00fcrich"} ]`;
const unknown = `"brand_new": {"mode": [1, 2.50]}`;
const bodyOf = (model, stream, more = '') => `{ "model": ${JSON.stringify(model)},${members},"stream": ${stream}${more} }`;
const ask = (model, stream, { betas = asked, more = `, ${unknown}`, path = '/v1/messages' } = {}) =>
  gateway.post(path, bodyOf(model, stream, more), { headers: { 'anthropic-beta': betas, 'anthropic-version': '2023-06-01' } });
const betasOf = ({ headers, body }) => headers['anthropic-beta']?.split(',') ?? JSON.parse(body).anthropic_beta;
const lastOf = async (upstream) => (await sim.seen(upstream)).at(-1);

for (const stream of [false, true]) {
  const how = stream ? ', streamed' : '';

  test(`B10: three betas and unknown fields reach the API itself byte by byte${how}`, async () => {
    const { asked: model, upstream } = await place('anthropic', `b10${how}`, { strict: false });
    const answer = await ask(model, stream);
    assert.equal(answer.status, 200, answer.text);
    const seen = await lastOf(upstream);
    assert.equal(seen.body, bodyOf(upstream, stream, `, ${unknown}`));
    assert.equal(seen.headers['anthropic-beta'], asked);
    assert.equal(answer.headers['x-sluice-dropped'], undefined);
  });

  for (const api of ['bedrock-claude', 'vertex-claude']) {
    test(`B10: ${api} gets what it takes, and the client is told of the rest${how}`, async () => {
      const { asked: model, upstream } = await place(api, `b10${how}`, {});
      const answer = await ask(model, stream);
      assert.equal(answer.status, 200, answer.text);
      const seen = await lastOf(upstream);
      assert.deepEqual(betasOf(seen), taken);
      assert.ok(seen.body.includes(members), seen.body);
      assert.ok(!seen.body.includes('brand_new') && !seen.body.includes(fresh), seen.body);
      assert.equal(answer.headers['x-sluice-dropped'], `anthropic-beta.${fresh}, brand_new`);
      assert.equal((await gateway.requestLog(answer.headers['x-sluice-request-id'])).dropped, `anthropic-beta.${fresh}, brand_new`);
    });

    // Bytes cannot pass where state of a provider, or the beginning of it, is in the history.
    test(`B10: the same for ${api} where the body is written anew${how}`, async () => {
      const { asked: model, upstream } = await place(api, `b10-own${how}`, {});
      const history = `, "messages": [{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"thinking","thinking":"Hm","signature":""},{"type":"text","text":"y"}]},{"role":"user","content":"z"}]`;
      const body = `{"model":${JSON.stringify(model)},"max_tokens":100,"stream":${stream}${history},${unknown}}`;
      const answer = await gateway.post('/v1/messages', body, { headers: { 'anthropic-beta': asked } });
      assert.equal(answer.status, 200, answer.text);
      const seen = await lastOf(upstream);
      assert.deepEqual(betasOf(seen), taken);
      assert.equal(seen.headers['anthropic-beta'] === undefined, api === 'bedrock-claude');
      assert.ok(!seen.body.includes('brand_new'), seen.body);
      assert.equal(answer.headers['x-sluice-dropped'], `anthropic-beta.${fresh}, brand_new, reasoning state`);
    });
  }

  test(`B10: the SDK's own way of asking for betas${how}`, async () => {
    const client = new sdks.Anthropic({ baseURL: gateway.url, apiKey: appKey, maxRetries: 0 });
    const { asked: model, upstream } = await place('bedrock-claude', `b10-sdk${how}`, { text: 'Good.' });
    const request = { model, max_tokens: 100, betas: [known, fresh], messages: [{ role: 'user', content: 'x' }] };
    const message = stream ? await client.beta.messages.stream(request).finalMessage() : await client.beta.messages.create(request);
    assert.equal(message.content[0].text, 'Good.');
    assert.deepEqual(betasOf(await lastOf(upstream)), [known]);
  });
}

test('B10: betas in several header fields are one list', async () => {
  for (const api of ['bedrock-claude', 'vertex-claude']) {
    const { asked: model, upstream } = await place(api, 'b10-fields', {});
    const answer = await ask(model, false, { betas: [known, fresh, renamed], more: '' });
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(betasOf(await lastOf(upstream)), taken);
  }
});

test('B10: tokens are counted on the same terms', async () => {
  const { asked: model, upstream } = await place('vertex-claude', 'b10-count', {});
  const answer = await gateway.post('/v1/messages/count_tokens', `{"model":"${model}","messages":[{"role":"user","content":"x"}],${unknown}}`, { headers: { 'anthropic-beta': asked } });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.headers['x-sluice-dropped'], `anthropic-beta.${fresh}, brand_new`);
  assert.ok(upstream);
});

test('B10: a route that drops nothing refuses them by name', async () => {
  const beta = await ask('strict', false, { more: '' });
  assert.equal(beta.status, 400);
  assert.match(beta.json.error.message, /anthropic-beta\.brand-new-2031-01-01/);
  const field = await ask('strict', false, { betas: known });
  assert.equal(field.status, 400);
  assert.match(field.json.error.message, /'brand_new'/);
  assert.equal((await sim.seen('anthropic.claude-opus-4-5-strict')).length, 0);
});

describe('B10: what is taken changes without a restart', () => {
  const reload = async (change) => {
    const config = JSON.parse(readFileSync(gateway.file, 'utf8'));
    change(config.providers);
    const before = gateway.logs.filter((line) => line.msg === 'configuration reloaded').length;
    writeConfig(gateway.file, config);
    await waitFor('the reload', () => gateway.logs.filter((line) => line.msg === 'configuration reloaded').length > before);
  };
  for (const api of ['bedrock-claude', 'vertex-claude']) {
    test(api, async () => {
      const pid = gateway.pid;
      const provider = models[api].provider;
      const { asked: model, upstream } = await place(api, 'b10-new', { strict: false });
      await reload((providers) => Object.assign(providers[provider], { betas: { 'brand-new-*': true, [known]: false, [renamed]: 'its-own-word-1' }, quirks: { unknown_fields: true } }));
      const answer = await ask(model, false);
      assert.equal(answer.status, 200, answer.text);
      const seen = await lastOf(upstream);
      assert.deepEqual(betasOf(seen), ['its-own-word-1', fresh]);
      assert.ok(seen.body.includes(unknown), seen.body);
      assert.equal(answer.headers['x-sluice-dropped'], `anthropic-beta.${known}`);
      assert.equal(gateway.pid, pid);
    });
  }
});
