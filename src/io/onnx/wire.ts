/** The wire format of protocol buffers, as far as ONNX needs it: reading with every bound checked, and writing. */
import { fail } from '../../errors.ts';

/** How a value is laid out: the low three bits of a tag. */
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
const layouts = ['a varint', '8 bytes', 'a length and bytes', 'a group', 'the end of a group', '4 bytes'];

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** What reads a field, by its number in the message: its name for errors, and the reader of one occurrence. */
export type Fields = Readonly<Record<number, readonly [name: string, read: (cursor: Cursor) => void]>>;

/** A place in the bytes of one message. All errors name the field and the byte at which they were found. */
export class Cursor {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly end: number;
  private readonly message: string;
  private at: number;
  private field = '';
  private layout = BYTES;

  constructor(bytes: Uint8Array, message: string, begin = 0, end = bytes.length) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.message = message;
    this.at = begin;
    this.end = end;
  }

  /** Reads the message to its end; fields that are not in the list are skipped. */
  read(fields: Fields): void {
    while (this.at < this.end) {
      this.field = '';
      const begin = this.at;
      const tag = this.varint();
      const number = Number(tag >> 3n);
      this.layout = Number(tag & 7n);
      if (number < 1 || number >= 2 ** 29)
        this.wrong(`field number expected 1 to ${2 ** 29 - 1}, got ${number}`, begin);
      const known = Object.hasOwn(fields, number) ? fields[number] : null;
      this.field = known === null ? `field ${number}` : known[0];
      if (known === null) this.skip(begin);
      else known[1](this);
    }
  }

  /** Throws an error about the current field. */
  wrong(what: string, at = this.at): never {
    fail('importOnnx', `${this.field === '' ? this.message : `${this.message}.${this.field}`}: ${what}, at byte ${at}`);
  }

  private skip(begin: number): void {
    if (this.layout === VARINT) this.varint();
    else if (this.layout === BYTES) this.span();
    else if (this.layout === FIXED64 || this.layout === FIXED32) this.take(this.layout === FIXED64 ? 8 : 4);
    else
      this.wrong(`layout expected ${layouts[0]}, 4 or 8 bytes, or ${layouts[BYTES]}, got code ${this.layout}`, begin);
  }

  private expect(layout: number): void {
    if (this.layout !== layout)
      this.wrong(`expected ${layouts[layout]}, got ${layouts[this.layout] ?? `layout ${this.layout}`}`);
  }

  /** The next `count` bytes; gives where they begin. */
  private take(count: number): number {
    const begin = this.at;
    if (count > this.end - begin) this.wrong(`needs ${count} bytes, ${this.end - begin} are left`, begin);
    this.at = begin + count;
    return begin;
  }

  private varint(): bigint {
    const begin = this.at;
    let value = 0;
    // seven bits a byte; below 2^49 a number holds them
    for (let shift = 0; shift < 49; shift += 7) {
      const byte = this.bytes[this.take(1)];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return BigInt(value);
    }
    let wide = BigInt(value);
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.bytes[this.take(1)];
      wide += BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asUintN(64, wide);
    }
    return this.wrong('a varint expected at most 10 bytes', begin);
  }

  /** Begin and end of a length and as many bytes. */
  private span(): [number, number] {
    const length = this.varint();
    if (length > BigInt(this.end - this.at)) this.wrong(`needs ${length} bytes, ${this.end - this.at} are left`);
    const begin = this.take(Number(length));
    return [begin, this.at];
  }

  /** A 64-bit integer. */
  int64(): bigint {
    this.expect(VARINT);
    return BigInt.asIntN(64, this.varint());
  }

  /** An integer as a number; beyond 2^53 the nearest that there is. */
  int(): number {
    return Number(this.int64());
  }

  float(): number {
    this.expect(FIXED32);
    return this.view.getFloat32(this.take(4), true);
  }

  /** A part of the bytes, not copied. */
  blob(): Uint8Array {
    this.expect(BYTES);
    const [begin, end] = this.span();
    return this.bytes.subarray(begin, end);
  }

  text(): string {
    const begin = this.at;
    try {
      return utf8.decode(this.blob());
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return this.wrong('expected UTF-8 text', begin);
    }
  }

  /** A message inside; `index` counts it in a list. */
  inner(index?: number): Cursor {
    this.expect(BYTES);
    const [begin, end] = this.span();
    const path = `${this.message}.${this.field}${index === undefined ? '' : `[${index}]`}`;
    return new Cursor(this.bytes, path, begin, end);
  }

  /** One occurrence of a repeated number: one value, or many packed. */
  private many<T>(layout: number, into: T[], one: (cursor: Cursor) => T): void {
    if (this.layout === layout) {
      into.push(one(this));
      return;
    }
    this.expect(BYTES);
    const [begin, end] = this.span();
    const packed = new Cursor(this.bytes, this.message, begin, end);
    packed.field = this.field;
    packed.layout = layout;
    while (packed.at < packed.end) into.push(one(packed));
  }

  int64s(into: bigint[]): void {
    this.many(VARINT, into, (cursor) => cursor.int64());
  }

  ints(into: number[]): void {
    this.many(VARINT, into, (cursor) => cursor.int());
  }

  floats(into: number[]): void {
    this.many(FIXED32, into, (cursor) => cursor.float());
  }

  doubles(into: number[]): void {
    this.many(FIXED64, into, (cursor) => cursor.view.getFloat64(cursor.take(8), true));
  }
}

const toUtf8 = new TextEncoder();

/** A message as it grows: pieces that are joined once, at the end. */
export class Message {
  private readonly pieces: Uint8Array[] = [];
  private length = 0;

  private put(piece: Uint8Array): void {
    this.pieces.push(piece);
    this.length += piece.length;
  }

  private varint(value: bigint): void {
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, value);
    for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
    bytes.push(Number(rest));
    this.put(Uint8Array.from(bytes));
  }

  private tag(field: number, layout: number): void {
    this.varint(BigInt(field * 8 + layout));
  }

  int(field: number, value: number | bigint): this {
    this.tag(field, VARINT);
    this.varint(BigInt(value));
    return this;
  }

  float(field: number, value: number): this {
    this.tag(field, FIXED32);
    this.put(new Uint8Array(Float32Array.of(value).buffer));
    return this;
  }

  blob(field: number, bytes: Uint8Array): this {
    this.tag(field, BYTES);
    this.varint(BigInt(bytes.length));
    this.put(bytes);
    return this;
  }

  text(field: number, text: string): this {
    return this.blob(field, toUtf8.encode(text));
  }

  inner(field: number, message: Message): this {
    this.tag(field, BYTES);
    this.varint(BigInt(message.length));
    for (const piece of message.pieces) this.put(piece);
    return this;
  }

  /** All of it as one array. */
  bytes(): Uint8Array {
    const all = new Uint8Array(this.length);
    let at = 0;
    for (const piece of this.pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  }
}
