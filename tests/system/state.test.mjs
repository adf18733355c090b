// What a provider keeps is asked for at that provider: two accounts of the Responses API behind one model, and one provider that keeps
// nothing.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { appKey, loadSdks, masterKey, providerKey, startGateway, startSim, test } from './lib.mjs';

let sdks, east, west, gateway;
const started = async () => startGateway({
  master_key: masterKey,
  log: { level: 'warn' },
  providers: {
    ...Object.fromEntries([east, west].map((sim) => [sim.name, { type: 'openai', api_key: providerKey, base_url: `${sim.url}/v1` }])),
    other: { type: 'openai', dialect: 'openai', api_key: providerKey, base_url: `${east.url}/v1` },
  },
  models: {
    both: { deployments: ['east/gpt-5', 'west/gpt-5'], retries: 0 },
    'in-west': 'west/gpt-5', translated: 'other/gpt-4o', mixed: { deployments: ['other/gpt-4o', 'west/gpt-5'], retries: 0 },
  },
  keys: [{ name: 'app', key: appKey }],
});
const client = (headers = {}) => new sdks.OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: appKey, maxRetries: 0, defaultHeaders: headers });
const refusal = (promise) => promise.then(() => assert.fail('no error'), (error) => error);

before(async () => {
  sdks = await loadSdks();
  [east, west] = await Promise.all(['east', 'west'].map((name) => startSim(name)));
  gateway = await started();
});

async function answered({ model = 'in-west', stream = false, ...more } = {}) {
  const request = { model, input: 'Say something.', ...more };
  return stream ? client().responses.stream(request).finalResponse() : client().responses.create(request);
}

for (const stream of [false, true]) {
  describe(stream ? 'streamed' : 'not streamed', () => {
    test('a request that builds on a response goes to the provider that has it', async () => {
      const first = await answered({ stream });
      await Promise.all([east.reset(), west.stats()]);
      const second = await answered({ model: 'both', stream, previous_response_id: first.id });
      assert.equal(second.previous_response_id, first.id);
      assert.equal((await east.stats()).requests, 0);
      // Behind another provider too, which keeps nothing and would be first.
      const third = await answered({ model: 'mixed', stream, previous_response_id: second.id });
      assert.equal(third.previous_response_id, second.id);
    });

    test('what was translated is kept by none', async () => {
      const first = await answered({ model: 'translated', stream });
      const error = await refusal(answered({ model: 'both', stream, previous_response_id: first.id }));
      assert.equal(error.status, 404);
      assert.equal(error.code, 'not_kept');
      assert.equal(error.param, 'previous_response_id');
      assert.equal((await refusal(client().responses.retrieve(first.id))).code, 'not_kept');
    });

    test('where the provider keeps nothing it is refused', async () => {
      const error = await refusal(answered({ model: 'translated', stream, previous_response_id: 'resp_1' }));
      assert.equal(error.status, 400);
      assert.match(error.message, /previous_response_id/);
    });
  });
}

test('a response is retrieved, listed, cancelled and deleted where it is kept', async () => {
  const { id } = await answered();
  assert.equal((await client().responses.retrieve(id)).id, id);
  const items = [];
  for await (const item of client().responses.inputItems.list(id)) items.push(item);
  assert.equal(items[0].content[0].text, 'Say something.');
  await client().responses.delete(id);
  const gone = await refusal(client().responses.retrieve(id));
  assert.equal(gone.status, 404);
  const background = await answered({ background: true });
  assert.equal((await client().responses.cancel(background.id)).id, background.id);
});

test('a gateway that does not know is told by the header that answers carry', async () => {
  const { data: first, response } = await client().responses.create({ model: 'in-west', input: 'Hello.' }).withResponse();
  const owner = response.headers.get('x-sluice-provider');
  assert.equal(owner, 'west');
  gateway = await started();
  const request = { model: 'both', input: 'Go on.', previous_response_id: first.id };
  const error = await refusal(client().responses.create(request));
  assert.equal(error.status, 400);
  assert.equal(error.code, 'unknown_owner');
  assert.match(error.message, /x-sluice-provider/);
  const told = client({ 'x-sluice-provider': owner });
  assert.equal((await told.responses.create(request)).previous_response_id, first.id);
  assert.equal((await told.responses.retrieve(first.id)).id, first.id);
  const wrong = await refusal(client({ 'x-sluice-provider': 'nobody' }).responses.retrieve(first.id));
  assert.equal(wrong.status, 400);
});
