/** A law was broken; the message names it. */
export class Broken extends Error {}
