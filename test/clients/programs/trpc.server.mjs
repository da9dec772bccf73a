import { initTRPC } from '@trpc/server'
import { applyWSSHandler } from '@trpc/server/adapters/ws'
import { listen } from './server.mjs'

const t = initTRPC.create()
const number = (value) => Number(value)
const router = t.router({ number: t.procedure.input(number).query(({ input }) => input) })
applyWSSHandler({ wss: listen().wss, router, createContext: () => ({}) })
