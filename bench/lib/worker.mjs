/** A process that times one library: requests and answers are lines of JSON. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export class Worker {
  constructor(name, command, args, env) {
    this.name = name;
    this.process = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    this.errors = '';
    this.process.stderr.on('data', (chunk) => {
      this.errors = (this.errors + chunk).slice(-2000);
    });
    this.waiting = [];
    this.ended = false;
    createInterface({ input: this.process.stdout }).on('line', (line) => {
      if (line.startsWith('{')) this.waiting.shift()?.resolve(JSON.parse(line));
    });
    const end = (why) => {
      this.ended = true;
      for (const { reject } of this.waiting.splice(0)) reject(new Error(`${name} ended: ${why} ${this.errors.trim()}`));
    };
    this.process.on('error', (error) => end(error.message));
    this.process.on('exit', (code) => end(`exit code ${code}`));
    this.process.stdin.on('error', () => {});
  }

  ask(request) {
    if (this.ended) return Promise.reject(new Error(`${this.name} has ended: ${this.errors.trim()}`));
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.process.stdin.write(`${JSON.stringify(request)}\n`);
    });
  }

  stop() {
    this.process.kill();
  }
}
