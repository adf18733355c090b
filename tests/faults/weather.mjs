// Failures that come and go at simulated providers. An episode makes some providers fail, each in its own way, while at least one is
// spared; between two episodes all are well for longer than a request lasts, so that at any moment there is one provider that
// could have served every request of that moment.
import { phases } from './table.mjs';
import { sleep, startSim } from '../system/processes.mjs';

const healthy = { delay_ms: 20, event_delay_ms: 8 };

// Far from its neighbours in the table, so that a short run has some of each kind.
const scattered = (list) => list.map((row, i) => ({ row, at: (i * 0.618034) % 1 })).sort((x, y) => x.at - y.at).map(({ row }) => row);

// All of the table that a healthy deployment makes up for, and what no script can do: a provider that is gone or frozen.
const classes = scattered([
  ...Object.values(phases).flat().filter((row) => row.script && ['again', 'other', 'told'].includes(row.then) && row.name !== 'the context window is exceeded'),
  { name: 'the process is gone', process: 'gone' }, { name: 'the process is frozen', process: 'frozen' },
]);

export class Provider {
  constructor(name, api, model) { Object.assign(this, { name, api, model, sick: [] }); }

  async start(port = 0) {
    this.sim = await startSim(this.name, { record: false, port });
    await this.#tell(healthy);
    return this;
  }

  async fall(row) {
    this.sick.push({ row, from: performance.now(), to: Infinity });
    if (row.process === 'gone') return this.sim.kill();
    if (row.process === 'frozen') return this.sim.signal('SIGSTOP');
    const { text, ...script } = row.script(this.api);    // what is said is the echo, by which answers are judged
    return this.#tell({ event_delay_ms: healthy.event_delay_ms, ...script });
  }

  async recover() {
    const { row } = this.sick.at(-1);
    if (row.process === 'gone') await this.start(this.sim.port);
    else if (row.process === 'frozen') this.sim.signal('SIGCONT');
    else await this.#tell(healthy);
    this.sick.at(-1).to = performance.now();
  }

  // Tells the simulator what to do; on a busy machine it may want to be told twice.
  async #tell(script, times = 3) {
    try {
      await this.sim.script(this.model, script);
    } catch (error) {
      if (times === 1 || !this.sim.alive) throw error;
      await sleep(100);
      await this.#tell(script, times - 1);
    }
  }

  // The failure that was here at any time of a span.
  during(from, to) { return this.sick.find((spell) => spell.from <= to && from <= spell.to)?.row; }
}

export class Weather {
  constructor(providers, { sickMs, calmMs }) {
    Object.assign(this, { providers, sickMs, calmMs, episodes: [] });
    this.queue = [];
  }

  // The classes in turns, so that a long run has them all, again and again at other providers.
  #next(api) {
    if (this.queue.length < classes.length) this.queue.push(...classes);
    const at = this.queue.findIndex((row) => !row.apis || row.apis.includes(api));
    return this.queue.splice(at, 1)[0];
  }

  async run(ms) {
    const until = performance.now() + ms;
    await sleep(this.calmMs);
    for (let count = 0; performance.now() + this.sickMs + this.calmMs < until; count++) {
      const spared = count % this.providers.length;
      const sick = this.providers.filter((_, i) => i !== spared).slice(0, 1 + (count % 2));
      const episode = { from: performance.now(), falls: sick.map((provider) => ({ provider, row: this.#next(provider.api) })) };
      this.episodes.push(episode);
      for (const { provider, row } of episode.falls) await provider.fall(row);
      await sleep(this.sickMs);
      for (const { provider } of episode.falls) await provider.recover();
      episode.to = performance.now();
      await sleep(this.calmMs);
    }
  }
}
