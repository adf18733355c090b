// Images and documents by URL for providers that take only their bytes: what every API's clients name is fetched where that is
// configured, and nothing else is ever connected to.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe } from 'node:test';
import { startProviders } from './providers.mjs';
import { Connection, appKey, providerKey, sleep, test, waitFor } from './lib.mjs';

const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const pdf = Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n');
const coded = png.toString('base64');

// A host of files that remembers what it was asked; `held` answers wait until release().
let host, port, asked, held, atOnce, mostAtOnce;
const pages = {
  '/a.png': [200, { 'content-type': 'image/png' }, png],
  '/plain': [200, { 'content-type': 'application/octet-stream' }, png],
  '/a.pdf': [200, { 'content-type': 'application/pdf' }, pdf],
  '/liar.png': [200, { 'content-type': 'image/png' }, Buffer.from('<html>secret of a service</html>')],
  '/page': [200, { 'content-type': 'text/html' }, png],
  '/moved': [302, { location: '/a.png' }, ''],
  '/metadata': [302, { location: 'http://169.254.169.254/latest/meta-data/iam/' }, ''],
  '/inside': [307, { location: 'http://10.0.0.1/' }, ''],
  '/loop': [302, { location: '/loop' }, ''],
  '/file': [302, { location: 'file:///etc/passwd' }, ''],
  '/large': [200, { 'content-type': 'image/png' }, Buffer.concat([png, Buffer.alloc(200_000)])],
  '/gone': [404, {}, 'no'],
};

before(async () => {
  asked = [];
  held = [];
  atOnce = mostAtOnce = 0;
  host = http.createServer(async (request, response) => {
    const path = request.url.split('?')[0];
    const entry = { path, headers: request.headers, closed: false };
    asked.push(entry);
    mostAtOnce = Math.max(mostAtOnce, ++atOnce);
    response.on('close', () => { entry.closed = !response.writableFinished; atOnce -= 1; });
    if (path === '/held') {
      response.writeHead(200, { 'content-type': 'image/png' });
      response.write(png.subarray(0, 20));
      await new Promise((resolve) => { held.push(resolve); });
      return response.end(png.subarray(20));
    }
    if (path === '/slowly') await sleep(60);
    if (path === '/endless') {
      response.writeHead(200, { 'content-type': 'image/png' });
      response.write(png);
      const more = () => { while (!entry.closed && response.write(Buffer.alloc(65536))); };
      return response.on('drain', more) && more();
    }
    const [status, headers, body] = pages[path] ?? pages['/a.png'];
    return response.writeHead(status, headers).end(body);
  });
  await new Promise((resolve) => { host.listen(0, '127.0.0.1', resolve); });
  port = host.address().port;
});
after(() => { host.closeAllConnections(); host.close(); });
const at = (path) => `http://127.0.0.1:${port}${path}`;

// A request with an image by URL in every API that can name one, and where in it that is.
const clients = {
  chat: (model, url) => ({ path: '/v1/chat/completions', place: 'messages[0].content[1]',
    body: { model, messages: [{ role: 'user', content: [{ type: 'text', text: 'what is it' }, { type: 'image_url', image_url: { url } }] }] } }),
  responses: (model, url) => ({ path: '/v1/responses', place: 'input[0].content[1]',
    body: { model, input: [{ role: 'user', content: [{ type: 'input_text', text: 'what is it' }, { type: 'input_image', image_url: url }] }] } }),
  messages: (model, url) => ({ path: '/v1/messages', place: 'messages[0].content[1]',
    body: { model, max_tokens: 100, messages: [{ role: 'user', content: [{ type: 'text', text: 'what is it' }, { type: 'image', source: { type: 'url', url } }] }] } }),
  gemini: (model, url) => ({ path: `/v1beta/models/${model}:generateContent`, place: 'contents[0].parts[1]',
    body: { contents: [{ role: 'user', parts: [{ text: 'what is it' }, { fileData: { mimeType: 'image/png', fileUri: url } }] }] } }),
};
// The bytes of the image as each provider gets them.
const imageOf = {
  bedrock: (body) => body.messages[0].content[1].image,
  gemini: (body) => body.contents[0].parts[1].inlineData,
  'vertex-claude': (body) => body.messages[0].content[1].source,
  'bedrock-claude': (body) => body.messages[0].content[1].image,
};
const sent = {
  bedrock: { format: 'png', source: { bytes: coded } },
  gemini: { mimeType: 'image/png', data: coded },
  'vertex-claude': { type: 'base64', media_type: 'image/png', data: coded },
  'bedrock-claude': { format: 'png', source: { bytes: coded } },
};
const ask = (on, { path, body }) => on.gateway.post(path, body);
const imageFor = (on, upstream) => on.sim.seen(upstream).then((entries) => entries.map((entry) => JSON.parse(entry.body)));

