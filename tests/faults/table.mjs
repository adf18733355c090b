// Every way in which a provider fails, and what must come of it.
//
// A row has a `name`; `script(api)`, what the provider's simulator does, or `at`, a provider that cannot be talked to; `fault`, what
// the attempt is recorded as; and `then`, what follows:
//   'again'   another deployment is asked, or this one again where it is the only one
//   'other'   another deployment is asked, this one never again
//   'never'   the client is told at once
//   'told'    part of the answer was sent: the stream ends with an error
//   'served'  it is no failure
// `status` is what a client is told when nobody served it (see toldStatus). Optional:
//   only      'streamed' or 'whole'
//   apis      those of providers that can fail so
//   timeout   of the route
//   page      what comes is no JSON
//   ours      it is about our account, not the client's request
//   words     what the client must read of the provider's sentence
//   waits     the seconds of Retry-After that the client is told
//   replaced  a kept connection that ends so is replaced within the try

const sentence = 'the backend burns';
const openaiError = (error) => ({ error: { message: sentence, type: 'some_type', param: null, code: null, ...error } });
const amazon = (exception, message = sentence) => ({ headers: { 'x-amzn-errortype': exception }, error: { message } });
const google = (code, status, message, details) => ({ error: { error: { code, status, message, ...(details ? { details } : {}) } } });
const claude = (type, message) => ({ error: { type: 'error', error: { type, message }, request_id: 'req_1' } });

