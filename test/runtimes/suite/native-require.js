/** The suite in React Native, over what `require` gives. */
import 'react-native/Libraries/Core/InitializeCore'
import { run } from './program.js'

const everopen = require('everopen')

globalThis.suite = (env) => run(everopen, JSON.parse(env)).then(JSON.stringify)
