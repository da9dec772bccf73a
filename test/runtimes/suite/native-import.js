/** The suite in React Native, over what `import` gives. */
import 'react-native/Libraries/Core/InitializeCore'
import * as everopen from 'everopen'
import { run } from './program.js'

globalThis.suite = (env) => run(everopen, JSON.parse(env)).then(JSON.stringify)
