// The gateway and simulators as child processes on free ports, a plain-socket HTTP client that sends and sees every byte, and
// waiting for events instead of sleeping. For suites (lib.mjs) and for programs that are no tests.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync, renameSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
export const binary = process.env.SLUICE_BIN ?? join(here, '../../build/sluice');

export const appKey = 'sk-sl-app-canary-5f0d1c2b3a4958671029384756aabbcc';
export const masterKey = 'sk-sl-master-canary-91b2c3d4e5f60718293a4b5c6d7e8f90';
export const providerKey = 'sk-provider-canary-00112233445566778899aabbccddeeff';

// ---- waiting ----

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const wallUs = () => (performance.timeOrigin + performance.now()) * 1000;

// Asks until the answer is truthy; for state that only the other side can tell.
export async function waitFor(what, ask, limit = 3000) {
  const end = performance.now() + limit;
  let last;
  for (;;) {
    last = await ask();
    if (last) return last;
    if (performance.now() > end) throw new Error(`waited ${limit} ms for ${what}`);
    await sleep(10);
  }
}

export function within(what, promise, limit = 5000) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${limit} ms`)), limit);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// ---- temporary folders ----

const folders = [];
export function tempDir() {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-system-'));
  folders.push(folder);
  return folder;
}

// ---- child processes ----

const children = new Set();
// Nothing of the tester's own keys or proxies; what sanitizers are told.
const inherited = Object.fromEntries(['PATH', 'HOME', 'ASAN_OPTIONS', 'UBSAN_OPTIONS', 'TSAN_OPTIONS'].flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));

export class Child {
  // `under`: a command that runs the binary, such as ip netns exec NAME.
  constructor(args, { env = {}, cwd, under = [] } = {}) {
    this.stdout = '';
    this.stderr = '';
    this.watchers = new Set();
    this.mayFail = false;
    const [program, ...rest] = [...under, binary, ...args];
    this.process = spawn(program, rest, {
      cwd: cwd ?? tempDir(),
      env: { ...inherited, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const name of ['stdout', 'stderr']) {
      this.process[name].setEncoding('utf8');
      this.process[name].on('data', (text) => {
        this[name] += text;
        for (const watcher of [...this.watchers]) watcher();
      });
    }
    this.exited = new Promise((resolve, reject) => {
      this.process.once('error', reject);
      this.process.once('close', (code, signal) => {
        children.delete(this);
        this.code = code;
        this.endSignal = signal;
        for (const watcher of [...this.watchers]) watcher();
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
    this.exited.catch(() => {});
    children.add(this);
  }

  get pid() { return this.process.pid; }
  get alive() { return this.process.exitCode === null && this.process.signalCode === null; }

  // Resolves with the first truthy find(this), asked again after each output.
  output(what, find, limit = 10_000) {
    return within(what, new Promise((resolve, reject) => {
      const look = () => {
        const found = find(this);
        if (found) {
          this.watchers.delete(look);
          resolve(found);
        } else if (!this.alive) {
          this.watchers.delete(look);
          reject(new Error(`ended (${this.code ?? this.endSignal}) before ${what}:\n${this.stdout}${this.stderr}`));
        }
      };
      this.watchers.add(look);
      look();
    }), limit).catch((error) => {
      error.message += `\nlast output: ${this.stderr.slice(-1500)}`;
      throw error;
    });
  }

  async ready() {
    const url = await this.output('"listening on"', (c) => /^listening on (https?:\/\/\S+)$/m.exec(c.stdout)?.[1]);
    this.url = url;
    const parsed = new URL(url);
    this.host = parsed.hostname;
    this.port = Number(parsed.port);
    this.secure = parsed.protocol === 'https:';
    return this;
  }

  signal(name) { this.process.kill(name); }

  async kill() {
    this.mayFail = true;
    if (this.alive) this.process.kill('SIGKILL');
    await this.exited;
  }

  async stop(limit = 8000) {
    if (this.alive) this.process.kill('SIGTERM');
    try {
      return await within(`the end of ${this.process.spawnargs.slice(1, 2)}`, this.exited, limit);
    } catch (error) {
      this.process.kill('SIGKILL');
      throw error;
    }
  }
}

process.on('exit', () => {
  for (const child of children) child.process.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

// Ends all that runs; a gateway that does not end well is an error.
export async function endChildren() {
  const ends = await Promise.allSettled([...children].map(async (child) => {
    if (child instanceof Simulator) return child.kill();
    const { code, signal, stderr } = await child.stop();
    if (!child.mayFail) assert.equal(code, 0, `the gateway ended with ${code ?? signal}: ${stderr.slice(-3000)}`);
  }));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

// Runs a command to its end.
export async function run(args, options) {
  const child = new Child(args, options);
  child.mayFail = true;
  return within(`sluice ${args.join(' ')}`, child.exited, 15_000);
}

// ---- the simulator ----

export class Simulator extends Child {
  get base() { return `${this.url}/v1`; }
  async #admin(method, path, body) {
    const answer = await call(this, { method, path, body: body && JSON.stringify(body), headers: { 'content-type': 'application/json' } });
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.text ? answer.json : undefined;
  }
  stats() { return this.#admin('GET', '/_sim/stats'); }
  ledger() { return this.#admin('GET', '/_sim/ledger'); }
  // The recorded requests of one upstream model.
  async seen(model) { return (await this.ledger()).filter((entry) => entry.model === model); }
  script(model, script, times) { return this.#admin('PUT', '/_sim/script', { model, script, ...(times ? { times } : {}) }); }
  // A model name of the gateway behind which this script is: for scripts too long to be a model name.
  async place(script) {
    const model = `placed-${Simulator.#placed++}`;
    await this.script(model, script);
    return `${this.name}/${model}`;
  }
  static #placed = 1;
  reset() { return this.#admin('DELETE', '/_sim'); }
}

