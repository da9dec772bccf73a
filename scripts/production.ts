/**
 * What the build for the condition `production` leaves out: sentences for people, and long names that nobody outside
 * ever sees. Its errors keep their class, `code` and fields; docs/sizes.md says what that saves.
 */
import { transform } from 'esbuild'
import type { Node } from 'estree'
import { walk } from 'estree-walker'
import MagicString, { type SourceMap } from 'magic-string'
import type { Plugin } from 'rollup'

/**
 * Properties of what the parts of the package tell each other. None may be public, one of the platform's, or named by a
 * string: test/consumers/production.test.ts.
 */
export const internalNames: readonly string[] = `
  settings run effects feed emitter begin rest settle expire flow stable emit beat endpoints
  onMessage enter schemes onError onClose unanswered judge lastOpen cost busy doubtful nextClosed
  ifClosed nextOpened peek congested onClosed unsent onPong provide onOpen wakes onEnding lose
  lasted report previous establish heeds reply pinging whenAtRest makeRoom onLost pick onReport
  prepared prepare shut probe dialing onRoom suspect hurry isFull made retire hold die
  unfinished keep Held meaning asked listen mayPass stubbed punctual maxBuffered whenOpened
  whenClosed noticeQueue established payloads readAnswer errorEvents MessageListeners
  suspended taken tell answered dropped greet leave handed timer outgoing incoming givenAt takenAt
  sockets topics dialed toldAt hear seen told ackedAt sentAt kept transmit hears pump acknowledgement
  generation clientViolation takenOver violation
`
  .trim()
  .split(/\s+/)

/** For a rollup build: after what makes JavaScript of the sources. */
export function production(): Plugin {
  return {
    name: 'production',
    transform(code, id) {
      if (!/[\\/]src[\\/]/.test(id)) return null
      return withoutSentences(code, this.parse(code) as Node)
    },
    async renderChunk(code) {
      const { code: short, map } = await transform(code, {
        mangleProps: new RegExp(`^(${internalNames.join('|')})$`),
        mangleCache: Object.fromEntries(internalNames.map((name, index) => [name, shortName(index)])),
        sourcemap: true,
      })
      return { code: short, map }
    },
  }
}

/** The same for each chunk of each build: they are loaded together. */
function shortName(index: number): string {
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
  const last = letters[index % letters.length]!
  return index < letters.length ? last : `${shortName(Math.floor(index / letters.length) - 1)}${last}`
}

type Located = Node & { readonly start: number; readonly end: number }

/** Who says why something is wrong: the errors of this package, the rules of its options, and those of sessions. */
const speakers = /^(rule|number|having|fail|violation|malformed|(?!Type|Range|Syntax)[A-Z]\w*Error)$/
/** A text of more than one word. */
const sentence = /\w[,;:]? \w/

/** What a node says to a person. */
function said(node: Node): readonly (Node | null | undefined)[] {
  switch (node.type) {
    case 'NewExpression':
    case 'CallExpression': {
      const callee: Node = node.callee
      const name = callee.type === 'MemberExpression' ? callee.property : callee
      return callee.type === 'Super' || (name.type === 'Identifier' && speakers.test(name.name))
        ? node.arguments
        : []
    }
    case 'MethodDefinition':
      // what its callers need not say
      return node.kind === 'constructor'
        ? node.value.params.map((param) => (param.type === 'AssignmentPattern' ? param.right : null))
        : []
    case 'Property':
      return node.key.type === 'Identifier' && node.key.name === 'problem' ? [node.value] : []
    case 'FunctionDeclaration':
      return /Problem$/.test(node.id.name)
        ? node.body.body.map((statement) =>
            statement.type === 'ReturnStatement' ? statement.argument : null,
          )
        : []
    default:
      return []
  }
}

/** Puts an empty string in the place of each sentence that an error would say. */
export function withoutSentences(code: string, ast: Node): { code: string; map: SourceMap } {
  const text = new MagicString(code)
  const leaveOut = (node: Node | null | undefined): void => {
    if (node?.type === 'ConditionalExpression') {
      leaveOut(node.consequent)
      leaveOut(node.alternate)
    } else if (
      node?.type === 'CallExpression' &&
      node.callee.type === 'Identifier' &&
      /Problem$/.test(node.callee.name)
    ) {
      const { start, end } = node as Located & typeof node
      text.overwrite(start, end, "''")
    } else if (node?.type === 'Literal' || node?.type === 'TemplateLiteral') {
      const { start, end } = node as Located
      if (sentence.test(code.slice(start, end))) text.overwrite(start, end, "''")
    }
  }
  walk(ast, { enter: (node: Node) => said(node).forEach(leaveOut) })
  return { code: text.toString(), map: text.generateMap({ hires: true }) }
}
