/** Draws a digit's strokes with a hand that shakes: the picture behind `digits`. */
import { glyphs } from './glyphs.ts';

/** Side of an image in pixels. */
export const SIDE = 28;
const PIXELS = SIDE * SIDE;
/** Uniform numbers in [0, 1) that one image takes. */
export const RANDOMS_PER_IMAGE = 1024;

/** Straight pieces drawn for each span between two control points. */
const PIECES = 5;
const MAX_POINTS = 16;

const ink = new Float32Array(PIXELS);
const px = new Float32Array(MAX_POINTS);
const py = new Float32Array(MAX_POINTS);

/**
 * Writes the image of a digit (0–9) to `out[at … at + 784)`, ink 255 on 0. `u` holds RANDOMS_PER_IMAGE uniform numbers; the
 * picture depends on them and the digit alone.
 */
export function drawDigit(digit: number, u: Float32Array, out: Uint8Array, at: number): void {
  let taken = 0;
  const between = (low: number, high: number): number => low + (high - low) * u[taken++];
  const variants = glyphs[digit];
  const glyph = variants[Math.floor(u[taken++] * variants.length)];

  const height = between(15, 21);
  const width = height * between(0.55, 0.9);
  const slant = between(-0.25, 0.35);
  const angle = between(-0.2, 0.2);
  const centreX = 13.5 + between(-2, 2);
  const centreY = 13.5 + between(-2, 2);
  const radius = between(0.8, 1.7);
  const pressure = between(0, 0.35);
  const darkness = between(0.7, 1);
  const jitter = between(0, 6);
  // elastic wobble: one slow wave per axis, in pixels
  const waveX = between(0, 1.3);
  const waveY = between(0, 1.3);
  const phaseX = between(0, 2 * Math.PI);
  const phaseY = between(0, 2 * Math.PI);
  const turnX = between(0.15, 0.4);
  const turnY = between(0.15, 0.4);

  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  ink.fill(0);
  for (const stroke of glyph) {
    const points = stroke.length / 2;
    for (let i = 0; i < points; i++) {
      const shakeX = i > 0 && isCorner(stroke, i) ? 0 : between(-jitter, jitter);
      const shakeY = i > 0 && isCorner(stroke, i) ? 0 : between(-jitter, jitter);
      const y = ((stroke[2 * i + 1] + shakeY) / 100 - 0.5) * height;
      const x = ((stroke[2 * i] + shakeX) / 100 - 0.5) * width - slant * y;
      const rx = cos * x - sin * y + centreX;
      const ry = sin * x + cos * y + centreY;
      px[i] = rx + waveX * Math.sin(turnX * ry + phaseX);
      py[i] = ry + waveY * Math.sin(turnY * rx + phaseY);
      if (i > 0 && isCorner(stroke, i)) {
        px[i] = px[i - 1];
        py[i] = py[i - 1];
      }
    }
    drawCurve(points, radius, pressure, phaseX);
  }

  const noise = between(0, 0.16);
  const specks = between(0, 0.006);
  const first = RANDOMS_PER_IMAGE - PIXELS;
  for (let i = 0; i < PIXELS; i++) {
    const r = u[first + i];
    const value = r < specks ? 0.8 : ink[i] * darkness + (r - 0.5) * 2 * noise;
    out[at + i] = value <= 0 ? 0 : value >= 1 ? 255 : Math.round(value * 255);
  }
}

function isCorner(stroke: readonly number[], i: number): boolean {
  return stroke[2 * i] === stroke[2 * i - 2] && stroke[2 * i + 1] === stroke[2 * i - 1];
}

/** A Catmull-Rom curve through the first `points` of px, py, the pen's radius swelling along the way. */
function drawCurve(points: number, radius: number, pressure: number, phase: number): void {
  let x0 = px[0];
  let y0 = py[0];
  for (let i = 0; i + 1 < points; i++) {
    const a = Math.max(i - 1, 0);
    const d = Math.min(i + 2, points - 1);
    for (let piece = 1; piece <= PIECES; piece++) {
      const t = piece / PIECES;
      const x1 = catmullRom(px[a], px[i], px[i + 1], px[d], t);
      const y1 = catmullRom(py[a], py[i], py[i + 1], py[d], t);
      const r = radius * (1 + pressure * Math.sin(phase + 0.9 * (i + t)));
      drawSegment(x0, y0, x1, y1, r);
      x0 = x1;
      y0 = y1;
    }
  }
}

function catmullRom(a: number, b: number, c: number, d: number, t: number): number {
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

/** A round-ended line; a pixel's ink is its cover by the pen, a ramp one pixel wide at the edge. */
function drawSegment(x0: number, y0: number, x1: number, y1: number, radius: number): void {
  const reach = radius + 0.5;
  const left = Math.max(0, Math.ceil(Math.min(x0, x1) - reach));
  const right = Math.min(SIDE - 1, Math.floor(Math.max(x0, x1) + reach));
  const top = Math.max(0, Math.ceil(Math.min(y0, y1) - reach));
  const bottom = Math.min(SIDE - 1, Math.floor(Math.max(y0, y1) + reach));
  const dx = x1 - x0;
  const dy = y1 - y0;
  const lengthSquared = dx * dx + dy * dy;
  const inverse = lengthSquared > 0 ? 1 / lengthSquared : 0;
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const t = ((x - x0) * dx + (y - y0) * dy) * inverse;
      const clamped = t < 0 ? 0 : Math.min(t, 1);
      const ex = x - x0 - clamped * dx;
      const ey = y - y0 - clamped * dy;
      const distanceSquared = ex * ex + ey * ey;
      if (distanceSquared >= reach * reach) continue;
      const cover = reach - Math.sqrt(distanceSquared);
      const i = y * SIDE + x;
      if (cover > ink[i]) ink[i] = Math.min(cover, 1);
    }
  }
}
