// Requests that arrive slowly, too large, too many, one behind the other, or while the gateway ends.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { appKey, baseConfig, chat, Connection, scripted, sleep, slowed, startGateway, startPair, test, waitFor, within } from './lib.mjs';

const origin = 'https://app.example';
const authorized = { authorization: `Bearer ${appKey}`, 'content-type': 'application/json', origin };

// A path of each API, and how its errors look.
const surfaces = {
  chat: ['/v1/chat/completions', ({ error }) => typeof error.message === 'string' && 'param' in error],
  responses: ['/v1/responses', ({ error }) => typeof error.message === 'string' && 'param' in error],
  anthropic: ['/v1/messages', ({ type, error }) => type === 'error' && typeof error.type === 'string'],
  gemini: ['/v1beta/models/m:generateContent', ({ error }) => typeof error.status === 'string' && typeof error.code === 'number'],
  bedrock: ['/model/m/converse-stream', ({ message, error }) => typeof message === 'string' && error === undefined],
};

async function answerOf(connection) {
  const answer = await within('the answer', connection.head(), 10_000 * slowed);
  const text = (await connection.whole()).toString();
  return { ...answer, text, json: JSON.parse(text) };
}
const head = (path, fields) => `POST ${path} HTTP/1.1\r\nhost: x\r\norigin: ${origin}\r\n${fields}`;
const fieldsOf = (headers) => Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('');

describe('what is refused before it was read is refused in the words of its path', () => {
  let gateway;
  before(async () => {
    ({ gateway } = await startPair({
      cors: { origins: [origin] },
      limits: { header_timeout: '300ms', header_bytes: '4KiB', header_count: 20, body_timeout: '400ms', body_rate: 1000 },
    }, 1));
  });
  const cases = {
    'too many fields': [431, /20 header fields \(limits\.header_count\); \d+ came/, (path) => head(path, 'a: b\r\n'.repeat(40) + '\r\n')],
    'a large head': [431, /4096 bytes \(limits\.header_bytes\); \d+ came/, (path) => head(path, `a: ${'b'.repeat(9000)}\r\n\r\n`)],
    'a head that stops': [408, /limits\.header_timeout/, (path) => head(path, 'a: b')],
    'a body that stops': [408, /limits\.body_timeout/, (path) => head(path, `${fieldsOf(authorized)}content-length: 100\r\n\r\n{"model"`)],
  };
  for (const [what, [status, told, bytes]] of Object.entries(cases)) {
    for (const [api, [path, isTheirs]] of Object.entries(surfaces)) {
      test(`${what}: ${api}`, async () => {
        const connection = await Connection.open(gateway);
        await connection.write(bytes(path));
        const answer = await answerOf(connection);
        assert.equal(answer.status, status);
        assert.ok(isTheirs(answer.json), answer.text);
        assert.match(answer.text, told);
        assert.equal(answer.headers['access-control-allow-origin'], origin);
        connection.destroy();
      });
    }
  }

  for (const [api, [path, isTheirs]] of Object.entries(surfaces)) {
    test(`a request line that does not end: ${api}`, async () => {
      const connection = await Connection.open(gateway);
      await connection.write(`POST ${path}?${'x'.repeat(9000)}`);
      const answer = await answerOf(connection);
      assert.equal(answer.status, 431);
      assert.ok(isTheirs(answer.json), answer.text);
      assert.match(answer.text, /4096 bytes \(limits\.header_bytes\); \d+ came/);
      connection.destroy();
    });
  }
  test('a path that does not end is told in the words of its beginning', async () => {
    const begins = { gemini: '/v1beta/models/', bedrock: '/bedrock/model/', anthropic: '/anthropic/' };
    for (const [api, begin] of Object.entries(begins)) {
      const connection = await Connection.open(gateway);
      await connection.write(`POST ${begin}${'m'.repeat(9000)}`);
      const answer = await answerOf(connection);
      assert.equal(answer.status, 431);
      assert.ok(surfaces[api][1](answer.json), answer.text);
      connection.destroy();
    }
  });

  test('a body that drips is cut off', async () => {
    const connection = await Connection.open(gateway);
    const began = performance.now();
    await connection.write(head('/v1/chat/completions', `${fieldsOf(authorized)}content-length: 1000\r\n\r\n`));
    for (let i = 0; i < 20 && !connection.buffer.length; ++i) {
      connection.write('x');
      await sleep(100);
    }
    const answer = await answerOf(connection);
    assert.equal(answer.status, 408);
    assert.match(answer.text, /less than 1000 bytes a second .*limits\.body_rate/);
    assert.ok(performance.now() - began < 400 + 500 * slowed);
    connection.destroy();
  });
});

