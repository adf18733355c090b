// Codex speaks the Responses API alone, streamed, with nothing kept at the provider. Behind it may stand any API: every stream it reads is whole
// and well formed event by event, and what it sends back in its next turn is taken.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { appKey, loadSdks, test } from './lib.mjs';
import { models, startProviders } from './providers.mjs';

let gateway, sim, place, sdks;
before(async () => {
  sdks = await loadSdks();
  ({ gateway, sim, place } = await startProviders('sim-codex'));
});

const patch = '*** Begin Patch\n*** Update File: a.txt\n-"Zürich"\n+\\ 🚀\n*** End Patch';
const apis = Object.keys(models).filter((api) => api !== 'responses');

// ---- the grammar of a stream ----

const fail = (message, event) => assert.fail(`${message}: ${JSON.stringify(event)}`);

// Reads a stream as the strictest client would, and returns its last response.
function follow(events) {
  const items = [];    // by output_index: the item with what its deltas said
  let id, last;
  const at = (event) => {
    const item = items[event.output_index];
    if (!item || item.done) fail('an event of an item that is not open', event);
    if (event.item_id !== item.id) fail(`not the id of the item, ${item.id}`, event);
    return item;
  };
  const part = (event, list, index) => {
    const found = at(event)[list][index];
    if (!found || found.done) fail('an event of a part that is not open', event);
    return found;
  };
  const texts = { 'response.output_text': ['content', 'content_index', 'text'], 'response.refusal': ['content', 'content_index', 'refusal'], 'response.reasoning_summary_text': ['summary', 'summary_index', 'text'], 'response.reasoning_text': ['content', 'content_index', 'text'] };
  const inputs = { 'response.function_call_arguments': 'arguments', 'response.custom_tool_call_input': 'input' };
  for (const [number, event] of events.entries()) {
    if (event.sequence_number !== number) fail(`not event ${number}`, event);
    if (last) fail('an event after the last one', event);
    const [, stem, what] = /^(.*)\.(\w+)$/.exec(event.type);
    if (event.response) {
      id ??= event.response.id;
      if (event.response.id !== id || event.response.object !== 'response') fail(`not response ${id}`, event);
      if (!['created', 'in_progress', 'completed', 'incomplete'].includes(what) || (number === 0) !== (what === 'created')) fail('out of place', event);
      if (['completed', 'incomplete'].includes(what)) last = event.response;
      else if (event.response.status !== 'in_progress' || event.response.output.length > 0) fail('not as it begins', event);
    } else if (event.type === 'response.output_item.added') {
      if (event.output_index !== items.length || !event.item.id || items.some((item) => item.id === event.item.id)) fail('not the next item', event);
      if (items.some((item) => !item.done)) fail('another item is open', event);
      if (event.item.type !== 'reasoning' && event.item.status !== 'in_progress') fail('not in progress', event);
      items.push({ ...structuredClone(event.item), content: [], summary: [] });
    } else if (event.type === 'response.output_item.done') {
      const item = items[event.output_index];
      if (!item || item.done || event.item.id !== item.id || event.item.type !== item.type) fail('not the item that was added', event);
      for (const list of ['content', 'summary']) {
        if (item[list].some((one) => !one.done)) fail('a part is open', event);
        assert.deepEqual((event.item[list] ?? []).map((one) => one.text ?? one.refusal), item[list].map((one) => one.text ?? one.refusal));
      }
      for (const field of Object.values(inputs)) if (field in event.item) assert.equal(event.item[field], item[field]);
      item.done = event.item;
    } else if (what === 'added') {
      const [list, index] = stem === 'response.content_part' ? ['content', event.content_index] : ['summary', event.summary_index];
      if (index !== at(event)[list].length) fail('not the next part', event);
      at(event)[list].push({ ...event.part });
    } else if (what === 'done' && /_part$/.test(stem)) {
      const found = stem === 'response.content_part' ? part(event, 'content', event.content_index) : part(event, 'summary', event.summary_index);
      if ((event.part.text ?? event.part.refusal) !== (found.text ?? found.refusal)) fail('not what its deltas said', event);
      found.done = true;
    } else if (texts[stem]) {
      const [list, index, field] = texts[stem];
      const found = part(event, list, event[index]);
      if (what === 'delta') found[field] += event.delta;
      else if (event[field] !== found[field]) fail('not what its deltas said', event);
    } else if (inputs[stem]) {
      const item = at(event);
      if (what === 'delta') item[inputs[stem]] += event.delta;
      else if (event[inputs[stem]] !== item[inputs[stem]]) fail('not what its deltas said', event);
    } else {
      fail('no event of the API', event);
    }
  }
  assert.ok(last, 'the stream has its last event');
  assert.deepEqual(last.output, items.map((item) => item.done), 'the output is the items of the stream');
  assert.ok(last.usage.total_tokens > 0 && last.usage.input_tokens_details && last.usage.output_tokens_details);
  return last;
}

// ---- the client ----

