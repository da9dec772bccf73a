import { GraphQLInt, GraphQLObjectType, GraphQLSchema } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { listen } from './server.mjs'

const number = { type: GraphQLInt, args: { of: { type: GraphQLInt } }, resolve: (_, { of }) => of }
const schema = new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields: { number } }) })
useServer({ schema }, listen().wss)
