// Every vendor's SDK runs an agent over every provider's API, four turns of the model with parallel tools, reasoning and an image,
// streamed and not. The simulator refuses what the real provider refuses (roles out of order, unsigned reasoning, calls without
// results, altered arguments); and what a provider said in one turn comes back to it in the next, to the letter.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { agents } from './agents.mjs';
import { appKey, loadSdks, test } from './lib.mjs';
import { startProviders } from './providers.mjs';

// ---- the model: what it says in each turn ----

const turns = [
  { reasoning: 'The user wants the weather and a sum; both at once.', text: 'Let me look.', tool_calls: [{ name: 'get_weather', arguments: { city: 'Zürich "am See"' } }, { name: 'add', arguments: { a: 1, b: 2.5 } }] },
  { reasoning: 'One more day is missing.', tool_calls: [{ name: 'get_weather', arguments: { city: 'Zürich', days: [1, 2] } }] },
  { text: 'It is 21.5 degrees, and the sum is 3.5.' },
  { reasoning: 'A farewell.', text: 'You are welcome.' },
];

// Reasoning without its text: hidden by the provider, or left out.
const hidden = [
  { redacted: 'Not for anybody.', tool_calls: [{ name: 'add', arguments: { a: 1, b: 2 } }] },
  { text: '3.' },
];

// ---- the providers: where their models, turns and answers stand ----

const without = (object, ...names) => Object.fromEntries(Object.entries(object).filter(([name, value]) => !names.includes(name) && value !== null && value !== undefined));
// Arguments are a text in some APIs; a client whose API has them as an object spells the same ones in its own way.
const keepsTexts = ['chat', 'responses'];
const respelled = (client, value) => (keepsTexts.includes(client) ? value : JSON.parse(JSON.stringify(value), (key, inner) => (key === 'arguments' ? JSON.parse(inner) : inner)));

// `said`: what the model said, of a whole answer; `turns`: the same, of each turn of the model in a request's history.
const claude = {
  said: (answer) => answer.content.map((block) => without(block, 'citations', 'caller')),
  turns: (request) => request.messages.filter(({ role }) => role === 'assistant').map(({ content }) => content.map((block) => without(block, 'citations', 'caller'))),
};
const converse = {
  said: (answer) => answer.output.message.content,
  turns: (request) => request.messages.filter(({ role }) => role === 'assistant').map(({ content }) => content),
};
// The SDK keeps each chunk of a stream as a content of its own, and each of its parts as it came.
const whole = (parts) => parts.filter((part) => !part.thought && (part.text !== '' || part.thoughtSignature)).reduce((found, part) => {
  const last = found.at(-1);
  if (!last || last.text === undefined || part.text === undefined || last.thoughtSignature) return [...found, part];
  return [...found.slice(0, -1), { ...last, ...part, text: last.text + part.text }];
}, []);
const google = {
  said: (answer) => whole(answer.candidates[0].content.parts),
  turns: (request) => {
    const found = [];
    let before = 'user';
    for (const { role, parts } of request.contents) {
      if (role === 'model' && before !== 'model') found.push([]);
      if (role === 'model') found.at(-1).push(...parts);
      before = role;
    }
    return found.map(whole);
  },
};
// A single text may stand there as it is.
const plain = ({ content, ...message }) => ({ ...message, ...(content ? { content: content.length === 1 && content[0].type === 'text' ? content[0].text : content } : {}) });

const apis = {
  openai: {
    said: ({ choices: [{ message }] }) => without(message, 'annotations', 'refusal', 'reasoning_content'),
    turns: (request) => request.messages.filter(({ role }) => role === 'assistant').map((message) => ({ ...without(message, 'refusal', 'annotations', 'reasoning_content') })),
  },
  responses: {
    said: (answer) => answer.output,
    // Ids and states of items are of use only where the provider keeps them; with its ids a reasoning item comes back.
    same: (client, items) => (client === 'responses' ? items : items.map((item) => ({
      ...(item.type === 'reasoning' ? item : without(item, 'id', 'status')), ...(item.content ? { content: item.content.map((part) => without(part, 'logprobs')) } : {}),
    }))),
  },
  anthropic: claude,
  gemini: google,
  bedrock: converse,
  // In its maker's own API where the client speaks that.
  'bedrock-claude': {
    said: (answer) => (answer.output ? converse : claude).said(answer),
    turns: (request) => (request.anthropic_version ? claude : converse).turns(request),
  },
  vertex: google,
  'vertex-claude': claude,
  cohere: {
    // A text beside calls is a plan there, which is no answer.
    tells: ({ text = '', tool_calls: calls = [] }) => ({ text: calls.length ? '' : text, calls }),
    said: ({ message }) => plain(message),
    turns: (request) => request.messages.filter(({ role }) => role === 'assistant').map(plain),
  },
};