const quota = {
  openai: { status: 429, error: openaiError({ type: 'insufficient_quota', code: 'insufficient_quota' }) },
  anthropic: { status: 400, ...claude('invalid_request_error', 'You have reached your specified API usage limits. You will regain access on 2027-01-01.') },
  gemini: { status: 429, ...google(429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota.', [{ '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel' }] }]) },
  bedrock: { status: 400, ...amazon('ServiceQuotaExceededException') },
};
quota.responses = quota.openai;

const context = {
  openai: { status: 400, error: openaiError({ type: 'invalid_request_error', code: 'context_length_exceeded', message: 'This model\'s maximum context length is 8 tokens.' }) },
  anthropic: { status: 400, ...claude('invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum') },
  gemini: { status: 400, ...google(400, 'INVALID_ARGUMENT', 'The input token count (9) exceeds the maximum number of tokens allowed (8).') },
  bedrock: { status: 400, ...amazon('ValidationException', 'Input is too long for requested model.') },
};
context.responses = context.openai;

const filtered = { status: 400, error: openaiError({ type: 'invalid_request_error', code: 'content_policy_violation', message: 'Your request was refused by the safety system.' }) };
const invalid = {
  openai: openaiError({ type: 'invalid_request_error', param: 'temperature' }), anthropic: claude('invalid_request_error', sentence).error,
  gemini: google(400, 'INVALID_ARGUMENT', sentence).error, bedrock: { message: sentence },
};
invalid.responses = invalid.openai;

const failing = {
  openai: openaiError({ type: 'server_error' }), anthropic: claude('api_error', sentence).error,
  gemini: google(500, 'INTERNAL', sentence).error, bedrock: { __type: 'internalServerException', message: sentence },
};
failing.responses = failing.openai;

// Answers that have everything but what was asked for.
const hollow = {
  openai: { id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'm', choices: [] },
  responses: { id: 'resp_1', object: 'response', model: 'm', output: [] },
  anthropic: { id: 'msg_1', role: 'assistant', model: 'm' },
  gemini: { candidates: [], modelVersion: 'm' },
  bedrock: { metrics: { latencyMs: 1 } },
};

// A stream whose first event cannot be read.
const nonsense = (api) => (api === 'bedrock'
  ? { body: 'these bytes are no frames of an event stream at all', content_type: 'application/vnd.amazon.eventstream' }
  : { sse: `${api === 'anthropic' ? 'event: message_start\n' : ''}data: {"half":\n\n` });

const status = (code, more = {}) => ({ name: `${code}`, script: () => ({ status: code }), fault: 'provider_status', then: 'again', status: code, ...more });
const limit = '500ms';
const text = 'one two three four';

const connecting = [
  { name: 'connection refused', at: 'refused', fault: 'unreachable', then: 'again', status: 502 },
  { name: 'no end of connecting', at: 'mute', fault: 'provider_timeout', then: 'again', status: 504, timeout: { connect: limit } },
  { name: 'no TLS where TLS is spoken', at: 'plain', fault: 'unreachable', then: 'again', status: 502 },
  { name: 'closed when asked', script: () => ({ break: { at: 'accept', how: 'close' } }), fault: 'connection_lost', then: 'again', status: 502, replaced: true },
  { name: 'reset when asked', script: () => ({ break: { at: 'accept', how: 'reset' } }), fault: 'connection_lost', then: 'again', status: 502, replaced: true },
];

const waiting = [
  { name: 'silence before the first byte', script: () => ({ break: { at: 'accept', how: 'hang' } }), fault: 'provider_timeout', then: 'other', status: 504, timeout: { first_byte: limit } },
  { name: 'a first byte that comes too late', script: () => ({ delay_ms: 5000 }), fault: 'provider_timeout', then: 'other', status: 504, timeout: { first_byte: limit } },
  { name: 'a slow first byte', script: () => ({ delay_ms: 150 }), then: 'served' },
  { name: 'silence after the head', script: () => ({ break: { at: 'head', how: 'hang' } }), fault: 'provider_timeout', then: 'other', status: 504, timeout: { idle: limit } },
  { name: 'silence before the first content', script: () => ({ break: { at: 'body', after: 0, how: 'hang' } }), only: 'streamed', fault: 'provider_timeout', then: 'other', status: 504, timeout: { idle: limit } },
  { name: 'silence in the middle of a whole answer', script: () => ({ text, break: { at: 'body', how: 'hang' } }), only: 'whole', fault: 'provider_timeout', then: 'other', status: 504, timeout: { idle: limit } },
  { name: 'silence after content', script: () => ({ text, break: { at: 'body', after: 2, how: 'hang' } }), only: 'streamed', fault: 'provider_timeout', then: 'told', timeout: { idle: limit } },
];

const statuses = [
  status(408), status(409, { apis: ['openai', 'responses', 'anthropic', 'gemini'] }), status(500), status(503), status(529, { apis: ['openai', 'responses', 'anthropic'] }),
  status(502, { name: '502 of a proxy', page: true, script: () => ({ status: 502, error: '<html>bad gateway</html>' }) }),
  status(504, { name: '504 of a proxy', page: true, script: () => ({ status: 504, error: '<html>timeout</html>' }), apis: ['openai', 'responses', 'anthropic', 'gemini'] }),
  status(429, { apis: ['openai', 'responses', 'anthropic', 'bedrock'] }),
  status(429, { name: '429 with a short Retry-After', script: () => ({ status: 429, headers: { 'retry-after-ms': '30' } }), apis: ['openai', 'responses', 'anthropic'], waits: '1' }),
  status(429, { name: '429 with a long Retry-After', script: () => ({ status: 429, headers: { 'retry-after': '7' } }), apis: ['openai', 'responses', 'anthropic'], then: 'other', waits: '7' }),
  status(429, { name: '429 with a retryDelay', apis: ['gemini'], then: 'other', waits: '1' }),
  status(401, { then: 'other', ours: true }), status(403, { then: 'other', ours: true }),
  status(402, { then: 'other', ours: true, apis: ['openai', 'responses', 'anthropic'] }),
  { name: 'quota exhausted', script: (api) => quota[api], fault: 'provider_status', then: 'other', ours: true },
  status(404, { name: '404 of an unknown model', then: 'other' }),
  ...[400, 413, 422].map((code) => status(code, { name: `${code} of the client's making`, then: 'never' })),
  status(400, { name: '400 in the provider\'s words', script: (api) => ({ status: 400, ...(api === 'bedrock' ? amazon('ValidationException') : { error: invalid[api] }) }), then: 'never', words: /the backend burns/ }),
  { name: 'the prompt is filtered', script: () => filtered, apis: ['openai', 'responses'], fault: 'provider_status', then: 'never', status: 400, words: /refused by the safety system/ },
  { name: 'the context window is exceeded', script: (api) => context[api], fault: 'provider_status', then: 'other', status: 400, words: /context length|too long|exceeds the maximum/ },
];

const bodies = [
  { name: 'a whole answer that is no JSON', script: () => ({ body: '{"id": "x", "half":' }), fault: 'provider_protocol', then: 'again', status: 502 },
  { name: 'null in place of an answer', script: () => ({ body: 'null' }), fault: 'provider_protocol', then: 'again', status: 502 },
  { name: 'an empty object in place of an answer', script: () => ({ body: ' { }\n' }), fault: 'provider_protocol', then: 'again', status: 502 },
  { name: 'an answer without a message', script: (api) => ({ body: JSON.stringify(hollow[api]) }), fault: 'provider_protocol', then: 'again', status: 502 },
  { name: 'a stream that cannot be read', script: nonsense, only: 'streamed', fault: 'provider_protocol', then: 'again', status: 502 },
  ...[['nothing but its end', ''], ['its usage and its end', 'data: {"choices":[],"usage":{"prompt_tokens":4,"completion_tokens":2}}\n\n']].map(([what, before]) => (
    { name: `a stream of ${what}`, script: () => ({ sse: `${before}data: [DONE]\n\n` }), only: 'streamed', apis: ['openai'], fault: 'provider_protocol', then: 'again', status: 502 })),
  { name: 'an error in a stream before content', script: (api) => ({ text, error_after: 0, error: failing[api] }), only: 'streamed', fault: 'provider_error', then: 'again', status: 502, words: /the backend burns/ },
  { name: 'an error in a stream after content', script: (api) => ({ text, error_after: 2, error: failing[api] }), only: 'streamed', fault: 'provider_error', then: 'told', words: /the backend burns/ },
  { name: 'a content-length beyond the answer', script: () => ({ text, content_length: 5000 }), only: 'whole', fault: 'truncated', then: 'again', status: 502 },
  { name: 'a content-length short of the answer', script: () => ({ text, content_length: 40 }), only: 'whole', fault: 'provider_protocol', then: 'again', status: 502 },
  { name: 'a stream\'s content-length beyond its end', script: () => ({ content_length: 100_000 }), only: 'streamed', then: 'served' },
  ...['close', 'reset', 'end'].flatMap((how) => [
    { name: `a whole answer cut off (${how})`, script: () => ({ text, break: { at: 'body', how } }), only: 'whole', fault: how === 'end' ? 'provider_protocol' : 'truncated', then: 'again', status: 502 },
    { name: `a stream cut off before content (${how})`, script: () => ({ text, break: { at: 'body', after: 0, how } }), only: 'streamed', fault: 'truncated', then: 'again', status: 502 },
    { name: `a stream cut off after content (${how})`, script: () => ({ text, break: { at: 'body', after: 2, how } }), only: 'streamed', fault: 'truncated', then: 'told' },
  ]),
];

export const phases = { connecting, waiting, statuses, bodies };
export const longText = text;

// The status with which a client's API tells a row's failure; `own`: the provider speaks the client's API, so that its very answer is passed
// on.
export function toldStatus(client, row, own) {
  const passed = row.fault === 'provider_status' && !row.ours;
  if (passed && own && !row.page) return row.status;
  // Statuses that only some APIs have are told by what they mean.
  const meant = { 408: 504, 422: 400, 502: 500, 529: 503 };
  const status = row.ours ? 502 : passed && !own ? meant[row.status] ?? row.status : row.status;
  const spelled = {
    anthropic: { 503: 529 },
    gemini: { 502: row.ours ? 503 : 500 },
    converse: { 409: 400, 502: row.ours ? 503 : 500, 504: 408 },
  };
  return spelled[client]?.[status] ?? status;
}
