// Clients that think they talk to Claude on Bedrock (InvokeModel) or on Vertex AI, or to Gemini on Vertex AI: any provider answers.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { appKey, calm, loadSdks, masterKey, providerKey, startGateway, startSim, test } from './lib.mjs';

let sim, gateway, sdks;
before(async () => {
  sdks = await loadSdks();
  sim = await startSim('sim');
  gateway = await startGateway({
    master_key: masterKey,
    providers: {
      openai: { base_url: `${sim.url}/v1`, api_key: providerKey },
      anthropic: { base_url: sim.url, api_key: providerKey },
      gemini: { base_url: `${sim.url}/v1beta`, api_key: providerKey },
    },
    models: {
      'by-openai': { deployments: ['openai/gpt-4o-mini'], breaker: calm },
      'by-anthropic': { deployments: ['anthropic/claude-haiku-4-5'], breaker: calm },
      'by-gemini': { deployments: ['gemini/gemini-2.5-flash'], breaker: calm },
    },
    keys: [{ name: 'app', key: appKey }],
  });
});

const models = ['by-openai', 'by-anthropic', 'by-gemini'];
const asked = { max_tokens: 100, messages: [{ role: 'user', content: 'Say something.' }] };
const place = '/v1/projects/some-project/locations/europe-west1/publishers';

describe('Claude by InvokeModel', () => {
  const client = () => new sdks.bedrock.BedrockRuntimeClient({ endpoint: gateway.url, region: 'eu-west-1', maxAttempts: 1, requestHandler: new sdks.NodeHttpHandler(), credentials: { accessKeyId: appKey, secretAccessKey: 'none' } });
  const input = (modelId, body) => ({ modelId, contentType: 'application/json', body: JSON.stringify(body) });
  for (const model of models) {
    test(`${model}`, async () => {
      const answer = await client().send(new sdks.bedrock.InvokeModelCommand(input(model, { anthropic_version: 'bedrock-2023-05-31', ...asked })));
      const message = JSON.parse(new TextDecoder().decode(answer.body));
      assert.deepEqual([message.type, message.role, message.stop_reason], ['message', 'assistant', 'end_turn']);
      assert.ok(message.content[0].text.length > 0 && message.usage.output_tokens > 0);
    });
    test(`${model}, streamed`, async () => {
      const answer = await client().send(new sdks.bedrock.InvokeModelWithResponseStreamCommand(input(model, { anthropic_version: 'bedrock-2023-05-31', ...asked })));
      const events = [];
      for await (const { chunk } of answer.body) events.push(JSON.parse(new TextDecoder().decode(chunk.bytes)));
      assert.deepEqual([events[0].type, events.at(-1).type], ['message_start', 'message_stop']);
      assert.ok(events.some((event) => event.delta?.type === 'text_delta'));
      const metrics = events.at(-1)['amazon-bedrock-invocationMetrics'];
      assert.ok(metrics.inputTokenCount > 0 && metrics.outputTokenCount > 0, JSON.stringify(metrics));
    });
  }
  test('a body of another vendor is refused by name', async () => {
    await assert.rejects(client().send(new sdks.bedrock.InvokeModelCommand(input('by-openai', { inputText: 'hello' }))),
      { name: 'ValidationException', message: /anthropic_version/ });
  });
});

describe('Claude on Vertex AI', () => {
  for (const model of models) {
    test(`${model}`, async () => {
      const answer = await gateway.post(`${place}/anthropic/models/${model}:rawPredict`, { anthropic_version: 'vertex-2023-10-16', ...asked });
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual([answer.json.type, answer.json.role], ['message', 'assistant']);
      assert.ok(answer.json.content[0].text.length > 0);
    });
    test(`${model}, streamed, with the SDK`, async () => {
      const client = new sdks.Anthropic({ baseURL: gateway.url, apiKey: null, authToken: appKey, maxRetries: 0 });
      const stream = await client.post(`${place}/anthropic/models/${model}:streamRawPredict`, { body: { anthropic_version: 'vertex-2023-10-16', stream: true, ...asked }, stream: true });
      const types = [];
      for await (const event of stream) types.push(event.type);
      assert.deepEqual([types[0], types.at(-1)], ['message_start', 'message_stop']);
    });
  }
  test('what the API itself gets is spelled as it wants it', async () => {
    await gateway.post(`${place}/anthropic/models/by-anthropic:rawPredict`, { anthropic_version: 'vertex-2023-10-16', ...asked }, { headers: { 'anthropic-beta': 'some-beta-2025-01-01' } });
    const sent = (await sim.seen('claude-haiku-4-5')).at(-1);
    const body = JSON.parse(sent.body);
    assert.deepEqual([body.model, body.anthropic_version], ['claude-haiku-4-5', undefined]);
    assert.deepEqual([sent.headers['anthropic-version'], sent.headers['anthropic-beta']], ['2023-06-01', 'some-beta-2025-01-01']);
  });
  test('tokens are counted', async () => {
    const answer = await gateway.post(`${place}/anthropic/models/count-tokens:rawPredict`, { anthropic_version: 'vertex-2023-10-16', model: 'by-anthropic', messages: asked.messages });
    assert.equal(answer.status, 200, answer.text);
    assert.ok(answer.json.input_tokens > 0);
  });
});

describe('Gemini on Vertex AI', () => {
  const contents = [{ role: 'user', parts: [{ text: 'Say something.' }] }];
  for (const model of models) {
    for (const [method, events] of [['generateContent', false], ['streamGenerateContent?alt=sse', true], ['streamGenerateContent', false]]) {
      test(`${model}:${method}`, async () => {
        const answer = await gateway.post(`${place}/google/models/${model}:${method}`, { contents });
        assert.equal(answer.status, 200, answer.text);
        const parts = events ? answer.text.split('\n').filter((line) => line.startsWith('data: ')).map((line) => JSON.parse(line.slice(6))) : [answer.json].flat();
        assert.ok(parts.flatMap((part) => part.candidates[0].content?.parts ?? []).some((part) => part.text), answer.text);
        assert.ok(parts.at(-1).usageMetadata.totalTokenCount > 0);
      });
    }
  }
});
