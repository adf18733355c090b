// What each vendor's official SDK makes of an answer.
import { appKey } from './lib.mjs';

const parsed = (text) => (text === '' ? {} : JSON.parse(text));
const question = 'Say something.';

// The SDK's own finalResponse() knows of complete answers only.
async function lastResponse(stream) {
  let last;
  for await (const event of stream) {
    if (event.type === 'response.failed') throw Object.assign(new Error(event.response.error.message), { error: event.response.error });
    if (['response.completed', 'response.incomplete'].includes(event.type)) last = event.response;
  }
  return last;
}

export const clientNames = ['chat', 'responses', 'anthropic', 'gemini', 'converse'];

// Each asks one question of a model and tells { text, refusal, calls: [{ name, arguments }], finish }, `finish` in the words of its API; the
// table `finish` has these words by what they mean. `more` goes into the request.
export const clientsOf = (sdks, gateway) => ({
  chat: {
    async ask(model, stream, more = {}) {
      const client = new sdks.OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: appKey, maxRetries: 0 });
      const request = { model, messages: [{ role: 'user', content: question }], ...more };
      const seen = { text: '', calls: [] };
      if (!stream) {
        const choice = (await client.chat.completions.create(request)).choices[0];
        seen.text = choice.message.content ?? '';
        seen.refusal = choice.message.refusal ?? '';
        seen.calls = (choice.message.tool_calls ?? []).map((call) => ({ name: call.function?.name ?? call.custom.name, arguments: call.function ? parsed(call.function.arguments) : call.custom.input }));
        return { ...seen, finish: choice.finish_reason };
      }
      const calls = [];
      for await (const chunk of await client.chat.completions.create({ ...request, stream: true })) {
        const choice = chunk.choices.find(({ index }) => index === 0);
        if (!choice) continue;
        seen.text += choice.delta.content ?? '';
        seen.refusal = (seen.refusal ?? '') + (choice.delta.refusal ?? '');
        for (const { index, function: f, custom } of choice.delta.tool_calls ?? []) {
          calls[index] ??= { name: '', text: '', custom: Boolean(custom) };
          calls[index].name += f?.name ?? custom?.name ?? '';
          calls[index].text += f?.arguments ?? custom?.input ?? '';
        }
        if (choice.finish_reason) seen.finish = choice.finish_reason;
      }
      seen.calls = calls.map(({ name, text, custom }) => ({ name, arguments: custom ? text : parsed(text) }));
      return { refusal: '', ...seen };
    },
    finish: { stop: 'stop', length: 'length', tool_calls: 'tool_calls', content_filter: 'content_filter', refusal: 'content_filter', pause: 'stop' },
  },
  responses: {
    async ask(model, stream, more = {}) {
      const client = new sdks.OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: appKey, maxRetries: 0 });
      const request = { model, input: question, store: false, ...more };
      const response = stream ? await lastResponse(client.responses.stream(request)) : await client.responses.create(request);
      const calls = response.output.filter((item) => ['function_call', 'custom_tool_call'].includes(item.type));
      const parts = response.output.flatMap((item) => (item.type === 'message' ? item.content : []));
      const refusal = response.output.flatMap((item) => item.content ?? []).filter((part) => part.type === 'refusal').map((part) => part.refusal).join('');
      return {
        text: parts.filter((part) => part.type === 'output_text').map((part) => part.text).join(''), refusal,
        calls: calls.map((call) => ({ name: call.name, arguments: call.type === 'function_call' ? parsed(call.arguments) : call.input })),
        finish: response.incomplete_details?.reason ?? (calls.length > 0 ? 'tool_calls' : response.status),
      };
    },
    finish: { stop: 'completed', length: 'max_output_tokens', tool_calls: 'tool_calls', content_filter: 'content_filter', refusal: 'content_filter', pause: 'completed' },
  },
  anthropic: {
    async ask(model, stream, more = {}) {
      const client = new sdks.Anthropic({ baseURL: gateway.url, apiKey: appKey, maxRetries: 0 });
      const request = { model, max_tokens: 1000, messages: [{ role: 'user', content: question }], ...more };
      const message = stream ? await client.messages.stream(request).finalMessage() : await client.messages.create(request);
      return {
        text: message.content.filter((block) => block.type === 'text').map((block) => block.text).join(''), refusal: '',
        calls: message.content.filter((block) => block.type === 'tool_use').map((call) => ({ name: call.name, arguments: call.input })),
        finish: message.stop_reason,
      };
    },
    finish: { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use', content_filter: 'refusal', refusal: 'refusal', pause: 'pause_turn' },
  },
  gemini: {
    async ask(model, stream, more = {}) {
      const client = new sdks.GoogleGenAI({ apiKey: appKey, httpOptions: { baseUrl: gateway.url } });
      const request = { model, contents: question, ...more };
      const chunks = [];
      if (stream) {
        for await (const chunk of await client.models.generateContentStream(request)) chunks.push(chunk);
      } else {
        chunks.push(await client.models.generateContent(request));
      }
      const candidates = chunks.flatMap((chunk) => chunk.candidates ?? []).filter(({ index }) => (index ?? 0) === 0);
      const parts = candidates.flatMap((candidate) => candidate.content?.parts ?? []);
      return {
        text: parts.filter((part) => part.text && !part.thought).map((part) => part.text).join(''), refusal: '',
        calls: parts.filter((part) => part.functionCall).map(({ functionCall }) => ({ name: functionCall.name, arguments: functionCall.args ?? {} })),
        finish: candidates.at(-1)?.finishReason,
      };
    },
    finish: { stop: 'STOP', length: 'MAX_TOKENS', tool_calls: 'STOP', content_filter: 'SAFETY', refusal: 'SAFETY', pause: 'CONTINUATION' },
  },
  converse: {
    async ask(model, stream, more = {}) {
      const client = new sdks.bedrock.BedrockRuntimeClient({
        region: 'us-east-1', endpoint: gateway.url, maxAttempts: 1, requestHandler: new sdks.NodeHttpHandler(), credentials: { accessKeyId: appKey, secretAccessKey: 'of no use' },
      });
      const request = { modelId: model, messages: [{ role: 'user', content: [{ text: question }] }], ...more };
      const blocks = [];
      let finish;
      if (!stream) {
        const answer = await client.send(new sdks.bedrock.ConverseCommand(request));
        blocks.push(...answer.output.message.content);
        finish = answer.stopReason;
      } else {
        for await (const event of (await client.send(new sdks.bedrock.ConverseStreamCommand(request))).stream) {
          const { contentBlockStart: start, contentBlockDelta: delta, messageStop } = event;
          if (start?.start?.toolUse) blocks[start.contentBlockIndex] = { toolUse: { ...start.start.toolUse, input: '' } };
          if (delta?.delta.text !== undefined) blocks[delta.contentBlockIndex] = { text: (blocks[delta.contentBlockIndex]?.text ?? '') + delta.delta.text };
          if (delta?.delta.toolUse) blocks[delta.contentBlockIndex].toolUse.input += delta.delta.toolUse.input;
          if (messageStop) finish = messageStop.stopReason;
        }
        for (const block of blocks) if (block?.toolUse) block.toolUse.input = parsed(block.toolUse.input);
      }
      return {
        text: blocks.flatMap((block) => (block?.citationsContent?.content ?? [block]).map((part) => part?.text ?? '')).join(''), refusal: '',
        calls: blocks.filter((block) => block?.toolUse).map(({ toolUse }) => ({ name: toolUse.name, arguments: toolUse.input })),
        finish,
      };
    },
    finish: { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use', content_filter: 'content_filtered', refusal: 'content_filtered', pause: 'end_turn' },
  },
});