export async function startSim(name, { key = providerKey, record = true, host = '127.0.0.1', port = 0, args = [], under } = {}) {
  const flags = ['sim', '--listen', `${host}:${port}`, '--name', name, '--threads', '1', ...args];
  if (key) flags.push('--key', key);
  if (record) flags.push('--record');
  const sim = new Simulator(flags, { under });
  sim.name = name;
  return sim.ready();
}

// ---- the gateway ----

export class Gateway extends Child {
  get logs() {
    return this.stderr.split('\n').filter((line) => line.startsWith('{')).flatMap((line) => {
      try {
        return [JSON.parse(line)];
      } catch {
        return [];    // the last line may still be incomplete
      }
    });
  }
  get requestLogs() { return this.logs.filter((line) => line.msg === 'request'); }
  requestLog(id) {
    return this.output(`the log line of request ${id}`, (c) => c.requestLogs.find((line) => line.request_id === id), 5000);
  }
  // Any call; `key: null` sends none.
  call({ key = appKey, headers = {}, ...rest }) {
    const sent = { ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...headers };
    return call(this, { headers: sent, ...rest });
  }
  post(path, body, options = {}) {
    const { headers, ...rest } = options;
    return this.call({ method: 'POST', path, body: typeof body === 'object' && !Buffer.isBuffer(body) ? JSON.stringify(body) : body,
      headers: { 'content-type': 'application/json', ...headers }, ...rest });
  }
  chat(model, extra = {}, options = {}) { return this.post('/v1/chat/completions', chat(model, extra), options); }
  // A chat request on a connection of its own, with the answer's head read; the caller reads or drops the rest.
  async open(model, extra = {}, options = {}) {
    const connection = await Connection.open(this);
    const body = JSON.stringify(chat(model, extra));
    connection.request({ method: 'POST', path: '/v1/chat/completions', body,
      headers: { authorization: `Bearer ${options.key ?? appKey}`, 'content-type': 'application/json', ...options.headers } });
    return connection;
  }
  async metrics() { return (await this.call({ path: '/metrics', key: masterKey })).text; }
  // The value of one series, 0 when it is not there: metric('sluice_requests_total', {status: '200'}) adds all that match.
  async metric(name, labels = {}) {
    let sum = 0;
    for (const line of (await this.metrics()).split('\n')) {
      const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line);
      if (!match || match[1] !== name) continue;
      if (Object.entries(labels).every(([key, value]) => (match[2] ?? '').includes(`${key}="${value}"`))) sum += Number(match[3]);
    }
    return sum;
  }
}

export const chat = (model, extra = {}) => {
  const { text = 'hello', ...fields } = extra;
  return { model, messages: [{ role: 'user', content: text }], ...fields };
};

// A model name that tells the simulator behind provider `sim-a` what to do.
export const scripted = (script, provider = 'sim-a') => `${provider}/sim:${JSON.stringify(script)}`;

// A script with which the simulator refuses: an error status, and a body as OpenAI writes it.
export const refusing = (status, error = {}, more = {}) => ({
  status, error: { error: { message: 'refused', type: 'some_type', param: null, code: null, ...error } }, ...more,
});

// How many times larger and slower the program may be where a sanitizer watches it (tools/test says so).
export const slowed = process.env.SLUICE_SANITIZER ? 20 : 1;