describe('where fetching is configured', () => {
  let on;
  before(async () => {
    on = await startProviders('fetching', {
      providers: (sim) => ({ second: { type: 'gemini', api_key: providerKey, base_url: sim.url } }),
      models: { twice: { deployments: ['bedrock/amazon.nova-pro-v1:0-twice', 'second/gemini-3-twice'], retries: 1, backoff: '10ms', on_failure: { server_error: 'retry' } } },
      fetch: { media: 'on', hosts: ['127.0.0.1:*', '127.0.0.1', '10.*', '169.254.169.254'], allow_private: '127.0.0.0/8', max_bytes: '100KiB', timeout: '2s' },
    });
  });

  for (const [client, write] of Object.entries(clients)) {
    for (const provider of Object.keys(sent)) {
      const passes = (client === 'gemini' && provider === 'gemini') || (client === 'messages' && provider.endsWith('-claude'));
      if (passes) continue;
      test(`an image by URL of a ${client} client reaches ${provider} as bytes`, async () => {
        const { asked: model, upstream } = await on.place(provider, `image-${client}`, {});
        const answer = await ask(on, write(model, at('/a.png')));
        assert.equal(answer.status, 200, answer.text);
        const [body] = await imageFor(on, upstream);
        assert.deepEqual(imageOf[provider](body), sent[provider]);
      });
    }

    test(`what cannot be fetched is a 400 of a ${client} client that names the part`, async () => {
      const { asked: model, upstream } = await on.place('bedrock', `gone-${client}`, {});
      const { path, body, place } = write(model, at('/gone'));
      const answer = await ask(on, { path, body });
      assert.equal(answer.status, 400);
      assert.ok(answer.text.includes(`'${place}' has an address that answers with status 404`), answer.text);
      assert.deepEqual(await on.sim.seen(upstream), []);
    });
  }

  test('bytes that pass through keep their URL', async () => {
    const before = asked.length;
    const { asked: model, upstream } = await on.place('gemini', 'passing', {});
    assert.equal((await ask(on, clients.gemini(model, at('/a.png')))).status, 200);
    assert.equal((await imageFor(on, upstream))[0].contents[0].parts[1].fileData.fileUri, at('/a.png'));
    assert.equal(asked.length, before);
  });

  test('a URL that the provider takes stays one', async () => {
    const { asked: model, upstream } = await on.place('gemini', 'taking', {});
    assert.equal((await ask(on, clients.chat(model, 'https://images.test/a.png'))).status, 200);
    assert.deepEqual((await imageFor(on, upstream))[0].contents[0].parts[1].fileData, { mimeType: 'image/png', fileUri: 'https://images.test/a.png' });
  });

  test('addresses of a Converse client are the store of its own API: never fetched', async () => {
    const before = asked.length;
    const { asked: model } = await on.place('gemini', 'converse', {});
    const body = { messages: [{ role: 'user', content: [{ text: 'x' }, { image: { format: 'png', source: { s3Location: { uri: at('/a.png') } } } }] }] };
    assert.equal((await on.gateway.post(`/model/${model}/converse`, body)).status, 400);
    assert.equal(asked.length, before);
  });

  test('documents come in, and a file that is an image is sent as one', async () => {
    const { asked: model, upstream } = await on.place('bedrock', 'documents', {});
    const file = (url) => ({ type: 'input_file', file_url: url });
    const answer = await on.gateway.post('/v1/responses', { model, input: [{ role: 'user', content: [{ type: 'input_text', text: 'x' }, file(at('/a.pdf')), file(at('/plain'))] }] });
    assert.equal(answer.status, 200, answer.text);
    const [body] = await imageFor(on, upstream);
    const [document, image] = body.messages[0].content.slice(1);
    assert.deepEqual([document.document.format, document.document.source.bytes], ['pdf', pdf.toString('base64')]);
    assert.deepEqual(image, { image: sent.bedrock });
    const chat = await on.place('openai', 'documents', {});
    const message = { role: 'user', content: [{ type: 'document', source: { type: 'url', url: at('/a.pdf') } }, { type: 'text', text: 'x' }] };
    assert.equal((await on.gateway.post('/v1/messages', { model: chat.asked, max_tokens: 10, messages: [message] })).status, 200);
    assert.equal((await imageFor(on, chat.upstream))[0].messages[0].content[0].file.file_data, `data:application/pdf;base64,${pdf.toString('base64')}`);
  });

  test('an image in a tool result is fetched too', async () => {
    const { asked: model, upstream } = await on.place('bedrock', 'result', {});
    const answer = await on.gateway.post('/v1/messages', { model, max_tokens: 10, tools: [{ name: 'see', input_schema: { type: 'object' } }], messages: [
      { role: 'user', content: 'look' }, { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'see', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'image', source: { type: 'url', url: at('/a.png') } }] }] }] });
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual((await imageFor(on, upstream))[0].messages[2].content[0].toolResult.content, [{ image: sent.bedrock }]);
  });

  test('a URL is fetched once for a request, however often it is named and tried; the same bytes make the same request', async () => {
    const before = asked.length;
    await on.sim.script('amazon.nova-pro-v1:0-twice', { status: 500 });
    const image = { type: 'image_url', image_url: { url: at('/a.png?once') } };
    const answer = await on.gateway.chat('twice', { text: [{ type: 'text', text: 'x' }, image, image] });
    assert.equal(answer.status, 200, answer.text);
    const bodies = (await on.sim.seen('amazon.nova-pro-v1:0-twice')).map((entry) => entry.body);
    assert.equal(bodies.length, 2);
    assert.equal(bodies[0], bodies[1]);
    assert.equal((await imageFor(on, 'gemini-3-twice'))[0].contents[0].parts[2].inlineData.data, coded);
    assert.deepEqual(asked.slice(before).map((entry) => entry.path), ['/a.png']);
  });

  test('four are fetched at once', async () => {
    mostAtOnce = 0;
    const { asked: model } = await on.place('bedrock', 'many', {});
    const images = Array.from({ length: 10 }, (_, i) => ({ type: 'image_url', image_url: { url: at(`/slowly?${i}`) } }));
    assert.equal((await on.gateway.chat(model, { text: [{ type: 'text', text: 'x' }, ...images] })).status, 200);
    assert.equal(mostAtOnce, 4);
  });

  test('no more than 64 URLs are fetched for a request', async () => {
    const before = asked.length;
    const { asked: model } = await on.place('bedrock', 'flood', {});
    const images = Array.from({ length: 65 }, (_, i) => ({ type: 'image_url', image_url: { url: at(`/a.png?${i}`) } }));
    const answer = await on.gateway.chat(model, { text: images });
    assert.equal(answer.status, 400);
    assert.equal(answer.json.error.param, 'messages[0].content[64]');
    assert.equal(asked.length, before);
  });

  test('nothing of the request is sent along', async () => {
    const { asked: model } = await on.place('bedrock', 'headers', {});
    const { path, body } = clients.chat(model, at('/a.png?headers'));
    await on.gateway.post(path, body, { headers: { cookie: 'a=b', 'x-own': 'c', 'openai-organization': 'd' } });
    const { headers } = asked.at(-1);
    assert.deepEqual(Object.keys(headers).sort(), ['accept', 'accept-encoding', 'connection', 'host', 'user-agent']);
    assert.equal(headers['accept-encoding'], 'identity');
    assert.ok(!JSON.stringify(headers).includes(appKey) && !JSON.stringify(headers).includes(providerKey));
  });

  // What a chat client is told of a URL.
  const told = async (url, label = 'told') => {
    const { asked: model, upstream } = await on.place('bedrock', label, {});
    const answer = await ask(on, clients.chat(model, url));
    assert.deepEqual(await on.sim.seen(upstream), [], url);
    assert.equal(answer.status, 400, `${url}: ${answer.text}`);
    assert.equal(answer.json.error.code, 'invalid_image_url', answer.text);
    assert.equal(answer.json.error.param, 'messages[0].content[1]');
    return answer.json.error.message;
  };

  test('redirects are followed to what is allowed, three at most', async () => {
    const { asked: model, upstream } = await on.place('bedrock', 'moved', {});
    assert.equal((await ask(on, clients.chat(model, at('/moved')))).status, 200);
    assert.deepEqual(imageOf.bedrock((await imageFor(on, upstream))[0]), sent.bedrock);
    assert.match(await told(at('/loop')), /redirects more than 3 times/);
    assert.match(await told(at('/file')), /is no http or https URL/);
  });

  test('K4: a redirect to a metadata server is not followed', async () => {
    for (const path of ['/metadata', '/inside']) assert.match(await told(at(path)), /cannot be reached/);
  });

  test('K4: an error tells nothing of the network', async () => {
    const words = new Set();
    for (const url of ['http://10.255.255.1/', 'http://169.254.169.254/latest', 'http://127.0.0.1:1/', at('/metadata')]) words.add(await told(url));
    assert.equal(words.size, 1, [...words].join('\n'));
    for (const word of words) assert.ok(!/10\.|169\.|127\./.test(word), word);
    assert.match(await told('http://u:p@127.0.0.1/'), /holds a user name or password/);
    assert.match(await told('http://other.test/'), /whose host or port is not allowed/);
  });

  test('only images and PDFs come in, whatever they are called', async () => {
    for (const path of ['/liar.png', '/page']) assert.match(await told(at(path)), /neither an image \(PNG, JPEG, GIF, WebP\) nor a PDF/);
    assert.match(await told(at('/a.pdf')), /a PDF is and no image/);
    assert.ok(!(await told(at('/liar.png'))).includes('secret'));
  });

  test('limits of bytes and time hold for all of a request', async () => {
    assert.match(await told(at('/large')), /is larger than what may be fetched for a request, 100KiB \(fetch\.max_bytes\)/);
    assert.match(await told(at('/endless')), /fetch\.max_bytes/);
    await waitFor('the end of what was endless', () => asked.findLast((entry) => entry.path === '/endless').closed);
    const began = performance.now();
    assert.match(await told(at('/held')), /took longer than 2s \(fetch\.timeout\)/);
    assert.ok(performance.now() - began < 4000);
    await waitFor('the end of what was held', () => asked.findLast((entry) => entry.path === '/held').closed);
  });

  test('a client that leaves ends the fetching', async () => {
    const { asked: model } = await on.place('bedrock', 'leaving', {});
    const before = asked.length;
    const { path, body } = clients.chat(model, at('/held'));
    const connection = await Connection.open(on.gateway);
    connection.request({ method: 'POST', path, body: JSON.stringify(body), headers: { authorization: `Bearer ${appKey}`, 'content-type': 'application/json' } });
    const entry = await waitFor('the fetch', () => asked[before]);
    const began = performance.now();
    connection.destroy();
    await waitFor('its end', () => entry.closed, 900);
    assert.ok(performance.now() - began < 900);
  });
});

