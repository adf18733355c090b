// What becomes of connections where the other side answers early, reads nothing, breaks off or leaves: seen by a client, and by a
// provider that is a plain socket.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { after, before, describe } from 'node:test';
import { apis, providersAt } from '../faults/apis.mjs';
import { dialects } from '../faults/dialects.mjs';
import { appKey, calm, Connection, masterKey, sleep, startGateway, test, waitFor, within, writeConfig } from './lib.mjs';

const ownApi = { chat: 'openai', responses: 'responses', anthropic: 'anthropic', gemini: 'gemini', converse: 'bedrock' };
const otherApi = { chat: 'anthropic', responses: 'gemini', anthropic: 'openai', gemini: 'bedrock', converse: 'responses' };
const json = (status, body, fields = '') => `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\n${fields}content-length: ${body.length}\r\n\r\n${body}`;
// More than the buffers of two sockets hold.
const large = 'x'.repeat(16 << 20);

// A provider that reads the head of a request, stops reading, and does what the test says: act(socket, head).
class Raw {
  sockets = new Set();
  async start() {
    this.server = net.createServer((socket) => {
      this.sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.sockets.delete(socket));
      let text = '';
      const read = (bytes) => {
        text += bytes.toString('latin1');
        if (!text.includes('\r\n\r\n')) return;
        socket.pause();
        socket.off('data', read);
        this.act(socket, text);
      };
      socket.on('data', read);
    });
    await new Promise((resolve) => { this.server.listen(0, '127.0.0.1', resolve); });
    this.port = this.server.address().port;
    this.url = `http://127.0.0.1:${this.port}`;
    return this;
  }
  drop() { for (const socket of this.sockets) socket.destroy(); }
  stop() {
    this.drop();
    this.server.close();
  }
}

let raw, gateway;
before(async () => {
  raw = await new Raw().start();
  gateway = await startGateway({
    master_key: masterKey, threads: 1, providers: providersAt('raw', raw.url),
    models: Object.fromEntries(Object.entries(apis).map(([api, model]) => [api, { deployments: [`raw-${api}/${model}`], retries: 0, breaker: calm, timeout: { idle: '3s', first_byte: '3s' } }])),
    keys: [{ name: 'app', key: appKey }],
  });
});
after(() => raw.stop());

const put = (client, model, text, stream = false, options = {}) => {
  const { path, body, headers } = dialects[client];
  return gateway.post(path(model, stream), body(model, text, stream), { headers, ...options });
};
const inUse = () => gateway.metric('sluice_pool_connections', { state: 'in_use' });

describe('an answer that comes before the body was read', () => {
  const refusal = JSON.stringify({ error: { message: 'too much for me', type: 'request_too_large', code: 'x' } });
  for (const client of Object.keys(dialects)) {
    for (const [api, stream] of [[ownApi[client], false], [otherApi[client], true]]) {
      test(`${client} over ${api}${stream ? ', streamed' : ''}: counts at once, though the provider neither reads nor closes`, async () => {
        raw.act = (socket) => socket.write(`HTTP/1.1 100 Continue\r\n\r\n${json('413 Content Too Large', refusal)}`);
        const began = performance.now();
        const answer = await put(client, api, large, stream);
        const took = performance.now() - began;
        assert.equal(answer.status, 413, answer.text);
        assert.ok(took < 2500, `took ${took} ms`);
        assert.equal(await gateway.metric('sluice_pool_connections'), 0);    // half a request is on it
        raw.drop();
      });
    }
  }

  test('a passthrough', async () => {
    raw.act = (socket) => socket.write(json('413 Content Too Large', refusal));
    const answer = await gateway.post('/raw-openai/v1/files', large);
    assert.deepEqual([answer.status, answer.json.error.message], [413, 'too much for me']);
    raw.drop();
  });

  test('a success takes the rest of the body, as far as it is read', async () => {
    const reply = JSON.stringify({ id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: 'all of it' }, finish_reason: 'stop' }] });
    let received = 0;
    raw.act = (socket, head) => {
      const length = Number(/content-length: (\d+)/i.exec(head)[1]) + head.indexOf('\r\n\r\n') + 4;
      received = head.length;
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n');
      socket.write(`content-length: ${reply.length}\r\n\r\n`);
      socket.on('data', (bytes) => {
        received += bytes.length;
        if (received === length) socket.end(reply);
      });
      socket.resume();
    };
    const answer = await put('chat', 'openai', large);
    assert.equal(answer.json.choices[0].message.content, 'all of it', answer.text);
    assert.ok(received > large.length);

    raw.act = (socket) => socket.write(json('200 OK', reply));
    const unread = await put('chat', 'openai', large);
    assert.equal(unread.json.choices?.[0].message.content, 'all of it', unread.text);
    raw.drop();
  });

  test('what only begins like one does not end the sending', async () => {
    raw.act = (socket) => socket.write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 41');
    const answer = await put('chat', 'openai', large);
    assert.equal(answer.status, 504, answer.text);
    assert.equal(await inUse(), 0);
    raw.drop();
  });
});

