/** `DOMException`, where the engine has none: React Native. Web IDL, "DOMException", without its numbers. */
export class OwnDOMException extends Error {
  constructor(message = '', name = 'Error') {
    super(message)
    Object.defineProperty(this, 'name', { value: name, configurable: true, writable: true })
  }
}
