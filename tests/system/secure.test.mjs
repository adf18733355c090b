// Hostile callers: keys, paths, framing, addresses chosen by callers, and secrets that must never show.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, describe } from 'node:test';
import { Connection, appKey, call, chat, masterKey, providerKey, refusing, scripted, startPair, test, within } from './lib.mjs';

let gateway, sim, trap, trapPort;
const trapped = [];
const answers = [];    // everything the gateway said to a client here
before(async () => {
  trap = net.createServer((socket) => {    // nobody may ever be sent here
    socket.on('error', () => {});
    socket.on('data', (bytes) => trapped.push(bytes.toString('latin1')));
    trapped.push('connected');
  });
  await new Promise((resolve) => { trap.listen(0, '127.0.0.1', resolve); });
  trapPort = trap.address().port;
  ({ gateway, sims: [sim] } = await startPair({ log: { level: 'trace' }, models: { fast: { deployments: ['sim-a/fast'], retries: 0 } }, limits: { header_timeout: '500ms', body_timeout: '500ms', idle_timeout: '1s' } }, 1));
});
after(() => trap.close());

const ask = async (options) => {
  const answer = await gateway.call(options);
  answers.push(JSON.stringify(answer.fields) + answer.text);
  return answer;
};

describe('K1: keys', () => {
  const hostile = [
    '', ' ', 'x', "' OR 1=1 --", '"; DROP TABLE keys; --', 'sk-sl-', `${appKey}x`, appKey.slice(0, -1), appKey.toUpperCase(), ` ${appKey} x`, `${appKey},${appKey}`, '%00', '\u00ff\u00fe', 'é'.repeat(50), '{{7*7}}', '${jndi:ldap://x}', '../../etc/passwd',
    'A'.repeat(8000), '\t', '()', '*', appKey.slice(0, 20) + '*', 'null', 'undefined', 'true', '[]', providerKey, ...Array.from({ length: 100 }, (_, i) => String.fromCharCode(33 + (i % 90)).repeat(1 + i)),
  ];
  test('K1: hundreds of hostile keys: one and the same 401, and no provider is asked', async () => {
    const before = (await sim.stats()).requests;
    const bodies = new Set();
    const tries = hostile.flatMap((value) => [{ authorization: `Bearer ${value}` }, { authorization: value }, { 'x-api-key': value }, { 'api-key': value }, { cookie: `key=${value}` }]).concat([
      {}, { authorization: 'bearer' }, { authorization: 'Bearer' }, { authorization: `Basic ${Buffer.from(`x:${appKey}`).toString('base64')}` }, { authorization: `Bearer ${Buffer.from(appKey).toString('base64')}` },
    ]);
    const queue = [...tries];
    await Promise.all([0, 1, 2, 3].map(async () => {
      for (let headers = queue.pop(); headers; headers = queue.pop()) {
        const answer = await ask({ method: 'POST', path: '/v1/chat/completions', key: null, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(chat('fast')) });
        assert.equal(answer.status, 401, JSON.stringify(headers).slice(0, 100));
        bodies.add(answer.text.replaceAll(answer.id, ''));
      }
    }));
    assert.ok(bodies.size <= 2, [...bodies].join('\n'));    // no key at all may be told apart from a wrong one
    for (const body of bodies) assert.equal(JSON.parse(body).error.code, 'invalid_api_key');
    assert.equal((await sim.stats()).requests, before);
  });

  test('K1: control bytes and a megabyte in the header are refused, and the next request is served', async () => {
    for (const value of ['a\u0000b', 'a\u0001b', 'x'.repeat(1 << 20), 'a\rb', 'a\nb: c']) {
      const answer = await ask({ path: '/v1/models', key: null, headers: { authorization: `Bearer ${value}` } }).catch((error) => ({ status: error.code }));
      assert.ok([400, 401, 431].includes(answer.status), `${answer.status} for ${JSON.stringify(value.slice(0, 10))}`);
    }
    assert.equal((await ask({ path: '/v1/models' })).status, 200);
  });

  test('a stranger with a large body reads the refusal, not a reset', async () => {
    for (let i = 0; i < 5; i++) {
      const answer = await ask({ method: 'POST', path: '/v1/chat/completions', key: 'sk-sl-wrong', headers: { 'content-type': 'application/json' }, body: JSON.stringify(chat('fast', { text: 'x'.repeat(8 << 20) })) });
      assert.equal(answer.status, 401);
    }
  });

  test('two Authorization headers are not two chances', async () => {
    const answer = await ask({ path: '/v1/models', key: null, headers: { authorization: ['Bearer wrong', `Bearer ${appKey}`] } });
    assert.ok([400, 401].includes(answer.status));
  });

  test('Google\'s ?key= is a key on every path of Gemini\'s API, and on no other', async () => {
    const status = async (path, key = appKey, headers = {}) => (await ask({ path: `${path}${path.includes('?') ? '&' : '?'}key=${key}`, key: null, headers })).status;
    const post = async (path, key = appKey) => (await ask({ method: 'POST', path: `${path}?key=${key}`, key: null, headers: { 'content-type': 'application/json' }, body: '{"contents":[{"parts":[{"text":"x"}]}]}' })).status;
    for (const path of ['/v1beta/models', '/v1beta/models/fast', '/v1alpha/models', '/genai/v1beta/models', '/genai/v1beta/models/fast', '/v1beta/models?pageSize=5']) {
      assert.deepEqual([await status(path), await status(path, 'wrong'), await status(path, '')], [200, 401, 401], path);
    }
    for (const path of ['/v1beta/models/fast:generateContent', '/genai/v1beta/models/fast:countTokens']) assert.deepEqual([await post(path), await post(path, 'wrong')], [200, 401], path);
    assert.equal(await status('/v1/models', appKey, { 'x-goog-api-client': 'google-genai-sdk/1.0' }), 200);
    for (const path of ['/v1/models', '/models', '/anthropic/v1/models', '/sim-a/v1/models', '/metrics', '/admin/v1/keys']) assert.equal(await status(path, masterKey), 401, path);
  });

  test('the word Bearer may be written in any case', async () => {
    for (const word of ['bearer', 'BEARER', 'Bearer']) assert.equal((await ask({ path: '/v1/models', key: null, headers: { authorization: `${word} ${appKey}` } })).status, 200);
  });
});

