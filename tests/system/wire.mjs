// A network namespace at the end of a cable, whose packets can be made to vanish one connection at a time.
//
// Needs root, or sudo without a password.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const root = process.getuid() === 0 ? [] : ['sudo', '-n'];
function ip(...args) {
  const [program, ...rest] = [...root, 'ip', ...args];
  return execFileSync(program, rest, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

// The established connections of this machine to an address: their local ports.
function localPorts(address, port) {
  const hex = [...address.split('.')].reverse().map((part) => Number(part).toString(16).padStart(2, '0')).join('').toUpperCase();
  const remote = `${hex}:${port.toString(16).padStart(4, '0').toUpperCase()}`;
  return readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1).flatMap((line) => {
    const [, local, peer, state] = line.trim().split(/\s+/);
    return peer === remote && state === '01' ? [parseInt(local.split(':')[1], 16)] : [];
  });
}

let made = 0;
export function isolate() {
  const id = `${process.pid % 10000}${made++}`;
  const name = `slx${id}`;
  const net = `10.${200 + (process.pid % 50)}.${(process.pid >> 6) % 256}`;
  const near = `${net}.1`;
  const far = `${net}.2`;
  ip('netns', 'add', name);
  try {
    ip('link', 'add', `n${id}`, 'type', 'veth', 'peer', 'name', `f${id}`, 'netns', name);
    ip('addr', 'add', `${near}/30`, 'dev', `n${id}`);
    ip('link', 'set', `n${id}`, 'up');
    ip('-n', name, 'addr', 'add', `${far}/30`, 'dev', `f${id}`);
    ip('-n', name, 'link', 'set', `f${id}`, 'up');
    ip('-n', name, 'link', 'set', 'lo', 'up');
  } catch (error) {
    ip('netns', 'del', name);
    throw error;
  }
  return {
    far,
    under: [...root, 'ip', 'netns', 'exec', name],
    // The local port of a connection to the far side, other than `not`.
    portTo: (port, not) => localPorts(far, port).find((local) => local !== not),
    // What the far side sends to this local port is lost from now on, without a word.
    swallow: (port) => ip('-n', name, 'rule', 'add', 'ipproto', 'tcp', 'dport', String(port), 'blackhole'),
    remove: () => ip('netns', 'del', name),
  };
}