// Sockets of this machine to a port, in whatever state: also those that the system keeps for what was not sent.
const socketsTo = (port) => readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1)
  .filter((line) => line.trim().split(/\s+/)[2]?.endsWith(`:${port.toString(16).padStart(4, '0').toUpperCase()}`) && !/^ *\d+: \S+ \S+ 06/.test(line)).length;

describe('a client that leaves while its request goes out', () => {
  for (const client of Object.keys(dialects)) {
    for (const [how, stream] of [['destroy', false], ['reset', true]]) {
      test(`${client}${stream ? ', streamed' : ''}: the provider, which reads nothing, hears of it within 250 ms`, async () => {
        const arrived = new Promise((resolve) => { raw.act = resolve; });
        const { path, body, headers } = dialects[client];
        const connection = await Connection.open(gateway);
        connection.request({ method: 'POST', path: path(ownApi[client], stream), body: JSON.stringify(body(ownApi[client], large, stream)), headers: { authorization: `Bearer ${appKey}`, 'content-type': 'application/json', ...headers } });
        await within('the request at the provider', arrived);
        await waitFor('the buffers to be full', async () => (await inUse()) === 1);
        connection[how]();
        await waitFor('the end of the connection', () => socketsTo(raw.port) === 0, 250);
        raw.drop();
      });
    }
  }

  test('a provider that reads nothing for timeout.idle hears of the end, too', async () => {
    raw.act = () => {};
    const answer = await put('chat', 'openai', large);
    assert.deepEqual([answer.status, answer.json.error.code], [504, 'idle_timeout'], answer.text);
    await waitFor('the end of the connection', () => socketsTo(raw.port) === 0, 250);
    raw.drop();
  });
});

describe('an answer without a length that breaks off under an HTTP/1.0 client', () => {
  const chunk = (bytes) => `${bytes.length.toString(16)}\r\n${bytes}\r\n`;
  // What comes until the connection ends, and how that ended.
  const ask = async (line, body = '') => {
    const connection = await Connection.open(gateway);
    await connection.write(`${line} HTTP/1.0\r\nauthorization: Bearer ${appKey}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    await waitFor('the end', () => connection.ended, 5000);
    return { text: connection.buffer.toString('latin1'), code: connection.error?.code };
  };
  const cut = (type) => {
    raw.act = (socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ntransfer-encoding: chunked\r\n\r\n${chunk('a part')}`);
      setTimeout(() => socket.destroy(), 100);
    };
  };

  for (const [name, line, body, type] of [
    ['speech', 'POST /v1/audio/speech', JSON.stringify({ model: 'openai', input: 'x', voice: 'alloy' }), 'audio/mpeg'],
    ['a passthrough', 'GET /raw-openai/v1/files', '', 'text/plain'],
  ]) {
    test(`${name}: a reset, not the end of a whole answer`, async () => {
      cut(type);
      const { text, code } = await ask(line, body);
      assert.match(text, /^HTTP\/1\.1 200 OK[^]*a part$/);
      assert.equal(code, 'ECONNRESET');
    });
  }

  test('at the end of a drain, too', async () => {
    const own = await startGateway({ master_key: masterKey, threads: 1, drain: '100ms', providers: providersAt('raw', raw.url), keys: [{ name: 'app', key: appKey }] });
    raw.act = (socket) => socket.write(`HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n${chunk('a part')}`);
    const connection = await Connection.open(own);
    await connection.write(`GET /raw-openai/v1/files HTTP/1.0\r\nauthorization: Bearer ${appKey}\r\n\r\n`);
    await waitFor('its beginning', () => connection.buffer.includes('a part'));
    await own.stop();
    await waitFor('the end', () => connection.ended, 5000);
    assert.equal(connection.error?.code, 'ECONNRESET');
    raw.drop();
  });

  test('a whole one ends as ever', async () => {
    raw.act = (socket) => socket.end(`HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n${chunk('all of it')}0\r\n\r\n`);
    const { text, code } = await ask('GET /raw-openai/v1/files');
    assert.match(text, /all of it$/);
    assert.equal(code, undefined);
  });
});