describe('K2: no way around the key', () => {
  test('K2: every path but health and readiness needs one', async () => {
    const paths = ['/v1/chat/completions', '/chat/completions', '/v1/completions', '/v1/embeddings', '/v1/models', '/v1/models/fast', '/models', '/v1/moderations', '/v1/images/generations', '/v1/images/edits', '/v1/images/variations', '/v1/audio/speech', '/v1/audio/transcriptions', '/v1/audio/translations',
      '/sim-a/v1/models', '/sim-a/v1/files', '/metrics', '/admin', '/admin/v1/keys', '/v1/responses', '/v1/messages', '/debug', '/', '/v1', '/_sim/stats'];
    const before = (await sim.stats()).requests;
    for (const path of paths) {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
        const answer = await ask({ method, path, key: null, headers: { 'content-type': 'application/json' }, ...(method === 'GET' ? {} : { body: '{}' }) });
        assert.ok([401, 404, 405].includes(answer.status), `${method} ${path}: ${answer.status}`);
        if (path.startsWith('/v1/') && method === 'POST' && !path.includes('models')) assert.equal(answer.status, 401, path);
      }
    }
    assert.equal((await sim.stats()).requests, before);
  });

  test('K2: tricks with paths and Host open nothing', async () => {
    const before = (await sim.stats()).requests;
    for (const path of ['/healthz/../v1/models', '/healthz/%2e%2e/v1/models', '//v1/models', '/healthz/v1/models', '/healthz;/v1/models', '/healthz%00/v1/models', '/readyz?/../v1/models', '/%76%31/models', '/V1/MODELS', '/v1/models/', '/v1//models', '/v1/./models', 'http://sluice.test/v1/models', 'http://healthz/v1/models', '/healthz#/v1/models', '/v1/models%20', '/v1\\models']) {
      for (const host of ['sluice.test', 'localhost/healthz', '127.0.0.1', 'healthz', 'x@y', '']) {
        const answer = await ask({ path, key: null, headers: { host, 'x-forwarded-host': 'healthz', 'x-original-url': '/healthz', 'x-rewrite-url': '/healthz' } }).catch((error) => ({ status: error.code, text: '' }));
        if (answer.status === 200) assert.ok(!answer.text.includes('"object"'), `${path} with Host ${host} gave ${answer.text}`);
      }
    }
    assert.equal((await sim.stats()).requests, before);
  });

  test('K2: an app key is no administrator', async () => {
    assert.ok([401, 403].includes((await ask({ path: '/metrics', key: appKey })).status));
    assert.equal((await ask({ path: '/metrics', key: masterKey })).status, 200);
    assert.equal((await ask({ path: '/metrics', key: providerKey })).status, 401);
  });

  test('the master key may use all models', async () => {
    assert.equal((await gateway.chat('fast', {}, { key: masterKey })).status, 200);
  });
});