// No circuit breaker: what one test breaks, the next one may use.
export const calm = { consecutive: 0, failure_percent: 0 };

// The usual configuration: each simulator a provider of its name, and `pair/*` goes to all of them by priority.
export function baseConfig(sims, extra = {}) {
  const { models = {}, keys = [], providers = {}, ...rest } = extra;
  const named = Object.fromEntries(sims.map((sim) => [sim.name, { type: 'openai', base_url: sim.base, api_key: providerKey }]));
  const wild = Object.fromEntries(sims.map((sim) => [`${sim.name}/*`, { deployments: [`${sim.name}/*`], retries: 0 }]));
  return {
    master_key: masterKey,
    drain: '1s',
    providers: { ...named, ...providers },
    models: {
      ...wild,
      ...(sims.length > 0 ? { 'pair/*': { deployments: sims.map((sim) => `${sim.name}/*`), retries: 0, backoff: '20ms', breaker: calm } } : {}),
      ...models,
    },
    keys: [{ name: 'app', key: appKey }, ...keys],
    ...rest,
  };
}

// JSON is YAML; files are replaced whole, as editors and deploy tools do.
export function writeConfig(file, config) {
  const temporary = `${file}.new`;
  writeFileSync(temporary, typeof config === 'string' ? config : JSON.stringify(config, null, 2));
  renameSync(temporary, file);
}

// `data`: the data directory of one that ran before.
export async function startGateway(config, { env = {}, args = [], data, under } = {}) {
  const folder = tempDir();
  const file = join(folder, 'sluice.yaml');
  writeConfig(file, config);
  data ??= join(folder, 'data');
  const gateway = new Gateway(['serve', '--config', file, '--listen', '127.0.0.1:0', '--data', data, ...args], { env, cwd: folder, under });
  gateway.file = file;
  gateway.data = data;
  return gateway.ready();
}

// `count` simulators sim-a, sim-b … and a gateway in front of them; `extra` may be a function of the simulators.
export async function startPair(extra = {}, count = 2, options = {}) {
  const sims = await Promise.all([...'abcd'].slice(0, count).map((letter) => startSim(`sim-${letter}`)));
  const gateway = await startGateway(baseConfig(sims, typeof extra === 'function' ? extra(sims) : extra), options);
  return { sims, gateway };
}

// ---- HTTP over a plain socket ----

export class Connection {
  static async open(target, { ca } = {}) {
    const secure = target.secure;
    const socket = secure
      ? tls.connect({ host: target.host, port: target.port, ca, servername: 'localhost' })
      : net.connect({ host: target.host, port: target.port, noDelay: true });
    const connection = new Connection(socket);
    await new Promise((resolve, reject) => {
      socket.once(secure ? 'secureConnect' : 'connect', resolve);
      socket.once('error', reject);
    });
    return connection;
  }

  constructor(socket) {
    this.socket = socket;
    this.buffer = Buffer.alloc(0);
    this.ended = false;
    this.arrivals = [];    // when bytes came, and how many
    socket.on('data', (bytes) => {
      this.arrivals.push({ at: performance.now(), size: bytes.length });
      this.buffer = this.buffer.length ? Buffer.concat([this.buffer, bytes]) : bytes;
      this.wake?.();
    });
    const end = (error) => {
      this.error ??= error instanceof Error ? error : undefined;
      this.ended = true;
      this.wake?.();
    };
    socket.on('end', end);
    socket.on('close', end);
    socket.on('error', end);
  }

  write(bytes) { return new Promise((resolve) => { this.socket.write(bytes, resolve); }); }
  destroy() { this.socket.destroy(); }
  reset() { this.socket.resetAndDestroy(); }
  pause() { this.socket.pause(); }
  resume() { this.socket.resume(); }

