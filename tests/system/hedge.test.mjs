// Hedges for which there is no room: they are as if they had not been begun, streamed and not.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { calm, masterKey, providerKey, startGateway, startSim, streamText, test } from './lib.mjs';

// 100 tokens of an answer are a tenth of a dollar, what is asked costs nothing.
const price = { input: '0', output: '1000' };
const fails = { status: 503, delay_ms: 300 };
const keyOf = (name) => `sk-sl-hedge-${name}`;

let a, b, gateway;
before(async () => {
  [a, b] = await Promise.all(['sim-a', 'sim-b'].map((name) => startSim(name)));
  const provider = (sim, more) => ({ type: 'openai', base_url: sim.base, api_key: providerKey, ...more });
  const hedged = (deployments, more) => ({
    deployments: deployments.map((model) => ({ model, price })), retries: 0, breaker: calm, hedge: { after: '100ms', max_extra_percent: 100 }, ...more,
  });
  gateway = await startGateway({
    master_key: masterKey,
    providers: {
      'sim-a': provider(a), 'sim-b': provider(b),
      capped: provider(a, { budget: { usd: '1.5' } }), narrow: provider(a, { limits: { concurrency: 1 } }),
    },
    models: {
      plain: hedged(['sim-a/fails', 'sim-b/well']),
      twice: hedged(['sim-a/fails', 'sim-b/well'], { max_attempts: 2 }),
      capped: hedged(['capped/fails', 'capped/well']),
      narrow: hedged(['narrow/fails', 'narrow/well'], { fallbacks: { any: ['other'] } }),
      refused: hedged(['sim-a/refuses', 'sim-b/well']),
      late: hedged(['sim-a/late', 'sim-b/well']),
      other: { deployments: [{ model: 'sim-b/other', price }], retries: 0 },
    },
    keys: [
      { name: 'free', key: keyOf('free') },
      ...['plain', 'twice', 'refused', 'late'].flatMap((name) => [false, true].map((stream) => `${name}${stream ? '-s' : ''}`))
        .map((name) => ({ name, key: keyOf(name), budget: { usd: '1.5' } })),
      ...[false, true].map((stream) => `strict${stream ? '-s' : ''}`).map((name) => ({ name, key: keyOf(name), budget: { usd: '1.5', strict: true } })),
    ],
  });
  await a.script('fails', fails);
  await a.script('refuses', { status: 400, delay_ms: 300, error: { error: { message: 'no such thing', type: 'invalid_request_error' } } });
  await a.script('late', { delay_ms: 300, text: 'at last' });
});
const idOf = (name, stream) => keyOf(`${name}${stream ? '-s' : ''}`);
const ask = async (model, key, stream) => {
  // hedges are a share of the route's requests
  for (let i = 0; i < 2; ++i) await gateway.chat(model, { max_tokens: 1 }, { key: keyOf('free') });
  return gateway.chat(model, { max_tokens: 1000, stream }, { key });
};
const story = async (answer) => (await gateway.call({ path: `/admin/v1/exchanges/${answer.headers['x-sluice-request-id']}`, key: masterKey })).json.tries
  .map(({ deployment, why, failure }) => [deployment, why, failure]);

for (const stream of [false, true]) {
  describe(`what a hedge has no room in beside the first one, it has when that has failed${stream ? ', streamed' : ''}`, () => {
    for (const [what, model, key] of [
      ['the budget of the key', 'plain', idOf('plain', stream)], ['the same, where no more than two attempts are made', 'twice', idOf('twice', stream)],
      ['the same, where the budget is strict', 'plain', idOf('strict', stream)],
      ['the budget of the provider', 'capped', keyOf('free')], ['the concurrency of the provider', 'narrow', keyOf('free')],
    ]) {
      test(what, async () => {
        const answer = await ask(model, key, stream);
        assert.equal(answer.status, 200, answer.text);
        assert.match(answer.headers['x-sluice-deployment'], /\/well$/);
        assert.equal(answer.headers['x-sluice-attempts'], '2');
        assert.equal(answer.headers['x-sluice-max-tokens'], undefined, 'all of the answer may be made');
        const tries = await story(answer);
        assert.deepEqual(tries.map(([, why]) => why), ['first', 'hedge', 'fallback'], JSON.stringify(tries));
        assert.match(tries[1][2], /^(budget|spend_cap|no_room)$/);
      });
    }
  });

  test(`the first one's own refusal is what is told${stream ? ', streamed' : ''}`, async () => {
    const answer = await ask('refused', idOf('refused', stream), stream);
    assert.equal(answer.status, 400, answer.text);
    assert.match(answer.text, /no such thing/);
    assert.equal(answer.headers['x-sluice-deployment'], 'sim-a/refuses');
  });

  test(`and its answer, late as it is${stream ? ', streamed' : ''}`, async () => {
    const answer = await ask('late', idOf('late', stream), stream);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(stream ? streamText(answer.events) : answer.json.choices[0].message.content, 'at last');
    assert.deepEqual((await story(answer)).map(([, why]) => why), ['first', 'hedge']);
  });
}
