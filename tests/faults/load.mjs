// Requests at a steady rate over all client dialects, whole and streamed, some of which leave before their answer is there; and a
// judgement of each answer. Plain HTTP on kept connections: it shares the machine with what it measures.
import http from 'node:http';
import { dialects, seen } from './dialects.mjs';
import { appKey, sleep } from '../system/processes.mjs';

const names = Object.keys(dialects);
const leavesEarly = 0.08;
const words = 'alpha beta gamma delta epsilon zeta';

// What became of a request: how its client saw it end.
//   ok      the whole right answer
//   left    the client left, as it was to
//   told    part of the answer, then an error in the client's own words
//   failed  anything else, with `why`
function judge(dialect, stream, answer, expected) {
  if (answer.error) return { end: 'failed', why: `the connection broke: ${answer.error.message}` };
  let got;
  try {
    got = seen(dialect, stream, answer);
  } catch (error) {
    return { end: 'failed', why: `unreadable (${error.message}): ${answer.bytes.toString('utf8').slice(0, 300)}` };
  }
  if (answer.status !== 200) return { end: 'failed', why: `${answer.status}: ${got.error}` };
  if (got.complete && got.text === expected && got.error === undefined) return { end: 'ok' };
  if (stream && got.error && !got.complete && got.text && expected.startsWith(got.text)) return { end: 'told', why: got.error };
  return { end: 'failed', why: `${got.complete ? 'a wrong answer' : 'half an answer without an error'}: "${got.text}" ${got.error ?? ''}` };
}

export class Load {
  // `routes`: model names to ask, in turns; `ended(request)` is told of each one's end.
  constructor(gateway, { routes, rate, ended }) {
    Object.assign(this, { gateway, routes, rate, ended, sent: 0, skipped: 0 });
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 4000, scheduling: 'fifo' });
    this.going = new Set();
  }

  // Sends for so long, then waits for the last answers. What a machine that stood still was late for by more than a quarter of a
  // second is skipped: sent at once it would be another load than the steady one.
  async run(ms) {
    const began = performance.now();
    while (performance.now() - began < ms) {
      const due = Math.floor(((performance.now() - began) / 1000) * this.rate);
      this.skipped += Math.max(0, due - this.sent - this.skipped - Math.ceil(this.rate / 4));
      while (this.sent + this.skipped < due) this.#send(this.sent++);
      await sleep(5);
    }
    await Promise.all(this.going);
    this.agent.destroy();
  }

  #send(number) {
    const client = names[number % names.length];
    const stream = Math.floor(number / names.length) % 2 === 0;
    const request = { number, client, stream, began: performance.now() };
    const done = this.#ask(request, this.routes[number % this.routes.length]).then((verdict) => {
      this.going.delete(done);
      this.ended(Object.assign(request, verdict, { finished: performance.now() }));
    });
    this.going.add(done);
  }

  #ask(request, model) {
    const { client, stream, number } = request;
    const dialect = dialects[client];
    const question = `${number} ${words}`;
    const body = JSON.stringify(dialect.body(model, question, stream));
    const leaves = Math.random() < leavesEarly;
    return new Promise((resolve) => {
      const call = http.request({
        host: this.gateway.host, port: this.gateway.port, agent: this.agent, method: 'POST', path: dialect.path(model, stream),
        headers: { authorization: `Bearer ${appKey}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...dialect.headers },
      });
      const leave = () => {
        resolve({ end: 'left' });
        call.destroy();
      };
      // Half of those that leave do so before anything came.
      const timer = leaves ? setTimeout(leave, stream && number % 4 < 2 ? 60 : 10) : undefined;
      const end = (verdict) => {
        clearTimeout(timer);
        resolve(verdict);
      };
      call.on('error', (error) => end(judge(dialect, stream, { error }, '')));
      call.on('response', (response) => {
        const pieces = [];
        const { 'x-sluice-deployment': deployment, 'x-sluice-attempts': attempts, 'x-sluice-request-id': id } = response.headers;
        const head = { id, deployment, attempts: Number(attempts ?? 0) };
        response.on('data', (piece) => {
          head.firstMs ??= performance.now() - request.began;
          pieces.push(piece);
        });
        const finish = (error) => end({ ...judge(dialect, stream, { error, status: response.statusCode, bytes: Buffer.concat(pieces) }, `You said: ${question}`), ...head });
        response.on('end', () => finish());
        response.on('error', finish);
      });
      call.end(body);
    });
  }
}
