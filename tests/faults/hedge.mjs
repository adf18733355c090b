// What hedging buys and costs: the same requests with and without it, at providers of which a few answers in a hundred are slow, as a table of
// the time to the first byte and of the requests that providers got for each one that was asked.
//
//   node tests/faults/hedge.mjs [--requests 2000] [--rate 50] [--slow 3] [--hedge JSON]
import { parseArgs } from 'node:util';
import http from 'node:http';
import { providersAt } from './apis.mjs';
import { dialects } from './dialects.mjs';
import { appKey, endChildren, masterKey, sleep, startGateway, startSim } from '../system/processes.mjs';

const { values } = parseArgs({ options: { requests: { type: 'string', default: '2000' }, rate: { type: 'string', default: '50' }, slow: { type: 'string', default: '3' }, hedge: { type: 'string', default: '{"after":"p95","max_extra_percent":5}' } } });
const count = Number(values.requests);
const slowShare = Number(values.slow) / 100;
const gap = 1000 / Number(values.rate);

// Both ways of answering, each with some spread; the same in every run.
function bimodal(seed) {
  let state = seed;
  const random = () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return state / 2 ** 31;
  };
  return { events: 5, sequence: Array.from({ length: 2 * count }, () => ({ delay_ms: Math.round(random() < slowShare ? 1500 + 1000 * random() : 40 + 60 * random()) })) };
}

function firstByte(gateway, agent, model) {
  const body = JSON.stringify(dialects.chat.body(model, 'well?', true));
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const call = http.request({
      host: gateway.host, port: gateway.port, agent, method: 'POST', path: dialects.chat.path(),
      headers: { authorization: `Bearer ${appKey}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    }, (response) => {
      let took;
      const pieces = [];
      response.on('data', (piece) => {
        took ??= performance.now() - began;
        pieces.push(piece);
      });
      response.on('end', () => {
        const { complete, error } = dialects.chat.streamed(Buffer.concat(pieces));
        if (complete) resolve(took); else reject(new Error(error ?? 'half an answer'));
      });
      response.on('error', reject);
    });
    call.on('error', reject);
    call.end(body);
  });
}

async function measure(name, settings) {
  const sims = await Promise.all(['a', 'b'].map((letter) => startSim(`sim-${letter}`, { record: false })));
  await Promise.all(sims.map((sim, i) => sim.script('m', bimodal(i + 1))));
  const gateway = await startGateway({
    master_key: masterKey, log: { level: 'error' },
    providers: { ...providersAt('a', sims[0].url), ...providersAt('b', sims[1].url) },
    models: { m: { deployments: ['a-openai/m', 'b-openai/m'], retries: 0, ...settings } },
    keys: [{ name: 'app', key: appKey }],
  });
  const agent = new http.Agent({ keepAlive: true });
  const asked = [];
  const began = performance.now();
  for (let i = 0; i < count; i++) {
    asked.push(firstByte(gateway, agent, 'm'));
    await sleep(Math.max(0, began + (i + 1) * gap - performance.now()));
  }
  const times = (await Promise.all(asked)).sort((x, y) => x - y);
  agent.destroy();
  const sent = (await Promise.all(sims.map((sim) => sim.stats()))).reduce((sum, { requests }) => sum + requests, 0);
  await endChildren();
  const at = (share) => times[Math.floor(count * share)].toFixed(0);
  return `| ${name} | ${count} | ${sent} | ${((sent / count - 1) * 100).toFixed(1)} % | ${at(0.5)} | ${at(0.95)} | ${at(0.99)} | ${times.at(-1).toFixed(0)} |`;
}

process.on('SIGINT', () => process.exit(1));    // its children end with it
const rows = [await measure('without', {}), await measure(`with ${values.hedge}`, { hedge: JSON.parse(values.hedge) })];
console.log(`| hedging | requests | sent to providers | extra | first byte p50 ms | p95 ms | p99 ms | longest ms |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n${rows.join('\n')}`);
