// Each client dialect over a plain socket: how a question is put, and what an answer says. SDKs hide statuses, heads and
// half answers; here those are what is looked at.
//
// A dialect has `path` and `body` of a question, `headers` where it needs some, and what `whole` JSON and `streamed` bytes say.
// A seen answer is { text, error, complete }: the text that came, the sentence of an error (undefined: none), and whether the
// answer has its end.

// The data of each complete event of an event stream.
function events(bytes) {
  const blocks = bytes.toString('utf8').replaceAll('\r\n', '\n').split('\n\n');
  blocks.pop();
  return blocks.flatMap((block) => {
    const data = block.split('\n').filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trim());
    return data.length ? [data.join('\n')] : [];
  });
}
const jsonEvents = (bytes) => events(bytes).filter((data) => data !== '[DONE]').map((data) => JSON.parse(data));

// The frames of an AWS event stream: [{ headers, payload }]. Source: Smithy's event stream encoding; all headers of interest are strings.
function frames(bytes) {
  const found = [];
  for (let at = 0; at + 16 <= bytes.length;) {
    const size = bytes.readUInt32BE(at);
    if (at + size > bytes.length) break;
    const headersEnd = at + 12 + bytes.readUInt32BE(at + 4);
    const headers = {};
    for (let i = at + 12; i < headersEnd;) {
      const name = bytes.toString('utf8', i + 1, i + 1 + bytes[i]);
      i += 1 + bytes[i] + 1;
      const length = bytes.readUInt16BE(i);
      headers[name] = bytes.toString('utf8', i + 2, i + 2 + length);
      i += 2 + length;
    }
    found.push({ headers, payload: JSON.parse(bytes.toString('utf8', headersEnd, at + size - 4)) });
    at += size;
  }
  return found;
}

const chat = {
  path: () => '/v1/chat/completions',
  body: (model, text, stream) => ({ model, stream, messages: [{ role: 'user', content: text }] }),
  whole: (json) => ({ text: json.choices?.[0]?.message?.content ?? '', error: json.error?.message, complete: Boolean(json.choices?.[0]?.finish_reason) }),
  streamed(bytes) {
    const chunks = jsonEvents(bytes);
    const choices = chunks.flatMap((chunk) => chunk.choices ?? []);
    return {
      text: choices.map((choice) => choice.delta?.content ?? '').join(''),
      error: chunks.find((chunk) => chunk.error)?.error.message,
      complete: choices.some((choice) => choice.finish_reason) && events(bytes).at(-1) === '[DONE]',
    };
  },
};

const responses = {
  path: () => '/v1/responses',
  body: (model, text, stream) => ({ model, stream, input: text, store: false }),
  whole: (json) => ({
    text: (json.output ?? []).flatMap((item) => item.content ?? []).map((part) => part.text ?? '').join(''),
    error: json.error?.message, complete: json.status === 'completed',
  }),
  streamed(bytes) {
    const seen = jsonEvents(bytes);
    const failed = seen.find((event) => event.type === 'response.failed' || event.type === 'error' || event.error);
    return {
      text: seen.filter((event) => event.type === 'response.output_text.delta').map((event) => event.delta).join(''),
      error: failed && (failed.response?.error?.message ?? failed.error?.message ?? failed.message),
      complete: seen.at(-1)?.type === 'response.completed',
    };
  },
};

const anthropic = {
  path: () => '/v1/messages',
  headers: { 'anthropic-version': '2023-06-01' },
  body: (model, text, stream) => ({ model, stream, max_tokens: 500, messages: [{ role: 'user', content: text }] }),
  whole: (json) => ({ text: (json.content ?? []).map((block) => block.text ?? '').join(''), error: json.error?.message, complete: Boolean(json.stop_reason) }),
  streamed(bytes) {
    const seen = jsonEvents(bytes);
    return {
      text: seen.filter((event) => event.type === 'content_block_delta').map((event) => event.delta.text ?? '').join(''),
      error: seen.find((event) => event.type === 'error')?.error.message,
      complete: seen.at(-1)?.type === 'message_stop',
    };
  },
};

const geminiText = (json) => (json.candidates ?? []).flatMap((candidate) => candidate.content?.parts ?? []).map((part) => part.text ?? '').join('');
const gemini = {
  path: (model, stream) => `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
  body: (model, text) => ({ contents: [{ role: 'user', parts: [{ text }] }] }),
  whole: (json) => ({ text: geminiText(json), error: json.error?.message, complete: Boolean(json.candidates?.[0]?.finishReason) }),
  streamed(bytes) {
    const seen = jsonEvents(bytes);
    return {
      text: seen.map(geminiText).join(''), error: seen.find((event) => event.error)?.error.message,
      complete: seen.some((event) => event.candidates?.[0]?.finishReason),
    };
  },
};

const converse = {
  path: (model, stream) => `/model/${encodeURIComponent(model)}/converse${stream ? '-stream' : ''}`,
  body: (model, text) => ({ messages: [{ role: 'user', content: [{ text }] }] }),
  whole: (json) => ({
    text: (json.output?.message?.content ?? []).map((block) => block.text ?? '').join(''),
    error: json.output ? undefined : json.message, complete: Boolean(json.stopReason),
  }),
  streamed(bytes) {
    const seen = frames(bytes);
    return {
      text: seen.filter(({ headers }) => headers[':event-type'] === 'contentBlockDelta').map(({ payload }) => payload.delta.text ?? '').join(''),
      error: seen.find(({ headers }) => headers[':message-type'] === 'exception')?.payload.message,
      complete: seen.some(({ headers }) => headers[':event-type'] === 'messageStop'),
    };
  },
};

export const dialects = { chat, responses, anthropic, gemini, converse };

// What came: an error answer is JSON whether the answer was to be streamed or not.
export function seen(dialect, stream, answer) {
  if (stream && answer.status === 200) return dialect.streamed(answer.bytes);
  return dialect.whole(JSON.parse(answer.bytes.toString('utf8')));
}