describe('K4: callers do not choose addresses', () => {
  test('K4: api_base and its like never lead anywhere', async () => {
    const url = `http://127.0.0.1:${trapPort}/v1`;
    for (const field of ['api_base', 'base_url', 'custom_host', 'api_key', 'custom_llm_provider', 'endpoint', 'proxy', 'litellm_params', 'fallbacks', 'extra_headers', 'metadata']) {
      for (const value of [url, { api_base: url, base_url: url }, [{ model: 'fast', api_base: url }]]) {
        const answer = await gateway.chat('fast', { [field]: value });
        assert.ok(answer.status === 200 || answer.status === 400, `${field}: ${answer.status}`);
      }
    }
    for (const header of ['x-base-url', 'x-api-base', 'x-portkey-custom-host', 'x-custom-host', 'x-forwarded-host', 'x-original-url', 'host', 'forwarded']) {
      const answer = await gateway.chat('fast', {}, { headers: { [header]: `127.0.0.1:${trapPort}` } });
      assert.ok([200, 400].includes(answer.status), `${header}: ${answer.status}`);
    }
    const absolute = await ask({ path: `http://127.0.0.1:${trapPort}/v1/models` });
    assert.ok([200, 400, 404].includes(absolute.status));
    assert.deepEqual(trapped, []);
  });

  test('K4: a provider\'s redirect is not followed', async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      const answer = await gateway.chat(scripted({ status, headers: { location: `http://127.0.0.1:${trapPort}/v1/chat/completions` } }));
      assert.ok(answer.status >= 300, `${answer.status}`);
      const through = await gateway.post('/sim-a/v1/chat/completions', chat(`sim:${JSON.stringify({ status, headers: { location: `http://127.0.0.1:${trapPort}/` } })}`));
      assert.ok(through.status >= 300);
    }
    assert.deepEqual(trapped, []);
  });

  test('CONNECT is refused, and of a whole URL the path alone counts', async () => {
    const answer = await ask({ method: 'CONNECT', path: `127.0.0.1:${trapPort}` }).catch((error) => ({ status: error.code }));
    assert.notEqual(answer.status, 200);
    for (const headers of [{}, { host: 'another.test' }, { host: `127.0.0.1:${trapPort}` }]) {
      const own = await ask({ path: '/v1/models' });
      const listed = await ask({ path: `http://127.0.0.1:${trapPort}/v1/models`, headers });
      assert.deepEqual([listed.status, listed.json], [200, own.json]);
      assert.equal((await ask({ path: `http://127.0.0.1:${trapPort}/v1/models`, key: null, headers })).status, 401);
      const asked = await ask({ method: 'POST', path: `https://127.0.0.1:${trapPort}/v1/chat/completions`, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(chat('fast')) });
      assert.deepEqual([asked.status, asked.headers['x-sluice-deployment']], [200, 'sim-a/fast'], asked.text);
    }
    assert.deepEqual(trapped, []);
  });
});

