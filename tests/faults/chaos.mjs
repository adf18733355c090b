// Chaos: a steady load of all client dialects on a gateway over three providers, whose failures of every class come and go. No client
// may see a failure that a healthy provider could have made up for, no request may be tried more often than there are providers,
// and when it is over nothing may be left: no request, no connection, no memory.
//
//   node tests/faults/chaos.mjs [--seconds 600] [--rate 300] [--report chaos.md]
//
// Prints the report (or writes it), and exits with 1 when one of its checks failed.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { apis, providersAt } from './apis.mjs';
import { Load } from './load.mjs';
import { Provider, Weather } from './weather.mjs';
import { appKey, endChildren, masterKey, sleep, slowed, startGateway, waitFor } from '../system/processes.mjs';

const fleet = { north: 'openai', south: 'anthropic', west: 'gemini' };

function configOf(providers, limitMs) {
  const deployments = providers.map(({ name, api, model }) => `${name}-${api}/${model}`);
  const limits = { retries: 0, backoff: '20ms', max_backoff: '200ms', timeout: { connect: `${limitMs}ms`, first_byte: `${limitMs}ms`, idle: `${limitMs}ms`, total: '30s' } };
  return {
    master_key: masterKey,
    log: { level: 'error' },
    providers: Object.assign({}, ...providers.map(({ name, sim }) => providersAt(name, sim.url))),
    models: { ordered: { deployments, ...limits }, spread: { deployments, strategy: 'weighted', ...limits } },
    keys: [{ name: 'app', key: appKey }],
  };
}

// Memory in MB and CPU time in seconds of a process; a tick is 10 ms on Linux.
function usage(pid) {
  const [, kb] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
  return { memory: Number(kb) / 1024, cpu: (Number(fields[11]) + Number(fields[12])) / 100 };
}

const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
const sumOf = (list) => list.reduce((sum, one) => sum + one, 0);

class Chaos {
  constructor({ seconds, rate }) {
    Object.assign(this, { seconds, rate, requests: [], memory: [], problems: [] });
  }

  check(holds, sentence) { if (!holds) this.problems.push(sentence); }

  // Part of an answer and then an error is all that can be done when the provider that was answering failed.
  #excused({ end, deployment = '', began, finished }) {
    const provider = this.providers.find(({ name }) => deployment.startsWith(`${name}-`));
    return end === 'told' && provider?.during(began, finished) !== undefined;
  }

  #ended(request) {
    const { end, stream, client, began, finished, firstMs, attempts, deployment } = request;
    this.requests.push({ end, stream, client, began, finished, firstMs, attempts, deployment });
    if (end === 'ok' || end === 'left' || this.#excused(request)) return;
    const weather = this.providers.map((provider) => `${provider.name}: ${provider.during(began, finished)?.name ?? 'well'}`).join(', ');
    this.problems.push(`${client}${stream ? ', streamed' : ''}, request ${request.number} (${request.id}), ${request.attempts} attempts, ${deployment}: ${request.why} [${weather}]`);
  }

  async run() {
    this.providers = Object.entries(fleet).map(([name, api]) => new Provider(name, api, apis[api]));
    await Promise.all(this.providers.map((provider) => provider.start()));
    // Long limits bear with a busy machine, and make for few episodes: a request may wait for two providers.
    const [limitMs, sickMs] = this.seconds < 60 ? [1500, 1500] : [3000, 4000];
    this.gateway = await startGateway(configOf(this.providers, limitMs));
    this.weather = new Weather(this.providers, { sickMs, calmMs: 2 * limitMs + 500 });
    const load = new Load(this.gateway, { routes: ['ordered', 'spread', 'spread'], rate: this.rate, ended: (request) => this.#ended(request) });
    this.began = performance.now();
    this.before = usage(this.gateway.pid);
    const sampler = setInterval(() => this.memory.push(usage(this.gateway.pid).memory), 1000);
    await Promise.all([load.run(this.seconds * 1000), this.weather.run(this.seconds * 1000)]);
    clearInterval(sampler);
    this.after = usage(this.gateway.pid);
    this.skipped = load.skipped;
    await this.#checkWhatIsLeft();
    this.#checkRequests();
    return this;
  }

  async #checkWhatIsLeft() {
    const gauge = async (name, most, labels) => waitFor(name, async () => await this.gateway.metric(name, labels) <= most, 5000)
      .catch((error) => this.problems.push(error.message));
    await gauge('sluice_in_flight', 1);    // the question itself
    await gauge('sluice_pool_connections', 0, { state: 'in_use' });
    for (const { sim } of this.providers) {
      await waitFor(`${sim.name} to be idle`, async () => (await sim.stats()).in_flight === 0, 5000).catch((error) => this.problems.push(error.message));
    }
    await sleep(500);
    // What was there after the first half: by then all that is kept for a while is full.
    this.warm = this.memory[Math.floor(this.memory.length / 2) - 1];
    this.left = usage(this.gateway.pid).memory;
    this.check(this.left - this.warm < Math.max(10, this.warm * 0.1) * slowed, `memory grew from ${this.warm.toFixed(1)} to ${this.left.toFixed(1)} MB`);
  }

  #checkRequests() {
    const most = this.requests.reduce((sofar, { attempts }) => Math.max(sofar, attempts ?? 0), 0);
    this.check(most <= this.providers.length, `a request was tried ${most} times`);
    this.check(this.requests.some(({ attempts }) => attempts > 1), 'nothing ever failed');
  }
}

