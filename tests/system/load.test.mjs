// Load of the awkward kinds: huge bodies beside a stream, readers that hardly read, many streams, a large configuration.
// What is checked is that nobody waits for somebody else and that memory has an end, with room for a busy machine; how
// fast it is stands in docs/benchmarks.md.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { appKey, baseConfig, chat, scripted, sleep, slowed, startGateway, startPair, startSim, test, waitFor, wallUs } from './lib.mjs';

const residentMb = (pid) => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
const descriptors = async (gateway) => gateway.metric('sluice_connections');

// A raw request whose answer is read only as fast as `pump` wants.
function openRaw(gateway, body) {
  const socket = net.connect({ host: gateway.host, port: gateway.port });
  socket.pause();
  socket.on('error', () => {});
  const text = JSON.stringify(body);
  socket.write(`POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${appKey}\r\n`
    + `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  return socket;
}

test('F3: 20 MB bodies of some do not hold up the stream of another, nor the health page', async () => {
  const { gateway } = await startPair({}, 1);
  const huge = 'x'.repeat(20 << 20);
  const body = JSON.stringify(chat('sim-a/big', { text: huge }));
  let done = false;
  const senders = Array.from({ length: 4 }, async () => {
    while (!done) assert.equal((await gateway.post('/v1/chat/completions', body)).status, 200);
  });
  let worst = 0;
  for (let i = 0; i < 40; ++i) {
    const began = performance.now();
    assert.equal((await gateway.call({ path: '/healthz', key: null })).status, 200);
    worst = Math.max(worst, performance.now() - began);
    await sleep(25);
  }
  const stream = await gateway.chat(scripted({ events: 40, event_delay_ms: 20 }), { stream: true });
  done = true;
  await Promise.all(senders);
  assert.match(stream.text, /\[DONE\]/);
  assert.ok(worst < 1000, `the health page took ${worst} ms`);
});

test('F7: readers that hardly read slow their provider, not us, and memory stays flat', async () => {
  const { gateway, sims: [sim] } = await startPair({}, 1);
  await gateway.chat('sim-a/warm-up');
  const before = residentMb(gateway.pid);
  const model = await sim.place({ events: 20_000, nonce: 'y'.repeat(2000) });    // 40 MB each
  const sockets = Array.from({ length: 40 }, () => openRaw(gateway, chat(model, { stream: true })));
  await sleep(2500);
  const grown = residentMb(gateway.pid) - before;
  const quick = await gateway.chat('sim-a/quick');
  assert.equal(quick.status, 200);
  for (const socket of sockets) socket.destroy();
  await waitFor('the streams to be gone', async () => (await gateway.metric('sluice_in_flight')) <= 1);
  assert.ok(grown < (slowed > 1 ? 200 : 40), `40 streams that nobody reads hold ${grown.toFixed(1)} MB`);
});

test('F1: rounds of streams, aborts and errors leave no memory, connection or request behind', async () => {
  const { gateway } = await startPair({}, 1);
  const round = async () => {
    await Promise.all(Array.from({ length: 60 }, async (_, i) => {
      if (i % 3 === 0) {
        const connection = await gateway.open(scripted({ events: 50, event_delay_ms: 5 }), { stream: true });
        await sleep(30);
        connection.socket.destroy();
      } else if (i % 3 === 1) {
        await gateway.chat(scripted({ status: 400 }));
      } else {
        await gateway.chat(scripted({ events: 20 }), { stream: true });
      }
    }));
  };
  for (let i = 0; i < 5; ++i) await round();
  const warm = residentMb(gateway.pid);
  for (let i = 0; i < 15; ++i) await round();
  await waitFor('no request in flight', async () => (await gateway.metric('sluice_in_flight')) <= 1);
  await waitFor('no connection in use', async () => (await gateway.metric('sluice_pool_connections', { state: 'in_use' })) === 0);
  await waitFor('no client connection', async () => (await descriptors(gateway)) <= 1);
  const grown = residentMb(gateway.pid) - warm;
  if (!process.env.ASAN_OPTIONS && !process.env.TSAN_OPTIONS) assert.ok(grown < 15, `900 requests left ${grown.toFixed(1)} MB`);
});

test('F8: 1,000 models are no reason to start slowly', async () => {
  const sim = await startSim('sim-a');
  const models = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`model-${i}`, { deployments: [`sim-a/upstream-${i}`] }]));
  const began = wallUs();
  const gateway = await startGateway(baseConfig([sim], { models }));
  assert.equal((await gateway.chat('model-999')).status, 200);
  assert.ok(wallUs() - began < 10e6);
  assert.ok((await gateway.call({ path: '/v1/models' })).json.data.length >= 1000);
});
