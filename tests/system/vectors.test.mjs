// Embeddings, rankings and counts of tokens: each API's client over each provider that has them.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { appKey, loadSdks, test } from './lib.mjs';
import { models, startProviders } from './providers.mjs';

let gateway, sim, sdks;
before(async () => {
  sdks = await loadSdks();
  ({ gateway, sim } = await startProviders('sim-vectors'));
});

describe('embeddings', () => {
  const texts = ['good morning', 'Zürich'];
  const asks = {
    async openai(model) {
      const client = new sdks.OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: appKey, maxRetries: 0 });
      return (await client.embeddings.create({ model, input: texts })).data.map(({ embedding }) => embedding);
    },
    async 'openai, as numbers'(model) {
      const client = new sdks.OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: appKey, maxRetries: 0 });
      return (await client.embeddings.create({ model, input: texts, encoding_format: 'float' })).data.map(({ embedding }) => embedding);
    },
    async gemini(model) {
      const client = new sdks.GoogleGenAI({ apiKey: appKey, httpOptions: { baseUrl: gateway.url } });
      return (await client.models.embedContent({ model, contents: texts })).embeddings.map(({ values }) => values);
    },
  };
  for (const [client, ask] of Object.entries(asks)) {
    for (const [api, model] of Object.entries({ openai: 'text-embedding-3-small', gemini: 'gemini-embedding-001', cohere: 'embed-v4.0' })) {
      test(`${client} over ${api}`, async () => {
        const vectors = await ask(`${api}.${model}`);
        assert.equal(vectors.length, texts.length);
        assert.equal(new Set(vectors.map((vector) => vector.length)).size, 1);
        assert.ok(vectors.flat().every(Number.isFinite));
        assert.notDeepEqual(vectors[0], vectors[1]);
        assert.equal((await sim.ledger()).at(-1).status, 200);
      });
    }
  }
});

describe('ranking', () => {
  const query = 'capital of France';
  const documents = ['Bread is baked.', 'Paris is the capital of France.', 'The capital letter A.'];
  for (const [how, path] of [['below its base path', '/cohere'], ['at the root', '']]) {
    test(`Cohere's client ${how}`, async () => {
      const client = new sdks.CohereClientV2({ token: appKey, environment: `${gateway.url}${path}` });
      const { results } = await client.rerank({ model: path ? 'rerank-v4.0' : 'cohere.rerank-v4.0', query, documents, topN: 2 });
      assert.equal(results.length, 2);
      assert.equal(results[0].index, 1);
      assert.ok(results[0].relevanceScore > results[1].relevanceScore);
    });
  }
  test('the first version of the API', async () => {
    const answer = await gateway.post('/v1/rerank', { model: 'cohere.rerank-v4.0', query, documents, top_n: 1 });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json.results[0].index, 1);
  });
  test('errors are Cohere\'s', async () => {
    const answer = await gateway.post('/v2/rerank', { model: 'cohere.rerank-v4.0', query });
    assert.ok([400, 422].includes(answer.status));
    assert.match(answer.json.message, /documents/);
    const none = await gateway.post('/v2/rerank', { model: 'anthropic.claude', query, documents });
    assert.equal(none.status, 400);
    assert.match(none.json.message, /rerank/);
  });
});

describe('counts of tokens', () => {
  const counting = ['responses', 'anthropic', 'gemini', 'bedrock', 'vertex', 'vertex-claude'];
  const asks = {
    async anthropic(model) {
      const client = new sdks.Anthropic({ baseURL: gateway.url, apiKey: appKey, maxRetries: 0 });
      return (await client.messages.countTokens({ model, messages: [{ role: 'user', content: 'good morning' }] })).input_tokens;
    },
    async gemini(model) {
      const client = new sdks.GoogleGenAI({ apiKey: appKey, httpOptions: { baseUrl: gateway.url } });
      return (await client.models.countTokens({ model, contents: 'good morning' })).totalTokens;
    },
    async responses(model) {
      const client = new sdks.OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: appKey, maxRetries: 0 });
      return (await client.responses.inputTokens.count({ model, input: 'good morning' })).input_tokens;
    },
  };
  for (const [client, ask] of Object.entries(asks)) {
    for (const api of counting) {
      test(`${client} over ${api}`, async () => assert.equal(await ask(`${api}.${models[api].model}`), 3));
    }
  }
});