// Of Responses each turn of the model is several items of the input, between the user's items and the results.
apis.responses.turns = (request) => {
  const found = [];
  let before = 'user';
  for (const item of request.input) {
    const own = ['reasoning', 'function_call'].includes(item.type) || item.role === 'assistant';
    if (own && before !== 'own') found.push([]);
    if (own) found.at(-1).push(item);
    before = own ? 'own' : 'user';
  }
  return found;
};

let gateway, sim, place, sdks;
before(async () => {
  sdks = await loadSdks();
  ({ gateway, sim, place } = await startProviders('sim-agents'));
});

const asked = (process.env.AGENT_PAIRS ?? '').split(',').filter(Boolean);    // "chat>gemini"
for (const [client, agent] of Object.entries(agents)) {
  for (const [name, api] of Object.entries(apis)) {
    if (asked.length && !asked.includes(`${client}>${name}`)) continue;
    describe(`an agent of ${client} over ${name}`, () => {
      for (const stream of [false, true]) {
        test(stream ? 'streamed' : 'not streamed', async () => {
          const { asked: model, upstream } = await place(name, `${client}-${name}${stream ? '-s' : ''}`, { sequence: turns });
          const talk = agent(sdks, { url: gateway.url, key: appKey, model, stream });
          const seen = [...await talk('What is the weather, and what is 1 + 2.5?', true), ...await talk('Thank you.')];

          assert.deepEqual(seen, turns.map(api.tells ?? (({ text = '', tool_calls: calls = [] }) => ({ text, calls }))));
          const entries = await sim.seen(upstream);
          assert.equal(entries.length, turns.length);
          const requests = entries.map(({ body }) => JSON.parse(body));
          const answers = entries.map(({ answer }) => JSON.parse(answer));
          for (let turn = 1; turn < turns.length; ++turn) {
            const came = api.turns(requests[turn]);
            const same = (said) => respelled(client, api.same ? api.same(client, said) : said);
            for (let past = 0; past < turn; ++past) assert.deepEqual(same(came[past]), same(api.said(answers[past])), `what turn ${past + 1} said, in turn ${turn + 1}`);
            // The prefix that providers cache: not a byte of it changes, it only grows behind the end of the history.
            const [before, now] = [entries[turn - 1].body, entries[turn].body];
            let at = 0;
            while (at < before.length && before[at] === now[at]) ++at;
            assert.equal(`${before[at]}${now[at]}`, '],', `the turns differ at: ${before.slice(at - 80, at + 40)} | ${now.slice(at - 80, at + 40)}`);
          }
        });
      }
    });
  }
}

// A session that moves: what only the first provider can read is not sent to the second, which would refuse it, and the client is told.
const moves = [['anthropic', 'gemini'], ['gemini', 'anthropic'], ['responses', 'bedrock'], ['bedrock', 'responses'], ['vertex-claude', 'vertex'], ['anthropic', 'openai'], ['cohere', 'anthropic'], ['openai', 'gemini']];
for (const [client, agent] of Object.entries(agents)) {
  describe(`an agent of ${client} moves`, () => {
    for (const [from, to] of moves) {
      if (asked.length && !asked.includes(`${client}:${from}>${to}`)) continue;
      for (const stream of [false, true]) {
        test(`from ${from} to ${to}${stream ? ', streamed' : ''}`, async () => {
          const label = `${client}-${from}-${to}${stream ? '-s' : ''}`;
          const before = await place(from, `${label}-1`, { sequence: turns.slice(0, 3) });
          const behind = await place(to, `${label}-2`, { sequence: turns.slice(3) });
          const options = { url: gateway.url, key: appKey, model: before.asked, stream };
          const talk = agent(sdks, options);
          await talk('What is the weather, and what is 1 + 2.5?', true);
          options.model = behind.asked;
          const [last] = await talk('Thank you.');
          assert.equal(last.text, 'You are welcome.');
          const [entry] = await sim.seen(behind.upstream);
          assert.equal(entry.status, 200);
          assert.ok(entry.body.includes('21.5'), 'what the tools said is there');
          assert.ok(!/_sl1_|sl1state/.test(entry.body), 'no state that was packed for the client is sent as it is');
        });
      }
    }
  });
}

describe('reasoning that is hidden comes back as well', () => {
  for (const [client, agent] of Object.entries(agents)) {
    for (const name of ['anthropic', 'vertex-claude', 'bedrock-claude']) {
      if (asked.length && !asked.includes(`${client}>${name}`)) continue;
      for (const stream of [false, true]) {
        test(`to ${name}, through a client of ${client}${stream ? ', streamed' : ''}`, async () => {
          const { asked: model, upstream } = await place(name, `hidden-${client}${stream ? '-s' : ''}`, { sequence: hidden });
          const talk = agent(sdks, { url: gateway.url, key: appKey, model, stream });
          assert.equal((await talk('What is 1 + 2?')).at(-1).text, '3.');
          const [first, second] = await sim.seen(upstream);
          assert.deepEqual(apis[name].turns(JSON.parse(second.body))[0], apis[name].said(JSON.parse(first.answer)));
        });
      }
    }
  }
});