describe('hostile HTTP', () => {
  // Sends raw bytes and tells the statuses of all answers until the connection ends or is silent.
  const raw = async (bytes, count = 1) => {
    const connection = await Connection.open(gateway);
    const statuses = [];
    try {
      await connection.write(Buffer.from(bytes, 'latin1'));
      while (statuses.length < count) {
        connection.method = 'GET';
        statuses.push((await within('an answer', connection.head(), 4000)).status);
        await within('a body', connection.whole(), 4000);
      }
    } catch (error) {
      statuses.push(error.code ?? error.message);
    }
    connection.destroy();
    return statuses;
  };
  const auth = `host: x\r\nauthorization: Bearer ${appKey}\r\n`;

  const refused = {
    'no Host': 'GET /healthz HTTP/1.1\r\n\r\n',
    'two Hosts': 'GET /healthz HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n',
    'a space before the colon': `GET /v1/models HTTP/1.1\r\n${auth}x-a : b\r\n\r\n`,
    'a folded header': `GET /v1/models HTTP/1.1\r\n${auth}x-a: b\r\n c\r\n\r\n`,
    'two different lengths': `POST /v1/chat/completions HTTP/1.1\r\n${auth}content-length: 5\r\ncontent-length: 6\r\n\r\nhello`,
    'a negative length': `POST /v1/chat/completions HTTP/1.1\r\n${auth}content-length: -1\r\n\r\n`,
    'a length that is no number': `POST /v1/chat/completions HTTP/1.1\r\n${auth}content-length: 5x\r\n\r\nhello`,
    'a length beyond 64 bits': `POST /v1/chat/completions HTTP/1.1\r\n${auth}content-length: 99999999999999999999999\r\n\r\n`,
    'length and chunked at once': `POST /v1/chat/completions HTTP/1.1\r\n${auth}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    'an unknown transfer coding': `POST /v1/chat/completions HTTP/1.1\r\n${auth}transfer-encoding: gzip, identity\r\n\r\n`,
    'a bad chunk size': `POST /v1/chat/completions HTTP/1.1\r\n${auth}transfer-encoding: chunked\r\n\r\nzz\r\n`,
    'a chunk size beyond 64 bits': `POST /v1/chat/completions HTTP/1.1\r\n${auth}transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\nx`,
    'a chunk without its end': `POST /v1/chat/completions HTTP/1.1\r\n${auth}transfer-encoding: chunked\r\n\r\n2\r\nabcd\r\n0\r\n\r\n`,
    'HTTP/2 preface': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'HTTP/3.7': `GET /healthz HTTP/3.7\r\n${auth}\r\n`,
    'garbage': '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n\r\n',
    'a NUL in a name': `GET /v1/models HTTP/1.1\r\n${auth}x-\u0000a: b\r\n\r\n`,
    'a space in the target': `GET /v1/mo dels HTTP/1.1\r\n${auth}\r\n`,
  };
  for (const [name, bytes] of Object.entries(refused)) {
    test(`${name} is refused with a 4xx or 5xx, and the connection closed`, async () => {
      const [status, ...rest] = await raw(bytes, 2);
      assert.ok((status >= 400 && status < 600) || ['CUT', 'ECONNRESET'].includes(status), `${status}`);
      if (['a chunk without its end', 'length and chunked at once', 'two different lengths'].includes(name)) assert.equal(status, 400);
      assert.ok(!rest.some((one) => one === 200), `then ${rest}`);
    });
  }

  test('nothing of a refused body is read as a request', async () => {
    const smuggled = `POST /v1/chat/completions HTTP/1.1\r\n${auth}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /v1/models/smuggled HTTP/1.1\r\n${auth}\r\n`;
    assert.ok(!(await raw(smuggled, 2)).some((status) => status === 200 || status === 404));
    await gateway.requestLog((await gateway.chat('fast')).id);    // what came before it is in the log by now
    assert.ok(!gateway.stderr.includes('smuggled'));
  });

  test('pipelined requests are answered in order', async () => {
    const connection = await Connection.open(gateway);
    const one = (model) => {
      const body = JSON.stringify(chat(scripted({ text: model, delay_ms: model === 'first' ? 150 : 0 })));
      return `POST /v1/chat/completions HTTP/1.1\r\n${auth}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    };
    await connection.write(one('first') + one('second') + `GET /healthz HTTP/1.1\r\n${auth}\r\n`);
    connection.method = 'POST';
    for (const text of ['first', 'second']) {
      assert.equal((await within('an answer', connection.head())).status, 200);
      assert.equal(JSON.parse(await connection.whole()).choices[0].message.content, text);
    }
    assert.equal((await within('an answer', connection.head())).status, 200);
    connection.destroy();
  });

  test('a request in single bytes is a request', async () => {
    const connection = await Connection.open(gateway);
    const body = JSON.stringify(chat('fast'));
    for (const byte of `POST /v1/chat/completions HTTP/1.1\r\n${auth}content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`) await connection.write(byte);
    assert.equal((await within('an answer', connection.head())).status, 200);
    connection.destroy();
  });

  test('a slow head or body is a 408, not a held connection', async () => {
    for (const bytes of ['GET /healthz HT', `POST /v1/chat/completions HTTP/1.1\r\n${auth}content-length: 50\r\n\r\n{"mo`]) {
      const began = performance.now();
      const [status] = await raw(bytes);
      assert.equal(status, 408);
      assert.ok(performance.now() - began < 500 + 700);
    }
  });

  test('an idle connection is closed at its limit', async () => {
    const connection = await Connection.open(gateway);
    connection.request({ method: 'GET', path: '/healthz' });
    await connection.head();
    await connection.whole();
    await within('the close', new Promise((resolve) => { connection.socket.once('close', resolve); }), 2500);
  });

  test('header values of ours cannot be broken by a model name', async () => {
    for (const model of ['a\r\nx-evil: 1', 'a\nb', 'é\u0000', '🚀'.repeat(300), '"\\']) {
      const answer = await gateway.chat(`sim-a/${model}`);
      assert.ok(answer.status < 500, `${answer.status}`);
      assert.equal(answer.headers['x-evil'], undefined);
      for (const [, value] of answer.fields) assert.match(value, /^[\t\x20-\x7e\x80-\xff]*$/);
    }
    const forged = await gateway.chat(scripted({ body: '{"object":"chat.completion","model":"a\\r\\nx-evil: 1","choices":[{"index":0,"message":{"role":"assistant","content":"yes"},"finish_reason":"stop"}]}' }));
    assert.equal(forged.headers['x-evil'], undefined);
    const header = await gateway.chat(scripted({ headers: { 'x-ratelimit-limit-requests': 'fine' } }));
    assert.equal(header.status, 200);
  });
});

