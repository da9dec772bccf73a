/** Where things stand in the drawing of the machine: its places, its arrows, and both layouts of them. Data only. */

export const places = [
  'idle',
  'waiting',
  'preparing',
  'dialing',
  'greeting',
  'deciding',
  'open',
  'closing',
  'closed',
] as const

/** A state; of `connecting`, its phase. */
export type Place = (typeof places)[number]

/** The phases of `connecting` among them. */
export const phases: readonly Place[] = ['waiting', 'preparing', 'dialing', 'greeting', 'deciding']

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
    idle: [56, 106],
    preparing: [200, 106],
    dialing: [350, 106],
    greeting: [500, 106],
    waiting: [200, 220],
    deciding: [350, 220],
    open: [684, 106],
    closing: [844, 106],
    closed: [940, 220],
  },
  group: [130, 46, 442, 230],
  groupName: [474, 168],
  arrows: {
    'idle>preparing': '108,106 148,106',
    'idle>closed': '56,126 56,294 940,294 940,240',
    'preparing>dialing': '252,98 298,98',
    'dialing>preparing': '298,114 252,114',
    'preparing>waiting': '186,126 186,200',
    'waiting>preparing': '214,200 214,126',
    'preparing>deciding': '244,126 310,200',
    'dialing>waiting': '310,126 244,200',
    'dialing>deciding': '350,126 350,200',
    'deciding>waiting': '298,220 252,220',
    'dialing>greeting': '402,106 448,106',
    'dialing>open': '350,86 350,68 672,68 672,86',
    'greeting>preparing': '500,86 500,57 238,57 238,86',
    'greeting>waiting': '516,126 516,254 210,254 210,240',
    'greeting>deciding': '486,126 486,212 402,212',
    'greeting>open': '552,106 632,106',
    'open>waiting': '672,126 672,266 190,266 190,240',
    'open>deciding': '650,126 650,228 402,228',
    'open>closing': '736,106 792,106',
    'open>closed': '702,126 702,208 888,208',
    'connecting>closed': '572,240 888,240',
    'closing>closed': '896,106 940,106 940,200',
    'closing>preparing': '844,86 844,30 214,30 214,86',
    'closing>waiting': '826,126 826,286 180,286 180,240',
    'closed>preparing': '968,200 968,10 186,10 186,86',
  },
  labels: [
    [602, 99, 'opened'],
    [623, 281, 'connection lost'],
    [764, 98, 'close()'],
    [630, 46, 'reconnect()'],
    [630, 24, 'connect()'],
    [233, 166, 'due'],
  ],
}

export const tall: Layout = {
  width: 330,
  height: 376,
  size: [84, 34],
  centers: {
    idle: [56, 28],
    closed: [264, 28],
    preparing: [62, 130],
    dialing: [165, 130],
    greeting: [268, 130],
    waiting: [62, 208],
    deciding: [165, 208],
    open: [90, 320],
    closing: [264, 320],
  },
  group: [12, 72, 304, 182],
  groupName: [200, 90],
  arrows: {
    'idle>preparing': '50,45 50,113',
    'idle>closed': '98,20 222,20',
    'preparing>dialing': '104,124 123,124',
    'dialing>preparing': '123,138 104,138',
    'preparing>waiting': '54,147 54,191',
    'waiting>preparing': '74,191 74,147',
    'preparing>deciding': '90,147 137,191',
    'dialing>waiting': '137,147 90,191',
    'dialing>deciding': '165,147 165,191',
    'deciding>waiting': '123,208 104,208',
    'dialing>greeting': '207,130 226,130',
    'dialing>open': '190,147 190,170 218,170 218,276 108,276 108,303',
    'greeting>preparing': '268,113 268,98 76,98 76,113',
    'greeting>waiting': '256,147 256,244 70,244 70,225',
    'greeting>deciding': '240,147 240,202 207,202',
    'greeting>open': '296,147 296,288 122,288 122,303',
    'open>waiting': '54,303 54,225',
    'open>deciding': '90,303 90,234 165,234 165,225',
    'open>closing': '132,320 222,320',
    'open>closed': '80,337 80,368 320,368 320,36 306,36',
    'connecting>closed': '264,72 264,45',
    'closing>closed': '306,320 326,320 326,22 306,22',
    'closing>preparing': '264,337 264,358 5,358 5,130 20,130',
    'closing>waiting': '250,303 250,262 40,262 40,225',
    'closed>preparing': '222,36 100,36 100,113',
  },
  labels: [],
}