function row(cells) { return `| ${cells.join(' | ')} |`; }
function table(head, rows) { return [row(head), row(head.map((_, i) => (i ? '---:' : '---'))), ...rows.map(row)].join('\n'); }

// What clients saw of some requests.
function tally(requests) {
  const count = (end) => requests.filter((request) => request.end === end).length;
  const first = requests.filter(({ end, firstMs }) => end === 'ok' && firstMs).map(({ firstMs }) => firstMs).sort((x, y) => x - y);
  const tried = requests.filter(({ attempts }) => attempts);
  return {
    ok: count('ok'), left: count('left'), told: count('told'), failed: count('failed'),
    p50: quantile(first, 0.5).toFixed(0), p99: quantile(first, 0.99).toFixed(0),
    attempts: tried.length ? (sumOf(tried.map(({ attempts }) => attempts)) / tried.length).toFixed(2) : '',
  };
}
const columns = ['requests', 'ok', 'left by their clients', 'cut off and told', 'failed', 'first byte p50 ms', 'p99 ms', 'attempts each'];
const cells = (requests) => {
  const { ok, left, told, failed, p50, p99, attempts } = tally(requests);
  return [requests.length, ok, left, told, failed, p50, p99, attempts];
};

export function report(chaos) {
  const { requests, weather, began, seconds, rate } = chaos;
  const minutes = Array.from({ length: Math.ceil(seconds / 60) }, (_, i) => [i + 1, ...cells(requests.filter((one) => Math.floor((one.began - began) / 60_000) === i)), chaos.memory[Math.min((i + 1) * 60, chaos.memory.length) - 1]?.toFixed(1)]);
  const byClass = new Map();
  for (const episode of weather.episodes) {
    const during = requests.filter((one) => one.began >= episode.from && one.began < (episode.to ?? Infinity));
    for (const { provider, row: { name } } of episode.falls) {
      const seen = byClass.get(name) ?? { times: 0, at: new Set(), during: [] };
      byClass.set(name, { times: seen.times + 1, at: seen.at.add(provider.name), during: seen.during.concat(during) });
    }
  }
  const clients = Object.entries(groups(requests));
  const cpu = ((chaos.after.cpu - chaos.before.cpu) / requests.length) * 1e6;
  return [
    '# A run of chaos', '',
    `${requests.length} requests in ${seconds} s (${(requests.length / seconds).toFixed(0)} a second of ${rate} wanted, ${chaos.skipped} skipped while the machine stood still) over `
    + `${clients.length} client dialects and ${chaos.providers.length} providers, ${weather.episodes.length} episodes of failures. The gateway used ${cpu.toFixed(0)} µs of CPU a request; `
    + `its memory was ${chaos.warm.toFixed(1)} MB when warm and ${chaos.left.toFixed(1)} MB at the end.`, '',
    chaos.problems.length === 0 ? '**All checks passed.**' : `**${chaos.problems.length} problems:**\n\n${chaos.problems.slice(0, 40).map((problem) => `- ${problem}`).join('\n')}`, '',
    '## By minute', '', table(['minute', ...columns, 'memory MB'], minutes), '',
    '## By client', '', table(['client', ...columns], clients.map(([client, mine]) => [client, ...cells(mine)])), '',
    '## By failure', '', 'Requests that began while it was there; often another provider failed in another way at the same time.', '',
    table(['failure', 'times', 'at', ...columns], [...byClass].map(([name, { times, at, during }]) => [name, times, [...at].join(', '), ...cells(during)])), '',
  ].join('\n');
}

function groups(requests) {
  const found = {};
  for (const one of requests) (found[one.client] ??= []).push(one);
  return found;
}

export const chaos = (options) => new Chaos(options).run();

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.on('SIGINT', () => process.exit(1));    // its children end with it
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '600' }, rate: { type: 'string', default: '300' }, report: { type: 'string' } } });
  const done = await chaos({ seconds: Number(values.seconds), rate: Number(values.rate) });
  await endChildren();
  const text = report(done);
  if (values.report) writeFileSync(values.report, text);
  else console.log(text);
  console.log(done.problems.length === 0 ? 'all checks passed' : `${done.problems.length} problems`);
  process.exitCode = done.problems.length === 0 ? 0 : 1;
}