const request = (model, input) => ({
  model, instructions: 'You are a coding agent running in a terminal.', input,
  tools: [
    { type: 'function', name: 'shell', description: 'Runs a command.', strict: false, parameters: { type: 'object', properties: { command: { type: 'array', items: { type: 'string' } }, timeout_ms: { type: 'number' } }, required: ['command'], additionalProperties: false } },
    { type: 'function', name: 'update_plan', description: 'Updates the plan.', strict: false, parameters: { type: 'object', properties: { plan: { type: 'array', items: { type: 'object', properties: { step: { type: 'string' }, status: { type: 'string' } } } } }, required: ['plan'], additionalProperties: false } },
    { type: 'custom', name: 'apply_patch', description: 'Edits files.', format: { type: 'grammar', syntax: 'lark', definition: 'start: "*** Begin Patch" /(.|\\n)*/' } },
  ],
  tool_choice: 'auto', parallel_tool_calls: true, reasoning: { effort: 'medium', summary: 'auto' }, store: false, stream: true,
  include: ['reasoning.encrypted_content'], prompt_cache_key: '019b2c6e-7a1f-7c33-9d0e-1f2e3d4c5b6a', text: { verbosity: 'medium' },
});
const message = (role, text) => ({ type: 'message', role, content: [{ type: 'input_text', text }] });
async function ask(model, input) {
  const answer = await gateway.post('/v1/responses', request(model, input), { headers: { 'openai-beta': 'responses=experimental', originator: 'codex_cli_rs', session_id: '019b2c6e', accept: 'text/event-stream' } });
  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.headers['content-type'], /^text\/event-stream/);
  for (const block of answer.text.trim().split('\n\n').filter((one) => !one.startsWith(':'))) {
    const [, name, data] = /^event: (\S+)\ndata: (.*)$/.exec(block) ?? assert.fail(`not an event: ${block}`);
    assert.equal(JSON.parse(data).type, name);
  }
  return follow(answer.events.map((data) => JSON.parse(data)));
}

describe('B11: every stream is whole and in order, and its output comes back', () => {
  const shell = { command: ['bash', '-lc', 'echo "Zürich" \\ 🚀'], timeout_ms: 1000 };
  const plan = { plan: [{ step: 'look', status: 'completed' }] };
  for (const api of apis) {
    for (const style of ['fragments', 'whole', 'with_finish', 'together']) {
      test(`over ${api}: ${style}`, async () => {
        const { asked, upstream } = await place(api, `b11-${style}`, { tool_style: style, sequence: [
          { reasoning: 'The user wants a file. Let me look.', text: 'I will look first.', tool_calls: [{ name: 'shell', arguments: shell }, { name: 'update_plan', arguments: plan }] },
          { reasoning: 'Now edit.', tool_calls: [{ name: 'shell', arguments: shell }] },
          { text: 'Done: "Zürich" 🚀.' },
        ] });
        const input = [message('developer', '<permissions>read-only</permissions>'), message('user', '<environment_context>linux</environment_context>'), message('user', 'Change the file.')];
        const said = [];
        for (let turn = 0; turn < 3; ++turn) {
          const { output, status } = await ask(asked, input);
          assert.equal(status, 'completed');
          said.push(output);
          // Codex sends items back as it got them, but for those that are of no use without a store.
          input.push(...output);
          for (const call of output.filter(({ type }) => type === 'function_call')) input.push({ type: 'function_call_output', call_id: call.call_id, output: `{"output":"ok ${call.name}"}` });
        }
        const calls = said.map((output) => output.filter(({ type }) => type === 'function_call').map((call) => [call.name, JSON.parse(call.arguments)]));
        assert.deepEqual(calls, [[['shell', shell], ['update_plan', plan]], [['shell', shell]], []]);
        assert.equal(said[2].at(-1).content[0].text, 'Done: "Zürich" 🚀.');
        assert.ok((await sim.seen(upstream)).every((entry) => entry.status === 200));
      });
    }

    test(`over ${api}: a custom tool's input, and its result`, async () => {
      // Chat has custom tools; elsewhere one is a tool with a single argument.
      const { asked, upstream } = await place(api, 'b11-custom', { sequence: [api === 'openai' ? {} : { tool_calls: [{ name: 'apply_patch', arguments: { input: `call:apply_patch ${patch}` } }] }, { text: 'Patched.' }] });
      const input = [message('user', `call:apply_patch ${patch}`)];
      const { output } = await ask(asked, input);
      const call = output.find(({ type }) => type === 'custom_tool_call');
      assert.equal(call?.input, `call:apply_patch ${patch}`, JSON.stringify(output));
      input.push(...output, { type: 'custom_tool_call_output', call_id: call.call_id, output: 'Success.' });
      assert.equal((await ask(asked, input)).output.at(-1).content[0].text, 'Patched.');
      assert.ok((await sim.seen(upstream)).every((entry) => entry.status === 200));
    });

    test(`over ${api}: an answer that was cut is incomplete`, async () => {
      const words = { openai: 'length', gemini: 'MAX_TOKENS', vertex: 'MAX_TOKENS', cohere: 'MAX_TOKENS' };
      const { asked } = await place(api, 'b11-cut', { text: 'cut off he', finish_reason: words[api] ?? 'max_tokens' });
      const response = await ask(asked, [message('user', 'Go.')]);
      assert.deepEqual([response.status, response.incomplete_details], ['incomplete', { reason: 'max_output_tokens' }]);
      assert.equal(response.output.at(-1).status, 'incomplete');
    });

    test(`over ${api}: the SDK's own reader agrees`, async () => {
      const { asked } = await place(api, 'b11-sdk', { reasoning: 'Hm.', text: 'one two three', tool_calls: [{ name: 'shell', arguments: shell }] });
      const client = new sdks.OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: appKey, maxRetries: 0 });
      const { stream: _, ...asking } = request(asked, [message('user', 'Go.')]);
      const response = await client.responses.stream(asking).finalResponse();
      // Cohere calls a text beside calls a plan, which is reasoning.
      if (api !== 'cohere') assert.equal(response.output.find(({ type }) => type === 'message').content[0].text, 'one two three');
      assert.deepEqual(JSON.parse(response.output.find(({ type }) => type === 'function_call').arguments), shell);
    });
  }
});
