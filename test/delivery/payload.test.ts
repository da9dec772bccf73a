import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { InvalidArgumentError } from '../../src/diagnostics/errors.js'
import { checkPayload, copyOf, isBlob, payloadSize, utf8Length } from '../../src/delivery/payload.js'

afterEach(() => void vi.unstubAllGlobals())

const bytes = (): Uint8Array<ArrayBuffer> => Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)

describe('checkPayload', () => {
  test.each([
    ['a string', ''],
    ['an ArrayBuffer', bytes().buffer],
    ['an empty ArrayBuffer', new ArrayBuffer(0)],
    ['a Uint8Array', bytes()],
    ['an empty view of a buffer', bytes().subarray(8)],
    ['a Float64Array', new Float64Array(1)],
    ['a DataView', new DataView(bytes().buffer)],
    ['a Buffer', Buffer.from('x')],
    ['a view of shared memory', new Uint8Array(new SharedArrayBuffer(2))],
    ['a Blob', new Blob(['x'])],
    ['a File', new File(['x'], 'x')],
  ])('%s can be sent', (_, data) => {
    expect(() => checkPayload(data)).not.toThrow()
  })

  test.each([
    [undefined],
    [null],
    [5],
    [5n],
    [true],
    [Symbol('x')],
    [{}],
    [[1, 2]],
    [() => 'x'],
    [new Date(0)],
    [new String('x')],
    [{ byteLength: 3 }],
    [{ size: 3, type: '', arrayBuffer: () => {} }],
  ])('%s cannot', (data) => {
    let thrown: unknown
    try {
      checkPayload(data)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(InvalidArgumentError)
    expect((thrown as InvalidArgumentError).argument).toBe('data')
  })

  test('what was transferred elsewhere cannot, neither the buffer nor a view of it', () => {
    const view = bytes()
    structuredClone(view.buffer, { transfer: [view.buffer] })
    expect(() => checkPayload(view.buffer)).toThrow(/detached/)
    expect(() => checkPayload(view)).toThrow(/detached/)
  })

  test('nor can a view beyond the end of a buffer that has shrunk, or a DataView of one that was transferred', () => {
    const memory = (): ArrayBuffer => Reflect.construct(ArrayBuffer, [8, { maxByteLength: 8 }]) as ArrayBuffer
    const [shrunk, gone] = [new DataView(memory(), 4, 4), new DataView(memory())]
    const list = new Uint16Array(shrunk.buffer, 4, 2)
    expect(() => checkPayload(shrunk)).not.toThrow()
    expect(() => checkPayload(list)).not.toThrow()
    ;(shrunk.buffer as unknown as { resize(bytes: number): void }).resize(2)
    structuredClone(gone.buffer, { transfer: [gone.buffer] })
    for (const view of [shrunk, list, gone]) expect(() => checkPayload(view)).toThrow(InvalidArgumentError)
  })
})

describe('payloadSize', () => {
  test.each([
    ['text in UTF-8', 'h€', 4],
    ['an ArrayBuffer', new ArrayBuffer(7), 7],
    ['a view, not its buffer', bytes().subarray(2, 5), 3],
    ['a typed array by its bytes', new Int16Array(3), 6],
    ['a DataView', new DataView(new ArrayBuffer(9), 4), 5],
    ['a Blob', new Blob(['h€']), 4],
  ])('%s', (_, data, size) => {
    expect(payloadSize(data)).toBe(size)
  })
})

test('a text of ASCII is measured without looking at each unit', () => {
  const charCodeAt = vi.spyOn(String.prototype, 'charCodeAt')
  try {
    expect(utf8Length('plain text \n\x7f')).toBe(13)
    expect(charCodeAt).not.toHaveBeenCalled()
  } finally {
    charCodeAt.mockRestore()
  }
})

test('bytes that call themselves a Blob are bytes', () => {
  for (const data of [bytes(), bytes().buffer]) {
    Object.defineProperty(data, Symbol.toStringTag, { value: 'Blob' })
    expect([isBlob(data), payloadSize(data)]).toEqual([false, 8])
  }
})

describe('copyOf', () => {
  test('strings and Blobs cannot change: they are themselves', () => {
    const blob = new Blob(['x'])
    expect(copyOf('x')).toBe('x')
    expect(copyOf(blob)).toBe(blob)
  })

  test.each([
    ['an ArrayBuffer', (buffer: ArrayBuffer) => buffer],
    ['a view with an offset', (buffer: ArrayBuffer) => new Uint8Array(buffer, 2, 3)],
    ['an Int16Array', (buffer: ArrayBuffer) => new Int16Array(buffer, 2, 2)],
    ['a DataView', (buffer: ArrayBuffer) => new DataView(buffer, 1, 2)],
    ['a Buffer', (buffer: ArrayBuffer) => Buffer.from(buffer, 1, 4)],
  ])('%s keeps its bytes when the original changes', (_, make) => {
    const hex = (data: ArrayBuffer | ArrayBufferView): string =>
      ArrayBuffer.isView(data)
        ? Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex')
        : Buffer.from(data).toString('hex')
    const original = bytes()
    const data = make(original.buffer)
    const before = hex(data)
    const copy = copyOf(data) as ArrayBuffer | ArrayBufferView
    original.fill(9)
    expect(hex(copy)).toBe(before)
    expect(hex(data)).not.toBe(before)
  })

  test('a copy holds no more memory than its bytes', () => {
    const copy = copyOf(new Uint8Array(new ArrayBuffer(1_000), 10, 3)) as Uint8Array
    expect(copy.buffer.byteLength).toBe(3)
  })
})

describe('what another realm has made, as a frame or a test runner does', () => {
  const foreign = runInNewContext('new Uint8Array([1, 2, 3]).buffer') as ArrayBuffer

  test('is of another class', () => {
    expect(foreign).not.toBeInstanceOf(ArrayBuffer)
  })

  test('can be sent', () => {
    expect(() => checkPayload(foreign)).not.toThrow()
    expect(payloadSize(foreign)).toBe(3)
  })

  test('is copied where it waits', () => {
    const copy = copyOf(foreign) as ArrayBuffer
    new Uint8Array(foreign).fill(9)
    expect([...new Uint8Array(copy)]).toEqual([1, 2, 3])
  })
})

test('an engine without Blob measures and checks all the same', () => {
  const blob = new Blob([])
  expect([isBlob(blob), isBlob('x'), isBlob(undefined)]).toEqual([true, false, false])
  vi.stubGlobal('Blob', undefined)
  expect([payloadSize('h€'), payloadSize(new Uint8Array(3))]).toEqual([4, 3])
  expect(() => checkPayload({})).toThrow('must be')
})

describe('utf8Length', () => {
  const units = fc.constantFrom(
    'a',
    '\x7f',
    '\x80',
    '\u07ff',
    '\u0800',
    '\uffff',
    '\ud800',
    '\udbff',
    '\udc00',
    '\udfff',
    '😀',
  )

  test('is what a platform encodes, lone surrogates and all', () => {
    fc.assert(
      fc.property(fc.array(units, { maxLength: 6 }), (all) => {
        const text = all.join('')
        expect(utf8Length(text)).toBe(Buffer.byteLength(text))
      }),
      { numRuns: 5_000 },
    )
  })
})

test('a buffer that was transferred is refused by the name of the argument', () => {
  const buffer = new ArrayBuffer(8)
  structuredClone(buffer, { transfer: [buffer] })
  expect(() => checkPayload(buffer)).toThrow(expect.objectContaining({ argument: 'data' }))
})
