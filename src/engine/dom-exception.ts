/** `DOMException` for engines without it (React Native). Web IDL, "DOMException", without the numeric codes. */
export class OwnDOMException extends Error {
  constructor(message = '', name = 'Error') {
    super(message)
    Object.defineProperty(this, 'name', { value: name, configurable: true, writable: true })
  }
}
