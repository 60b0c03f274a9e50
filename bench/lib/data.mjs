/** The numbers that every worker computes with: element i of stream `salt`, in [-0.5, 0.5). pytorch.py and protocol.h do the same. */
export function fill(length, salt) {
  const data = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    let x = (Math.imul(i, 0x9e3779b1) + Math.imul(salt, 0x85ebca77)) >>> 0;
    x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
    x = Math.imul(x ^ (x >>> 12), 0x297a2d39);
    data[i] = ((x ^ (x >>> 15)) >>> 8) / 2 ** 24 - 0.5;
  }
  return data;
}

/** Values at 64 scattered places: enough to see that two libraries computed the same thing. */
export function sample(data, length = data.length) {
  return Array.from({ length: 64 }, (_, i) => data[Number((BigInt(i) * 2654435761n) % BigInt(length))]);
}

/** Seconds per call: repeated until `seconds` have passed, at least three times; very short calls several to a sample. */
export function measure(run, seconds) {
  const now = () => Number(process.hrtime.bigint()) / 1e9;
  run();
  const start = now();
  run();
  const one = now() - start;
  const inner = one < 20e-6 ? Math.ceil(20e-6 / Math.max(one, 1e-8)) : 1;
  const times = [];
  for (let total = 0; total < seconds || times.length < 3; ) {
    const before = now();
    for (let i = 0; i < inner; i++) run();
    const t = now() - before;
    total += t;
    times.push(t / inner);
  }
  return times;
}

/** Serves requests: `setup(request)` gives `{run, sample}`; then `time` requests measure `run`. */
export function serve(setup, readline) {
  let current = null;
  readline.on('line', (line) => {
    const request = JSON.parse(line);
    let answer;
    try {
      if (request.cmd === 'setup') {
        current = setup(request);
        answer = current.unsupported
          ? { unsupported: current.unsupported }
          : { sample: current.sample(), unchecked: current.unchecked };
      } else {
        const before = process.resourceUsage().minorPageFault;
        const times = measure(current.run, request.seconds);
        answer = {
          times,
          faults: (process.resourceUsage().minorPageFault - before) / times.length,
          rss: process.memoryUsage.rss(),
        };
      }
    } catch (error) {
      answer = { error: String(error?.stack ?? error) };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  });
}
