// Same protocol in and out means the same bytes: bodies, answers and headers.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import net from 'node:net';
import { after, before, describe } from 'node:test';
import { appKey, chat, masterKey, providerKey, scripted, startPair, test } from './lib.mjs';

// A provider that keeps the very bytes of each request and answers what it is told.
class Recorder {
  requests = [];
  answer = { head: 'HTTP/1.1 200 OK\r\ncontent-type: application/json', body: '{"id":"c","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"yes"},"finish_reason":"stop"}]}' };
  sockets = new Set();
  async start() {
    this.server = net.createServer((socket) => {
      this.sockets.add(socket);
      let bytes = Buffer.alloc(0);
      socket.on('error', () => {});
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('data', (piece) => {
        bytes = Buffer.concat([bytes, piece]);
        const end = bytes.indexOf('\r\n\r\n');
        if (end < 0) return;
        const head = bytes.subarray(0, end).toString('latin1');
        const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
        if (bytes.length < end + 4 + length) return;
        const [line, ...lines] = head.split('\r\n');
        this.requests.push({ line, fields: lines.map((one) => [one.slice(0, one.indexOf(':')).toLowerCase(), one.slice(one.indexOf(':') + 1).trim()]), head, body: bytes.subarray(end + 4, end + 4 + length) });
        bytes = bytes.subarray(end + 4 + length);
        const body = Buffer.from(this.answer.body);
        socket.write(Buffer.concat([Buffer.from(`${this.answer.head}\r\ncontent-length: ${body.length}\r\n\r\n`), body]));
      });
    });
    await new Promise((resolve) => { this.server.listen(0, '127.0.0.1', resolve); });
    this.port = this.server.address().port;
    return this;
  }
  get last() { return this.requests.at(-1); }
  field(name) { return this.last.fields.filter(([key]) => key === name).map(([, value]) => value); }
  stop() {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

let gateway, sim, recorder;
before(async () => {
  recorder = await new Recorder().start();
  const base_url = `http://127.0.0.1:${recorder.port}/v1`;
  ({ gateway, sims: [sim] } = await startPair({
    providers: {
      rec: { type: 'openai', base_url, api_key: providerKey, headers: { 'x-team': 'storefront', 'openai-organization': 'org-configured' } },
      old: { type: 'openai', base_url, api_key: providerKey, quirks: { max_completion_tokens: false } },
      new: { type: 'openai', base_url, api_key: providerKey, quirks: { max_tokens: false } },
      strict: { type: 'openai', base_url, api_key: providerKey, quirks: { developer_role: false, short_tool_ids: true, unknown_fields: false, random_seed: true, stream_options: false, max_completion_tokens: false } },
      thinking: { type: 'openai', base_url, api_key: providerKey, quirks: { reasoning_content: true } },
      keyless: { type: 'openai', base_url },
      azure: { type: 'azure', base_url: `http://127.0.0.1:${recorder.port}`, api_key: providerKey, api_version: '2024-10-21' },
    },
    models: {
      alias: { deployments: ['rec/the-upstream-name'], retries: 0 },
      exact: { deployments: ['strict/m'], retries: 0, drop: 'refuse' },
    },
  }, 1));
});
after(() => recorder.stop());

const send = (text, path = '/v1/chat/completions', options) => gateway.post(path, text, options);

describe('B13 B15 B19: request bodies', () => {
  const odd = {
    'unknown fields, items and types': '{"model":"alias","messages":[{"role":"user","content":[{"type":"hologram","hologram":{"z":1}}]}],"never_heard_of":{"deep":[1,{"er":null}]}}',
    'odd numbers': '{"model":"alias","a":9223372036854775807,"b":18446744073709551616,"c":1e400,"d":-0,"e":1.0,"f":0.1000000000000000055,"g":1E+2,"h":123456789012345678901234567890,"messages":[]}',
    'duplicate keys': '{"x":1,"model":"alias","x":2,"messages":[],"x":3}',
    'white space and key order': '\r\n\t { "z" : 1 ,\n\n "model"\t:\t"alias" , "messages" : [ ] , "a" : [ 1 , 2 ] }\n\n ',
    'escapes': '{"messages":[{"role":"user","content":"\\u00e9\\/\\ud83d\\ude80 \\"model\\":\\"fake\\" \\u0000"}],"model":"alias"}',
    'a model inside other fields': '{"metadata":{"model":"alias"},"messages":[{"model":"alias","role":"user","content":"model"}],"model":"alias"}',
    'nulls and empties': '{"model":"alias","messages":[],"tools":null,"stop":null,"temperature":null,"user":"","metadata":{},"logit_bias":{},"encoding_format":null}',
    'raw UTF-8': '{"model":"alias","messages":[{"role":"user","content":"무엇을 🚀 é \u2028"}]}',
    'a lone surrogate': '{"model":"alias","messages":[{"role":"user","content":"\\ud83d"}]}',
    'stream: false': '{"stream":false,"model":"alias","messages":[]}',
  };
  for (const [name, body] of Object.entries(odd)) {
    for (const path of ['/v1/chat/completions', '/v1/embeddings', '/v1/completions']) {
      test(`B19: ${name}: ${path} sends the same bytes but for the model`, async () => {
        assert.equal((await send(body, path)).status, 200);
        const where = body.lastIndexOf('"alias"');    // the top-level one, in all of these
        assert.equal(recorder.last.body.toString(), `${body.slice(0, where)}"the-upstream-name"${body.slice(where + 7)}`);
        assert.equal(recorder.last.line, `POST ${path} HTTP/1.1`);
      });
    }
  }

  test('B19: an escaped key or model name is understood', async () => {
    for (const body of ['{"mod\\u0065l":"alias","messages":[]}', '{"model":"al\\u0069as","messages":[]}']) {
      assert.equal((await send(body)).status, 200);
      assert.equal(JSON.parse(recorder.last.body).model, 'the-upstream-name');
    }
  });

  test('B19: a stream differs only by asking for usage', async () => {
    recorder.answer = { head: 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream', body: 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n' };
    const body = '{ "model" : "alias", "big": 12345678901234567890, "stream" : true, "messages" : [ ] }';
    await send(body);
    const sent = recorder.last.body.toString();
    assert.deepEqual(JSON.parse(sent).stream_options, { include_usage: true });
    const without = sent.replace(/,?\s*"stream_options"\s*:\s*\{[^}]*\}\s*,?/, '').replace(/\s+/g, '');
    assert.equal(without, body.replace('alias', 'the-upstream-name').replace(/\s+/g, ''));
    const asked = '{"model":"alias","stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false},"messages":[]}';
    await send(asked);
    assert.equal(recorder.last.body.toString(), asked.replace('alias', 'the-upstream-name'));
    recorder.answer = new Recorder().answer;
  });

  test('B15: exactly the fields of the client arrive, field by field', async () => {
    const fields = { frequency_penalty: 0.5, logit_bias: { 50256: -100 }, logprobs: true, top_logprobs: 3, max_tokens: 7, max_completion_tokens: 7, n: 2, presence_penalty: 0, response_format: { type: 'json_schema', json_schema: { name: 's', schema: { $defs: { a: {} } } } }, seed: 1, stop: ['a'], temperature: 0, top_p: 1, tools: [], tool_choice: 'auto', parallel_tool_calls: false, user: 'u', reasoning_effort: 'low', service_tier: 'flex', store: true, metadata: { a: 'b' }, prediction: { type: 'content', content: 'x' }, modalities: ['text'], audio: null, verbosity: 'low', web_search_options: {}, safety_identifier: 's', prompt_cache_key: 'k', functions: [], function_call: 'none', extra_unknown: 1 };
    for (const [name, value] of Object.entries(fields)) {
      for (const given of [value, null]) {
        const body = { model: 'alias', messages: [], [name]: given };
        assert.equal((await send(JSON.stringify(body))).status, 200);
        assert.deepEqual(JSON.parse(recorder.last.body), { ...body, model: 'the-upstream-name' }, name);
      }
    }
  });

  test('a provider that wants the other token limit gets its name, and nothing else changes', async () => {
    await send('{"model":"old/m","max_completion_tokens" : 12,"messages":[]}');
    assert.equal(recorder.last.body.toString(), '{"model":"m","max_tokens" : 12,"messages":[]}');
    await send('{"model":"new/m","max_tokens" : 12,"messages":[]}');
    assert.equal(recorder.last.body.toString(), '{"model":"m","max_completion_tokens" : 12,"messages":[]}');
  });

  test('a provider that refuses what the API takes gets it in its own spelling, and nothing else changes', async () => {
    const call = (id) => `{"role" : "assistant","tool_calls":[{ "id":"${id}" ,"type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"${id}","content":"é\\u00e9"}`;
    const body = (model, role, id, own) => `{${own[0]} "model":"${model}", "big": 12345678901234567890,"messages":[{"role":"${role}",${own[1]}"content":"a"}, ${call(id)} ],${own[2]}: 1.0 }`;
    const answer = await send(body('strict/m', 'developer', 'call_0123456789abcdef', ['"store":true,', '"name":"N",', '"user":"u","service_tier":"flex","max_completion_tokens":9,"stream_options":null,"seed"']));
    assert.equal(answer.status, 200, answer.text);
    const sent = recorder.last.body.toString();
    const id = JSON.parse(sent).messages[2].tool_call_id;
    assert.match(id, /^[0-9A-Za-z]{9}$/);
    assert.equal(sent, body('m', 'system', id, ['', '', '"max_tokens":9,"random_seed"']).replace('{ "model"', '{"model"'));
    assert.deepEqual(answer.headers['x-sluice-dropped'].split(/, */).sort(), ['messages[0].name', 'service_tier', 'store']);
  });

  test('reasoning_content is there where a provider wants it', async () => {
    await send('{"model":"thinking/m","messages":[{"role":"assistant","content":"a" },{"role":"user"}]}');
    assert.equal(recorder.last.body.toString(), '{"model":"m","messages":[{"role":"assistant","content":"a" ,"reasoning_content":""},{"role":"user"}]}');
  });

  test('a request that would be cut is refused where it is to be', async () => {
    const before = recorder.requests.length;
    const answer = await send('{"model":"exact","messages":[],"store":true}');
    assert.deepEqual([answer.status, answer.json.error.param, recorder.requests.length], [400, 'store', before]);
    const audio = await send('{"model":"strict/m","messages":[],"modalities":["text","audio"]}');
    assert.deepEqual([audio.status, audio.json.error.param, recorder.requests.length], [400, 'modalities', before]);
    assert.equal((await send('{"model":"exact","messages":[],"store":false,"user":"u"}')).status, 200);
    assert.equal(recorder.last.body.toString(), '{"model":"m","messages":[]}');
  });

  test('a large body is respelled the same', async () => {
    const text = 'x'.repeat(1 << 20);
    assert.equal((await send(`{"model":"strict/m","messages":[{"role":"developer","content":"${text}"}]}`)).status, 200);
    assert.ok(recorder.last.body.toString() === `{"model":"m","messages":[{"role":"system","content":"${text}"}]}`);
  });

  test('other endpoints of such a provider are untouched', async () => {
    await send('{"model":"strict/m","input":"a","user":"u","seed":1}', '/v1/embeddings');
    assert.equal(recorder.last.body.toString(), '{"model":"m","input":"a","user":"u","seed":1}');
  });

  test('B21: the same request has the same bytes every time', async () => {
    const hashes = new Set();
    for (let i = 0; i < 50; i++) {
      await gateway.chat('alias', { tools: [{ type: 'function', function: { name: 'b' } }, { type: 'function', function: { name: 'a' } }] });
      hashes.add(createHash('sha256').update(recorder.last.body).digest('hex'));
    }
    assert.equal(hashes.size, 1);
  });

  test('multipart: the same bytes but for the model field', async () => {
    const part = (name, value, extra = '') => `--bound 'ary\r\nContent-Disposition: form-data; name="${name}"${extra}\r\n\r\n${value}\r\n`;
    const file = '\u0000\u0001--bound ' + 'z'.repeat(100) + '\r\n\r\nmodel\r\n';
    const form = (model) => `preamble\r\n${part('language', 'de')}${part('model', model)}${part('file', file, '; filename="ä.wav"\r\nContent-Type: audio/wav')}${part('unknown[]', '1')}--bound 'ary--\r\nepilogue`;
    const answer = await gateway.call({ method: 'POST', path: '/v1/audio/transcriptions', body: form('alias'), headers: { 'content-type': 'multipart/form-data; boundary="bound \'ary"' } });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(recorder.last.body.toString(), form('the-upstream-name'));
    assert.deepEqual(recorder.field('content-type'), ['multipart/form-data; boundary="bound \'ary"']);
  });
});

describe('B13 B19: answers', () => {
  const bodies = [
    '{ "id" : "c", "choices":[],"big":12345678901234567890,"f":1.50,"dup":1,"dup":2,"\\u00e9":"\\ud83d\\ude80", "usage": {"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}, "x_unknown": null }\n',
    '{"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"무엇 🚀","hologram":[]},"finish_reason":"stop"}]}',
  ];
  for (const [i, body] of bodies.entries()) {
    test(`B19: an odd answer (${i}) comes back byte by byte`, async () => {
      const answer = await gateway.chat(scripted({ body }));
      assert.equal(answer.status, 200);
      assert.equal(answer.text, body);
    });
  }

  test('binary answers come back byte by byte, with their type', async () => {
    recorder.answer = { head: 'HTTP/1.1 200 OK\r\ncontent-type: audio/flac', body: Buffer.from(Array.from({ length: 70_000 }, (_, i) => (i * 7) & 255)) };
    const answer = await gateway.post('/v1/audio/speech', { model: 'alias', input: 'x', voice: 'alloy' });
    assert.equal(answer.headers['content-type'], 'audio/flac');
    assert.ok(answer.bytes.equals(recorder.answer.body));
    recorder.answer = new Recorder().answer;
  });

  test('an error of the provider comes back byte by byte', async () => {
    const body = '{ "error": {"message":"odd 1.50", "type":"t","param":null,"code":"c", "innererror":{"x":1.50} } , "dup":1,"dup":2}';
    recorder.answer = { head: 'HTTP/1.1 400 Bad Request\r\ncontent-type: application/json; charset=utf-8', body };
    const answer = await gateway.chat('alias');
    assert.deepEqual([answer.status, answer.text, answer.headers['content-type']], [400, body, 'application/json; charset=utf-8']);
    recorder.answer = new Recorder().answer;
  });

  test('headers of the answer: limits and the provider\'s own pass, connection matters and cookies do not', async () => {
    recorder.answer.head = ['HTTP/1.1 200 OK', 'content-type: application/json', 'x-ratelimit-remaining-tokens: 149984', 'openai-processing-ms: 17', 'x-request-id: req_provider', 'set-cookie: __cf_bm=secret', 'keep-alive: timeout=5', 'proxy-authenticate: Basic', 'x-sluice-deployment: forged', 'server: provider'].join('\r\n');
    const answer = await gateway.chat('alias');
    recorder.answer = new Recorder().answer;
    assert.equal(answer.headers['x-ratelimit-remaining-tokens'], '149984');
    assert.equal(answer.headers['openai-processing-ms'], '17');
    assert.equal(answer.headers['set-cookie'], undefined);
    assert.equal(answer.headers['proxy-authenticate'], undefined);
    assert.notEqual(answer.headers['keep-alive'], 'timeout=5');
    assert.equal(answer.headers['x-sluice-deployment'], 'rec/the-upstream-name');
    assert.equal(answer.headers['x-sluice-model'], 'm');
    assert.equal(answer.fields.filter(([name]) => name === 'content-length').length, 1);
  });
});

describe('request headers', () => {
  test('the provider gets its own key and never the client\'s', async () => {
    await gateway.chat('alias', {}, { headers: { 'x-api-key': appKey, 'api-key': appKey, cookie: `session=${appKey}`, 'proxy-authorization': `Basic ${appKey}`, 'x-sluice-anything': appKey } });
    assert.deepEqual(recorder.field('authorization'), [`Bearer ${providerKey}`]);
    assert.ok(!recorder.last.head.includes(appKey), recorder.last.head);
    assert.deepEqual(recorder.field('host'), [`127.0.0.1:${recorder.port}`]);
    assert.deepEqual(recorder.field('content-length'), [String(recorder.last.body.length)]);
    await gateway.chat('alias', {}, { key: masterKey });
    assert.ok(!recorder.last.head.includes(masterKey));
  });

  test('a provider without a key gets none', async () => {
    assert.equal((await gateway.chat('keyless/m')).status, 200);
    assert.deepEqual(recorder.field('authorization'), []);
  });

  test('trace context passes; what belongs to the connection does not', async () => {
    const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await gateway.chat('alias', {}, { headers: { traceparent: trace, tracestate: 'a=b', te: 'trailers', 'keep-alive': 'timeout=3', connection: 'close, x-hop', 'x-hop': '1', upgrade: 'websocket', 'content-encoding': 'identity' } });
    assert.equal(recorder.field('traceparent').length, 1);
    assert.ok(recorder.field('traceparent')[0].startsWith('00-0af7651916cd43dd8448eb211c80319c-'));
    assert.deepEqual(recorder.field('tracestate'), ['a=b']);
    for (const name of ['te', 'keep-alive', 'x-hop', 'upgrade']) assert.deepEqual(recorder.field(name), [], name);
  });

  test('configured headers are sent and win', async () => {
    await gateway.chat('alias', {}, { headers: { 'x-team': 'forged', 'openai-organization': 'org-forged' } });
    assert.deepEqual(recorder.field('x-team'), ['storefront']);
    assert.deepEqual(recorder.field('openai-organization'), ['org-configured']);
  });

  test('every header is there once', async () => {
    await gateway.chat('alias', {}, { headers: { 'user-agent': 'test', accept: '*/*', 'accept-encoding': 'gzip', 'content-type': 'application/json' } });
    const names = recorder.last.fields.map(([name]) => name);
    assert.equal(new Set(names).size, names.length, names.join(' '));
  });

  test('C11: a client\'s x-request-id is no identity of ours', async () => {
    const ids = new Set();
    for (let i = 0; i < 5; i++) ids.add((await gateway.chat('alias', {}, { headers: { 'x-request-id': 'same', 'x-sluice-request-id': 'same', 'idempotency-key': 'same' } })).id);
    assert.equal(ids.size, 5);
    assert.ok(!ids.has('same'));
  });

  test('fields of OpenAI\'s API go along on every path of it', async () => {
    for (const [path, body] of [['/v1/chat/completions', chat('alias')], ['/v1/completions', { model: 'alias', prompt: 'x' }], ['/v1/embeddings', { model: 'alias', input: 'x' }],
      ['/v1/images/generations', { model: 'alias', prompt: 'x' }], ['/v1/responses', { model: 'alias', input: 'x' }], ['/v1/responses', { model: 'alias', input: 'x', stream: true }],
      ['/v1/responses/compact', { model: 'alias', input: 'x' }], ['/v1/responses/input_tokens', { model: 'alias', input: 'x' }]]) {
      await send(body, path, { headers: { 'openai-beta': 'responses=experimental', 'openai-project': 'theirs' } });
      assert.equal(recorder.last.line, `POST ${path} HTTP/1.1`);
      assert.deepEqual([recorder.field('openai-beta'), recorder.field('openai-project')], [['responses=experimental'], []], path);
    }
  });

  test('Azure: the key in its header, the deployment in the path, api-version in the query', async () => {
    assert.equal((await gateway.chat('azure/gpt-4o-prod')).status, 200);
    assert.equal(recorder.last.line, 'POST /openai/deployments/gpt-4o-prod/chat/completions?api-version=2024-10-21 HTTP/1.1');
    assert.deepEqual(recorder.field('api-key'), [providerKey]);
    assert.deepEqual(recorder.field('authorization'), []);
  });

  test('K4: a model name cannot leave its place in an Azure path', async () => {
    for (const model of ['../../../x', 'a/../../b', 'a?b=c', 'a#b', 'a%2e%2e/b', 'a b', 'a\r\nx-evil: 1']) {
      const before = recorder.requests.length;
      const answer = await gateway.chat(`azure/${model}`);
      if (recorder.requests.length === before) {
        assert.ok(answer.status >= 400 && answer.status < 500, `${model}: ${answer.status}`);
        continue;
      }
      assert.match(recorder.last.line, /^POST \/openai\/deployments\/[^/?# ]+\/chat\/completions\?api-version=2024-10-21 HTTP\/1\.1$/, model);
      assert.doesNotMatch(recorder.last.line, /\/\.\.?\//);
      assert.deepEqual(recorder.field('x-evil'), []);
    }
  });
});

describe('passthrough', () => {
  test('any method, path, query and body go to the provider as they are', async () => {
    const body = Buffer.from(Array.from({ length: 3000 }, (_, i) => i & 255));
    for (const [method, path] of [['GET', '/v1/files?limit=3&after=a%2Fb'], ['POST', '/v1/anything/at/all'], ['DELETE', '/v1/files/x'], ['PUT', '/v1/x'], ['PATCH', '/v1/x']]) {
      const answer = await gateway.call({ method, path: `/rec${path}`, ...(method === 'GET' || method === 'DELETE' ? {} : { body, headers: { 'content-type': 'application/octet-stream' } }) });
      assert.equal(answer.status, 200, `${method}: ${answer.text}`);
      assert.equal(recorder.last.line, `${method} ${path} HTTP/1.1`);
      assert.deepEqual(recorder.field('authorization'), [`Bearer ${providerKey}`]);
      if (method === 'POST') assert.ok(recorder.last.body.equals(body));
      assert.equal(answer.text, recorder.answer.body);
    }
  });

  test('headers pass both ways, but for credentials, cookies and what belongs to one connection', async () => {
    recorder.answer.head = ['HTTP/1.1 200 OK', 'content-type: application/json', 'x-custom: 1', 'set-cookie: a=b', 'connection: x-hop-back', 'x-hop-back: 1', 'x-sluice-deployment: forged'].join('\r\n');
    const answer = await gateway.call({ path: '/rec/v1/x', headers: { 'openai-beta': 'assistants=v2', 'x-custom': 'yes', connection: 'close, x-hop', 'x-hop': '1', te: 'trailers', cookie: 'a=b', 'x-api-key': appKey, 'x-sluice-tag': '1', 'x-team': 'forged' } });
    recorder.answer = new Recorder().answer;
    assert.deepEqual([recorder.field('openai-beta'), recorder.field('x-custom'), recorder.field('x-team')], [['assistants=v2'], ['yes'], ['storefront']]);
    for (const name of ['x-hop', 'te', 'cookie', 'x-api-key', 'x-sluice-tag']) assert.deepEqual(recorder.field(name), [], name);
    assert.equal(answer.headers['x-custom'], '1');
    for (const name of ['set-cookie', 'x-hop-back']) assert.equal(answer.headers[name], undefined, name);
    assert.notEqual(answer.headers['x-sluice-deployment'], 'forged');
  });

  test('K5: what may be a credential, and where the client is, goes no further', async () => {
    const left = ['helicone-auth', 'helicone-property-app', 'x-amz-security-token', 'x-goog-user-project', 'x-serverless-authorization', 'my-api-key', 'x-apikey', 'x-auth-key', 'x-csrf-token', 'client-secret', 'x-credentials', 'x-password', 'x-cookie', 'ocp-apim-subscription-key', 'via', 'forwarded', 'x-forwarded-prefix', 'x-real-ip', 'origin', 'referer', 'cf-connecting-ip', 'x-portkey-config', 'x-litellm-tags', 'x-sluice-session'];
    const passed = ['openai-beta', 'openai-project', 'anthropic-beta', 'idempotency-key', 'accept', 'range', 'x-goog-api-client', 'x-goog-upload-command', 'x-stainless-lang'];
    const answer = await gateway.call({ path: '/rec/v1/x?api_key=1&apikey=2&API-KEY=3&token=4&key=5&pageToken=6', headers: Object.fromEntries([...left, ...passed].map((name) => [name, `of ${name}`])) });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(recorder.last.line, 'GET /v1/x?pageToken=6 HTTP/1.1');
    for (const name of left) assert.deepEqual(recorder.field(name), [], name);
    for (const name of passed) assert.deepEqual(recorder.field(name), [`of ${name}`], name);
  });

  test('errors and redirects of the provider come back as they are', async () => {
    for (const [line, type, body] of [['404 Not Found', 'text/plain', 'no such file\n'], ['409 Conflict', 'application/json', '{"error":{"message":"x"}, "n":1.50}'], ['503 Service Unavailable', 'text/html', '<h1>later</h1>']]) {
      recorder.answer = { head: `HTTP/1.1 ${line}\r\ncontent-type: ${type}`, body };
      const answer = await gateway.call({ path: '/rec/v1/x' });
      assert.deepEqual([answer.status, answer.headers['content-type'], answer.text], [Number(line.slice(0, 3)), type, body]);
    }
    recorder.answer = new Recorder().answer;
  });

  test('a stream passes as it comes', async () => {
    const answer = await gateway.post('/sim-a/v1/chat/completions', chat('any', { stream: true }));
    assert.equal(answer.status, 200);
    assert.equal(answer.events.at(-1), '[DONE]');
    const [entry] = await sim.seen('any');
    assert.equal(entry.body, JSON.stringify(chat('any', { stream: true })), 'nothing was edited');
  });

  test('a provider that is not configured is a 404', async () => {
    assert.equal((await gateway.call({ path: '/nobody/v1/models' })).status, 404);
  });

  test('K4: no path leads to another host or above the provider\'s root', async () => {
    for (const path of ['/rec/../v1/models', '/rec/v1/../../x', '/rec/%2e%2e/x', '/rec//evil.test/x', '/rec/@evil.test/', '/rec/v1/..%2f..%2fx', '/rec\\..\\x', '/rec/http://evil.test/', '/rec/v1/x%0d%0ax-evil:1']) {
      const before = recorder.requests.length;
      const answer = await gateway.call({ path });
      if (recorder.requests.length > before) {
        assert.deepEqual(recorder.field('host'), [`127.0.0.1:${recorder.port}`], path);
        assert.deepEqual(recorder.field('x-evil'), [], path);
        assert.doesNotMatch(recorder.last.line, /\/\.\.(\/| )/, path);
      } else {
        assert.ok(answer.status >= 400, path);
      }
    }
  });
});