describe('descriptors', () => {
  const started = (limits, extra = {}) => startGateway({ master_key: masterKey, threads: 1, providers: providersAt('raw', raw.url), keys: [{ name: 'app', key: appKey }], ...extra }, { under: ['prlimit', `--nofile=${limits}`] });
  const softLimit = (pid) => Number(/Max open files +(\d+)/.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))[1]);
  const warning = ({ logs }) => logs.find((line) => /more than the process may have descriptors for/.test(line.msg));

  test('the soft limit is raised to what the configured connections need; where the hard one is less, the log has both numbers', async () => {
    const high = await started('256:4096', { limits: { connections: 500 } });
    assert.equal(softLimit(high.pid), 1256);
    assert.equal(warning(high), undefined);
    writeConfig(high.file, { ...JSON.parse(readFileSync(high.file, 'utf8')), limits: { connections: 10_000 } });    // a reload
    const { connections, needed, limit } = await high.output('the warning', warning);
    assert.deepEqual([connections, needed, limit, softLimit(high.pid)], [10_000, 20_256, 4096, 4096]);
    await high.stop();
    const low = await started('256:400');
    assert.equal((await low.output('the warning', warning)).limit, 400);
    await low.stop();
  });

  // Opens connections until one is refused, and gives those that are open.
  const fill = async (own) => {
    const open = [];
    for (let i = 0; i < 200; ++i) {
      const connection = await Connection.open(own);
      connection.request({ path: '/v1/models', headers: { authorization: `Bearer ${appKey}` } });
      const { status } = await within('an answer', connection.head(), 3000);
      const text = (await connection.whole()).toString();
      if (status !== 200) return { open, status, text };
      open.push(connection);
    }
    throw new Error('there was room for all');
  };

  test('a client for whom none is left is told so, and the log says it once; the next one is served when there is room', async () => {
    const own = await started('90:90');
    const { open, status, text } = await fill(own);
    assert.equal(status, 503);
    assert.match(JSON.parse(text).error.message, /no descriptor is left of the 90 .*ulimit -n/);
    // One that says nothing does not keep the others from being told.
    const silent = await Connection.open(own);
    assert.equal((await within('the refusal', own.call({ path: '/v1/models' }), 4000)).status, 503);
    silent.destroy();
    // What the gateway has no descriptor for is not its provider's fault.
    raw.act = () => assert.fail('nobody connects');
    const kept = open[0];
    kept.request({ method: 'POST', path: '/v1/chat/completions', body: JSON.stringify({ model: 'raw-openai/m', messages: [{ role: 'user', content: 'x' }] }), headers: { authorization: `Bearer ${appKey}`, 'content-type': 'application/json' } });
    const answer = await within('the answer', kept.head());
    const told = (await kept.whole()).toString();
    assert.deepEqual([answer.status, answer.headers['x-sluice-attempts']], [503, '0'], told);
    assert.match(told, /Cannot connect to 127\.0\.0\.1:\d+: no descriptor is left/);
    assert.equal((await own.requestLog(answer.headers['x-sluice-request-id'])).fault, 'overloaded');
    await sleep(300);
    assert.equal(own.logs.filter((line) => line.msg === 'cannot accept a connection').length, 1);
    for (const connection of open) connection.destroy();
    await waitFor('room', async () => (await own.call({ path: '/v1/models' })).status === 200);
    await own.stop();
  });
});

describe('heads of a provider', () => {
  const whole = async (head) => {
    raw.act = (socket) => socket.end(head);
    return gateway.call({ path: '/raw-openai/v1/files' });
  };
  test('a Transfer-Encoding other than chunked is a malformed answer, not plain text', async () => {
    const answer = await whole('HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: gzip, chunked\r\n\r\n4\r\nsome\r\n0\r\n\r\n');
    assert.equal(answer.status, 502);
    assert.match(answer.json.error.message, /Transfer-Encoding other than 'chunked': gzip, chunked/);
  });
  test('a status line may end behind the status', async () => {
    const answer = await whole('HTTP/1.1 200\r\ncontent-type: text/plain\r\ncontent-length: 4\r\n\r\nsome');
    assert.deepEqual([answer.status, answer.text], [200, 'some']);
  });
});