describe('K5: secrets', () => {
  test('K5: a provider that echoes keys is masked, in whole and streamed errors', async () => {
    for (const stream of [false, true]) {
      for (const status of [400, 401, 429, 500]) {
        const error = { message: `Incorrect API key provided: ${providerKey}. Bearer ${providerKey}`, type: 'invalid_request_error', param: null, code: 'invalid_api_key' };
        const answer = await gateway.chat(await sim.place(refusing(status, error)), { stream });
        answers.push(answer.text);
        assert.ok(!answer.text.includes(providerKey), answer.text);
      }
      answers.push((await gateway.chat(await sim.place({ error_after: 1, error: { message: `key ${providerKey}`, type: 't', param: null, code: 'c' } }), { stream })).text);
      answers.push((await gateway.chat(await sim.place({ status: 502, error: `<html>${providerKey}</html>` }), { stream })).text);
    }
  });

  test('K5: no secret in any answer, log line or metric of this whole suite, at log level trace', async () => {
    await gateway.chat('fast', {}, { key: masterKey });
    answers.push(await gateway.metrics(), (await gateway.call({ path: '/v1/models', key: masterKey })).text);
    for (const secret of [providerKey, appKey, masterKey]) {
      for (const form of [secret, Buffer.from(secret).toString('base64'), secret.slice(6, 30)]) {
        assert.ok(!gateway.stdout.includes(form) && !gateway.stderr.includes(form), `in the log: ${gateway.stderr.split('\n').find((line) => line.includes(form))}`);
        const shown = answers.find((answer) => answer.includes(form));
        assert.equal(shown, undefined);
      }
    }
    assert.ok(gateway.stderr.split('\n').length > 100, 'there was something to look at');
  });

  test('prompts and answers are not in the log', async () => {
    await gateway.chat('fast', { text: 'a-very-private-prompt' });
    await gateway.chat(scripted({ text: 'a-very-private-answer' }), { stream: true });
    await call(gateway, { path: '/healthz' });
    assert.ok(!gateway.stderr.includes('a-very-private-prompt'));
  });
});
