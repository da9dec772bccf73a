/** Where things stand in the drawing of the machine: its places, its arrows, and both layouts of them. Data only. */

export const places = [
  'idle',
  'waiting',
  'preparing',
  'dialing',
  'deciding',
  'open',
  'closing',
  'closed',
] as const

/** A state; of `connecting`, its phase. */
export type Place = (typeof places)[number]

/** `from>to`; `connecting` stands for every phase alike. */
export type ArrowName = `${Place | 'connecting'}>${Place}`

export interface Layout {
  readonly width: number
  readonly height: number
  /** Width and height of each place. */
  readonly size: readonly [number, number]
  /** Their centers. */
  readonly centers: Readonly<Record<Place, readonly [x: number, y: number]>>
  /** The box of `connecting`: x, y, width, height; and where its name stands. */
  readonly group: readonly [number, number, number, number]
  readonly groupName: readonly [x: number, y: number]
  /** Corners of each arrow, from its tail to its head. */
  readonly arrows: Readonly<Partial<Record<ArrowName, string>>>
  /** What is written beside arrows. */
  readonly labels: readonly (readonly [x: number, y: number, text: string])[]
}

export const wide: Layout = {
  width: 1000,
  height: 304,
  size: [104, 40],
  centers: {
    idle: [70, 106],
    preparing: [250, 106],
    dialing: [430, 106],
    waiting: [250, 220],
    deciding: [430, 220],
    open: [650, 106],
    closing: [816, 106],
    closed: [930, 220],
  },
  group: [170, 46, 340, 230],
  groupName: [498, 68],
  arrows: {
    'idle>preparing': '122,106 198,106',
    'idle>closed': '70,126 70,294 930,294 930,240',
    'preparing>dialing': '302,98 378,98',
    'dialing>preparing': '378,114 302,114',
    'preparing>waiting': '236,126 236,200',
    'waiting>preparing': '264,200 264,126',
    'preparing>deciding': '294,126 380,200',
    'dialing>waiting': '386,126 300,200',
    'dialing>deciding': '444,126 444,200',
    'deciding>waiting': '378,220 302,220',
    'dialing>open': '482,98 598,98',
    'open>waiting': '640,126 640,260 250,260 250,240',
    'open>deciding': '618,126 618,212 482,212',
    'open>closing': '702,106 764,106',
    'open>closed': '670,126 670,208 878,208',
    'connecting>closed': '510,232 878,232',
    'closing>closed': '868,106 930,106 930,200',
    'closing>preparing': '816,86 816,30 264,30 264,86',
    'closed>preparing': '960,200 960,10 236,10 236,86',
  },
  labels: [
    [550, 91, 'opened'],
    [574, 276, 'connection lost'],
    [730, 98, 'close()'],
    [574, 46, 'reconnect()'],
    [574, 24, 'connect()'],
    [283, 166, 'due'],
  ],
}

export const tall: Layout = {
  width: 330,
  height: 360,
  size: [84, 34],
  centers: {
    idle: [56, 28],
    closed: [264, 28],
    preparing: [80, 130],
    dialing: [240, 130],
    waiting: [80, 208],
    deciding: [240, 208],
    open: [110, 304],
    closing: [264, 304],
  },
  group: [20, 84, 284, 154],
  groupName: [200, 102],
  arrows: {
    'idle>preparing': '56,45 56,113',
    'idle>closed': '98,20 222,20',
    'preparing>dialing': '122,124 198,124',
    'dialing>preparing': '198,138 122,138',
    'preparing>waiting': '70,147 70,191',
    'waiting>preparing': '92,191 92,147',
    'preparing>deciding': '112,147 198,196',
    'dialing>waiting': '208,147 122,196',
    'dialing>deciding': '252,147 252,191',
    'deciding>waiting': '198,212 122,212',
    'dialing>open': '282,130 296,130 296,252 132,252 132,287',
    'open>waiting': '84,287 84,225',
    'open>deciding': '108,287 108,266 240,266 240,225',
    'open>closing': '152,304 222,304',
    'open>closed': '100,321 100,352 314,352 314,36 306,36',
    'connecting>closed': '264,84 264,45',
    'closing>closed': '306,304 324,304 324,22 306,22',
    'closing>preparing': '264,321 264,340 8,340 8,130 38,130',
    'closed>preparing': '222,36 100,36 100,113',
  },
  labels: [],
}