test('where there is no room for connections the health pages answer all the same', async () => {
  const { gateway } = await startPair({ threads: 1, limits: { connections: 3 } }, 1);
  const held = await Promise.all([1, 2, 3].map(() => Connection.open(gateway)));
  await waitFor('three connections', async () => (await gateway.call({ path: '/v1/models' })).status === 503);
  for (const path of ['/healthz', '/readyz']) assert.equal((await gateway.call({ path, key: null })).status, 200);
  for (const connection of held) connection.destroy();
});

test('much that is sent behind a request waits until that is answered', async () => {
  const { gateway } = await startPair({ threads: 1 }, 1);
  const connection = await Connection.open(gateway);
  const ask = (model, text) => connection.request({ method: 'POST', path: '/v1/chat/completions', headers: authorized, body: JSON.stringify(chat(model, { text })) });
  ask(scripted({ delay_ms: 500, text: 'first' }), 'x');
  for (const text of ['second', 'third']) ask(scripted({ text }), 'y'.repeat(300_000));
  for (const said of ['first', 'second', 'third']) {
    const answer = await answerOf(connection);
    assert.equal(answer.json.choices?.[0].message.content, said, answer.text.slice(0, 300));
  }
  connection.destroy();
});

describe('while it drains', () => {
  test('what is arriving gets until the end, then an answer; what is new is told', async () => {
    const { gateway } = await startPair({ drain: '1500ms', threads: 1, cors: { origins: [origin] } }, 1);
    const halves = await Promise.all(Object.entries(surfaces).map(async ([api, [path, isTheirs]]) => {
      const connection = await Connection.open(gateway);
      await connection.write(head(path, `${fieldsOf(authorized)}content-length: 1000\r\n\r\n{"model"`));
      return { api, connection, isTheirs };
    }));
    const halfHead = await Connection.open(gateway);
    await halfHead.write(head('/v1/messages', 'a: b'));
    const completed = await Connection.open(gateway);
    const body = JSON.stringify(chat(scripted({ text: 'in time' })));
    await completed.write(head('/v1/chat/completions', `${fieldsOf(authorized)}content-length: ${body.length}\r\n\r\n${body.slice(0, 20)}`));
    await sleep(100 * slowed);

    const began = performance.now();
    gateway.signal('SIGTERM');
    // One that connects in the moment of the signal may be cut: it has sent nothing yet.
    await waitFor('readiness to end', async () => (await gateway.call({ path: '/readyz', key: null }).catch(() => ({}))).status === 503, 1000);
    assert.equal((await gateway.call({ path: '/healthz', key: null })).status, 200);
    for (const [api, [path, isTheirs]] of Object.entries(surfaces)) {
      const refused = await gateway.post(path, '{}');
      assert.ok([503, 529].includes(refused.status), `${api}: ${refused.status}`);
      assert.ok(isTheirs(refused.json), refused.text);
      assert.ok(Number(refused.headers['retry-after']) >= 1);
    }
    await completed.write(body.slice(20));
    const answer = await answerOf(completed);
    assert.equal(answer.json.choices?.[0].message.content, 'in time', answer.text);
    assert.equal(answer.headers.connection, 'close');
    for (const { api, connection, isTheirs } of halves) {
      const told = await answerOf(connection);
      assert.ok([503, 529].includes(told.status), `${api}: ${told.status}`);
      assert.ok(isTheirs(told.json), told.text);
      assert.ok(Number(told.headers['retry-after']) >= 1, api);
      connection.destroy();
    }
    assert.ok(performance.now() - began >= 1400);
    assert.equal((await answerOf(halfHead)).json.type, 'error');
    halfHead.destroy();
    const { code } = await within('the exit', gateway.exited, 3000);
    assert.equal(code, 0);
    assert.ok(performance.now() - began < 1500 + 1300 * slowed, `took ${performance.now() - began} ms`);
  });

  test('a client that sends on for ever does not hold it up', async () => {
    const { sims: [sim] } = await startPair({}, 1);
    const gateway = await startGateway(baseConfig([sim], { drain: '500ms' }));
    const connection = await Connection.open(gateway);
    await connection.write(head('/v1/chat/completions', `${fieldsOf(authorized)}content-length: 1000000\r\n\r\n{"model"`));
    const drip = setInterval(() => connection.socket.writable && connection.write('x'), 20);
    await sleep(100);
    const began = performance.now();
    gateway.signal('SIGTERM');
    assert.equal((await answerOf(connection)).status, 503);
    const { code } = await within('the exit', gateway.exited, 4000);
    clearInterval(drip);
    connection.destroy();
    assert.equal(code, 0);
    assert.ok(performance.now() - began < 500 + 1300 * slowed, `took ${performance.now() - began} ms`);
  });
});