describe('where it is not', () => {
  test('K4: nothing is fetched unless it is configured', async () => {
    const off = await startProviders('not-fetching');
    const before = asked.length;
    for (const [client, write] of Object.entries(clients)) {
      const { asked: model } = await off.place('bedrock', `off-${client}`, {});
      const answer = await ask(off, write(model, at('/a.png')));
      assert.equal(answer.status, 400, answer.text);
      assert.ok(answer.text.includes('send the bytes'), answer.text);
    }
    assert.equal(asked.length, before);
  });

  test('K4: without allow_private no spelling of a local address is connected to', async () => {
    const on = await startProviders('public-only', { fetch: { media: 'on', hosts: ['*:*'] } });
    const { asked: model } = await on.place('bedrock', 'local', {});
    const before = asked.length;
    for (const host of ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '0177.0.0.1', '127.1', '0', '[::1]', '[::ffff:127.0.0.1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]', '[fec0::1]', '[fd00::1]', '100.64.0.1']) {
      const answer = await ask(on, clients.chat(model, `http://${host}:${port}/a.png`));
      assert.equal(answer.status, 400, host);
      assert.match(answer.json.error.message, /cannot be reached/, host);
    }
    assert.equal(asked.length, before);
  });

  test('without hosts only the usual ports are asked', async () => {
    const on = await startProviders('usual-ports', { fetch: { media: 'on', allow_private: ['127.0.0.0/8'] } });
    const { asked: model } = await on.place('bedrock', 'ports', {});
    const before = asked.length;
    assert.match((await ask(on, clients.chat(model, at('/a.png')))).json.error.message, /whose host or port is not allowed/);
    assert.equal(asked.length, before);
  });
});