  request({ method = 'GET', path = '/', headers = {}, body }) {
    const lines = [`${method} ${path} HTTP/1.1`];
    const has = (name) => Object.keys(headers).some((key) => key.toLowerCase() === name);
    if (!has('host')) lines.push('host: sluice.test');
    for (const [name, value] of Object.entries(headers)) for (const one of [value].flat()) lines.push(`${name}: ${one}`);
    const bytes = body === undefined ? undefined : Buffer.from(body);
    if (!has('content-length') && !has('transfer-encoding') && (bytes || method === 'POST')) lines.push(`content-length: ${bytes?.length ?? 0}`);
    this.method = method;
    this.socket.write(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
    if (bytes?.length) this.socket.write(bytes);
  }

  async #more() {
    if (this.ended) return false;
    await new Promise((resolve) => { this.wake = resolve; });
    this.wake = undefined;
    return true;
  }
  #take(count) {
    const bytes = this.buffer.subarray(0, count);
    this.buffer = this.buffer.subarray(count);
    return bytes;
  }
  async #until(mark) {
    for (;;) {
      const at = this.buffer.indexOf(mark);
      if (at >= 0) return this.#take(at + mark.length).subarray(0, at);
      if (!(await this.#more()) && this.buffer.indexOf(mark) < 0) throw this.#cut();
    }
  }
  #cut() {
    const error = new Error(`the connection ended early${this.error ? ` (${this.error.code})` : ''}`);
    error.code = this.error?.code ?? 'CUT';
    return error;
  }

  async head() {
    for (;;) {
      const [first, ...lines] = (await this.#until('\r\n\r\n')).toString('latin1').split('\r\n');
      const match = /^HTTP\/1\.1 (\d{3}) ?(.*)$/.exec(first);
      assert.ok(match, `not a status line: ${first}`);
      const fields = lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      });
      const headers = {};
      for (const [name, value] of fields) headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
      this.answer = { status: Number(match[1]), reason: match[2], headers, fields };
      if (this.answer.status === 100) {
        this.continued = true;
        continue;
      }
      return this.answer;
    }
  }

  // The pieces of the body as they come. Throws when the connection ends before the body does.
  async *body() {
    const { status, headers } = this.answer;
    if (this.method === 'HEAD' || status === 204 || status === 304) return;
    if (/chunked/i.test(headers['transfer-encoding'] ?? '')) {
      for (;;) {
        const size = parseInt((await this.#until('\r\n')).toString(), 16);
        if (size === 0) {
          await this.#until('\r\n');
          return;
        }
        while (this.buffer.length < size + 2) if (!(await this.#more()) && this.buffer.length < size + 2) throw this.#cut();
        yield this.#take(size);
        this.#take(2);
      }
    }
    if (headers['content-length'] !== undefined) {
      for (let left = Number(headers['content-length']); left > 0;) {
        if (!this.buffer.length && !(await this.#more()) && !this.buffer.length) throw this.#cut();
        const piece = this.#take(Math.min(left, this.buffer.length));
        left -= piece.length;
        if (piece.length) yield piece;
      }
      return;
    }
    for (;;) {
      if (this.buffer.length) yield this.#take(this.buffer.length);
      else if (!(await this.#more()) && !this.buffer.length) return;
    }
  }

  async whole() {
    const pieces = [];
    for await (const piece of this.body()) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  // Reads events until `count` of them (comments not counted) or the end.
  async events(count = Infinity) {
    this.text ??= '';
    this.reading ??= this.body();
    while (parseEvents(this.text).length < count) {
      const { done, value } = await this.reading.next();
      if (done) break;
      this.text += value.toString('utf8');
    }
    return parseEvents(this.text);
  }
}

export async function call(target, { method, path, headers, body, ca, limit = 20_000 } = {}) {
  const connection = await Connection.open(target, { ca });
  try {
    return await within(`${method ?? 'GET'} ${path}`, (async () => {
      connection.request({ method: method ?? (body === undefined ? 'GET' : 'POST'), path, headers: { connection: 'close', ...headers }, body });
      const answer = await connection.head();
      const bytes = await connection.whole();
      return finished(answer, bytes);
    })(), limit);
  } finally {
    connection.destroy();
  }
}

function finished(answer, bytes) {
  return {
    ...answer,
    bytes,
    text: bytes.toString('utf8'),
    get json() { return JSON.parse(this.text); },
    get id() { return answer.headers['x-sluice-request-id']; },
    get events() { return parseEvents(this.text); },
  };
}

// The complete events of an event stream that hold data.
export function parseEvents(text) {
  const blocks = text.replaceAll('\r\n', '\n').split('\n\n');
  blocks.pop();
  return blocks.flatMap((block) => {
    const data = block.split('\n').filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trimStart());
    return data.length ? [data.join('\n')] : [];
  });
}
export const comments = (text) => text.split('\n').filter((line) => line.startsWith(':'));

// The text of a streamed chat answer.
export const streamText = (events) => events.filter((data) => data !== '[DONE]').map((data) => JSON.parse(data))
  .map((chunk) => chunk.choices?.[0]?.delta?.content ?? '').join('');
export const finishReasons = (events) => events.filter((data) => data !== '[DONE]').map((data) => JSON.parse(data))
  .flatMap((chunk) => chunk.choices?.map((choice) => choice.finish_reason) ?? []).filter(Boolean);
export const errorOf = (events) => events.filter((data) => data !== '[DONE]').map((data) => JSON.parse(data)).find((chunk) => chunk.error)?.error;
